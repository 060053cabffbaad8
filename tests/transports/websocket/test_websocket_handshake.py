"""Keys, models, subprotocols: what opens a WebSocket session, and what is refused after the 101."""

from __future__ import annotations

import logging

import aiohttp
import pytest

from realtime_mock.core.ids import IdFactory

URL = "/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test"}


@pytest.mark.parametrize(
    "headers, protocols",
    [
        (KEY, ()),
        ({"api-key": "sk-test"}, ()),
        ({}, ("realtime", "openai-insecure-api-key.sk-test")),
        ({}, ("realtime", "openai-insecure-api-key.sk-test", "openai-agents-sdk.0.20.0")),
        ({**KEY, "OpenAI-Beta": "assistants=v2", "OpenAI-Organization": "org", "x-stainless-lang": "python"}, ()),
    ],
)
async def test_a_key_opens_a_session_whose_first_event_is_session_created(http, headers, protocols):
    async with http.ws_connect(URL, headers=headers, protocols=protocols) as socket:
        event = await socket.receive_json(timeout=5)

    assert (event["type"], event["session"]["model"]) == ("session.created", "gpt-realtime")


async def test_realtime_is_chosen_where_it_is_offered(http):
    offered = ("openai-insecure-api-key.sk-test", "realtime")
    async with http.ws_connect(URL, protocols=offered) as socket:
        assert socket.protocol == "realtime"


async def test_without_realtime_nothing_is_chosen_and_the_key_is_not_logged(http, caplog):
    caplog.set_level(logging.DEBUG, logger="aiohttp.websocket")
    async with http.ws_connect(URL, protocols=("openai-insecure-api-key.sk-secret",)) as socket:
        assert socket.protocol is None
        assert (await socket.receive_json(timeout=5))["type"] == "session.created"

    assert not [record for record in caplog.records if "mock" in record.pathname or "web_ws" in record.pathname]


async def test_compression_is_declined(http):
    async with http.ws_connect(URL, headers=KEY, compress=15) as socket:
        assert socket.compress == 0


BAD_KEY = (
    "Incorrect API key provided: undefined. You can find your API key at https://platform.openai.com/account/api-keys."
)
NO_MODEL = "You must provide a model parameter, for example wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5"
NO_BETA = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
NOPE = (
    'Model "gpt-nope" is not supported in realtime mode. '
    "See https://platform.openai.com/docs/models for a list of supported models."
)
REFUSED = {
    "an unknown model": ("/v1/realtime?model=gpt-nope", KEY, (), "invalid_model", NOPE, 4000),
    "no key": (URL, {}, (), None, "Missing bearer or basic authentication in header", 3000),
    "a bad key": (URL, {"Authorization": "Bearer undefined"}, (), "invalid_api_key", BAD_KEY, 3000),
    "no model": ("/v1/realtime", KEY, (), "missing_model", NO_MODEL, 4000),
    "an empty model": ("/v1/realtime?model=", KEY, (), "missing_model", NO_MODEL, 4000),
    "the beta header": (URL, {**KEY, "OpenAI-Beta": "realtime=v1"}, (), "beta_api_shape_disabled", NO_BETA, 4000),
    "the beta subprotocol": (
        URL,
        {},
        ("realtime", "openai-insecure-api-key.sk-test", "openai-beta.realtime-v1"),
        "beta_api_shape_disabled",
        NO_BETA,
        4000,
    ),
    "an unknown intent": ("/v1/realtime?intent=chat", KEY, (), "invalid_intent", "Invalid intent ", 4000),
    "an empty intent": ("/v1/realtime?intent=", KEY, (), "invalid_intent", "Invalid intent ", 4000),
}


@pytest.mark.parametrize("path, headers, protocols, code, message, close", REFUSED.values(), ids=REFUSED.keys())
async def test_a_refused_connection_gets_101_one_error_and_a_close(
    http, mock, path, headers, protocols, code, message, close
):
    async with http.ws_connect(path, headers=headers, protocols=protocols, autoclose=False) as socket:
        event = await socket.receive_json(timeout=5)
        closing = await socket.receive(timeout=5)

    error = {"type": "invalid_request_error", "code": code, "message": message, "param": None, "event_id": None}
    assert event == {"type": "error", "event_id": event["event_id"], "error": error}
    assert event["event_id"].startswith("event_")
    reason = "invalid_request_error" + (f".{code}" if code else "")
    assert (closing.type, closing.data, closing.extra) == (aiohttp.WSMsgType.CLOSE, close, reason)
    assert mock.sessions == ()


async def test_a_refused_connection_is_one_invalid_entry(http, mock):
    async with http.ws_connect("/v1/realtime", headers=KEY) as socket:
        event = await socket.receive_json(timeout=5)
        await socket.receive(timeout=5)

    (entry,) = mock.journal.entries(valid=False)
    assert (entry.kind, entry.event["status"], entry.error["code"]) == ("http", 101, "missing_model")
    assert [entry.event for entry in mock.journal.entries(kind="event")] == [event]


async def test_an_unknown_call_is_a_404_before_the_upgrade(http, mock):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect("/v1/realtime?call_id=rtc_nope", headers=KEY)

    assert refused.value.status == 404
    assert mock.journal.entries(valid=False)[0].error == {
        "type": "invalid_request_error",
        "code": "call_id_not_found",
        "message": "No session found for the provided call_id",
        "param": "",
    }


async def test_transcription_intent_opens_a_transcription_session(http):
    async with http.ws_connect("/v1/realtime?intent=transcription", headers=KEY) as socket:
        assert (await socket.receive_json(timeout=5))["session"]["type"] == "transcription"


@pytest.mark.parametrize("model", ["%ff", "%ed%a0%80", "a%00b", "x" * 5000, "%F0%9F%A6%86"])
async def test_no_model_name_is_too_odd(http, model):
    async with http.ws_connect(f"/v1/realtime?model=realtime-{model}", headers=KEY) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "session.created"


async def test_session_ids_follow_from_seed_and_number(http):
    ids = []
    for _ in range(2):
        async with http.ws_connect(URL, headers=KEY) as socket:
            ids.append((await socket.receive_json(timeout=5))["session"]["id"])

    assert ids == [IdFactory(seed=0, number=number).session() for number in (1, 2)]
