"""Simulated telephone calls: the caller's side by `/_mock/sip/calls`, the application's by webhook and sideband."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import openai
import pytest
from aiohttp import web

from realtime_mock.audio.pcm import dbfs
from realtime_mock.audio.wav import decode_wav, encode_wav
from realtime_mock.clock import VirtualClock
from realtime_mock.core.speech import Speech
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.webhooks import WebhookSecretInvalid, signing_key
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
CALLS = "/_mock/sip/calls"
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
SESSION = {"type": "realtime", "model": "gpt-realtime", "instructions": "Answer the telephone."}
UNKNOWN = {
    "message": "No session found for the provided call_id",
    "type": "invalid_request_error",
    "param": "",
    "code": "call_id_not_found",
}
TONE = b"\x01\x10"
OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-ufrag:test",
        "a=ice-pwd:0123456789012345678901",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    )
)


class PlainVoice:
    """A tenth of a second of a constant for each word."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, TONE * 2400 * len(text.split()))


@dataclass
class Receiver:
    """A webhook's receiver: what it got, and what it answers."""

    status: int = 200
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.received.append((await request.read(), dict(request.headers)))
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


@contextlib.asynccontextmanager
async def telephone(**settings: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a mock on a virtual clock."""
    async with (
        RealtimeMock(Settings(port=0, **settings), voice=PlainVoice(), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(
            mock.base_url.removesuffix("/v1"),
            headers={"Authorization": "Bearer sk-test"},
            timeout=aiohttp.ClientTimeout(total=DEADLINE),
        ) as http,
    ):
        yield http


@pytest.fixture
async def phone() -> AsyncIterator[aiohttp.ClientSession]:
    async with telephone() as http:
        yield http


async def ring(http: aiohttp.ClientSession, **body: Any) -> dict[str, Any]:
    async with http.post(CALLS, json=body) as response:
        assert response.status == 201, await response.text()
        call: dict[str, Any] = await response.json()
        return call


async def act(http: aiohttp.ClientSession, call_id: str, action: str, body: Any = None) -> tuple[int, str]:
    async with http.post(f"/v1/realtime/calls/{call_id}/{action}", json=body) as response:
        return response.status, await response.text()


async def shown(http: aiohttp.ClientSession, call_id: str) -> dict[str, Any]:
    async with http.get(f"{CALLS}/{call_id}") as response:
        call: dict[str, Any] = await response.json()
        return call


async def answered(http: aiohttp.ClientSession, **body: Any) -> str:
    call_id: str = (await ring(http, **body))["id"]
    assert await act(http, call_id, "accept", SESSION) == (200, "")
    return call_id


async def advance(http: aiohttp.ClientSession, seconds: float) -> None:
    async with http.post("/_mock/clock", json={"advance": seconds}) as response:
        assert response.status == 200


def sideband(http: aiohttp.ClientSession, call_id: str) -> Any:
    return http.ws_connect(f"/v1/realtime?call_id={call_id}")


async def attached(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json({"type": "input_audio_buffer.clear"})
    assert (await socket.receive_json(timeout=DEADLINE))["type"] == "input_audio_buffer.cleared"


async def so_far(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    """Everything that was sent before the answer to a harmless event."""
    await socket.send_json({"type": "output_audio_buffer.clear", "event_id": "x"})
    await socket.send_json({"type": "nope"})
    events = []
    while (event := await socket.receive_json(timeout=DEADLINE))["type"] != "error":
        events.append(event)
    return events


async def test_a_call_is_announced_by_a_webhook_that_the_sdk_verifies(receiver):
    async with telephone(webhook_url=receiver.url, webhook_secret=SECRET) as http:
        call = await ring(http, **{"from": "sip:alice@example.com", "headers": {"X-Ref": "7"}})
    [(body, headers)] = receiver.received
    event = openai.OpenAI(api_key="x", webhook_secret=SECRET).webhooks.unwrap(body, headers)
    sent = {header.name: header.value for header in event.data.sip_headers}
    assert (event.type, event.data.call_id) == ("realtime.call.incoming", call["id"])
    assert (sent["From"], sent["X-Ref"]) == ("sip:alice@example.com", "7")
    assert call["webhook"] == {"url": receiver.url, "status": 200, "error": None}


async def test_a_webhook_is_as_its_schema_says(receiver):
    async with telephone(webhook_url=receiver.url) as http:
        await ring(http)
    [(body, headers)] = receiver.received
    event = await asyncio.to_thread(aiohttp.client.json.loads, body)
    assert SchemaRegistry.bundled().first_body_error("webhook.realtime.call.incoming", event) is None
    assert headers["webhook-id"] == event["id"]
    assert headers["User-Agent"] == "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"


async def test_another_secret_does_not_verify(receiver):
    async with telephone(webhook_url=receiver.url, webhook_secret="other") as http:
        await ring(http)
    [(body, headers)] = receiver.received
    with pytest.raises(openai.InvalidWebhookSignatureError):
        openai.OpenAI(api_key="x", webhook_secret=SECRET).webhooks.unwrap(body, headers)


async def test_a_receiver_that_fails_is_reported_and_the_call_rings_on(receiver):
    receiver.status = 500
    async with telephone(webhook_url=receiver.url) as http:
        call = await ring(http)
        assert (call["webhook"]["status"], call["state"]) == (500, "incoming")


async def test_a_receiver_that_is_not_there_is_reported(unused_tcp_port):
    async with telephone(webhook_url=f"http://127.0.0.1:{unused_tcp_port}/") as http:
        call = await ring(http)
    assert call["webhook"]["status"] is None
    assert call["webhook"]["error"]


def test_a_secret_that_is_no_base64_is_a_mistake():
    with pytest.raises(WebhookSecretInvalid):
        signing_key("whsec_!")


async def test_the_caller_talks_with_the_assistant(phone):
    call_id = await answered(phone, text="good morning to you all")
    async with sideband(phone, call_id) as socket:
        await attached(socket)
        await advance(phone, 30)
        events = await so_far(socket)
        recording = await heard(phone, call_id)
    kinds = [event["type"] for event in events]
    for kind in ("speech_started", "speech_stopped", "committed"):
        assert kinds.count(f"input_audio_buffer.{kind}") == 1
    assert kinds.index("output_audio_buffer.started") < kinds.index("output_audio_buffer.stopped")
    assert not {"session.created", "response.output_audio.delta"} & set(kinds)
    assert len(recording) == 30 * 48_000
    assert dbfs(recording) > -40


async def heard(http: aiohttp.ClientSession, call_id: str) -> bytes:
    async with http.get(f"{CALLS}/{call_id}/audio") as response:
        assert response.content_type == "audio/wav"
        pcm, rate = decode_wav(await response.read(), name="answer")
    assert rate == 24_000
    return pcm


async def test_the_caller_may_say_something_more(phone):
    call_id = await answered(phone)
    async with sideband(phone, call_id) as socket:
        await attached(socket)
        await advance(phone, 2)
        assert await so_far(socket) == []
        async with phone.post(f"{CALLS}/{call_id}/say", json={"text": "one two three four five"}) as response:
            assert (await response.json())["unsaid"] == 0.5
        await advance(phone, 2)
        assert "input_audio_buffer.speech_started" in [event["type"] for event in await so_far(socket)]


async def test_the_session_is_the_one_accepted(phone):
    call = await ring(phone)
    await act(phone, call["id"], "accept", SESSION)
    async with phone.get("/_mock/sessions") as response:
        [session] = (await response.json())["sessions"]
    assert (session["id"], session["model"]) == (call["session_id"], "gpt-realtime")
    assert session["snapshot"]["session"]["instructions"] == "Answer the telephone."
    assert (await shown(phone, call["id"]))["state"] == "accepted"


async def test_keys_that_are_pressed_arrive_as_events_without_an_id(phone):
    call_id = await answered(phone)
    async with sideband(phone, call_id) as socket:
        await attached(socket)
        async with phone.post(f"{CALLS}/{call_id}/dtmf", json={"digits": "1#"}) as response:
            assert response.status == 200
        events = [await socket.receive_json(timeout=DEADLINE) for _ in range(2)]
    kind = "input_audio_buffer.dtmf_event_received"
    assert events == [{"type": kind, "event": digit, "received_at": 1_800_000_000} for digit in "1#"]


@pytest.mark.parametrize("body, status", [({}, 603), (None, 603), ({"status_code": 486}, 486)])
async def test_a_rejected_call_is_over(phone, body, status):
    call_id = (await ring(phone))["id"]
    assert await act(phone, call_id, "reject", body) == (200, "")
    call = await shown(phone, call_id)
    assert (call["state"], call["status_code"]) == ("rejected", status)
    assert (await act(phone, call_id, "accept", SESSION))[0] == 404


async def test_a_referred_call_ends_its_session(phone):
    call_id = await answered(phone)
    async with sideband(phone, call_id) as socket:
        await attached(socket)
        assert await act(phone, call_id, "refer", {"target_uri": "tel:+15550199"}) == (200, "")
        assert (await socket.receive(timeout=DEADLINE)).type is aiohttp.WSMsgType.CLOSE
    call = await shown(phone, call_id)
    assert (call["state"], call["target_uri"]) == ("referred", "tel:+15550199")


async def test_hanging_up_twice_is_a_404_the_second_time(phone):
    call_id = await answered(phone)
    assert await act(phone, call_id, "hangup") == (200, "")
    async with phone.post(f"/v1/realtime/calls/{call_id}/hangup") as response:
        assert (response.status, await response.json()) == (404, {"error": UNKNOWN})


async def test_a_caller_who_hangs_up_ends_the_session(phone):
    call_id = await answered(phone)
    async with sideband(phone, call_id) as socket:
        await attached(socket)
        async with phone.post(f"{CALLS}/{call_id}/hangup") as response:
            assert (await response.json())["state"] == "ended"
        assert (await socket.receive(timeout=DEADLINE)).data == 1000
    async with phone.post(f"{CALLS}/{call_id}/hangup") as response:
        assert response.status == 409


async def test_a_call_whose_session_expires_is_over():
    async with telephone(session_lifetime=60) as phone:
        call_id = await answered(phone)
        await advance(phone, 59)
        assert (await shown(phone, call_id))["state"] == "accepted"
        await advance(phone, 2)
        assert (await shown(phone, call_id))["state"] == "ended"


@pytest.mark.parametrize("action", ["accept", "reject", "refer", "hangup"])
async def test_an_unknown_call_is_a_404_in_the_recorded_words(phone, action):
    bodies = {"accept": SESSION, "refer": {"target_uri": "tel:1"}}
    async with phone.post(f"/v1/realtime/calls/rtc_u0_nope/{action}", json=bodies.get(action, {})) as response:
        assert (response.status, await response.json()) == (404, {"error": UNKNOWN})


@pytest.mark.parametrize(
    "action, body, code, param",
    [
        ("accept", {}, "missing_required_parameter", "type"),
        ("accept", {"type": "transcription"}, "invalid_value", "type"),
        ("accept", {"type": "realtime", "modalities": ["text"]}, "unknown_parameter", "modalities"),
        ("accept", {"type": "realtime", "model": "gpt-nope"}, "invalid_model", None),
        ("reject", {"status": 1}, "unknown_parameter", "status"),
        ("reject", {"status_code": "busy"}, "invalid_type", "status_code"),
        ("refer", {}, "missing_required_parameter", "target_uri"),
    ],
)
async def test_a_wrong_body_is_a_400_and_the_call_rings_on(phone, action, body, code, param):
    call_id = (await ring(phone))["id"]
    async with phone.post(f"/v1/realtime/calls/{call_id}/{action}", json=body) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["param"]) == (400, code, param)
    assert (await shown(phone, call_id))["state"] == "incoming"


async def test_a_call_is_accepted_once(phone):
    call_id = await answered(phone)
    status, _ = await act(phone, call_id, "accept", SESSION)
    assert status == 400


async def test_a_webrtc_call_cannot_be_accepted(phone):
    headers = {"Content-Type": "application/sdp"}
    async with phone.post("/v1/realtime/calls", data=OFFER, headers=headers) as response:
        assert response.status == 201, await response.text()
        call_id = response.headers["Location"].rsplit("/", 1)[1]
    assert (await act(phone, call_id, "accept", SESSION))[0] == 400
    assert await act(phone, call_id, "hangup") == (200, "")


async def test_a_call_that_rings_has_no_sideband(phone):
    call_id = (await ring(phone))["id"]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with sideband(phone, call_id):
            pass
    assert refused.value.status == 404


@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
async def test_the_caller_may_speak_from_a_file(phone, rate):
    wav = base64.b64encode(encode_wav(TONE * rate, rate=rate)).decode()
    assert (await ring(phone, audio=wav))["unsaid"] == 1.0


async def test_a_file_may_come_in_a_form(phone):
    form = aiohttp.FormData()
    form.add_field("from", "sip:bob@example.com")
    form.add_field("audio", encode_wav(TONE * 24_000 * 30, rate=24_000), filename="bob.wav", content_type="audio/wav")
    async with phone.post(CALLS, data=form) as response:
        call = await response.json()
    assert (response.status, call["unsaid"], call["headers"]["From"]) == (201, 30.0, "sip:bob@example.com")


@pytest.mark.parametrize("audio", ["!", "UklGRg==", base64.b64encode(b"RIFF").decode()])
async def test_a_file_that_is_no_wav_is_a_400(phone, audio):
    async with phone.post(CALLS, json={"audio": audio}) as response:
        error = (await response.json())["error"]
    assert (response.status, error["param"]) == (400, "audio")


async def test_only_the_newest_twenty_of_the_calls_that_are_over_are_kept(phone):
    for _ in range(23):
        await act(phone, (await ring(phone))["id"], "reject", {})
    async with phone.get(CALLS) as response:
        calls = (await response.json())["calls"]
    # And the one that rang last.
    assert len(calls) == 21


async def test_the_control_api_knows_no_other_call(phone):
    async with phone.get(f"{CALLS}/rtc_u0_nope") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "call_id_not_found")
