"""The layout of a recording: what is read, and what is refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from realtime_mock.recording.reading import NotALog, read_log
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.recording import Event, Frame, Recording
from realtime_mock.replay.shapes import shape_fault

DIRECTIONS = ("sent", "received")
"""The client's view: what it sent, what it received."""


class NotARecording(Exception):
    """What is given is no recording that can be replayed. The message names it and says why."""


def parse_recording(
    text: str, name: str, *, registry: SchemaRegistry, session: str | None = None, folder: Path | None = None
) -> Recording:
    """Read a recording.

    Args:
        text: a JSON list of messages, or the lines of a recording of our own.
        name: what messages call it, such as the file's name.
        registry: knows the events of the API.
        session: the connection to take, where lines hold several.
        folder: where the audio of a recording of our own stands.

    Raises:
        NotARecording: the text has another layout, or is no session of this API.
    """
    layout = _Layout(name, registry)
    try:
        entries = json.loads(text)
    except ValueError as error:
        if not text.lstrip().startswith("{"):
            layout.refuse(f"this is not JSON: {error}; a recording is a JSON list or JSON Lines")
        return layout.connection(text, session, folder)
    return layout.recording(entries)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Checks one document and names what it is instead."""

    name: str
    registry: SchemaRegistry

    def refuse(self, why: str) -> NoReturn:
        """Say why this cannot be replayed."""
        raise NotARecording(f"{self.name}: {why}") from None

    def recording(self, entries: object) -> Recording:
        """The recording that a JSON document holds."""
        if not isinstance(entries, list):
            self.refuse(self._other_document(entries))
        if not entries:
            self.refuse("the list is empty; a recording has one {kind, direction, data} for each message")
        return self._checked(tuple(self._frame(number, entry) for number, entry in enumerate(entries)))

    def connection(self, text: str, session: str | None, folder: Path | None) -> Recording:
        """The recording of one connection, from JSON Lines."""
        try:
            log = read_log(text, self.name, folder=folder)
            messages = [entry for entry in log.of(log.chosen(session)) if entry.kind == "message"]
        except NotALog as error:
            raise NotARecording(str(error)) from None
        given = [{"kind": "message", "direction": entry.direction, "data": entry.data} for entry in messages]
        frames = (self._frame(number, entry) for number, entry in enumerate(given))
        return self._checked(
            tuple(replace(frame, at=entry.after) for frame, entry in zip(frames, messages, strict=True))
        )

    def _checked(self, frames: tuple[Frame, ...]) -> Recording:
        recording = Recording(self.name, frames)
        self._check_api(recording)
        self._check_shapes(recording)
        return recording

    def _other_document(self, document: object) -> str:
        if isinstance(document, dict) and isinstance(document.get("frames"), list):
            return "this is a document of key frames: events between them are left out, so nothing can be compared"
        if isinstance(document, dict) and isinstance(document.get("interactions"), list):
            return "this is a cassette; save its `interactions` alone, as a JSON list"
        return f"a recording is a JSON list, and this is {_kind_of(document)}"

    def _frame(self, number: int, entry: object) -> Frame:
        if not isinstance(entry, dict):
            self.refuse(f"entry {number} is {_kind_of(entry)}, not an object with kind, direction and data")
        if not {"kind", "direction", "data"} <= entry.keys():
            self.refuse(self._other_entry(number, entry))
        if entry["kind"] != "message":
            self.refuse(f"entry {number} is of kind {entry['kind']!r}; only messages can be replayed")
        if entry["direction"] not in DIRECTIONS:
            self.refuse(f"entry {number} has the direction {entry['direction']!r}; known are 'sent' and 'received'")
        event = entry["data"]
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            self.refuse(f"the data of entry {number} is no event: it has no `type`")
        return Frame(number, entry["direction"] == "sent", event)

    def _other_entry(self, number: int, entry: Event) -> str:
        if isinstance(entry.get("type"), str):
            return _event_list(entry)
        missing = [key for key in ("kind", "direction", "data") if key not in entry]
        return f"entry {number} has no {' and no '.join(missing)}"

    def _check_api(self, recording: Recording) -> None:
        """Refuse what is recorded from another API, as its first messages tell."""
        for frames, known in (
            (recording.received, self.registry.server_types),
            (recording.sent, self.registry.client_types),
        ):
            if frames and frames[0].type not in known:
                self.refuse(f"entry {frames[0].number} is {frames[0].type!r}, which is no event of the Realtime API")
        if not recording.received:
            self.refuse("the recording holds nothing that a server sent")
        if any(_is_beta(frame.event.get("session")) for frame in recording.received):
            self.refuse("this session speaks the beta dialect; recordings of the GA dialect can be replayed")

    def _check_shapes(self, recording: Recording) -> None:
        for frame in recording.received:
            if frame.type not in self.registry.server_types:
                continue
            fault = shape_fault(frame.event)
            if fault is not None:
                self.refuse(f"entry {frame.number} cannot be followed: {fault}")


def _event_list(first: Event) -> str:
    """What a bare list of events is."""
    dialect = "the beta dialect" if _is_beta(first.get("session")) else "the GA dialect"
    return (
        f"this is a list of events in {dialect} without kind and direction: "
        "it does not tell what the client sent, so it cannot be replayed"
    )


def _is_beta(session: object) -> bool:
    return isinstance(session, dict) and ("modalities" in session or "input_audio_format" in session)


def _kind_of(value: object) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a string"
        case None:
            return "null"
        case bool():
            return "a boolean"
        case _:
            return "a number"
