"""Reading what passed: recordings of this project, lists of messages, and the mock's own journal.

All three become the same entries. What is none of them is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from realtime_mock.recording.audio_files import with_audio
from realtime_mock.recording.entries import VERSION, AudioSpan, Direction, Entry, Header, Kind

_KINDS: Mapping[str, Kind] = {
    "open": "open",
    "message": "message",
    "text": "text",
    "binary": "binary",
    "close": "close",
    "http": "http",
    "note": "note",
}
_DIRECTIONS: Mapping[str, Direction] = {"sent": "sent", "received": "received", "in": "sent", "out": "received"}


class NotALog(Exception):
    """What is given is none of what is read here. The message names it and says why."""


@dataclass(frozen=True, slots=True)
class Log:
    """What passed, in order. `header` is that of a recording of this project, None of anything else."""

    name: str
    entries: tuple[Entry, ...]
    header: Header | None = None

    @property
    def sessions(self) -> tuple[str, ...]:
        """The names of the connections that carried messages, in the order of their beginnings."""
        return tuple(dict.fromkeys(entry.session for entry in self.entries if entry.kind == "message"))

    def of(self, session: str) -> tuple[Entry, ...]:
        """The entries of one connection."""
        return tuple(entry for entry in self.entries if entry.session == session)

    def chosen(self, session: str | None) -> str:
        """The connection of this name, or the only one that there is.

        Raises:
            NotALog: There is no such connection, or several and none is named.
        """
        names = ", ".join(self.sessions)
        if session is None and len(self.sessions) != 1:
            what = f"several connections: {names}; choose one with --session" if names else "no messages"
            raise NotALog(f"{self.name}: there are {what}")
        if session is not None and session not in self.sessions:
            raise NotALog(f"{self.name}: there is no connection '{session}'; there are: {names or 'none'}")
        return session or self.sessions[0]


def read_log(text: str, name: str, *, folder: Path | None = None) -> Log:
    """Read a recording, a list of messages or a journal.

    Args:
        text: what the file holds.
        name: what messages call it.
        folder: where the audio of a recording stands; without it, events stay without their audio.

    Raises:
        NotALog: it is none of these.
    """
    start = text.lstrip()
    if not start:
        raise NotALog(f"{name}: the file is empty")
    source = _Source(name, folder)
    return source.message_list(text) if start.startswith("[") else source.lines(text)


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    folder: Path | None

    def refuse(self, why: str) -> NoReturn:
        raise NotALog(f"{self.name}: {why}") from None

    def message_list(self, text: str) -> Log:
        """A JSON list of `{kind, direction, data}`."""
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            self.refuse(f"this is not JSON: {error}; a recording is a JSON list or JSON Lines")
        if not given:
            self.refuse("the list is empty; a recording has one {kind, direction, data} for each message")
        first = given[0]
        if isinstance(first, dict) and isinstance(first.get("type"), str) and "data" not in first:
            return Log(self.name, tuple(self._bare_events(given)))
        return Log(self.name, tuple(self._message(number, value) for number, value in enumerate(given)))

    def lines(self, text: str) -> Log:
        """JSON Lines: a recording of this project, or a journal."""
        rows = [("line 1", alone)] if (alone := _only_object(text)) else list(self._rows(text))
        if not rows:
            self.refuse("no line of it is JSON")
        first = rows[0][1]
        if first.get("kind") == "recording":
            return Log(self.name, tuple(self._recorded(place, row) for place, row in rows[1:]), self._header(first))
        if first.get("kind") == "journal":
            self._check_version(first)
            rows.pop(0)
            first = rows[0][1] if rows else {}
        elif "seq" not in first or "channel" not in first:
            self.refuse(_what_else(first))
        began = _number(first.get("mono"))
        return Log(self.name, tuple(_without_repetitions(_journaled(place, row, began) for place, row in rows)))

    def _rows(self, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each line as an object. The last one may have been cut off when its writer was killed."""
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == len(lines) and number > 1:
                    return
                self.refuse(f"line {number} is not JSON: {error}; a recording is a JSON list or JSON Lines")
            if not isinstance(row, dict):
                self.refuse(f"line {number} is no object; a recording has one object in each line")
            yield f"line {number}", row

    def _check_version(self, row: Mapping[str, Any]) -> int:
        version = row.get("version")
        if not isinstance(version, int) or version > VERSION:
            what = f"this {row['kind']} has version {version}, and {VERSION} is the newest known here; update the mock"
            self.refuse(what)
        return version

    def _header(self, row: Mapping[str, Any]) -> Header:
        version = self._check_version(row)
        texts = {key: str(row.get(key, "")) for key in ("tool", "upstream", "date", "audio")}
        return Header(**texts, version=version)

    def _recorded(self, place: str, row: Mapping[str, Any]) -> Entry:
        kind, data = _KINDS.get(str(row.get("kind"))), row.get("data")
        if kind is None or not isinstance(data, dict):
            self.refuse(f"{place} has no known kind, or no data; each line of a recording has both")
        entry = Entry(
            place,
            kind,
            data,
            session=str(row.get("session", "")),
            direction=_DIRECTIONS.get(str(row.get("direction"))),
            at=_number(row.get("at")),
            after=_number(row.get("after")),
            audio=_span(row.get("audio")),
        )
        if entry.kind == "message" and entry.direction is None:
            self.refuse(f"{place} does not tell who sent its message; give 'sent' or 'received' as its direction")
        return self._with_audio(entry)

    def _with_audio(self, entry: Entry) -> Entry:
        if entry.audio is None or self.folder is None:
            return entry
        try:
            return replace(entry, data=with_audio(entry.data, entry.audio, self.folder))
        except OSError as error:
            self.refuse(f"{entry.place}: the audio in {entry.audio.file} cannot be read: {error.strerror}")

    def _message(self, number: int, value: object) -> Entry:
        place = f"entry {number}"
        if not isinstance(value, dict) or not {"kind", "direction", "data"} <= value.keys():
            self.refuse(f"{place} is no object with kind, direction and data")
        direction, data = _DIRECTIONS.get(str(value["direction"])), value["data"]
        if value["kind"] != "message" or direction is None or not isinstance(data, dict):
            self.refuse(f"{place} is no message that was sent or received, with an event as its data")
        return Entry(place, "message", data, session="1", direction=direction)

    def _bare_events(self, given: list[Any]) -> Iterator[Entry]:
        """Events without a direction are the server's: that is what clients write down."""
        for number, event in enumerate(given):
            if not isinstance(event, dict) or not isinstance(event.get("type"), str):
                self.refuse(f"entry {number} is no event: it has no `type`")
            yield Entry(f"entry {number}", "message", event, session="1", direction="received")


def _only_object(text: str) -> dict[str, Any] | None:
    """The object that the whole text is, over however many lines."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _what_else(first: Mapping[str, Any]) -> str:
    if isinstance(first.get("frames"), list):
        return "this is a document of key frames: events between them are left out"
    if isinstance(first.get("interactions"), list):
        return "this is a cassette; save its `interactions` alone, as a JSON list"
    return (
        "this is neither a recording nor a journal; a recording begins with a line of kind 'recording', "
        "or is a JSON list of kind, direction and data"
    )


_JOURNAL_KINDS: Mapping[str, Kind] = {"event": "message", "http": "http"}


def _journaled(place: str, row: Mapping[str, Any], began: float | None) -> Entry:
    """A line of the journal. What is no JSON object, and what it keeps besides messages, is a text or a note."""
    event = row.get("event")
    kind = _JOURNAL_KINDS.get(str(row.get("kind")), "note")
    if not isinstance(event, dict):
        event, kind = {"text": row.get("text", "")}, "text" if kind == "message" else "note"
    error, mono = row.get("error"), _number(row.get("mono"))
    return Entry(
        place,
        kind,
        event,
        session=str(row.get("session_id") or ""),
        direction=_DIRECTIONS.get(str(row.get("direction"))),
        at=_number(row.get("at")),
        after=None if mono is None or began is None else mono - began,
        error=error if isinstance(error, dict) else None,
        channel=str(row.get("channel") or ""),
    )


def _without_repetitions(entries: Iterator[Entry]) -> Iterator[Entry]:
    """A server event that left by several channels is journaled for each of them."""
    newest: dict[str, object] = {}
    for entry in entries:
        event_id = entry.data.get("event_id") if entry.kind == "message" and entry.direction == "received" else None
        if event_id is not None and newest.get(entry.session) == event_id:
            continue
        if event_id is not None:
            newest[entry.session] = event_id
        yield entry


def _span(value: object) -> AudioSpan | None:
    if not isinstance(value, dict) or not isinstance(value.get("bytes"), int):
        return None
    file, start = value.get("file"), value.get("start")
    # A name alone: a recording must not make its reader open files elsewhere.
    is_name = isinstance(file, str) and Path(file).name == file
    return AudioSpan(value["bytes"], file if is_name else None, start if isinstance(start, int) else 0)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
