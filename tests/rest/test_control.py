"""The control API: health, scenario, sessions, journal."""

from __future__ import annotations

import pytest

SCENARIO = """\
scenario: hello
rules:
  - on: {type: response.create}
    turns:
      - say: "Scripted."
"""


async def get(http, path):
    async with http.get(path) as response:
        return response.status, await response.json()


async def say_hello(http):
    """One text turn; give the assistant's words."""
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        await socket.receive_json(timeout=5)
        await socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        while (event := await socket.receive_json(timeout=5))["type"] != "response.done":
            pass
    return event["response"]["output"][0]["content"][0]["text"]


async def test_health_counts_the_sessions(http):
    assert (await get(http, "/_mock/health"))[1] == {
        "status": "ok",
        "version": "0.1.0",
        "sessions": 0,
        "journal": None,
    }
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        await socket.receive_json(timeout=5)
        assert (await get(http, "/_mock/health"))[1]["sessions"] == 1


async def test_without_a_scenario_there_is_none_to_get(http):
    assert await get(http, "/_mock/scenario") == (200, {"scenario": None, "text": None})


async def test_a_scenario_that_is_put_plays_in_the_next_session(http):
    async with http.put("/_mock/scenario", data=SCENARIO) as response:
        assert (response.status, await response.json()) == (200, {"scenario": "hello", "text": SCENARIO})

    assert await get(http, "/_mock/scenario") == (200, {"scenario": "hello", "text": SCENARIO})
    assert await say_hello(http) == "Scripted."


@pytest.mark.parametrize(
    "text, part",
    [
        (SCENARIO.replace("say", "sya"), "say"),
        ("scenario: [", "scenario:"),
        (b"\xff", "UTF-8"),
    ],
)
async def test_a_bad_scenario_is_a_400_with_the_reason_and_changes_nothing(http, mock, text, part):
    async with http.put("/_mock/scenario", data=text) as response:
        error = (await response.json())["error"]

    assert (response.status, error["code"]) == (400, "invalid_scenario")
    assert part in error["message"]
    assert mock.factory.scenario is None


async def test_sessions_are_listed_living_and_ended(http, clock):
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        session = (await socket.receive_json(timeout=5))["session"]
        _, during = await get(http, "/_mock/sessions")
        await socket.close()
    _, after = await get(http, "/_mock/sessions")

    (living,), (ended,) = during["sessions"], after["sessions"]
    described = {"id": session["id"], "transport": "websocket", "model": "gpt-realtime"}
    described |= {"started_at": clock.now, "lane": ""}
    assert living.pop("snapshot")["session"] == session
    assert living == {**described, "ended_at": None}
    assert ended == {**described, "ended_at": clock.now, "snapshot": None}


async def test_a_sessions_journal_holds_its_events_both_ways(http):
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        session_id = (await socket.receive_json(timeout=5))["session"]["id"]
        await socket.send_str('{"type":"input_audio_buffer.clear"}')
        await socket.receive_json(timeout=5)
        _, journal = await get(http, f"/_mock/sessions/{session_id}/journal")

    passed = [(entry["direction"], entry["event"]["type"]) for entry in journal["entries"] if entry["kind"] == "event"]
    assert passed == [
        ("out", "session.created"),
        ("in", "input_audio_buffer.clear"),
        ("out", "input_audio_buffer.cleared"),
    ]


async def test_the_journal_of_an_unknown_session_is_a_404(http):
    status, body = await get(http, "/_mock/sessions/sess_nope/journal")

    assert (status, body["error"]["code"]) == (404, "session_not_found")


async def test_a_path_that_is_none_leads_to_the_list_of_those_that_are(http):
    status, answer = await get(http, "/_mock/sesions")

    assert status == 404
    assert "GET /_mock/openapi.json lists the paths of the control API." in answer["error"]["message"]
