"""Requests that go wrong because a test wants them to: `PUT /_mock/faults`.

A fault fits requests by path and method, and is one of: an answer in place of the API's, a WebSocket that opens
and is closed with an `error` event, a connection that is cut; each after a hang, or a hang alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from realtime_mock.api_error import ApiError
from realtime_mock.clock import Clock
from realtime_mock.faults.answers import Answer, Close, read_answer, read_close
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.bodies import checked_json
from realtime_mock.rest.errors import API_ERROR, HttpFault, error_answer
from realtime_mock.rest.refusals import SocketRefusals

_CUT = ApiError("The connection was cut without an answer, as a fault asked for.", code="connection_cut")
_CUT_STATUS = 444
"""What the journal shows of an exchange that had no answer, as nginx does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Which requests go wrong, and how. `nth` counts those that fit, from 1; None means all."""

    path: str = "*"
    method: str = "*"
    nth: int | None = None
    hang: float = 0.0
    outcome: Answer | Close | None = None
    cuts: bool = False

    def fits(self, request: web.Request) -> bool:
        """Whether a request is of the kind that this fault is for, whatever its number."""
        if isinstance(self.outcome, Close) and request.headers.get("Upgrade", "").lower() != "websocket":
            return False
        return fnmatchcase(_plain(request.path), self.path) and fnmatchcase(request.method, self.method.upper())


@dataclass(slots=True)
class _Counted:
    fault: Fault
    seen: int = field(default=0)


class Faults:
    """The faults that are set, the control API over them, and the middleware that lets them happen."""

    def __init__(self, clock: Clock, *, registry: SchemaRegistry, refusals: SocketRefusals) -> None:
        self._clock = clock
        self._registry = registry
        self._refusals = refusals
        self._text: dict[str, Any] = {"faults": []}
        self._faults: list[_Counted] = []
        self._hanging: set[asyncio.Future[None]] = set()

    async def show(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/faults`: what was put last."""
        return web.json_response(self._text)

    async def put(self, request: web.Request) -> web.Response:
        """`PUT /_mock/faults`: from now on these happen, and no others; what hangs is let go."""
        body = await checked_json(request, self._registry, "faults.request")
        self._faults = [_Counted(_read(given, f"faults[{number}]")) for number, given in enumerate(body["faults"])]
        self._text = body
        self.release()
        return web.json_response(body)

    def release(self) -> None:
        """Let go on what hangs."""
        for over in tuple(self._hanging):
            _let_go(over)

    @web.middleware
    async def happen(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the first fault that fits happen to a request; the control API has none."""
        fault = None if _plain(request.path).startswith("/_mock") else self._find(request)
        if fault is None:
            return await handler(request)
        await self._hang(fault.hang)
        if fault.cuts:
            return _cut(request)
        match fault.outcome:
            case Answer(status, error, headers):
                return error_answer(status, error, headers=headers)
            case Close(code, error):
                return await self._refusals.refuse(request, error, code=code)
            case None:
                return await handler(request)

    def _find(self, request: web.Request) -> Fault | None:
        """The first fault for this request; every one that fits counts it."""
        found = None
        for counted in self._faults:
            if counted.fault.fits(request):
                counted.seen += 1
                if found is None and counted.fault.nth in (None, counted.seen):
                    found = counted.fault
        return found

    async def _hang(self, seconds: float) -> None:
        if seconds == 0:
            return
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hanging.add(over)
        timer = self._clock.call_at(self._clock.time() + seconds, lambda: _let_go(over))
        try:
            await over
        finally:
            timer.cancel()
            self._hanging.discard(over)


def _let_go(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def _read(given: Mapping[str, Any], where: str) -> Fault:
    kinds = [kind for kind in ("answer", "close", "refuse") if kind in given]
    if len(kinds) > 1 or not (kinds or "hang" in given):
        message = f"'{where}' must have one of 'answer', 'close' and 'refuse', or 'hang' alone."
        raise HttpFault(400, ApiError(message, code="invalid_value", param=where))
    outcome: Answer | Close | None = None
    if "answer" in given:
        outcome = read_answer(given["answer"])
        _check_headers(outcome.headers, f"{where}.answer.headers")
    elif "close" in given:
        outcome = read_close(given["close"])
    matching = given.get("on", {})
    return Fault(
        path=matching.get("path", "*"),
        method=matching.get("method", "*"),
        nth=matching.get("nth"),
        hang=float(given.get("hang", 0)),
        outcome=outcome,
        cuts="refuse" in given,
    )


def _check_headers(headers: Mapping[str, str], where: str) -> None:
    """No header that breaks the answer's framing, and nothing that no header can hold."""
    for name, value in headers.items():
        framing = name.lower() in {"content-length", "transfer-encoding", "content-type", "content-encoding"}
        if framing or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not re.fullmatch(r"[\t -~]*", value):
            raise HttpFault(400, ApiError(f"No such header: {name!a}.", code="invalid_value", param=where))


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    response = web.Response(status=_CUT_STATUS, reason="No Response")
    response[API_ERROR] = _CUT
    return response


def _plain(path: str) -> str:
    """The path as the documents write it: slashes single, no `/openai` in front."""
    return re.sub("/+", "/", path).removeprefix("/openai")
