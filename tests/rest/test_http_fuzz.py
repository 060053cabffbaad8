"""Every path of the HTTP API, fed with anything and with nearly valid bodies of its schema."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry
from realtime_mock.registry.store import SchemaStore
from realtime_mock.server import RealtimeMock, serve_in_thread
from realtime_mock.settings import Settings

DEADLINE = 10.0
STORE = SchemaStore.read(schemas_dir(), below=("ga", "beta", "http"))
REGISTRY = SchemaRegistry.bundled()

BODIES = {
    ("POST", "/v1/realtime"): None,
    ("POST", "/v1/realtime/connect"): None,
    ("POST", "/v1/realtime/calls"): "calls.session",
    ("POST", "/v1/realtime/client_secrets"): "client_secrets.request",
    ("POST", "/v1/realtime/sessions"): "sessions.request",
    ("POST", "/v1/realtime/transcription_sessions"): "transcription_sessions.request",
    ("POST", "/v1/realtime/calls/{id}/accept"): "calls.accept.request",
    ("POST", "/v1/realtime/calls/{id}/reject"): "calls.reject.request",
    ("POST", "/v1/realtime/calls/{id}/refer"): "calls.refer.request",
    ("POST", "/v1/realtime/calls/{id}/hangup"): None,
    ("GET", "/v1/realtime"): None,
    ("GET", "/_mock/health"): None,
    ("GET", "/_mock/scenario"): None,
    ("PUT", "/_mock/scenario"): None,
    ("GET", "/_mock/faults"): None,
    ("PUT", "/_mock/faults"): "faults.request",
    ("POST", "/_mock/faults"): "faults.request",
    ("DELETE", "/_mock/faults"): None,
    ("DELETE", "/_mock/faults/{id}"): None,
    ("GET", "/_mock/sip/calls"): None,
    ("POST", "/_mock/sip/calls"): "sip.calls.request",
    ("GET", "/_mock/sip/calls/{id}"): None,
    ("GET", "/_mock/sip/calls/{id}/audio"): None,
    ("POST", "/_mock/sip/calls/{id}/say"): "sip.calls.request",
    ("POST", "/_mock/sip/calls/{id}/dtmf"): "sip.dtmf.request",
    ("POST", "/_mock/sip/calls/{id}/hangup"): None,
    ("GET", "/_mock/lanes"): None,
    ("POST", "/_mock/lanes"): "lanes.request",
    ("DELETE", "/_mock/lanes/{name}"): None,
    ("GET", "/_mock/clock"): None,
    ("POST", "/_mock/clock"): None,
    ("POST", "/_mock/speech"): "control.speech.request",
    ("GET", "/_mock/sessions"): None,
    ("GET", "/_mock/sessions/{id}/journal"): None,
    ("GET", "/_mock/sessions/{id}/journal/wait"): None,
    ("GET", "/_mock/sessions/{id}/journal/stream"): None,
    ("GET", "/_mock/sessions/{id}/journal/export"): None,
    ("POST", "/_mock/sessions/{id}/events"): "control.events.request",
    ("GET", "/_mock/sessions/{id}/audio"): None,
    ("POST", "/_mock/sessions/{id}/audio"): "control.audio.request",
    ("POST", "/_mock/sessions/{id}/close"): "control.close.request",
    ("GET", "/_mock/journal"): None,
    ("GET", "/_mock/journal/wait"): None,
    ("GET", "/_mock/journal/export"): None,
    ("POST", "/_mock/verify"): None,
    ("GET", "/_mock/unmatched"): None,
    ("POST", "/_mock/reset"): None,
    ("GET", "/_mock/openapi.json"): None,
}
"""Every route, and the schema of its body where it has one."""

UNENDING = {("GET", "/_mock/journal/stream")}
"""Routes whose answer goes on for as long as anybody reads."""

QUESTIONS = ("session", "kind", "direction", "type", "channel", "valid", "pattern", "after", "limit", "count")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    [
        "application/json",
        "application/sdp",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "",
        "x",
    ]
)


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that an expanded schema allows, or nearly: bounds and patterns are only aimed at."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return st.one_of([from_schema(part) for part in schema[key]])
    kinds = schema.get("type", "object")
    return st.one_of([_of_kind(schema, kind) for kind in (kinds if isinstance(kinds, list) else [kinds])])


def _of_kind(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    match kind:
        case "object":
            named = {name: from_schema(part) for name, part in schema.get("properties", {}).items()}
            required = {name: named.pop(name) for name in schema.get("required", ()) if name in named}
            return st.fixed_dictionaries(required, optional=named)
        case "array":
            return st.lists(from_schema(schema.get("items", {})), max_size=3)
        case "integer":
            least = schema.get("minimum", -9)
            return st.integers(int(least) - 1, int(schema.get("maximum", least + 99)) + 1)
        case "number":
            return st.floats(-1, 3)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case _:
            return st.sampled_from(["", "auto", "gpt-realtime", "whisper-1", "12#"]) | st.text(max_size=9)


def bodies(name: str | None) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, any JSON, and JSON that the schema of this name nearly allows."""
    texts = JSON if name is None else JSON | from_schema(STORE.expanded(f"http/{name}"))
    encoded = texts.map(lambda value: json.dumps(value).encode())
    forms = encoded.map(
        lambda text: b'--x\r\nContent-Disposition: form-data; name="session"\r\n\r\n' + text + b"\r\n--x--\r\n"
    )
    return encoded | forms | st.binary(max_size=40)


@pytest.fixture(scope="module")
def mock() -> Iterator[RealtimeMock]:
    with serve_in_thread(Settings(port=0, beta="serve")) as mock:
        yield mock


def answer(mock: RealtimeMock, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    host, _, port = mock.base_url.removeprefix("http://").removesuffix("/v1").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE)
    try:
        connection.request(method, target, body=body, headers={"Authorization": "Bearer sk-test", **headers})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def check(mock: RealtimeMock, method: str, target: str, body: bytes, headers: dict[str, str]) -> None:
    """No 5xx, no hang, and every error in the API's shape."""
    status, content = answer(mock, method, target, body, headers)
    assert status < 500, content
    if status >= 400:
        error = json.loads(content)
        assert REGISTRY.first_body_error("error", error) is None
        assert list(error["error"]) == ["message", "type", "param", "code"]
    if target == "/_mock/faults":
        answer(mock, "PUT", target, b'{"faults": []}', {})


def fuzzed(function: Any) -> Any:
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=40, deadline=None, suppress_health_check=quiet)(function)


@pytest.mark.parametrize("method, path", BODIES)
@fuzzed
@given(data=st.data())
def test_any_body_is_answered(mock, method, path, data):
    body = data.draw(bodies(BODIES[method, path]))
    call_id = data.draw(st.sampled_from(["rtc_u0_x", "%00", "%ff"]) | st.text(min_size=1, max_size=5).map(quote))
    headers = {"Content-Type": data.draw(TYPES)}
    check(mock, method, path.replace("{id}", call_id or "x") + _IMPATIENT.get(path, ""), body, headers)


_IMPATIENT = {"/_mock/journal/wait": "?timeout=0"}


@pytest.mark.parametrize("path", ["journal", "journal/wait", "journal/export", "unmatched", "sessions/x/audio"])
@fuzzed
@given(
    query=st.dictionaries(
        st.sampled_from(QUESTIONS),
        st.sampled_from(["event", "in", "true", "1", "0", '{"a":{"$regex":"("}}', '{"a":{"$any":true}}']) | st.text(),
        max_size=4,
    )
)
def test_any_question_to_the_journal_is_answered(mock, path, query):
    asked = "&".join(f"{name}={quote(text)}" for name, text in query.items())
    check(mock, "GET", f"/_mock/{path}?timeout=0&{asked}", b"", {})


@pytest.mark.parametrize("method, path", [key for key, name in BODIES.items() if name not in (None, "calls.session")])
@fuzzed
@given(data=st.data())
def test_a_nearly_valid_body_is_answered(mock, method, path, data):
    schema = STORE.expanded(f"http/{BODIES[method, path]}")
    body = json.dumps(data.draw(from_schema(schema))).encode()
    check(mock, method, path.replace("{id}", "rtc_u0_x"), body, {"Content-Type": "application/json"})


@fuzzed
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"]),
    path=st.text(max_size=12).map(quote),
    query=st.text(max_size=12).map(quote),
)
def test_any_path_is_answered(mock, method, path, query):
    status, content = answer(mock, method, f"/{path}?{query}", b"", {})
    assert status < 500
    if content:
        assert list(json.loads(content)["error"]) == ["message", "type", "param", "code"]


@fuzzed
@given(
    query=st.dictionaries(
        st.sampled_from(["model", "intent", "call_id", "x"]), st.text(max_size=9).map(quote), max_size=3
    ),
    key=st.sampled_from(["Bearer x", "Bearer ", "Basic eDp5", "", "Bearer ek_0"]),
    protocols=st.lists(st.sampled_from(["realtime", "openai-insecure-api-key.k", "openai-beta.realtime-v1", "{}"])),
)
def test_any_upgrade_is_answered_with_101_or_404(mock, query, key, protocols):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Authorization": key}
    if protocols:
        headers["Sec-WebSocket-Protocol"] = ", ".join(protocols)
    target = "/v1/realtime?" + "&".join(f"{name}={value}" for name, value in query.items())
    assert upgrade_status(mock, target, headers) == (404 if "call_id" in query else 101)


def upgrade_status(mock: RealtimeMock, target: str, headers: dict[str, str]) -> int:
    """The status alone: the connection is dropped then."""
    host, _, port = mock.base_url.removeprefix("http://").removesuffix("/v1").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE)
    try:
        connection.request("GET", target, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_nothing_of_it_was_a_bug_of_ours(mock):
    assert [entry.text for entry in mock.journal.entries(kind="warning") if "internal error" in entry.text] == []


def test_every_route_is_fuzzed(mock):
    served = set()
    for route in mock._runner.app.router.routes():
        info = route.resource.get_info() if route.resource is not None else {}
        path = info.get("path") or _plain(info["pattern"].pattern)
        served.add((route.method, path))
    assert {entry for entry in served if entry[0] != "HEAD"} == set(BODIES) | UNENDING


def _plain(pattern: str) -> str:
    """The path of a route as it is documented."""
    text = re.sub(r"\(\?P<(slashes\d+|prefix)>[^)]*\)\??\)?", "", pattern)
    return re.sub(r"\(\?P<(id|name)>[^)]*\)", r"{\1}", text).replace("\\", "")
