"""Compares what the mock sends with what was recorded, by the rule of the package."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_mock.replay.claims import Id, claims
from realtime_mock.replay.progress import Progress, is_main
from realtime_mock.replay.recording import Event, Frame, Recording, at
from realtime_mock.replay.renaming import Renaming
from realtime_mock.replay.streams import ABSENT, Streams, stream_differences


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing in which mock and recording differ.

    `frame` is the recorded message, None where a side stream differs as a whole; `path` names the field in it.
    """

    frame: Frame | None
    path: str
    recorded: object
    sent: object


class Comparison:
    """Takes the mock's events one by one; `difference` is the first thing found."""

    def __init__(self, recording: Recording) -> None:
        self.renaming = Renaming(recording)
        self.progress = Progress()
        self.difference: Difference | None = None
        self._main = [frame for frame in recording.received if is_main(frame.event)]
        self._recorded = Streams()
        self._sent = Streams()
        self._goal = Progress()
        for frame in recording.received:
            self._goal = self._goal.behind(frame.event)
            if not is_main(frame.event):
                self._recorded.add(frame.event)
        # What the service does behind a response that fails or is cancelled is not known well enough.
        del self._recorded.limits[_completed_responses(recording) :]

    def receive(self, event: Event) -> None:
        """Compare the next event of the mock."""
        if not is_main(event):
            self._sent.add(event)
        elif self.difference is None and self.progress.events < len(self._main):
            self.difference = self._compared(self._main[self.progress.events], event)
        self.progress = self.progress.behind(event)

    def lacks_something(self) -> bool:
        """Whether the mock has not sent all that is recorded."""
        return not self.progress.has_reached(self._goal) or self._stream_difference() is not None

    def finish(self) -> Difference | None:
        """The first difference, once the mock has nothing more to send."""
        if self.difference is not None:
            return self.difference
        if self.progress.events < len(self._main):
            frame = self._main[self.progress.events]
            return Difference(frame, "type", frame.type, ABSENT)
        return self._stream_difference()

    def _compared(self, frame: Frame, event: Event) -> Difference | None:
        if frame.type != event["type"]:
            return Difference(frame, "type", frame.type, event["type"])
        recorded, sent = claims(frame.event), claims(event)
        for path in {**recorded, **sent}:
            difference = self._compared_field(frame, path, recorded.get(path, ABSENT), sent.get(path, ABSENT))
            if difference is not None:
                return difference
        return None

    def _compared_field(self, frame: Frame, path: str, recorded: object, sent: object) -> Difference | None:
        match recorded, sent:
            case Id(theirs), Id(ours):
                if self.renaming.pair(theirs, ours):
                    return None
                return Difference(frame, path, f"{theirs} ({self.renaming.of(theirs)} in the mock)", ours)
            case _:
                return None if recorded == sent else Difference(frame, path, recorded, sent)

    def _stream_difference(self) -> Difference | None:
        found = next(stream_differences(self._recorded, self._sent, self.renaming), None)
        return None if found is None else Difference(None, *found)


def _completed_responses(recording: Recording) -> int:
    statuses = [at(frame.event, "response.status") for frame in recording.received if frame.type == "response.done"]
    return statuses.count("completed")
