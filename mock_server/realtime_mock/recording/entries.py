"""What a recording holds, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

VERSION = 1
"""Of the layout of recordings. A reader refuses a higher one."""

Kind = Literal["open", "message", "text", "binary", "close", "http", "note"]
Direction = Literal["sent", "received"]
"""The client's view: what it sent, what it received."""

AUDIO_FIELDS: Mapping[str, str] = {
    "input_audio_buffer.append": "audio",
    "response.output_audio.delta": "delta",
    "response.audio.delta": "delta",
}
"""The field of an event that holds audio in base64, of both dialects."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: where a recording comes from.

    `upstream` is the server's scheme and host; `audio` says whether audio stands in `files`, is `inline`, or was
    left out (`none`).
    """

    tool: str
    upstream: str
    date: str
    audio: str = "files"
    version: int = VERSION

    def as_json(self) -> dict[str, object]:
        """The line, as a value."""
        return {
            "kind": "recording",
            "version": self.version,
            "tool": self.tool,
            "date": self.date,
            "upstream": self.upstream,
            "audio": self.audio,
        }


@dataclass(frozen=True, slots=True)
class AudioSpan:
    """The audio of one event: so many `bytes` from `start` on of the samples in a WAV file beside the recording.

    `file` is None where the audio was left out.
    """

    bytes: int
    file: str | None = None
    start: int = 0

    def as_json(self) -> dict[str, object]:
        """What stands in the line of the event."""
        return (
            {"bytes": self.bytes}
            if self.file is None
            else {"file": self.file, "start": self.start, "bytes": self.bytes}
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that passed.

    `at` is Unix seconds, `after` the seconds since the recording began, both None where the source has no times.
    `session` names the connection that it belongs to, empty for an HTTP exchange. `place` is where it stands in its
    source, such as `line 12`. `data` is the event of a message; `code` and `reason` of a close; path, headers and
    subprotocols of an opening; both halves of an HTTP exchange. `audio` tells of audio that `data` does not hold.
    `error` and `channel` are there in a journal only: what an event was refused with, and how it travelled.
    """

    place: str
    kind: Kind
    data: Mapping[str, Any]
    session: str = ""
    direction: Direction | None = None
    at: float | None = None
    after: float | None = None
    audio: AudioSpan | None = None
    error: Mapping[str, Any] | None = None
    channel: str = ""

    @property
    def type(self) -> str:
        """The type of a message's event; empty for anything else."""
        kind = self.data.get("type") if self.kind == "message" else None
        return kind if isinstance(kind, str) else ""
