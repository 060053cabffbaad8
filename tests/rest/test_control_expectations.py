"""Expectations judged over HTTP, responses that no rule took, and how everything begins anew."""

from __future__ import annotations

import aiohttp
import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

from .test_control_sessions import DEADLINE, session, until

SCENARIO = """\
scenario: weather
rules:
  - on: {type: response.create, response: {metadata: {topic: weather}}}
    turns: [{say: "Sunny."}]
"""


async def post(http, path, body=None, **query):
    sent = {"data": body} if isinstance(body, str) else {"json": body} if body is not None else {}
    async with http.post(path, params=query, **sent) as response:
        return response.status, await response.json()


async def ask(http, topic):
    """One answered turn about a topic."""
    async with session(http) as (socket, _):
        await socket.send_json({"type": "response.create", "response": {"metadata": {"topic": topic}}})
        await until(socket, "response.done")


@pytest.mark.parametrize("body", [{"expect": ["response.create"]}, "expect:\n- {event: response.create, count: 1}\n"])
async def test_expectations_that_are_met(http, body):
    await ask(http, "weather")

    assert await post(http, "/_mock/verify", body) == (200, {"met": True, "unmet": []})


async def test_an_expectation_that_is_not_met_is_told_with_what_came_nearest(http):
    await ask(http, "weather")
    wanted = {"type": "response.create", "response": {"metadata": {"topic": "news"}}}

    _, answer = await post(http, "/_mock/verify", {"expect": [wanted, "response.create"]})

    assert answer["met"] is False
    [unmet] = answer["unmet"]
    assert (unmet["occurred"], unmet["nearest"]["differences"][0]["path"]) == (0, "response.metadata.topic")


@pytest.mark.parametrize(("expected", "met"), [("response.create", True), ("response.cancel", False)])
async def test_without_expectations_those_of_the_scenario_are_meant(http, expected, met):
    async with http.put("/_mock/scenario", data=f"{SCENARIO}expect: [{expected}]\n") as answer:
        assert answer.status == 200
    await ask(http, "weather")

    _, verdict = await post(http, "/_mock/verify")

    assert verdict["met"] is met


async def test_without_expectations_and_scenario_nothing_is_expected(http):
    assert await post(http, "/_mock/verify") == (200, {"met": True, "unmet": []})


async def test_a_lane_is_judged_by_what_passed_in_it(http, mock):
    mock.factory.lanes.open("a")
    await ask(http, "weather")

    _, answer = await post(http, "/_mock/verify", {"expect": ["response.create"]}, lane="a")

    assert answer["met"] is False


@pytest.mark.parametrize("body", ["expect: {}", "expct: []", '{"expect": [{"event": "x", "cout": 1}]}', "{"])
async def test_what_is_no_expectation_is_a_400_with_its_place(http, body):
    status, answer = await post(http, "/_mock/verify", body)

    assert (status, answer["error"]["code"]) == (400, "invalid_expectation")
    assert answer["error"]["message"].startswith("expectations:")


async def test_a_response_that_no_rule_took_is_told_with_the_nearest_rule(http):
    async with http.put("/_mock/scenario", data=SCENARIO):
        pass
    await ask(http, "weather")
    await ask(http, "news")

    async with http.get("/_mock/unmatched") as response:
        [unmatched] = (await response.json())["unmatched"]

    assert unmatched["event"]["response"] == {"metadata": {"topic": "news"}}
    assert "nearest is rule 1" in unmatched["why"]


async def test_a_reset_closes_the_sessions_and_forgets_what_was_set(http, mock):
    async with http.put("/_mock/scenario", data=SCENARIO), session(http) as (socket, _):
        await post(http, "/_mock/faults", {"on": "response.done", "drop": True})
        status, answer = await post(http, "/_mock/reset")
        closed = await socket.receive(timeout=DEADLINE)

    assert (status, answer) == (200, {"lanes": [""], "sessions_closed": 1})
    assert (socket.close_code, closed.extra) == (1001, "the mock was reset")
    default = mock.factory.lanes.default
    assert (default.scenario, default.faults.set.faults) == (None, ())
    assert [entry.type for entry in mock.journal.entries(kind="event")] == []


async def test_a_reset_of_a_lane_leaves_the_others_alone(http, mock):
    mock.factory.lanes.open("a")
    async with http.put("/_mock/scenario", data=SCENARIO), session(http) as (socket, _):
        _, answer = await post(http, "/_mock/reset", lane="a")
        await socket.send_json({"type": "input_audio_buffer.clear"})
        await until(socket, "input_audio_buffer.cleared")

    assert answer == {"lanes": ["a"], "sessions_closed": 0}
    assert mock.factory.lanes.default.scenario is not None


async def test_health_tells_of_a_journal_on_disk(tmp_path):
    async with RealtimeMock(Settings(port=0, journal_dir=tmp_path)) as mock, aiohttp.ClientSession() as http:
        answer = await http.get(mock.base_url.removesuffix("/v1") + "/_mock/health")
        journal = (await answer.json())["journal"]

    assert journal == {"file": str(next(tmp_path.iterdir())), "error": None}
