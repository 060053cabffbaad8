"""`/_mock/journal...`: what passed, asked for, waited for, and told as it passes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Entry, Journal, Query, entry_line
from realtime_mock.journal.waiting import Overrun, Watch
from realtime_mock.rest.control import as_answer
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.questions import question, seconds, whole_number
from realtime_mock.scenario.matching import nearest
from realtime_mock.sessions import SessionFactory

DEFAULT_TIMEOUT = 10.0
LONGEST_TIMEOUT = 600.0
"""Seconds that one request waits."""

BEAT = 15.0
"""Seconds of silence behind which a stream shows that it lives."""

_PIECE = 64 * 1024
"""Bytes of an export that are written at once."""

EVENT_STREAM = "text/event-stream"
JSON_LINES = "application/jsonl"


class JournalControl:
    """The control API over one mock's journal."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self._journal: Journal = sessions.journal
        self._watch = Watch(sessions.journal)

    async def close(self, _app: web.Application | None = None) -> None:
        """Let go of everybody who waits."""
        self._watch.close()

    async def show(self, request: web.Request) -> web.Response:
        """`GET /_mock/journal`: what passed, oldest first.

        `newest` is the `seq` of the newest entry of all: with it as `after`, the next question finds what came since.
        `dropped` counts the oldest entries, which are no longer kept.
        """
        limit = whole_number(request, "limit", 0, least=1)
        entries = self._journal.find(self._question(request), limit=limit or None)
        return as_answer(self._told(entries))

    async def wait(self, request: web.Request) -> web.Response:
        """`GET /_mock/journal/wait`: the answer comes when what is asked for has passed, or the time is over.

        What has passed before counts too, unless `after` says otherwise. `met` tells whether so many came; `nearest`
        what came nearest to a pattern that nothing matched.
        """
        query = self._question(request)
        timeout = seconds(request, "timeout", DEFAULT_TIMEOUT, most=LONGEST_TIMEOUT)
        count = whole_number(request, "count", 1, least=1)
        entries = await self._watch.wait_for(query, count=count, seconds=timeout)
        miss = None if entries else self._near_miss(query)
        return as_answer({"met": len(entries) >= count, **self._told(entries), "nearest": miss})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """`GET /_mock/journal/stream`: each entry as it is made, as Server-Sent Events.

        It begins with the next entry, or behind `after`, or behind the header `Last-Event-ID`. A reader that is far too
        slow is cut off; it comes again with that header, as an `EventSource` does by itself.
        """
        query = self._question(request)
        query = replace(query, after=self._start(request))
        response = web.StreamResponse(headers={"Content-Type": EVENT_STREAM, "Cache-Control": "no-store"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the reader has gone
            await self._write_stream(response, query)
            await response.write_eof()
        return response

    async def export(self, request: web.Request) -> web.StreamResponse:
        """`GET /_mock/journal/export`: what passed, as JSON Lines."""
        entries = self._journal.find(self._question(request))
        response = web.StreamResponse(headers={"Content-Type": JSON_LINES})
        await response.prepare(request)
        piece = bytearray()
        for entry in entries:
            piece += entry_line(entry)
            if len(piece) >= _PIECE:
                await response.write(bytes(piece))
                piece.clear()
        await response.write_eof(bytes(piece))
        return response

    async def _write_stream(self, response: web.StreamResponse, query: Query) -> None:
        await response.write(b": the journal\n\n")
        async with contextlib.aclosing(self._watch.stream(query, beat=BEAT)) as entries:
            try:
                async for entry in entries:
                    await response.write(b": nothing new\n\n" if entry is None else _as_server_sent(entry))
            except Overrun:
                await response.write(b": this reader is too slow\n\n")

    def _question(self, request: web.Request) -> Query:
        query = question(request)
        session_id = request.match_info.get("id")
        if session_id is not None and not self._knows(session_id):
            raise HttpFault(404, ApiError("No session of this id.", code="session_not_found"))
        return query

    def _knows(self, session_id: str) -> bool:
        if any(record.id == session_id for record in self._sessions.records):
            return True
        return bool(self._journal.find(Query(session_id=session_id), limit=1))

    def _told(self, entries: Sequence[Entry]) -> dict[str, Any]:
        journal = self._journal
        told = [entry.as_json() for entry in entries]
        return {"entries": told, "newest": journal.newest, "dropped": journal.dropped}

    def _near_miss(self, query: Query) -> str | None:
        if query.pattern is None:
            return None
        entries = self._journal.find(replace(query, pattern=None))
        miss = nearest(query.pattern, [entry.event for entry in entries])
        return None if miss is None else f"entry {entries[miss.index].seq}: {miss}"

    def _start(self, request: web.Request) -> int:
        """Behind which entry a stream begins."""
        last = request.headers.get("Last-Event-ID", "")
        if last.isascii() and last.isdigit() and len(last) <= 15:
            return int(last)
        return whole_number(request, "after", self._journal.newest, least=0)


def _as_server_sent(entry: Entry) -> bytes:
    # The line brings its own end; an empty one ends the event.
    return b"id: %d\ndata: %s\n" % (entry.seq, entry_line(entry))
