"""A call's speaker on the virtual clock: it plays nothing, in the time that playing would take."""

from __future__ import annotations

from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    PlayAudio,
    PlayoutCleared,
    PlayoutReport,
    PlayoutStarted,
    PlayoutStopped,
)

LATENCY = 0.1
"""Seconds from the order to play to the first packet."""


class VirtualSpeaker:
    """Turns orders to play into reports, each due at its time."""

    def __init__(self) -> None:
        self._reports: list[tuple[float, PlayoutReport]] = []
        self._playing: dict[str, tuple[float, float]] = {}

    def next_due(self) -> float | None:
        """When the next report is due, or None."""
        return self._reports[0][0] if self._reports else None

    def take_report(self) -> PlayoutReport:
        """The report that is due next."""
        return self._reports.pop(0)[1]

    def perform(self, effect: Effect, now: float) -> None:
        """Obey one effect; those that concern no audio change nothing."""
        match effect:
            case PlayAudio(response_id, speech) if response_id in self._playing:
                start, end = self._playing[response_id]
                self._playing[response_id] = (start, end + speech.duration)
            case PlayAudio(response_id, speech):
                start = max(now + LATENCY, *(end for _, end in self._playing.values()), 0.0)
                self._playing[response_id] = (start, start + speech.duration)
                self._report(start, PlayoutStarted(response_id))
            case EndAudio(response_id) if response_id in self._playing:
                self._report(max(self._playing[response_id][1], now), PlayoutStopped(response_id))
            case ClearAudio(response_id) if response_id in self._playing:
                self._clear(response_id, now)
            case _:
                pass

    def _clear(self, response_id: str, now: float) -> None:
        start, end = self._playing.pop(response_id)
        self._reports = [entry for entry in self._reports if entry[1].response_id != response_id]
        played = max(min(now, end) - start, 0.0)
        self._report(now, PlayoutCleared(response_id, int(played * 1000)))

    def _report(self, due: float, report: PlayoutReport) -> None:
        self._reports.append((due, report))
        self._reports.sort(key=lambda entry: entry[0])
