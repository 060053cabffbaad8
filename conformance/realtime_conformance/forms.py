"""Bodies of HTTP requests that take more than a line to write, offers above all, and what is wrong with answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlencode

from realtime_conformance.targets.base import Answer, Opening, Request
from realtime_mock.registry import SchemaRegistry

OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 4611686018427387904 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=msid-semantic: WMS *",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:conf",
        "a=ice-pwd:conformanceconformance01",
        "a=fingerprint:sha-256 " + ":".join(["4F"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=msid:- conformance",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=ssrc:1001 cname:conformance",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:conf",
        "a=ice-pwd:conformanceconformance01",
        "a=fingerprint:sha-256 " + ":".join(["4F"] * 32),
        "a=setup:actpass",
        "a=mid:1",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "",
    )
)
"""An SDP offer as a browser makes it, behind which there is nobody: for what is decided before any connection."""

TAKES_NO_FORM = (400, 415)
BOUNDARY = "----realtime-conformance"


class Line(Protocol):
    """What an offer needs of its server: HTTP."""

    @property
    def model(self) -> str:
        """The model that is asked for where a case asks for none."""

    async def request(self, request: Request) -> Answer:
        """Send an HTTP request."""


def json_body(value: object) -> tuple[bytes, dict[str, str]]:
    """A JSON body and its headers."""
    return json.dumps(value).encode(), {"Content-Type": "application/json"}


def call_body(offer: str, session: Mapping[str, object] | None) -> tuple[bytes, dict[str, str]]:
    """What asks for a call, and its headers: the offer alone or, with a session object, a form of both."""
    if session is None:
        return offer.encode(), {"Content-Type": "application/sdp", "Accept": "application/sdp"}
    return form(
        [
            ("sdp", "application/sdp", offer.encode()),
            ("session", "application/json", json.dumps(session).encode()),
        ]
    )


async def post_offer(line: Line, offer: str, opening: Opening) -> Answer:
    """Post an offer and give what it was answered.

    It goes in a form beside its session. A server that takes no forms is asked again with the offer alone, the other
    documented way, unless the session is what the case is about.
    """
    session = {"type": "realtime", **(opening.session or {})}
    if session["type"] == "realtime":
        session = {"model": opening.model or line.model, **session}
    answer = await _posted(line, opening, call_body(offer, session), opening.query or {})
    if answer.status in TAKES_NO_FORM and opening.session is None:
        query = {"model": opening.model or line.model, **(opening.query or {})}
        return await _posted(line, opening, call_body(offer, None), query)
    return answer


async def _posted(line: Line, opening: Opening, body: tuple[bytes, dict[str, str]], query: Mapping[str, str]) -> Answer:
    content, headers = body
    path = "/realtime/calls" + (f"?{urlencode(query)}" if query else "")
    return await line.request(Request("POST", path, content, {**headers, **opening.headers}, key=opening.key))


def form(parts: list[tuple[str, str, bytes]]) -> tuple[bytes, dict[str, str]]:
    """A form of parts, each with its name, its content type (none where that is empty) and its content."""
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
        + (f"Content-Type: {content_type}\r\n".encode() if content_type else b"")
        + b"\r\n"
        + content
        + b"\r\n"
        for name, content_type, content in parts
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept": "application/sdp"}
    return body + f"--{BOUNDARY}--\r\n".encode(), headers


def body_fault(name: str, value: object) -> str | None:
    """What is wrong with a body of the HTTP API by its schema, such as `client_secrets.response`."""
    fault = SchemaRegistry.bundled().first_body_error(name, value)
    return None if fault is None else fault.message
