"""What every request passes before its handler: one coroutine for all of it, since a WebSocket keeps it to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from realtime_mock.rest.errors import FAULTS, answer_fault
from realtime_mock.rest.faults import FaultyRequests

Gate = Callable[[web.Request], web.StreamResponse | None]
"""Lets a request pass, answers in place of its handler, or raises a fault."""


class Door:
    """Leads each request through the gates, in their order, and then to its handler, where no fault befalls it.

    Args:
        gates: what a request passes first.
        faults: what may go wrong with it then.
    """

    def __init__(self, gates: Sequence[Gate], faults: FaultyRequests) -> None:
        self._gates = tuple(gates)
        self._faults = faults

    @web.middleware
    async def enter(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request. A bug of ours passes: aiohttp logs it and answers 500."""
        try:
            for gate in self._gates:
                answer = gate(request)
                if answer is not None:
                    return answer
            if self._faults.may_befall(request):
                return await self._faults.happen(request, handler)
            return await handler(request)
        except FAULTS as fault:
            return answer_fault(request, fault)
