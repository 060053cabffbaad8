"""The journal on disk: JSON Lines that are only ever appended to, each line written as soon as its entry is made.

What has been written outlives the process, however that ends; only a failure of the machine can take the newest lines
with it. The first line is the header.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from realtime_mock.journal.entry import Entry, entry_line

VERSION = 1
"""Of the layout of the lines. A newer one is not read by an older mock."""

_KIND = "journal"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)


class JournalUnwritable(OSError):
    """No journal can be written there; the text says why and what to do."""


class JournalUnreadable(ValueError):
    """A file is no journal that can be read; the text names the file and the line."""


class JournalFile:
    """A new file in a folder, named by the time at which it begins.

    A disk that fails ends the file, and nothing else: `failed` is called once, and what comes later is not written.

    Args:
        folder: made where it is missing.
        tool: who writes, for the header.
        started_at: Unix seconds.
        failed: is told why nothing more is written.

    Raises:
        JournalUnwritable: the file cannot be made.
    """

    def __init__(self, folder: Path, *, tool: str, started_at: float, failed: Callable[[OSError], None]) -> None:
        started = datetime.fromtimestamp(started_at, UTC)
        self._failed = failed
        self.error: OSError | None = None
        """Why nothing more is written."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _new_file(folder, f"{started:%Y%m%dT%H%M%SZ}")
            header = {"kind": _KIND, "version": VERSION, "tool": tool, "started_at": started_at}
            self._write_all(orjson.dumps(header, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            raise JournalUnwritable(
                f"no journal can be written in {folder}: {error.strerror}; choose a directory that this user may "
                "write to, on a disk with room"
            ) from None

    def write(self, entry: Entry) -> None:
        """Append an entry. When this returns, the line outlives the process."""
        if self.error is not None:
            return
        try:
            self._write_all(entry_line(entry))
        except OSError as error:
            self.error = error
            self._failed(error)

    def close(self) -> None:
        """Write nothing more."""
        if self.error is None:
            self.error = OSError("the journal is closed")
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write_all(self, line: bytes) -> None:
        # A full disk takes a part of a line: the rest is refused then, and the line stays the last.
        while line:
            line = line[os.write(self._file, line) :]


@dataclass(frozen=True, slots=True)
class JournalRead:
    """What a file holds. `torn` is what there is of a last line that was cut off, None where none was."""

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    torn: str | None = None


def read_journal(path: str | Path) -> JournalRead:
    """Read a journal that `serve --journal` wrote, or the export of one, which has no header.

    Raises:
        JournalUnreadable: it is none, or has a bad line that is not the last one.
        OSError: the file cannot be read.
    """
    lines = Path(path).read_bytes().split(b"\n")
    torn = lines.pop()
    rows = list(_rows(lines, path))
    header: Mapping[str, Any] = {}
    if rows and rows[0].get("kind") == _KIND:
        header = rows.pop(0)
        _check_version(header, path)
    entries = tuple(_entry(row, f"{path}:{number}") for number, row in enumerate(rows, 2 if header else 1))
    return JournalRead(header, entries, torn.decode("utf-8", "replace") if torn else None)


def _new_file(folder: Path, name: str) -> tuple[Path, int]:
    number = 1
    while True:
        path = folder / (f"{name}.jsonl" if number == 1 else f"{name}-{number}.jsonl")
        try:
            return path, os.open(path, _FLAGS, 0o644)
        except FileExistsError:
            number += 1


def _rows(lines: list[bytes], path: str | Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise JournalUnreadable(f"{path}:{number}: this line is not JSON: {error}; is it a journal?") from None
        if not isinstance(row, dict):
            raise JournalUnreadable(f"{path}:{number}: this line is no object; is it a journal?")
        yield row


def _check_version(header: Mapping[str, Any], path: str | Path) -> None:
    version = header.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise JournalUnreadable(f"{path}:1: version {version} of the journal is not known here; update the mock")


def _entry(row: Mapping[str, Any], place: str) -> Entry:
    try:
        text = row["text"] if "text" in row else orjson.dumps(row["event"]).decode()
        return Entry(
            seq=row["seq"],
            at=row["at"],
            mono=row.get("mono", 0.0),
            lane=row.get("lane", ""),
            session_id=row["session_id"],
            channel=row["channel"],
            direction=row["direction"],
            kind=row["kind"],
            text=text,
            valid=row["valid"],
            error=row["error"],
            scripted=row.get("scripted", False),
            fault=row.get("fault"),
        )
    except KeyError as missing:
        raise JournalUnreadable(f"{place}: an entry without {missing}; is it a journal?") from None
