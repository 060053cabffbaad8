"""HTTP through the proxy is the upstream's own; calls go through it but for their media; failures are told."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from realtime_mock.lint.linting import lint
from realtime_mock.recorder.exchange import body_value
from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import UpstreamUnusable, upstream_at
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings
from realtime_mock.tls import local_certificate

from .conftest import DEADLINE, KEY, URL, Client


async def test_a_client_secret_opens_a_session_and_is_not_in_the_recording(http, recorded, proxy):
    async with http.post("/v1/realtime/client_secrets", json={"session": {"type": "realtime"}}, headers=KEY) as answer:
        body = await answer.json()
    assert (answer.status, body["value"][:3]) == (200, "ek_")
    async with http.ws_connect(URL, headers={"Authorization": f"Bearer {body['value']}"}) as socket:
        assert (await socket.receive_json(timeout=DEADLINE))["type"] == "session.created"
    exchange = (await recorded()).entries[0].data
    text = proxy.path.read_text()
    assert body["value"] not in text
    assert "sk-test-0123456789" not in text
    assert exchange["request"]["body"] == {"session": {"type": "realtime"}}
    assert (
        exchange["response"]["body"]["value"] == "[scrubbed]" or exchange["response"]["body"]["value"] == "ek_scrubbed"
    )
    assert exchange["response"]["body"]["session"]["type"] == "realtime"


async def test_an_error_of_the_upstream_is_the_clients_answer(http, recorded):
    async with http.post("/v1/realtime/client_secrets", data=b"{", headers=KEY) as answer:
        body = await answer.json()
    assert answer.status == 400
    assert (await recorded()).entries[0].data["response"] == {
        "status": 400,
        "headers": {name.lower(): answer.headers[name] for name in ("Content-Type", "Content-Length", "X-Request-Id")},
        "body": body,
    }


async def test_a_call_is_answered_through_the_proxy_and_its_media_pass_it_by(http, recorded, proxy):
    """The data channel connects to the upstream itself; a sideband goes through the proxy, and is recorded."""
    aiortc = pytest.importorskip("aiortc")
    peer = aiortc.RTCPeerConnection()
    peer.addTransceiver("audio", direction="recvonly")
    channel = peer.createDataChannel("oai-events")
    events: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    channel.on("message", lambda text: events.put_nowait(json.loads(text)))
    await peer.setLocalDescription(await peer.createOffer())
    form = aiohttp.FormData()
    form.add_field("sdp", peer.localDescription.sdp, content_type="application/sdp")
    form.add_field("session", json.dumps({"type": "realtime"}), content_type="application/json")
    try:
        async with http.post("/v1/realtime/calls", data=form, headers=KEY) as answer:
            sdp = await answer.text()
        assert answer.status == 201, sdp
        await peer.setRemoteDescription(aiortc.RTCSessionDescription(sdp, "answer"))
        async with asyncio.timeout(DEADLINE):
            assert (await events.get())["type"] == "session.created"
        call_id = answer.headers["Location"].rsplit("/", 1)[1]
        async with http.ws_connect(f"/v1/realtime?call_id={call_id}", headers=KEY) as socket:
            sideband = Client(socket)
            await sideband.send("response.create", response={"output_modalities": ["text"]})
            seen = await sideband.until("rate_limits.updated")
        async with asyncio.timeout(DEADLINE):
            while (await events.get())["type"] != "response.done":
                pass
    finally:
        await peer.close()
    log = await recorded()
    call = log.entries[0].data
    parts = {part["name"]: part["body"] for part in call["request"]["body"]["parts"]}
    assert parts["session"] == {"type": "realtime"}
    assert call["response"]["headers"]["location"].endswith(call_id)
    for description in (parts["sdp"], call["response"]["body"]):
        assert description.startswith("v=0")
        assert "127.0.0.1" not in description
        assert "192.0.2.1" in description
    assert [entry.data for entry in log.of("1") if entry.direction == "received" and entry.kind == "message"] == seen


async def test_the_sdk_works_through_it(upstream, proxy, recorded):
    openai = pytest.importorskip("openai", reason="the openai package is not installed")
    async with (
        openai.AsyncOpenAI(base_url=f"{proxy.origin}/v1", api_key="sk-test-0123456789") as client,
        asyncio.timeout(DEADLINE),
        client.realtime.connect(model="gpt-realtime") as connection,
    ):
        await connection.response.create()
        calls = []
        async for event in connection:
            if event.type == "response.function_call_arguments.done":
                calls.append(event)
            if event.type == "response.done":
                break
        output = {"type": "function_call_output", "call_id": calls[0].call_id, "output": "sunny"}
        await connection.conversation.item.create(item=output)
        await connection.response.create()
        async for event in connection:
            if event.type == "response.output_audio_transcript.done":
                break
    assert event.transcript == "It is sunny in Paris."
    log = await recorded()
    assert log.entries[0].data["headers"]["authorization"] == "[scrubbed]"
    assert [entry.type for entry in log.entries if entry.direction == "sent" and entry.kind == "message"] == [
        "response.create",
        "conversation.item.create",
        "response.create",
    ]
    assert lint(log) == []


async def test_an_upstream_that_is_not_there_is_told_to_client_and_user(tmp_path, unused_tcp_port, lines):
    address = f"http://127.0.0.1:{unused_tcp_port}"
    async with (
        RecordingProxy(upstream_at(address), tmp_path, tell=lines.append) as proxy,
        aiohttp.ClientSession(proxy.origin) as http,
    ):
        async with http.get("/v1/models") as answer:
            body = await answer.json()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(URL)
    assert (answer.status, refused.value.status) == (502, 502)
    assert body["error"]["code"] == "upstream_unreachable"
    assert f"cannot reach {address}" in body["error"]["message"]
    assert lines == [body["error"]["message"]] * 2


@pytest.fixture
async def secure(tmp_path):
    """A mock that speaks TLS with a certificate that only its own authority vouches for."""
    files = local_certificate(tmp_path / "tls")
    async with RealtimeMock(Settings(port=0, tls=files)) as mock:
        yield mock, files


async def test_the_upstreams_certificate_is_checked(secure, tmp_path, lines):
    mock, _ = secure
    address = mock.base_url.replace("https:", "wss:").removesuffix("/v1")
    async with (
        RecordingProxy(upstream_at(address), tmp_path / "out", tell=lines.append) as proxy,
        aiohttp.ClientSession(proxy.origin) as http,
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(URL, headers=KEY)
    assert "certificate is not trusted" in lines[0]
    assert "--upstream-ca" in lines[0]


async def test_an_authority_of_ones_own_is_trusted_when_it_is_named(secure, tmp_path):
    mock, files = secure
    address = mock.base_url.replace("https:", "wss:").removesuffix("/v1")
    async with (
        RecordingProxy(upstream_at(address, authority=files.authority), tmp_path / "out") as proxy,
        aiohttp.ClientSession(proxy.origin) as http,
        http.ws_connect(URL, headers=KEY) as socket,
    ):
        assert (await socket.receive_json(timeout=DEADLINE))["type"] == "session.created"


@pytest.mark.parametrize(
    "address, path, target",
    [
        ("https://api.example", "/v1/realtime?model=m", "https://api.example/v1/realtime?model=m"),
        ("wss://api.example/v1", "/v1/realtime", "https://api.example/v1/realtime"),
        ("ws://api.example:8080/v1/", "/realtime", "http://api.example:8080/v1/realtime"),
        ("https://api.example/openai", "/openai/v1/realtime?a=b%20c", "https://api.example/openai/v1/realtime?a=b%20c"),
        ("https://api.example/open", "/openai/v1", "https://api.example/open/openai/v1"),
        ("wss://[::1]:9/", "/x", "https://[::1]:9/x"),
    ],
)
def test_an_address_may_repeat_the_path_that_clients_send(address: str, path: str, target: str):
    assert str(upstream_at(address).target(path)) == target


@pytest.mark.parametrize(
    "address", ["api.openai.com", "ftp://x", "https://", "", "https://k:v@x", "https://x?key=1", "http://[::1"]
)
def test_an_address_that_is_none_is_refused_with_an_example(address: str):
    with pytest.raises(UpstreamUnusable, match="address"):
        upstream_at(address)


def test_an_authority_that_is_none_is_refused(tmp_path):
    (tmp_path / "ca.pem").write_text("no")
    for file in ("ca.pem", "missing.pem"):
        with pytest.raises(UpstreamUnusable, match="no certificates that can be read"):
            upstream_at("https://x", authority=tmp_path / file)


@pytest.mark.parametrize(
    "body, kind, value",
    [
        (b"", "application/json", None),
        (b'{"a":1}', "application/json; charset=utf-8", {"a": 1}),
        (b"{", "application/json", "{"),
        (b"v=0", "application/sdp", "v=0"),
        (b"\xff\x00", "text/plain", {"bytes": 2}),
        (b"\x89PNG", "image/png", {"bytes": 4}),
        (b"nonsense", "multipart/form-data", {"parts": []}),
        (
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n'
            b"Content-Type: application/json\r\n\r\n[1]\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            {"parts": [{"name": "a", "content_type": "application/json", "body": [1]}]},
        ),
    ],
)
def test_a_body_is_recorded_as_what_it_is(body: bytes, kind: str, value: object):
    assert body_value(body, kind) == value


async def test_a_disk_that_fails_ends_the_recording_and_not_the_session(client, proxy, lines, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    await client.until("session.created")
    monkeypatch.setattr(proxy._tape.writer, "record", fail)
    await client.send("response.create", response={"output_modalities": ["text"]})
    await client.until("response.done")
    await proxy.__aexit__(None, None, None)
    assert proxy.has_failed
    assert [line for line in lines if "cannot be written: No space left on device" in line] != []
