"""A phrase that a scenario listens for, and how rules and scenarios give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.scenario.recording import Recording

USER_VOICE = "echo"
"""The voice in which whoever calls the mock speaks, where nothing else is said."""

ANY, UNKNOWN = "any", "unknown"
"""What a rule can wait for besides phrases: any known one, or speech that is none."""

NO_PHRASES = (ANY, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words, and how they sound: in the mock's voice of this name and speed, or as they were recorded.

    A phrase is known by its sound, not by its words: another voice says another phrase.
    """

    says: str
    recording: Recording | None = None
    voice: str = USER_VOICE
    speed: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether its words are all that there is to say of it."""
        return self == Phrase(self.says)


def phrases_of(given: Iterable[Phrase | str] | Phrase | str) -> Iterator[Phrase]:
    """The phrases in what stands under `heard` or `phrases`; the words that are none are left out."""
    match given:
        case Phrase():
            yield given
        case str():
            if given not in NO_PHRASES:
                yield Phrase(given)
        case _:
            for each in given:
                yield Phrase(each) if isinstance(each, str) else each


def with_plain_phrases(on: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same `on`, in which phrases that are nothing but words are just their words."""
    match on.get("heard"):
        case Phrase() as phrase if phrase.is_plain and phrase.says not in NO_PHRASES:
            return {**on, "heard": phrase.says}
        case list() | tuple() as listed:
            return {**on, "heard": [_plain(each) for each in listed]}
        case _:
            return on


def _plain(given: object) -> object:
    return given.says if isinstance(given, Phrase) and given.is_plain else given
