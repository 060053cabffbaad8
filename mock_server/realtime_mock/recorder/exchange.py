"""One HTTP exchange as a recording holds it: both halves, their bodies read."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from realtime_mock.recording.scrubbing import Scrubber

Headers = Sequence[tuple[str, str]]


def exchange(
    scrubber: Scrubber, *, request: tuple[str, str, Headers, bytes], response: tuple[int, Headers, bytes], took: float
) -> dict[str, Any]:
    """The exchange as a value.

    Args:
        scrubber: takes the credentials out of addresses and headers, and learns them.
        request: method, path with query, headers, body.
        response: status, headers, body.
        took: seconds from the request to the whole response.
    """
    method, address, headers, body = request
    status, answer_headers, answer = response
    return {
        "request": {
            "method": method,
            "path": scrubber.address(address),
            "headers": scrubber.headers(headers),
            "body": body_value(body, _content_type(headers)),
        },
        "response": {
            "status": status,
            "headers": scrubber.headers(answer_headers),
            "body": body_value(answer, _content_type(answer_headers)),
        },
        "took": round(took, 6),
    }


def body_value(body: bytes, content_type: str) -> object:
    """A body as a JSON value: JSON as it is, a form as its parts, text as text, of anything else the length."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return None
    if kind.startswith("multipart/"):
        return {"parts": _parts(body, content_type)}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"bytes": len(body)}
    if kind.endswith("json"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text if kind.startswith("text/") or kind in _TEXTS else {"bytes": len(body)}


def _content_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


_TEXTS = frozenset({"application/sdp", "application/x-www-form-urlencoded", "application/xml", ""})


def _parts(body: bytes, content_type: str) -> list[Mapping[str, object]]:
    """The parts of a form (RFC 7578); a body that is none has no parts."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    parts: list[Mapping[str, object]] = []
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        kind = str(part.get("Content-Type", "text/plain"))
        data = content if isinstance(content, bytes) else b""
        name = part.get_param("name", header="Content-Disposition")
        parts.append({"name": name, "content_type": kind, "body": body_value(data, kind)})
    return parts
