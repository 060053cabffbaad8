"""What is heard of the words of an utterance, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Span = tuple[int, int]
"""Samples at 24 kHz from one place to another, the second not included."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of an utterance, as far as they are known.

    `says` is the phrase that was heard, None where it was none of those that are known. `guess` is the nearest phrase
    in either case. `whole` is how alike the utterance and that phrase are, and `worst` how alike they are where they
    are least so, both 0 to 1. `start_ms` and `end_ms` tell where in the utterance it was. `via` tells how: by the
    sound of speech, or by the tones of a beacon.
    """

    says: str | None = None
    guess: str | None = None
    whole: float = 0.0
    worst: float = 0.0
    start_ms: int = 0
    end_ms: int = 0
    via: Literal["ear", "beacon"] = "ear"

    def __str__(self) -> str:
        scores = f"(whole {self.whole:.2f}, worst part {self.worst:.2f})"
        if self.says is not None:
            return f'heard "{self.says}" {scores}'
        nearest = "it is like none" if self.guess is None else f'nearest is "{self.guess}" {scores}'
        return f"heard no known phrase, {nearest}"

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Heard:
        """What `as_json`, or an entry of the journal, tells."""
        return cls(**{each.name: told[each.name] for each in fields(cls) if each.name in told})

    def as_json(self) -> dict[str, Any]:
        """For the journal and for conditions: `says` is missing where nothing known was heard."""
        told: dict[str, Any] = {} if self.says is None else {"says": self.says}
        scores = {"guess": self.guess, "whole": self.whole, "worst": self.worst}
        return {**told, **scores, "start_ms": self.start_ms, "end_ms": self.end_ms, "via": self.via}


NOTHING = Heard()
"""What is heard where nobody listened, or where there was nothing to hear."""
