"""What a mock's settings limit: a session's lifetime and its tokens per minute."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VIRTUAL_START, VirtualClock
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
TEXT = {"type": "response.create", "response": {"output_modalities": ["text"]}}


@contextlib.asynccontextmanager
async def limited(**limits: Any) -> AsyncIterator[tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]]:
    """A client of a mock with these settings on a virtual clock, and its session."""
    headers = {"Authorization": "Bearer sk-test"}
    async with (
        RealtimeMock(Settings(port=0, pace=0, **limits), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(mock.base_url.removesuffix("/v1"), headers=headers) as http,
        http.ws_connect("/v1/realtime?model=gpt-realtime") as socket,
    ):
        yield http, socket


async def received(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    event: dict[str, Any] = {"type": None}
    while event["type"] != kind:
        event = await socket.receive_json(timeout=DEADLINE)
    return event


@pytest.mark.parametrize("lifetime, minutes", [(3600, "60"), (90, "1.5")])
async def test_a_session_ends_with_an_error_and_a_close_that_say_why(lifetime, minutes):
    async with limited(session_lifetime=lifetime) as (http, socket):
        created = await received(socket, "session.created")
        assert created["session"]["expires_at"] == VIRTUAL_START + lifetime
        await http.post("/_mock/clock", json={"advance": lifetime})
        error = (await received(socket, "error"))["error"]
        closed = await socket.receive(timeout=DEADLINE)
    text = f"Your session hit the maximum duration of {minutes} minutes."
    assert (error["code"], error["message"]) == ("session_expired", text)
    assert (closed.type, closed.data, closed.extra) == (aiohttp.WSMsgType.CLOSE, 1001, text)


async def test_the_default_lifetime_is_an_hour():
    assert Settings().session_lifetime == 3600


async def test_a_session_reports_its_tokens_per_minute():
    async with limited(tokens_per_minute=40_000) as (_, socket):
        await socket.send_json(TEXT)
        spent = (await received(socket, "response.done"))["response"]["usage"]["total_tokens"]
        [report] = (await received(socket, "rate_limits.updated"))["rate_limits"]
    assert (report["name"], report["limit"], report["remaining"]) == ("tokens", 40_000, 40_000 - spent)


async def test_a_response_over_the_tokens_per_minute_fails():
    async with limited(tokens_per_minute=10) as (_, socket):
        await socket.send_json(TEXT)
        response = (await received(socket, "response.done"))["response"]
    assert response["status_details"]["error"]["code"] == "rate_limit_exceeded"
