"""The ears of a mock: one for each list of phrases, taught once, and asked beside the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock

from realtime_mock.core.effects import Listen
from realtime_mock.core.hearing import Heard
from realtime_mock.core.speech import Voice
from realtime_mock.hearing.ear import Ear
from realtime_mock.hearing.teaching import teach, warnings
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.phrase import Phrase

logger = logging.getLogger(__name__)

MOST_EARS = 16
"""Ears that are kept; the one that was asked least recently goes first."""

Tell = Callable[[Callable[[], Heard]], None]


class Ears:
    """Finds out what utterances say, for all sessions of a mock.

    Args:
        voice: says the phrases.
        beside_loop: whether it works in a thread of its own, for a loop in real time. On a virtual clock it answers
            at once: no time must pass meanwhile.
    """

    def __init__(self, voice: Voice, *, beside_loop: bool = True) -> None:
        self._voice = voice
        self._beside_loop = beside_loop
        self._worker: ThreadPoolExecutor | None = None
        self._known: OrderedDict[tuple[Phrase, ...], Ear] = OrderedDict()
        self._lock = Lock()

    def prepare(self, scenario: Scenario | None) -> None:
        """Teach what the scenario listens for, without waiting for it."""
        if scenario is not None and scenario.known_phrases:
            self._thread().submit(self._learn, scenario)

    async def taught(self, scenario: Scenario) -> None:
        """Teach what the scenario listens for, and wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._thread(), self._ear, scenario.known_phrases)

    def listening_for(self, scenario: Scenario) -> Callable[[Listen, Tell], None] | None:
        """What finds out what is said to a session of this scenario; None where it listens for nothing."""
        phrases = scenario.known_phrases
        return partial(self._listen, phrases) if phrases or scenario.beacon else None

    def close(self) -> None:
        """Find out nothing more."""
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)

    def _listen(self, phrases: tuple[Phrase, ...], utterance: Listen, tell: Tell) -> None:
        hear = partial(self._hear, phrases, utterance)
        if not self._beside_loop:
            tell(hear)
            return
        future = asyncio.get_running_loop().run_in_executor(self._thread(), hear)
        future.add_done_callback(lambda done: None if done.cancelled() else tell(done.result))

    def _hear(self, phrases: tuple[Phrase, ...], utterance: Listen) -> Heard:
        return self._ear(phrases).hear(utterance.pcm, utterance.lost)

    def _learn(self, scenario: Scenario) -> None:
        """Teach, and warn of what may be confused, the first time."""
        phrases = scenario.known_phrases
        with self._lock:
            is_new = phrases not in self._known
        ear = self._ear(phrases)
        for warning in warnings(ear) if is_new else ():
            logger.warning("scenario '%s': %s", scenario.name, warning)

    def _ear(self, phrases: tuple[Phrase, ...]) -> Ear:
        with self._lock:
            ear = self._known.get(phrases)
            if ear is None:
                ear = self._known[phrases] = teach(phrases, self._voice)
                while len(self._known) > MOST_EARS:
                    self._known.popitem(last=False)
            self._known.move_to_end(phrases)
        return ear

    def _thread(self) -> ThreadPoolExecutor:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hearing")
        return self._worker
