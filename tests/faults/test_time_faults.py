"""A mock that has the time wrong: over HTTP and WebSocket, on a virtual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from realtime_mock.clock import VIRTUAL_START, VirtualClock
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
SOCKET = "/v1/realtime?model=gpt-realtime"
SECRETS = "/v1/realtime/client_secrets"
START = int(VIRTUAL_START)


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0), clock=VirtualClock()) as mock:
        yield mock


@pytest.fixture
async def http(mock: RealtimeMock) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        mock.base_url.removesuffix("/v1"),
        headers={"Authorization": "Bearer sk-test"},
        timeout=aiohttp.ClientTimeout(total=DEADLINE),
    ) as session:
        yield session


@pytest.fixture
def set_faults(http: aiohttp.ClientSession) -> Callable[[str], Any]:
    async def put(text: str) -> None:
        async with http.put("/_mock/faults", data=text) as response:
            assert response.status == 200, await response.text()

    return put


async def advance(http: aiohttp.ClientSession, seconds: float) -> None:
    async with http.post("/_mock/clock", json={"advance": seconds}) as response:
        assert response.status == 200


async def mint(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.post(SECRETS, json={"expires_after": {"anchor": "created_at", "seconds": 60}}) as response:
        answer: dict[str, Any] = await response.json()
        return {**answer, "date": parsedate_to_datetime(response.headers["Date"])}


async def first_event(http: aiohttp.ClientSession, key: str = "sk-test") -> dict[str, Any]:
    async with http.ws_connect(SOCKET, headers={"Authorization": f"Bearer {key}"}) as socket:
        event: dict[str, Any] = await socket.receive_json(timeout=DEADLINE)
        return event


def faults(mock: RealtimeMock) -> list[str | None]:
    return [entry.fault for entry in mock.journal.entries(kind="fault")]


def near(when: datetime, unix: float) -> bool:
    return abs(when.timestamp() - unix) < 60


async def test_without_faults_the_time_is_right(http, mock):
    minted = await mint(http)
    assert minted["expires_at"] == START + 60
    assert near(minted["date"], datetime.now(UTC).timestamp())
    assert (await first_event(http))["session"]["expires_at"] == START + 3600
    assert faults(mock) == []


@pytest.mark.parametrize("skew", [300, -300])
async def test_a_wrong_clock_dates_answers_secrets_and_sessions(http, mock, set_faults, skew):
    await set_faults(f"clock_skew: {skew}s")
    minted = await mint(http)
    assert minted["expires_at"] == START + skew + 60
    assert near(minted["date"], START + skew)
    assert (await first_event(http))["session"]["expires_at"] == START + skew + 3600
    assert faults(mock) == ["clock_skew", "clock_skew"]


async def test_a_wrong_clock_changes_nothing_of_how_long_a_secret_lasts(http, set_faults):
    await set_faults("clock_skew: 300s")
    key = (await mint(http))["value"]
    await advance(http, 59)
    assert (await first_event(http, key))["type"] == "session.created"
    await advance(http, 1)
    assert (await first_event(http, key))["error"]["code"] == "invalid_api_key"


async def test_the_clock_is_wrong_only_where_it_is_to_be(http, mock, set_faults):
    await set_faults("on: {path: /v1/realtime/client_secrets}\nclock_skew: -300s\nnth: 2")
    assert [(await mint(http))["expires_at"] - START for _ in range(3)] == [60, -240, 60]
    assert (await first_event(http))["session"]["expires_at"] == START + 3600
    assert faults(mock) == ["clock_skew"]


async def test_an_answer_to_a_refused_request_is_dated_by_the_wrong_clock_too(http, set_faults):
    await set_faults("clock_skew: -86400s")
    async with http.post(SECRETS, headers={"Authorization": "none"}) as response:
        assert response.status == 401
        assert near(parsedate_to_datetime(response.headers["Date"]), START - 86_400)


async def test_a_secret_is_refused_as_soon_as_it_is_minted(http, mock, set_faults):
    await set_faults("secret_expires: 0\ncount: 1")
    first, second = await mint(http), await mint(http)
    assert first["expires_at"] == START + 60
    assert (await first_event(http, first["value"]))["error"]["code"] == "invalid_api_key"
    assert (await first_event(http, second["value"]))["type"] == "session.created"
    assert faults(mock) == ["secret_expires"]


async def test_a_secret_is_refused_before_it_says_it_expires(http, set_faults):
    await set_faults("secret_expires: 10s")
    key = (await mint(http))["value"]
    await advance(http, 9)
    assert (await first_event(http, key))["type"] == "session.created"
    await advance(http, 1)
    assert (await first_event(http, key))["error"]["code"] == "invalid_api_key"


async def test_a_session_ends_before_its_time_as_it_would_have_at_its_time(http, mock, set_faults):
    await set_faults("session_expires: 5s\ncount: 1")
    async with http.ws_connect(SOCKET) as early, http.ws_connect(SOCKET) as other:
        assert (await early.receive_json(timeout=DEADLINE))["session"]["expires_at"] == START + 3600
        assert (await other.receive_json(timeout=DEADLINE))["type"] == "session.created"
        await advance(http, 5)
        error = (await early.receive_json(timeout=DEADLINE))["error"]
        close = await early.receive(timeout=DEADLINE)
        await other.send_json({"type": "input_audio_buffer.clear"})
        assert (await other.receive_json(timeout=DEADLINE))["type"] == "input_audio_buffer.cleared"
    words = "Your session hit the maximum duration of 60 minutes."
    assert (error["code"], error["message"]) == ("session_expired", words)
    assert (close.data, close.extra) == (1001, words)
    assert faults(mock) == ["session_expires"]


async def test_a_scenario_says_that_time_is_wrong(http, mock):
    rules = "rules:\n  - on: response.create\n    turns: [{say: Hi.}]\n"
    text = f"scenario: late\n{rules}faults:\n  - session_expires: 5s\n  - clock_skew: -300s\n"
    mock.factory.scenario = parse_scenario(text, "late.yaml")
    async with http.ws_connect(SOCKET) as socket:
        assert (await socket.receive_json(timeout=DEADLINE))["session"]["expires_at"] == START + 3300
        await advance(http, 5)
        assert (await socket.receive_json(timeout=DEADLINE))["error"]["code"] == "session_expired"


async def test_a_webhook_is_dated_by_the_wrong_clock():
    received: list[Any] = []

    async def hook(request: web.Request) -> web.Response:
        received.append((await request.json(), int(request.headers["webhook-timestamp"])))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = Settings(port=0, webhook_url=f"http://127.0.0.1:{runner.addresses[0][1]}/")
    async with RealtimeMock(settings, clock=VirtualClock()) as mock, aiohttp.ClientSession() as client:
        base = mock.base_url.removesuffix("/v1")
        async with client.put(f"{base}/_mock/faults", data="clock_skew: -3600s") as response:
            assert response.status == 200
        async with client.post(f"{base}/_mock/sip/calls") as response:
            assert response.status == 201
    await runner.cleanup()
    [(event, timestamp)] = received
    assert event["created_at"] == START - 3600
    assert abs(timestamp - (datetime.now(UTC).timestamp() - 3600)) < 60
