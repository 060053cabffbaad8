"""Ids up to renaming: the mock has its own, and each stands for one recorded id."""

from __future__ import annotations

from typing import Any

from realtime_mock.replay.claims import IDS
from realtime_mock.replay.recording import Recording, text_at


class Renaming:
    """Which recorded id is which id of the mock: one to one."""

    def __init__(self, recording: Recording) -> None:
        self._to_mock: dict[str, str] = {}
        self._to_recorded: dict[str, str] = {}
        for frame in recording.sent:
            chosen = text_at(frame.event, "item.id")
            if chosen is not None:
                self.pair(chosen, chosen)

    def pair(self, recorded: str, sent: str) -> bool:
        """Whether these two can be the same; from now on they are."""
        known = self._to_mock.setdefault(recorded, sent)
        return known == sent and self._to_recorded.setdefault(sent, recorded) == recorded

    def of(self, recorded: str) -> str:
        """The mock's id for a recorded one; an id that was never seen stays as it is."""
        return self._to_mock.get(recorded, recorded)

    def translated(self, value: Any) -> Any:
        """What the client sent, with the mock's ids in it."""
        match value:
            case dict():
                return {
                    key: self.of(inner) if key in IDS and isinstance(inner, str) else self.translated(inner)
                    for key, inner in value.items()
                }
            case list():
                return [self.translated(inner) for inner in value]
            case _:
                return value
