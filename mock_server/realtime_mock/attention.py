"""What a client sends while the mock finds out what it said: it waits, and is taken behind the words, in its order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from realtime_mock.core.effects import Listen
from realtime_mock.core.hearing import NOTHING, Heard
from realtime_mock.ports import Ears

Words = Callable[[], Heard]
"""Gives what was heard, or raises what went wrong."""


class Attention:
    """One utterance at a time, and the inputs held back for it.

    Args:
        ears: find out what utterances say; None where nobody listens.
        understood: takes what they found, also when it comes after `let_go`.
    """

    def __init__(self, ears: Ears | None, *, understood: Callable[[Listen, Words], None]) -> None:
        self._ears = ears
        self._understood = understood
        self._utterance: Listen | None = None
        self._held: deque[Callable[[], object]] = deque()

    def listen(self, utterance: Listen) -> None:
        """Find out what it says."""
        self._utterance = utterance
        if self._ears is None:
            self._told(utterance, lambda: NOTHING)
            return
        try:
            self._ears(utterance, partial(self._told, utterance))
        except BaseException:
            # Nobody will tell: nothing may wait for it.
            self._utterance = None
            raise

    def holds(self, take: Callable[[], object]) -> bool:
        """Whether an input has to wait; `take` is called when its time has come."""
        if self._utterance is None:
            return False
        self._held.append(take)
        return True

    def let_go(self) -> None:
        """Take everything that waits, without the words."""
        self._utterance = None
        while self._held:
            self._held.popleft()()
            # What was held may let the session listen again; nobody waits for that any more.
            self._utterance = None

    def _told(self, utterance: Listen, words: Words) -> None:
        is_awaited = self._utterance is utterance
        self._understood(utterance, words)
        if not is_awaited:
            return
        self._utterance = None if self._utterance is utterance else self._utterance
        while self._held and self._utterance is None:
            self._held.popleft()()
