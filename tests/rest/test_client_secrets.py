"""`POST /v1/realtime/client_secrets` and what its keys open."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

PATH = "/v1/realtime/client_secrets"
RECORDED = Path(__file__).parents[3] / "shared/reference/protocol/sessions/client_secrets.response.json"


async def mint(http, **body):
    async with http.post(PATH, json=body) as response:
        assert response.status == 200
        return await response.json()


async def first_session(http, path, key):
    """The session of `session.created`, and of nothing else."""
    async with http.ws_connect(path, headers={"Authorization": f"Bearer {key}"}) as socket:
        event = await socket.receive_json(timeout=5)
        assert event["type"] == "session.created", event
        return event["session"]


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded exchanges are not beside this checkout")
async def test_the_recorded_request_gets_the_recorded_answer(http):
    recorded = json.loads(RECORDED.read_text())

    answer = await mint(http, **recorded["request"])

    wanted = recorded["response"]
    assert answer.keys() == wanted.keys()
    assert {**answer["session"], "id": ""} == {**wanted["session"], "id": ""}


async def test_an_empty_body_gets_the_defaults(http, clock):
    answer = await mint(http)

    assert answer["value"].startswith("ek_")
    assert len(answer["value"]) == 35
    assert answer["expires_at"] == int(clock.now) + 600
    assert (answer["session"]["type"], answer["session"]["expires_at"]) == ("realtime", 0)


async def test_no_body_at_all_is_an_empty_one(http):
    async with http.post(PATH) as response:
        assert response.status == 200


async def test_a_secret_lives_as_long_as_asked(http, clock):
    answer = await mint(http, expires_after={"anchor": "created_at", "seconds": 10})

    assert answer["expires_at"] == int(clock.now) + 10


async def test_a_secret_opens_the_session_it_was_minted_for(http, clock):
    given = {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "Be brief."}
    secret = await mint(http, session=given)

    session = await first_session(http, "/v1/realtime", secret["value"])

    wanted = {**secret["session"], "id": session["id"], "expires_at": int(clock.now) + 3600}
    assert session == wanted
    assert session["id"] != secret["session"]["id"]


async def test_a_secret_may_be_used_again_until_it_expires(http, clock):
    secret = await mint(http)
    clock.now += 599

    assert await first_session(http, "/v1/realtime", secret["value"])
    assert await first_session(http, "/v1/realtime", secret["value"])


async def test_an_expired_secret_opens_nothing(http, clock):
    secret = await mint(http)
    clock.now += 600

    async with http.ws_connect("/v1/realtime", headers={"Authorization": f"Bearer {secret['value']}"}) as socket:
        event = await socket.receive_json(timeout=5)
        closing = await socket.receive(timeout=5)

    assert event["error"]["code"] == "invalid_api_key"
    assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, 3000)


async def test_a_session_outlives_its_secret(http, clock):
    secret = await mint(http)
    async with http.ws_connect("/v1/realtime", headers={"Authorization": f"Bearer {secret['value']}"}) as socket:
        await socket.receive_json(timeout=5)
        clock.now += 601
        await socket.send_json({"type": "input_audio_buffer.clear"})

        assert (await socket.receive_json(timeout=5))["type"] == "input_audio_buffer.cleared"


async def test_a_transcription_secret_opens_a_transcription_session(http):
    secret = await mint(http, session={"type": "transcription"})

    assert (await first_session(http, "/v1/realtime", secret["value"]))["type"] == "transcription"


@pytest.mark.parametrize(
    "body, code, param",
    [
        ({"sesion": {}}, "unknown_parameter", "sesion"),
        ({"session": {}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": "realtime", "modalities": ["text"]}}, "unknown_parameter", "session.modalities"),
        ({"expires_after": {"seconds": 9}}, "integer_below_min_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
    ],
)
async def test_a_wrong_body_is_answered_with_code_and_param(http, body, code, param):
    async with http.post(PATH, json=body) as response:
        error = (await response.json())["error"]

    assert (response.status, error["type"], error["code"], error["param"]) == (
        400,
        "invalid_request_error",
        code,
        param,
    )


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b"\xff", b'"\\ud800"', b"[" * 5000, b"[]", b"7", b"null"])
async def test_a_body_that_is_no_json_object_is_a_400(http, body):
    async with http.post(PATH, data=body, headers={"Content-Type": "application/json"}) as response:
        error = (await response.json())["error"]

    assert (response.status, error["type"]) == (400, "invalid_request_error")
