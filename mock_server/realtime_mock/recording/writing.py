"""Writing a recording: one line for each thing that passed, scrubbed, on disk as soon as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson

from realtime_mock.recording.audio_files import AudioFiles, audio_of, without_audio
from realtime_mock.recording.entries import AUDIO_FIELDS, AudioSpan, Direction, Header, Kind
from realtime_mock.recording.scrubbing import Scrubber

AudioPlace = Literal["files", "inline", "none"]


class RecordingWriter:
    """A new recording in a folder: `recording.jsonl`, or with a number where there is one already."""

    def __init__(self, folder: Path, *, upstream: str, tool: str, started: float, audio: AudioPlace = "files") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._file = _new_file(folder)
        self.scrubber = Scrubber()
        self._audio = audio
        self._audio_files: dict[str, AudioFiles] = {}
        self._seq = 0
        date = datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._write(Header(tool, upstream, date, audio).as_json())

    def record(
        self,
        kind: Kind,
        data: Mapping[str, Any],
        *,
        at: float,
        after: float,
        session: str = "",
        direction: Direction | None = None,
    ) -> None:
        """Write one line. `at` is Unix seconds, `after` the seconds since the recording began."""
        span = None
        if kind == "message":
            data, span = self._take_audio(data, session, direction or "sent")
        self._seq += 1
        self._write(
            {
                "seq": self._seq,
                "at": round(at, 6),
                "after": round(after, 6),
                **({"session": session} if session else {}),
                "kind": kind,
                **({"direction": direction} if direction else {}),
                "data": self._scrubbed(data),
                **({"audio": span.as_json()} if span else {}),
            }
        )
        if kind == "close" and session in self._audio_files:
            self._audio_files.pop(session).close()

    def close(self) -> None:
        """Complete the files."""
        for files in self._audio_files.values():
            files.close()
        self._audio_files.clear()
        self._file.close()

    def _take_audio(
        self, event: Mapping[str, Any], session: str, direction: Direction
    ) -> tuple[Mapping[str, Any], AudioSpan | None]:
        if self._audio == "inline":
            return event, None
        if self._audio == "none":
            audio = audio_of(event)
            return (event, None) if audio is None else (without_audio(event), AudioSpan(len(audio)))
        if session not in self._audio_files:
            self._audio_files[session] = AudioFiles(self.path.parent, f"{self.path.stem}-{session}")
        return self._audio_files[session].take(event, direction)

    def _scrubbed(self, data: Mapping[str, Any]) -> object:
        """Base64 holds no key, and is long."""
        key = AUDIO_FIELDS.get(str(data.get("type")))
        if key is None or key not in data:
            return self.scrubber.value(data)
        rest = self.scrubber.value({name: value for name, value in data.items() if name != key})
        return {**{name: rest.get(name) for name in data}, key: data[key]}

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()


def _new_file(folder: Path) -> tuple[Path, BinaryIO]:
    """A file of this recording's own: what is there already is never written over."""
    number = 1
    while True:
        path = folder / ("recording.jsonl" if number == 1 else f"recording-{number}.jsonl")
        try:
            return path, path.open("xb")
        except FileExistsError:
            number += 1
