"""The beta API's ways in: served, or refused as the service refuses them today."""

from __future__ import annotations

import logging

import aiohttp
import pytest

from realtime_mock.clock import LoopClock
from realtime_mock.registry import SchemaRegistry
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

SOCKET = "/v1/realtime?model=gpt-4o-realtime-preview"
SESSIONS = "/v1/realtime/sessions"
TRANSCRIPTIONS = "/v1/realtime/transcription_sessions"
HEADER = {"OpenAI-Beta": "realtime=v1"}
OLD_SDK = {"OpenAI-Beta": "assistants=v2"}
REGISTRY = SchemaRegistry.bundled()
OVER = {
    "type": "invalid_request_error",
    "code": "beta_api_shape_disabled",
    "message": "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
    "param": None,
}


@pytest.fixture(params=["serve"])
async def mock(request, clock):
    async with RealtimeMock(Settings(port=0, pace=0, beta=request.param), clock=LoopClock(clock)) as mock:
        yield mock


retired = pytest.mark.parametrize("mock", ["retired"], indirect=True)


async def receive(socket):
    return await socket.receive_json(timeout=5)


async def until(socket, kind):
    event = await receive(socket)
    while event["type"] != kind:
        assert event["type"] != "error", event
        event = await receive(socket)
    return event


async def post(http, path, body, **headers):
    async with http.post(path, json=body, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "headers, protocols",
    [(HEADER, ()), ({}, ("realtime", "openai-insecure-api-key.sk-test", "openai-beta.realtime-v1"))],
    ids=["header", "subprotocol"],
)
async def test_header_and_subprotocol_mean_beta(http, headers, protocols):
    async with http.ws_connect(SOCKET, headers=headers, protocols=protocols) as socket:
        event = await receive(socket)

    assert (event["type"], event["session"]["modalities"]) == ("session.created", ["audio", "text"])
    assert REGISTRY.dialect("beta").first_server_error(event) is None


@pytest.mark.parametrize("headers", [{}, OLD_SDK])
async def test_any_other_header_means_ga(http, headers):
    async with http.ws_connect(SOCKET, headers=headers) as socket:
        event = await receive(socket)

    assert event["session"]["output_modalities"] == ["audio"]


async def test_a_turn_is_spoken_in_beta_names(http):
    async with http.ws_connect(SOCKET, headers=HEADER) as socket:
        await socket.send_json({"type": "response.create", "response": {"modalities": ["text"]}})
        assert (await until(socket, "response.text.done"))["text"]
        assert (await until(socket, "response.done"))["response"]["modalities"] == ["text"]


async def test_a_fault_is_answered_with_the_clients_event_id(http, mock):
    async with http.ws_connect(SOCKET, headers=HEADER) as socket:
        await receive(socket)
        await socket.send_json({"type": "session.update", "event_id": "mine", "session": {"temperature": 5}})
        event = await receive(socket)

    assert (event["type"], event["error"]["param"], event["error"]["event_id"]) == (
        "error",
        "session.temperature",
        "mine",
    )
    [entry] = mock.journal.entries(kind="event", direction="in", valid=False)
    assert entry.error == {key: value for key, value in event["error"].items() if key != "event_id"}


async def test_journal_and_log_warn_once_in_a_session(http, mock, caplog):
    caplog.set_level(logging.WARNING)
    async with http.ws_connect(SOCKET, headers=HEADER) as socket:
        await receive(socket)
        await socket.send_json({"type": "session.update", "session": {}})
        await receive(socket)

    notes = [entry.text for entry in mock.journal.entries(kind="warning") if "2026-05-12" in entry.text]
    assert len(notes) == 1
    assert [record.message for record in caplog.records if "2026-05-12" in record.message] == [
        f"{mock.factory.records[0].id}: {notes[0]}"
    ]


async def test_a_ga_session_is_not_warned_of(http, mock):
    async with http.ws_connect(SOCKET) as socket:
        await receive(socket)

    assert [entry.text for entry in mock.journal.entries(kind="warning") if "beta" in entry.text] == []


async def test_a_transcription_session_has_events_of_its_own(http):
    async with http.ws_connect("/v1/realtime?intent=transcription", headers=HEADER) as socket:
        created = await receive(socket)
        await socket.send_json(
            {
                "type": "transcription_session.update",
                "session": {"input_audio_transcription": {"model": "gpt-4o-transcribe"}},
            }
        )
        updated = await receive(socket)

    assert (created["type"], updated["type"]) == ("transcription_session.created", "transcription_session.updated")
    assert created["session"].keys() == {
        "object", "id", "expires_at", "turn_detection", "input_audio_format", "input_audio_transcription",
        "input_audio_noise_reduction", "include", "client_secret",
    }  # fmt: skip
    assert updated["session"]["input_audio_transcription"]["model"] == "gpt-4o-transcribe"


async def test_an_update_of_the_other_kind_of_session_is_refused(http):
    async with http.ws_connect(SOCKET, headers=HEADER) as socket:
        await receive(socket)
        await socket.send_json({"type": "transcription_session.update", "session": {}})
        error = (await receive(socket))["error"]

    assert error["message"] == "Passing a transcription session update event to a realtime session is not allowed."


async def test_a_key_comes_with_the_whole_session(http, clock):
    body = {"model": "gpt-4o-realtime-preview", "voice": "verse", "modalities": ["text", "audio"], "temperature": 0.7}

    status, session = await post(http, SESSIONS, body, **OLD_SDK)

    assert (status, REGISTRY.first_body_error("sessions.response", session)) == (200, None)
    assert {key: session[key] for key in body} == body
    assert (session["object"], session["expires_at"]) == ("realtime.session", 0)
    assert session["client_secret"]["value"].startswith("ek_")
    assert session["client_secret"]["expires_at"] == int(clock.now) + 60


async def test_a_key_lives_as_long_as_asked(http, clock):
    body = {"client_secret": {"expires_after": {"anchor": "created_at", "seconds": 600}}}

    _, session = await post(http, SESSIONS, body)

    assert session["client_secret"]["expires_at"] == int(clock.now) + 600


async def test_a_key_opens_the_session_it_was_asked_for_with(http):
    _, minted = await post(http, SESSIONS, {"voice": "verse", "temperature": 0.7, "modalities": ["text"]})
    key = minted["client_secret"]["value"]
    protocols = ("realtime", f"openai-insecure-api-key.{key}", "openai-beta.realtime-v1")

    async with aiohttp.ClientSession(http._base_url) as browser, browser.ws_connect(SOCKET, protocols=protocols) as ws:
        session = (await receive(ws))["session"]

    assert (session["voice"], session["temperature"], session["modalities"]) == ("verse", 0.7, ["text"])


async def test_a_transcription_key_opens_a_transcription_session(http):
    asked = {"input_audio_transcription": {"model": "whisper-1"}, "client_secret": {"expires_at": {"seconds": 30}}}
    status, minted = await post(http, TRANSCRIPTIONS, asked)
    assert (status, REGISTRY.first_body_error("transcription_sessions.response", minted)) == (200, None)
    assert minted["object"] == "realtime.transcription_session"

    key = {**HEADER, "Authorization": f"Bearer {minted['client_secret']['value']}"}
    async with http.ws_connect("/v1/realtime?intent=transcription", headers=key) as socket:
        event = await receive(socket)

    assert event["type"] == "transcription_session.created"
    assert event["session"]["input_audio_transcription"]["model"] == "whisper-1"


@pytest.mark.parametrize(
    "path, body, code, param",
    [
        (SESSIONS, {"session": {}}, "unknown_parameter", "session"),
        (SESSIONS, {"temperature": 9}, "decimal_above_max_value", "temperature"),
        (SESSIONS, {"model": "gpt-nope"}, "invalid_model", None),
        (TRANSCRIPTIONS, {"voice": "echo"}, "unknown_parameter", "voice"),
        (TRANSCRIPTIONS, [], "invalid_event", None),
    ],
)
async def test_a_body_is_judged_by_its_beta_schema(http, path, body, code, param):
    status, answer = await post(http, path, body)

    assert (status, answer["error"]["code"], answer["error"]["param"]) == (400, code, param)


@pytest.mark.parametrize("path", ["/v1/realtime?model=gpt-realtime", "/v1/realtime/connect"])
async def test_an_offer_that_is_none_is_refused(http, path):
    async with http.post(path, data="v=0", headers={"Content-Type": "application/sdp"}) as response:
        body = await response.json()

    assert response.status == 400
    assert body["error"]["code"] == "invalid_offer"


@retired
@pytest.mark.parametrize("path", [SOCKET, "/v1/realtime/connect", SESSIONS, TRANSCRIPTIONS])
async def test_retired_every_path_of_beta_answers_400(http, path):
    status, body = await post(http, path, {}, **OLD_SDK)

    assert (status, body) == (400, {"error": OVER})


@retired
@pytest.mark.parametrize("path", [SOCKET, SESSIONS])
async def test_retired_a_missing_key_is_told_first(http, path):
    status, body = await post(http, path, {}, Authorization="")

    assert (status, body["error"]["message"]) == (401, "Missing bearer or basic authentication in header")


@retired
async def test_retired_a_connection_gets_one_error_and_is_closed(http, mock):
    async with http.ws_connect(SOCKET, headers=HEADER) as socket:
        event = await receive(socket)
        closed = await socket.receive(timeout=5)

    assert event["error"] == {**OVER, "event_id": None}
    assert (closed.data, closed.extra) == (4000, "invalid_request_error.beta_api_shape_disabled")
    assert mock.sessions == ()


def test_whoever_embeds_the_mock_gets_what_the_service_does():
    assert Settings().beta == "retired"
