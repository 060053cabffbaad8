"""`/_mock/faults`: requests that go wrong because a test wants them to."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

SECRETS = "/v1/realtime/client_secrets"
SOCKET = "/v1/realtime?model=gpt-realtime"
DEADLINE = 10.0


async def put(http: aiohttp.ClientSession, *faults: dict[str, Any]) -> None:
    async with http.put("/_mock/faults", json={"faults": faults}) as response:
        assert response.status == 200, await response.text()


async def post(http: aiohttp.ClientSession, path: str = SECRETS) -> tuple[int, dict[str, Any]]:
    async with http.post(path, json={}) as response:
        return response.status, await response.json()


async def upgrade_status(http: aiohttp.ClientSession) -> int:
    try:
        async with http.ws_connect(SOCKET):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


@pytest.mark.parametrize(
    "name, status, code, kind",
    [
        ("quota", 429, "insufficient_quota", "insufficient_quota"),
        ("rate_limit", 429, "rate_limit_exceeded", "requests"),
        ("unauthorized", 401, "invalid_api_key", "invalid_request_error"),
        ("forbidden", 403, "insufficient_permissions", "invalid_request_error"),
        ("not_found", 404, "model_not_found", "invalid_request_error"),
        ("server_error", 500, None, "server_error"),
        ("unavailable", 503, None, "server_error"),
    ],
)
async def test_a_named_answer_takes_the_place_of_the_apis(http, name, status, code, kind):
    await put(http, {"on": {"path": SECRETS}, "answer": {"fault": name}})
    answered, body = await post(http)
    error = body["error"]
    assert (answered, error["code"], error["type"], list(error)) == (
        status,
        code,
        kind,
        ["message", "type", "param", "code"],
    )
    assert await upgrade_status(http) == 101


async def test_quota_is_told_in_the_recorded_words(http):
    await put(http, {"answer": {"fault": "quota"}})
    _, body = await post(http, "/v1/realtime/calls")
    assert body["error"] == {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }


async def test_a_rate_limit_says_when_to_come_back(http):
    await put(http, {"answer": {"fault": "rate_limit", "headers": {"Retry-After": "7"}}})
    async with http.post(SECRETS) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")


async def test_an_answer_may_be_of_ones_own_words(http):
    error = {"message": "Out of tea.", "type": "teapot", "code": "short", "param": "pot"}
    await put(http, {"answer": {"status": 418, "error": error}})
    assert await post(http) == (418, {"error": error})


async def test_an_upgrade_may_be_refused(http):
    await put(http, {"on": {"path": "/v1/realtime", "method": "GET"}, "answer": {"fault": "forbidden"}})
    assert await upgrade_status(http) == 403
    assert (await post(http))[0] == 200


@pytest.mark.parametrize(
    "given, code, close, reason",
    [
        ({"fault": "credit"}, "credit_balance_exhausted", 4000, "insufficient_quota.credit_balance_exhausted"),
        ({"fault": "permissions"}, "insufficient_permissions", 3000, "invalid_request_error.insufficient_permissions"),
        ({"fault": "model_not_found"}, "model_not_found", 4004, "invalid_request_error.model_not_found"),
        ({"fault": "unauthorized"}, "invalid_api_key", 3000, "invalid_request_error.invalid_api_key"),
        ({"fault": "server_error"}, None, 4000, "server_error"),
        ({"code": 3999, "error": {"type": "x", "code": "y"}}, "y", 3999, "x.y"),
    ],
)
async def test_a_socket_may_be_closed_after_one_error(http, given, code, close, reason):
    await put(http, {"close": given})
    async with http.ws_connect(SOCKET) as socket:
        event = await socket.receive_json(timeout=DEADLINE)
        closed = await socket.receive(timeout=DEADLINE)
    assert (event["type"], event["error"]["code"]) == ("error", code)
    assert (closed.type, closed.data, closed.extra) == (aiohttp.WSMsgType.CLOSE, close, reason)
    # It is for WebSockets alone.
    assert (await post(http))[0] == 200


async def test_only_the_nth_request_goes_wrong(http):
    await put(http, {"on": {"path": SECRETS, "nth": 2}, "answer": {}})
    assert [(await post(http))[0] for _ in range(3)] == [200, 500, 200]


async def test_faults_of_several_numbers_count_the_same_requests(http):
    await put(
        http, {"on": {"nth": 1}, "answer": {"fault": "unavailable"}}, {"on": {"nth": 2}, "answer": {"fault": "quota"}}
    )
    assert [(await post(http))[0] for _ in range(3)] == [503, 429, 200]


@pytest.mark.parametrize("path", ["/v1//realtime/calls/x/hangup", "/openai/v1/realtime/calls/rtc_1/hangup"])
async def test_a_star_stands_for_anything(http, path):
    await put(http, {"on": {"path": "/v1/realtime/calls/*/hangup"}, "answer": {"fault": "unavailable"}})
    assert (await post(http, path))[0] == 503
    assert (await post(http))[0] == 200


async def test_a_refused_connection_has_no_answer_and_is_journaled(http, mock):
    await put(http, {"on": {"path": SECRETS}, "refuse": True})
    with pytest.raises(aiohttp.ClientConnectionError):
        await post(http)
    entry = mock.journal.entries(valid=False)[-1]
    assert (entry.event["path"], entry.error["code"]) == (SECRETS, "connection_cut")


async def test_the_control_api_has_no_faults(http):
    await put(http, {"refuse": True})
    async with http.get("/_mock/faults") as response:
        assert await response.json() == {"faults": [{"refuse": True, "id": "fault_1", "seen": 0, "happened": 0}]}


async def test_faults_go_when_others_are_put(http):
    await put(http, {"answer": {}})
    await put(http)
    assert (await post(http))[0] == 200


async def test_a_hang_lasts_by_the_mocks_clock():
    async with (
        RealtimeMock(Settings(port=0), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(mock.base_url.removesuffix("/v1"), headers={"Authorization": "Bearer x"}) as http,
        asyncio.timeout(DEADLINE),
    ):
        await put(http, {"on": {"path": SECRETS}, "hang": 30})
        waiting = asyncio.create_task(post(http))
        while await next_timer(http) is None:
            pass
        await http.post("/_mock/clock", json={"advance": 29.9})
        assert not waiting.done()
        await http.post("/_mock/clock", json={"advance": 0.1})
        assert (await waiting)[0] == 200


async def next_timer(http: aiohttp.ClientSession, base: str = "") -> float | None:
    async with http.get(base + "/_mock/clock") as response:
        due: float | None = (await response.json())["next_timer_in"]
        return due


async def test_other_faults_let_go_what_hangs(http):
    await put(http, {"on": {"path": SECRETS}, "hang": 3600, "answer": {"fault": "unavailable"}})
    waiting = asyncio.create_task(post(http))
    async with asyncio.timeout(DEADLINE):
        while not waiting.done():
            await put(http)
    assert waiting.result()[0] in (200, 503)


async def test_a_mock_that_stops_lets_go_what_hangs():
    async with asyncio.timeout(DEADLINE), aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as http:
        async with RealtimeMock(Settings(port=0), clock=VirtualClock()) as mock:
            base = mock.base_url.removesuffix("/v1")
            await http.put(f"{base}/_mock/faults", json={"faults": [{"hang": 3600}]})
            waiting = asyncio.create_task(http.post(base + SECRETS))
            while await next_timer(http, base) is None:
                pass
        assert (await waiting).status == 200


@pytest.mark.parametrize(
    "fault, param",
    [
        ({}, "faults[0]"),
        ({"answer": {}, "refuse": True}, "faults[0].refuse"),
        ({"answer": {"status": 200}}, "faults[0].answer.status"),
        ({"answer": {"fault": "tea"}}, "faults[0].answer.fault"),
        ({"answer": {"headers": {"Content-Length": "9"}}}, "faults[0].answer.headers.Content-Length"),
        ({"answer": {"headers": {"X": "a\r\nb"}}}, "faults[0].answer.headers.X"),
        ({"on": {"nth": 0}, "hang": 1}, "faults[0].on.nth"),
        ({"hang": -1}, "faults[0].hang"),
        ({"hang": "1"}, "faults[0].hang"),
        ({"close": {"code": 65536}}, "faults[0].close.code"),
        ({"refuse": False}, "faults[0].refuse"),
    ],
)
async def test_a_wrong_fault_is_a_400_and_changes_nothing(http, fault, param):
    await put(http, {"on": {"path": SECRETS}, "answer": {}})
    async with http.put("/_mock/faults", json={"faults": [fault]}) as response:
        error = (await response.json())["error"]
    assert (response.status, error["param"]) == (400, param)
    assert (await post(http))[0] == 500
