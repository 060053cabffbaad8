"""What can happen to one event on its way, whichever side sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from realtime_mock.faults.model import Kind

REORDER_WITHIN = 1.0
"""Seconds after which an event that waits for others to pass goes on without them."""


class EventChange(Kind):
    """What happens to an event."""

    __slots__ = ()

    of_sessions: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Drop(EventChange):
    """It does not arrive."""

    word: ClassVar[str] = "drop"


@dataclass(frozen=True, slots=True)
class Delay(EventChange):
    """It arrives between `least` and `most` seconds later, by the seed; what follows it may pass."""

    word: ClassVar[str] = "delay"
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Duplicate(EventChange):
    """It arrives `times` times."""

    word: ClassVar[str] = "duplicate"
    times: int = 2


@dataclass(frozen=True, slots=True)
class Reorder(EventChange):
    """The next `passes` events arrive before it; where fewer follow within `within` seconds, it waits no longer."""

    word: ClassVar[str] = "reorder"
    passes: int = 1
    within: float = REORDER_WITHIN


@dataclass(frozen=True, slots=True)
class UnknownType(EventChange):
    """It has a type that nobody knows: `type`, or its own with `.unknown` behind it where that is None."""

    word: ClassVar[str] = "unknown_type"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ExtraKeys(EventChange):
    """It has these keys as well; a mapping is merged with the one that is there."""

    word: ClassVar[str] = "extra_keys"
    keys: Mapping[str, Any] = field(default_factory=lambda: {"unexpected": True})


@dataclass(frozen=True, slots=True)
class MissingKeys(EventChange):
    """It lacks these keys, given as paths (`delta`, `response.output.0.id`).

    Without any it lacks one that the seed picks: any but `type`.
    """

    word: ClassVar[str] = "missing_keys"
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NullIds(EventChange):
    """Its ids are null: those under `keys` at any depth, or all of them where none are named."""

    word: ClassVar[str] = "null_ids"
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrongIds(EventChange):
    """Its ids are of the right shape and belong to nothing; `keys` as with `NullIds`."""

    word: ClassVar[str] = "wrong_ids"
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Malformed(EventChange):
    """It is no JSON: cut in the middle, or `text` in its place."""

    word: ClassVar[str] = "malformed"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Oversize(EventChange):
    """It is `size_bytes` long, by a key `padding` with text."""

    word: ClassVar[str] = "oversize"
    size_bytes: int


EventKind = (
    Drop
    | Delay
    | Duplicate
    | Reorder
    | UnknownType
    | ExtraKeys
    | MissingKeys
    | NullIds
    | WrongIds
    | Malformed
    | Oversize
)
