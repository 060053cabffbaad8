"""Lanes keep tests that share one mock apart."""

from __future__ import annotations

import aiohttp
import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

WEATHER = """
scenario: weather
rules:
  - on: response.create
    turns:
      - say: It rains.
"""


@pytest.fixture
async def mock():
    async with RealtimeMock(Settings(port=0, pace=0)) as running:
        yield running


@pytest.fixture
async def http(mock):
    async with aiohttp.ClientSession(mock.base_url.removesuffix("/v1")) as session:
        yield session


async def open_lane(http, **body):
    async with http.post("/_mock/lanes", json=body) as answer:
        assert answer.status == 201
        return await answer.json()


async def said(http, path="/v1/realtime?model=gpt-realtime", *, key="sk-mock", **headers):
    """What the assistant answers on a new connection."""
    headers = {"Authorization": f"Bearer {key}", **headers}
    async with http.ws_connect(path, headers=headers) as socket:
        await socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        while True:
            event = await socket.receive_json(timeout=10)
            if event["type"] == "response.output_text.done":
                return event["text"]


async def test_a_scenario_put_into_a_lane_is_played_there_and_nowhere_else(http):
    lane = await open_lane(http)
    async with http.put(f"/_mock/scenario?lane={lane['lane']}", data=WEATHER) as answer:
        assert answer.status == 200
    assert await said(http, key=lane["api_key"]) == "It rains."
    assert await said(http) == "Hello! How can I help you?"


async def test_a_lane_is_named_by_query_by_header_and_by_key(http, mock):
    await open_lane(http, name="a")
    await said(http, "/v1/realtime?model=gpt-realtime&lane=a")
    await said(http, **{"X-Realtime-Mock-Lane": "a"})
    await said(http, key="sk-lane-a")
    await said(http)
    assert [record.lane for record in mock.factory.records] == ["a", "a", "a", ""]


async def test_a_client_secret_leads_to_the_lane_that_minted_it(http, mock):
    lane = await open_lane(http)
    headers = {"Authorization": f"Bearer {lane['api_key']}"}
    async with http.post("/v1/realtime/client_secrets", headers=headers) as answer:
        secret = (await answer.json())["value"]
    await said(http, key=secret)
    assert mock.factory.records[-1].lane == lane["lane"]


async def test_an_unknown_lane_is_refused_with_a_remedy(http):
    headers = {"Authorization": "Bearer sk-lane-nobody"}
    async with http.post("/v1/realtime/client_secrets", headers=headers) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"]["code"] == "lane_not_found"


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 65])
async def test_a_name_that_is_none_is_refused(http, name):
    async with http.post("/_mock/lanes", json={"name": name}) as answer:
        assert answer.status == 409
        assert (await answer.json())["error"]["code"] == "lane_refused"


async def test_a_lane_opens_once_and_again_when_it_was_closed(http):
    await open_lane(http, name="a")
    async with http.post("/_mock/lanes", json={"name": "a"}) as answer:
        assert answer.status == 409
    async with http.delete("/_mock/lanes/a") as answer:
        assert answer.status == 200
    await open_lane(http, name="a")


async def test_closing_a_lane_ends_its_sessions_and_no_others(http):
    await open_lane(http, name="a")
    headers = {"Authorization": "Bearer sk-mock"}
    async with (
        http.ws_connect("/v1/realtime?model=gpt-realtime&lane=a", headers=headers) as inside,
        http.ws_connect("/v1/realtime?model=gpt-realtime", headers=headers) as outside,
    ):
        await inside.receive_json(timeout=10)
        await outside.receive_json(timeout=10)
        async with http.delete("/_mock/lanes/a") as answer:
            assert answer.status == 200
        message = await inside.receive(timeout=10)
        assert (message.type, inside.close_code) == (aiohttp.WSMsgType.CLOSE, 1001)
        await outside.send_json({"type": "input_audio_buffer.clear"})
        assert (await outside.receive_json(timeout=10))["type"] == "input_audio_buffer.cleared"


async def test_a_request_may_name_a_bundled_scenario(http):
    greeting = await said(http, "/v1/realtime?model=gpt-realtime&scenario=greeting")
    assert greeting != await said(http)


async def test_a_scenario_that_is_not_bundled_is_refused_with_the_nearest_one(http):
    async with http.get("/v1/realtime?model=m&scenario=greetin") as answer:
        assert answer.status == 404
        assert "did you mean 'greeting'?" in (await answer.json())["error"]["message"]


async def test_the_journal_tells_the_lane_of_sessions_and_of_requests(http, mock):
    await open_lane(http, name="a")
    await said(http, key="sk-lane-a")
    await said(http)
    entries = mock.journal.entries(lane="a")
    assert {entry.kind for entry in entries} >= {"http", "event"}
    assert {entry.session_id for entry in entries} & {mock.factory.records[0].id}
    assert mock.factory.records[1].id not in {entry.session_id for entry in entries}
