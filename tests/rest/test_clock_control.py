"""`/_mock/clock`: a mock whose time passes by request, over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VIRTUAL_START, VirtualClock
from realtime_mock.core.speech import Speech
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
SCENARIO = """\
scenario: slow
rules:
  - on: {type: response.create}
    turns:
      - say: "One two three four five six seven eight nine ten."
        after: 2s
"""
Socket = aiohttp.ClientWebSocketResponse


class PlainVoice:
    """A second of a constant for every word."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 24_000 * len(text.split()))


@pytest.fixture
async def stepped() -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a mock on a virtual clock, whose answers come after 2 s and last for 10."""
    scenario = parse_scenario(SCENARIO, "slow")
    settings = Settings(port=0, pace=1.0)
    async with (
        RealtimeMock(settings, scenario, voice=PlainVoice(), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(
            mock.base_url.removesuffix("/v1"),
            headers={"Authorization": "Bearer sk-test"},
            timeout=aiohttp.ClientTimeout(total=DEADLINE),
        ) as session,
    ):
        yield session


async def advance(http: aiohttp.ClientSession, seconds: float) -> dict[str, Any]:
    async with http.post("/_mock/clock", json={"advance": seconds}) as response:
        assert response.status == 200
        answer: dict[str, Any] = await response.json()
        return answer


async def shown(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/_mock/clock") as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def refused(http: aiohttp.ClientSession, body: bytes) -> tuple[int, dict[str, Any]]:
    async with http.post("/_mock/clock", data=body) as response:
        return response.status, (await response.json())["error"]


async def events_until(socket: Socket, kind: str) -> list[str]:
    events = [(await socket.receive_json(timeout=DEADLINE))["type"]]
    while events[-1] != kind:
        events.append((await socket.receive_json(timeout=DEADLINE))["type"])
    return events


async def events_so_far(socket: Socket) -> list[str]:
    """Everything that was sent before the answer to a harmless event."""
    await socket.send_json({"type": "input_audio_buffer.clear"})
    return (await events_until(socket, "input_audio_buffer.cleared"))[:-1]


async def ask(socket: Socket) -> None:
    await events_until(socket, "session.created")
    await socket.send_json({"type": "response.create"})
    await events_until(socket, "response.created")


def connect(http: aiohttp.ClientSession, key: str = "sk-test") -> Any:
    return http.ws_connect("/v1/realtime?model=gpt-realtime", headers={"Authorization": f"Bearer {key}"})


async def test_the_answer_comes_only_when_its_time_has(stepped):
    async with connect(stepped) as socket:
        await ask(socket)
        await advance(stepped, 1.9)
        assert await events_so_far(socket) == []
        await advance(stepped, 0.1)
        assert "response.output_item.added" in await events_so_far(socket)


async def test_speech_is_sent_as_far_as_time_has_passed(stepped):
    async with connect(stepped) as socket:
        await ask(socket)
        await advance(stepped, 5)
        half = await events_so_far(socket)
        await advance(stepped, 60)
        rest = await events_until(socket, "response.done")
    assert half.count("response.output_audio.delta") > 1
    assert rest.count("response.output_audio.delta") > 1
    assert "response.output_audio.done" not in half


async def test_the_same_steps_give_the_same_events(stepped):
    runs = []
    for _ in range(2):
        async with connect(stepped) as socket:
            await ask(socket)
            run = []
            for _ in range(12):
                await advance(stepped, 1)
                run.append(await events_so_far(socket))
            runs.append(run)
    assert runs[0] == runs[1]
    assert "response.done" in runs[0][-1]


async def test_a_user_can_step_from_timer_to_timer(stepped):
    async with connect(stepped) as socket:
        await ask(socket)
        assert (await shown(stepped))["next_timer_in"] == 2.0
        for _ in range(200):
            step = (await shown(stepped))["next_timer_in"]
            if step is None or step > 100:
                break
            await advance(stepped, step)
        assert (await events_until(socket, "response.done"))[-1] == "response.done"


async def test_two_advances_at_once_add_up(stepped):
    async with connect(stepped) as socket:
        await ask(socket)
        await asyncio.gather(advance(stepped, 6), advance(stepped, 7))
        assert (await shown(stepped))["advanced"] == 13.0
        assert "response.done" in await events_so_far(socket)


async def test_an_hour_passes_at_once(stepped):
    answer = await advance(stepped, 3600)
    assert answer == {"clock": "virtual", "now": VIRTUAL_START + 3600, "advanced": 3600.0, "next_timer_in": None}


async def test_a_session_expires_an_hour_after_the_clock_it_opened_by(stepped):
    await advance(stepped, 1000)
    async with connect(stepped) as socket:
        created = await socket.receive_json(timeout=DEADLINE)
    assert created["session"]["expires_at"] == VIRTUAL_START + 1000 + 3600


async def test_a_client_secret_expires_by_the_same_clock(stepped):
    async with stepped.post("/v1/realtime/client_secrets", json={"expires_after": {"seconds": 30}}) as response:
        secret = await response.json()
    assert secret["expires_at"] == VIRTUAL_START + 30
    await advance(stepped, 29)
    async with connect(stepped, secret["value"]) as socket:
        assert (await socket.receive_json(timeout=DEADLINE))["type"] == "session.created"
    await advance(stepped, 1)
    async with connect(stepped, secret["value"]) as socket:
        assert (await socket.receive_json(timeout=DEADLINE))["error"]["code"] == "invalid_api_key"


async def test_a_real_clock_is_shown_and_not_advanced(http, clock):
    assert await shown(http) == {"clock": "real", "now": clock.now}
    status, error = await refused(http, b'{"advance": 1}')
    assert (status, error["type"], error["code"], error["param"]) == (
        409,
        "invalid_request_error",
        "clock_is_real",
        None,
    )


@pytest.mark.parametrize(
    "body, code, param",
    [
        (b"", None, None),
        (b"{", None, None),
        (b"[]", "missing_required_parameter", "advance"),
        (b"{}", "missing_required_parameter", "advance"),
        (b'{"advance": 1, "by": 2}', "unknown_parameter", "by"),
        (b'{"advance": -1}', "invalid_value", "advance"),
        (b'{"advance": "1"}', "invalid_value", "advance"),
        (b'{"advance": true}', "invalid_value", "advance"),
        (b'{"advance": null}', "invalid_value", "advance"),
        (b'{"advance": 86401}', "invalid_value", "advance"),
        (b'{"advance": 1' + b"0" * 300 + b"}", "invalid_value", "advance"),
    ],
)
async def test_a_wrong_advance_is_a_400_and_no_time_passes(stepped, body, code, param):
    status, error = await refused(stepped, body)
    assert (status, error["type"], error["code"], error["param"]) == (400, "invalid_request_error", code, param)
    assert (await shown(stepped))["advanced"] == 0.0
