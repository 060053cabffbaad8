"""What passes, on its way to the disk: noted on the event loop, written by a thread, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from realtime_mock.recording.entries import Direction, Kind
from realtime_mock.recording.writing import RecordingWriter

_LONGEST_QUEUE = 256
_LARGE = 2**20
"""Bytes of a message that is waited for, so that a few large ones do not fill the memory."""


@dataclass(frozen=True, slots=True)
class _Note:
    """One line to be. A `body` that is text or bytes is read when it is written."""

    kind: Kind
    body: Mapping[str, Any] | bytes | str
    at: float
    after: float
    session: str
    direction: Direction | None


class Tape:
    """Takes notes and has them written. A disk that fails ends the recording, not the connections."""

    def __init__(self, writer: RecordingWriter, *, failed: Callable[[OSError], None]) -> None:
        self.writer = writer
        self._failed = failed
        self._started = time.monotonic()
        self._notes: asyncio.Queue[_Note] = asyncio.Queue(_LONGEST_QUEUE)
        self._task = asyncio.create_task(self._write_all())
        self.has_failed = False

    async def note(
        self,
        kind: Kind,
        body: Mapping[str, Any] | bytes | str,
        *,
        session: str = "",
        direction: Direction | None = None,
    ) -> None:
        """Note something that passes now. It waits while the disk is behind."""
        after = time.monotonic() - self._started
        await self._notes.put(_Note(kind, body, time.time(), after, session, direction))
        if isinstance(body, bytes | str) and len(body) > _LARGE:
            await self._notes.join()

    async def close(self) -> None:
        """Write what is left, and complete the files."""
        await self._notes.join()
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self.has_failed:
            await asyncio.to_thread(self.writer.close)

    async def _write_all(self) -> None:
        while True:
            notes = [await self._notes.get()]
            while not self._notes.empty():
                notes.append(self._notes.get_nowait())
            try:
                if not self.has_failed:
                    await asyncio.to_thread(self._write, notes)
            except OSError as error:
                self.has_failed = True
                self._failed(error)
            finally:
                for _ in notes:
                    self._notes.task_done()

    def _write(self, notes: list[_Note]) -> None:
        for note in notes:
            kind, data = _read(note)
            self.writer.record(kind, data, at=note.at, after=note.after, session=note.session, direction=note.direction)


def _read(note: _Note) -> tuple[Kind, Mapping[str, Any]]:
    """A message that is no JSON object is kept as the text or the bytes that it is."""
    if isinstance(note.body, Mapping):
        return note.kind, note.body
    if note.kind == "binary":
        return "binary", {"bytes": len(note.body)}
    try:
        value = orjson.loads(note.body)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        return "message", value
    text = note.body if isinstance(note.body, str) else note.body.decode(errors="replace")
    return "text", {"text": text}
