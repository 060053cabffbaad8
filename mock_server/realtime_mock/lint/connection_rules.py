"""Rules about how a client connects, and about what the service said of its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_mock.lint.findings import Fault
from realtime_mock.lint.session import Session
from realtime_mock.recording.entries import Entry

_BETA_PATHS = {
    "/v1/realtime/sessions": "/v1/realtime/client_secrets",
    "/v1/realtime/transcription_sessions": "/v1/realtime/client_secrets",
}
_ENDINGS = frozenset({"session_expired"})


def beta_header(entry: Entry, _session: Session) -> Iterator[Fault]:
    """A client that asks for the beta, which the service closes with 4000."""
    headers = _request(entry).get("headers")
    if not isinstance(headers, Mapping):
        return
    if "realtime=v1" in str(headers.get("openai-beta", "")):
        yield Fault("the header OpenAI-Beta asks for the beta API, which is gone", "send no OpenAI-Beta header")
    if "openai-beta." in str(headers.get("sec-websocket-protocol", "")):
        yield Fault(
            "a subprotocol asks for the beta API, which is gone", "offer no subprotocol 'openai-beta.realtime-v1'"
        )


def beta_path(entry: Entry, _session: Session) -> Iterator[Fault]:
    """An address of the beta's HTTP API."""
    request = _request(entry)
    path = str(request.get("path", "")).partition("?")[0].rstrip("/")
    method = request.get("method")
    if method == "POST" and path in _BETA_PATHS:
        yield Fault(f"POST {path} is of the beta API", f"post to {_BETA_PATHS[path]}, with the session under 'session'")
    elif method == "POST" and path == "/v1/realtime":
        yield Fault("an offer is posted to /v1/realtime, as in the beta", "post it to /v1/realtime/calls")


def beta_session(entry: Entry, session: Session) -> Iterator[Fault]:
    """A session that the server opened in the shape of the beta, because its client asked for that."""
    if session.is_beta and not session.snapshot and entry.type in ("session.created", "session.updated"):
        yield Fault(
            "this session speaks the beta dialect: the service of today refuses it with beta_api_shape_disabled",
            "ask for no beta, by header, subprotocol or client secret, and use the GA names of events and keys",
        )


def refused(entry: Entry, _session: Session) -> Iterator[Fault]:
    """What the service refused; reported where no other rule knows the event to be wrong.

    What a test asked the mock itself is no doing of the client's.
    """
    if str(_request(entry).get("path", "")).startswith("/_mock"):
        return
    if entry.direction == "sent" and entry.error is not None:
        yield _refusal(entry.error)
    error = entry.data.get("error")
    is_refusal = entry.type == "error" and entry.direction == "received" and isinstance(error, Mapping)
    if is_refusal and isinstance(error, Mapping) and error.get("code") not in _ENDINGS:
        yield _refusal(error)


def _refusal(error: Mapping[str, Any]) -> Fault:
    code = error.get("code")
    message = str(error.get("message") or "no message")
    param = error.get("param")
    return Fault(
        f"{code}: {message}" if code else message, param=param if isinstance(param, str) else None, error=error
    )


def _request(entry: Entry) -> Mapping[str, Any]:
    """What the client asked for: of an upgrade, or of an exchange in either layout."""
    if entry.kind == "open":
        return entry.data
    if entry.kind != "http":
        return {}
    request = entry.data.get("request")
    return request if isinstance(request, Mapping) else entry.data
