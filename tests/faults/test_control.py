"""`/_mock/faults`: adding, stopping and counting; lanes; faults of a scenario."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

SECRETS = "/v1/realtime/client_secrets"
DEADLINE = 10.0
SCENARIO = "scenario: broken\nfaults:\n"


async def status(http, **params) -> int:
    async with http.post(SECRETS, json={}, params=params, headers={"Authorization": "Bearer sk-test"}) as response:
        return response.status


async def put_scenario(http, faults: str) -> None:
    async with http.put("/_mock/scenario", data=SCENARIO + faults) as response:
        assert response.status == 200, await response.text()


async def shown(http, **params) -> list[dict]:
    async with http.get("/_mock/faults", params=params) as response:
        return (await response.json())["faults"]


async def test_faults_are_added_and_the_answer_has_their_ids(http):
    async with http.post(
        "/_mock/faults", json={"faults": [{"refuse": 503}, {"id": "mine", "refuse": 429}]}
    ) as response:
        assert (response.status, (await response.json())["ids"]) == (201, ["fault_1", "mine"])
    async with http.post("/_mock/faults", data="refuse: 401") as response:
        assert (await response.json())["ids"] == ["fault_2"]
    assert [fault["id"] for fault in await shown(http)] == ["fault_1", "mine", "fault_2"]


async def test_an_id_that_is_taken_is_a_409(http, put):
    await put("refuse: 503, id: mine")
    async with http.post("/_mock/faults", json={"id": "mine", "refuse": 429}) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (409, "fault_refused")
    assert "'mine' is in force already; stop it first" in error["message"]


async def test_a_fault_is_stopped_by_its_id(http, put):
    await put("[{refuse: 503, id: mine}, {refuse: 429}]")
    assert await status(http) == 503
    async with http.delete("/_mock/faults/mine") as response:
        assert response.status == 200
    assert await status(http) == 429
    async with http.delete("/_mock/faults/mine") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "fault_not_found")


async def test_all_faults_are_stopped_at_once(http, put):
    await put("[{refuse: 503}, {refuse: 429}]")
    async with http.delete("/_mock/faults") as response:
        assert await response.json() == {"faults": []}
    assert await status(http) == 200


async def test_faults_count_what_they_saw_and_what_they_did(http, put):
    await put("refuse: 503, nth: 2")
    for _ in range(3):
        await status(http)
    assert await shown(http) == [{"refuse": 503, "nth": 2, "id": "fault_1", "seen": 3, "happened": 1}]


async def test_a_wrong_fault_names_its_place_and_a_remedy(http):
    async with http.put("/_mock/faults", data="faults:\n  - on: response.done\n    dorp: {}\n") as response:
        error = (await response.json())["error"]
    assert response.status == 400
    assert error == {
        "message": "faults:3:5: unknown key 'dorp' of a fault; did you mean 'drop'?",
        "type": "invalid_request_error",
        "param": "faults[0].dorp",
        "code": "invalid_fault",
    }


@pytest.mark.parametrize(
    "text, param",
    [
        ("dorp: {}", "dorp"),
        ("- dorp: {}", "[0].dorp"),
        ("- id: x", "[0]"),
        ("faults:\n- on: {type: x}\n  drop:", "faults[0].on.type"),
        ("- drop:\n  on:\n    response: {$any: 1}", "[0].on.response.$any"),
        ("drop: 1", "drop"),
    ],
)
async def test_the_param_is_the_path_of_what_is_wrong(http, text, param):
    async with http.post("/_mock/faults", data=text) as response:
        assert (await response.json())["error"]["param"] == param


@pytest.mark.parametrize("body", ["", "   ", "{", "[1]", "\xff"])
async def test_a_body_that_is_none_is_a_400(http, body):
    async with http.put("/_mock/faults", data=body.encode("latin-1")) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "invalid_fault")


async def test_a_refused_request_is_journaled_as_a_fault(http, put, mock):
    await put("on: {path: /v1/realtime/*}, refuse: 503, id: mine")
    await status(http)
    (entry,) = mock.journal.entries(kind="fault")
    assert (entry.fault, entry.channel, entry.session_id) == ("refuse", "http", None)
    assert entry.event == {"id": "mine", "fault": "refuse", "occurrence": 1, "method": "POST", "path": SECRETS}


# Lanes


async def test_a_lane_has_faults_of_its_own(http, put, connect):
    async with http.post("/_mock/lanes", json={"name": "broken"}) as response:
        key = (await response.json())["api_key"]
    await put("[{refuse: 503}, {on: input_audio_buffer.cleared, missing_keys: event_id}]", lane="broken")
    assert (await status(http), await status(http, lane="broken")) == (200, 503)
    assert (await shown(http), len(await shown(http, lane="broken"))) == ([], 2)
    await put("on: input_audio_buffer.cleared, missing_keys: event_id", lane="broken")
    assert "event_id" in await (await connect()).echo()
    assert "event_id" not in await (await connect(Authorization=f"Bearer {key}")).echo()


async def test_what_hangs_in_one_lane_is_not_let_go_by_another(http, put):
    await http.post("/_mock/lanes", json={"name": "slow"})
    await put("on: {path: /v1/realtime/client_secrets}, hang: 3600", lane="slow")
    waiting = asyncio.create_task(status(http, lane="slow"))
    async with asyncio.timeout(DEADLINE):
        while (await shown(http, lane="slow"))[0]["happened"] == 0:
            pass
        await put("[]")
        assert (await status(http), waiting.done()) == (200, False)
        await put("[]", lane="slow")
        assert await waiting == 200


# Scenarios


async def test_each_session_of_a_scenario_counts_its_events_anew(http, connect):
    await put_scenario(http, "  - {on: input_audio_buffer.cleared, missing_keys: event_id, nth: 2}")
    for _ in range(2):
        client = await connect()
        assert ["event_id" in await client.echo() for _ in range(3)] == [True, False, True]


async def test_the_connections_of_a_scenario_are_counted_together(http, connect):
    await put_scenario(http, "  - {on: connect, refuse: 503, count: 2}")
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await connect()
    await connect()


async def test_a_scenario_that_is_put_again_begins_again(http, connect):
    for _ in range(2):
        await put_scenario(http, "  - {on: connect, refuse: 503, count: 1}")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await connect()
        await connect()


async def test_a_fault_of_the_lane_goes_before_one_of_the_scenario(http, connect, put):
    await put_scenario(http, "  - {on: input_audio_buffer.cleared, unknown_type: by.scenario}")
    await put("on: input_audio_buffer.cleared, unknown_type: by.lane, count: 1")
    client = await connect()
    assert [(await client.echo())["type"] for _ in range(2)] == ["by.lane", "by.scenario"]


async def test_a_wrong_fault_of_a_scenario_names_its_place(http):
    async with http.put("/_mock/scenario", data=SCENARIO + "  - {on: connect, drop: {}}") as response:
        message = (await response.json())["error"]["message"]
    assert message.endswith("or leave 'on' out for all events")
    assert ":3:10: 'drop' cannot happen on that; " in message


async def test_a_scenarios_seed_decides_what_goes_wrong(http, connect):
    async def pattern(seed: int) -> list[bool]:
        fault = "{on: input_audio_buffer.cleared, missing_keys: event_id, probability: 0.5}"
        await put_scenario(http, f"  - {fault}\nseed: {seed}")
        client = await connect()
        return ["event_id" in await client.echo() for _ in range(20)]

    first = await pattern(1)
    assert await pattern(1) == first
    assert await pattern(2) != first


async def test_a_mock_that_is_reset_counts_its_scenario_anew(mock, http, connect):
    await put_scenario(http, "  - {on: connect, refuse: 503, count: 1}")
    scenario = mock.factory.scenario
    for _ in range(2):
        mock.factory.scenario = scenario
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await connect()
        await connect()
        async with http.post("/_mock/reset") as response:
            assert response.status == 200


async def test_a_reset_stops_faults(http, put, connect):
    await put("on: connect, refuse: 503")
    await http.post("/_mock/reset")
    await connect()
    assert await shown(http) == []
