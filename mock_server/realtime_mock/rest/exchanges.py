"""What every answer has in common: a request id, cross-origin headers, and its entry in the journal."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

from aiohttp import web

from realtime_mock.journal import Journal
from realtime_mock.rest.cors import allow_origin
from realtime_mock.rest.errors import API_ERROR, REASON
from realtime_mock.rest.lanes import LANE
from realtime_mock.wire import event_text, printable


class Exchanges:
    """Finishes every answer just before it leaves."""

    def __init__(self, journal: Journal, *, seed: int) -> None:
        self._journal = journal
        self._seed = seed
        self._numbers = itertools.count(1)

    async def finish(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add the headers and journal the exchange; a WebSocket's is journaled as it opens."""
        request_id = self._request_id()
        allow_origin(request, response.headers)
        if response.status != 101:  # no request id comes with an upgrade (recorded)
            response.headers["X-Request-Id"] = request_id
        self._journal.record(
            event_text(_exchange(request, response, request_id)),
            channel="http",
            direction="in",
            kind="http",
            error=response.get(API_ERROR),
            lane=request[LANE].name if LANE in request else "",
        )

    def _request_id(self) -> str:
        text = f"{self._seed}/request/{next(self._numbers)}".encode()
        return "req_" + hashlib.blake2b(text, digest_size=16).hexdigest()


def _exchange(request: web.Request, response: web.StreamResponse, request_id: str) -> dict[str, Any]:
    exchange = {
        "method": request.method,
        "path": printable(request.path),
        "query": {printable(key): _shown(key, value) for key, value in request.query.items()},
        "status": response.status,
        "request_id": request_id,
    }
    return {**exchange, "reason": printable(response[REASON])} if REASON in response else exchange


def _shown(name: str, value: str) -> str:
    """A query value, unless it is a key: some clients put that into the query."""
    return "***" if "key" in name.lower() else printable(value)
