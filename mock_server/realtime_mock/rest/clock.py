"""`/_mock/clock`: what time it is for the mock, and how a test makes time pass."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.clock import Clock, VirtualClock
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.wire import parse_json

MAX_ADVANCE = 86_400.0
"""Seconds that pass at most in one request: a day."""


class ClockControl:
    """The control API over one mock's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._advancing = asyncio.Lock()

    async def show(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/clock`: which clock it is, and Unix seconds by it.

        Of a virtual one also how far it was advanced, and in how many seconds its next timer is due (null: none).
        """
        return self._answer()

    async def advance(self, request: web.Request) -> web.Response:
        """`POST /_mock/clock` with `{"advance": seconds}`: time passes; the answer comes when all of it has.

        Whatever fell due has happened then, and its events are on their way to the clients.
        """
        clock = self._clock
        if not isinstance(clock, VirtualClock):
            raise HttpFault(409, _is_real())
        seconds = _seconds(await read_body(request))
        async with self._advancing:
            end = round(clock.time() + seconds, 6)
            while clock.step(end):  # noqa: ASYNC110 - it waits for nothing
                # Between two timers the sockets' writers get their turn: no outbox overflows.
                await asyncio.sleep(0)
        return self._answer()

    def _answer(self) -> web.Response:
        clock = self._clock
        if not isinstance(clock, VirtualClock):
            return web.json_response({"clock": "real", "now": clock.now()})
        due = clock.next_timer()
        next_in = None if due is None else max(round(due - clock.time(), 6), 0.0)
        answer = {"clock": "virtual", "now": clock.now(), "advanced": clock.time(), "next_timer_in": next_in}
        return web.json_response(answer)


def _is_real() -> ApiError:
    return ApiError(
        "The clock is real: time passes by itself. Start the mock with `realtime-mock serve --clock virtual`.",
        code="clock_is_real",
    )


def _seconds(raw: bytes) -> float:
    try:
        body: Any = parse_json(raw)
    except ValueError as error:
        raise HttpFault(400, ApiError(f"We could not parse the JSON body of your request. {error}")) from None
    if not isinstance(body, dict) or "advance" not in body:
        missing = ApiError("Missing required parameter: 'advance'.", "missing_required_parameter", "advance")
        raise HttpFault(400, missing)
    unknown = next((key for key in body if key != "advance"), None)
    if unknown is not None:
        raise HttpFault(400, ApiError(f"Unknown parameter: '{unknown}'.", "unknown_parameter", unknown))
    seconds = body["advance"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_ADVANCE:
        message = f"Invalid 'advance': expected a number of seconds from 0 to {MAX_ADVANCE:.0f}."
        raise HttpFault(400, ApiError(message, "invalid_value", "advance"))
    return float(seconds)
