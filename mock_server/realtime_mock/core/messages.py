"""The messages of a turn: each `say` with the silence around it.

Silence is part of what is heard, so it lies in the audio of a message: behind the `say` that it follows, else before
the next one, else alone in a message of its own, whose transcript is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from realtime_mock.core.limits import fitting_text
from realtime_mock.core.speech import Speech
from realtime_mock.core.usage import speech_tokens, text_tokens
from realtime_mock.scenario.model import Say, Silence, Step

_SECONDS_PER_TOKEN = 0.05
"""Silence costs what speech costs: an audio token of the assistant for 50 ms (documented)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what is said, the seconds of silence `before` and `behind` it, and the steps that come later."""

    say: Say
    before: float = 0.0
    behind: float = 0.0
    later: tuple[Step, ...] = ()

    @property
    def after(self) -> float:
        """The delay of what is said."""
        return self.say.after

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing but silence."""
        return not self.say.text and self.say.audio is None


def with_messages(steps: Sequence[Step]) -> Iterator[Step | Message]:
    """The steps of a turn, every `say` and `silence` as a part of a message."""
    at = 0
    while at < len(steps):
        step = steps[at]
        if not isinstance(step, Say | Silence):
            yield step
            at += 1
            continue
        before, at = _silence(steps, at)
        said = steps[at] if at < len(steps) else None
        if not isinstance(said, Say):
            yield Message(Say(""), before=before, later=tuple(steps[at:]))
            continue
        behind, at = _silence(steps, at + 1)
        yield Message(said, before, behind, tuple(steps[at:]))


def fitting(message: Message, speech: Speech, *, tokens_left: float) -> tuple[str, Speech]:
    """As much of a message as so many tokens pay for: its text, and its audio with the silence. `speech` is the text's.

    What does not fit is cut off, so nothing is behind a silence or a text that is not whole.
    """
    text = message.say.text
    before = min(message.before, max(tokens_left, 0) * _SECONDS_PER_TOKEN)
    left = tokens_left - ceil(before / _SECONDS_PER_TOKEN)
    kept = fitting_text(text, tokens_left=left, speech_ms=speech.duration * 1000)
    if kept != text:
        return kept, speech.beginning(len(kept) / len(text)).between(before=before, behind=0.0)
    left -= text_tokens(text) + speech_tokens(speech.duration * 1000, by_assistant=True)
    return kept, speech.between(before=before, behind=min(message.behind, max(left, 0) * _SECONDS_PER_TOKEN))


def _silence(steps: Sequence[Step], at: int) -> tuple[float, int]:
    """The seconds of the silences that stand at a place, and the place behind them."""
    seconds = 0.0
    while at < len(steps) and isinstance(step := steps[at], Silence):
        seconds += step.seconds
        at += 1
    return seconds, at
