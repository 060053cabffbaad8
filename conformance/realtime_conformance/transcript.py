"""What passed between the suite and its subject in one case, in order: checks of a stream judge it, reports show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Event = dict[str, Any]
Direction = Literal["sent", "received"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that passed.

    `at` is in seconds on the subject's clock. `channel` names the connection. `data` is the
    event, or the text of a message that is none, or what was asked over HTTP and how it was answered. `is_wrong` marks
    what the suite sent wrong on purpose.
    """

    at: float
    channel: str
    direction: Direction
    data: object
    is_wrong: bool = False


@dataclass(slots=True)
class Transcript:
    """Grows while a case runs."""

    passages: list[Passage] = field(default_factory=list)

    def note(self, passage: Passage) -> None:
        """Write down the newest passage."""
        self.passages.append(passage)

    @property
    def newest(self) -> int:
        """The number of the newest passage, -1 before the first."""
        return len(self.passages) - 1

    def from_start(self) -> tuple[Passage, ...]:
        """What passed, in seconds since the first thing that has a time (HTTP before a connection has none)."""
        start = min((passage.at for passage in self.passages if passage.at), default=0.0)
        return tuple(replace(passage, at=max(passage.at - start, 0.0)) for passage in self.passages)

    def streams(self) -> Iterator[tuple[str, list[tuple[int, Event]]]]:
        """The events that the subject sent, by channel, each with the number of its passage."""
        by_channel: dict[str, list[tuple[int, Event]]] = {}
        for number, passage in enumerate(self.passages):
            if passage.direction == "received" and isinstance(passage.data, dict) and "type" in passage.data:
                by_channel.setdefault(passage.channel, []).append((number, passage.data))
        yield from by_channel.items()
