"""What a test in an event loop asks of a mock without stopping the loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from realtime_mock.testing.expectations import Pattern, pattern_of
from realtime_mock.testing.loops import in_thread
from realtime_mock.testing.view import MockView
from realtime_mock.testing.waiting import LONGEST_LOOK, PATIENCE, Wait

if TYPE_CHECKING:
    from realtime_mock.testing.heard import HeardAudio
    from realtime_mock.testing.journal import JournalEntry, MockSession
    from realtime_mock.testing.scenarios import ScenarioSource
    from realtime_mock.testing.spoken import HeardWords, SpokenAudio


class AsyncView:
    """The methods of `MockView` that ask the mock, each to be awaited; for asyncio and trio.

    With a mock in a thread or a process of its own only `wait_for` matters, since the others take milliseconds. With
    a mock in the same loop (`async with RealtimeMock(...)`) all of them must be awaited.
    """

    def __init__(self, view: MockView) -> None:
        self._view = view

    async def wait_for(self, pattern: Pattern, *, count: int = 1, timeout: float = PATIENCE) -> JournalEntry:  # noqa: ASYNC109 - the mock keeps the time
        """The event that matches, of either side, once it has passed; as `MockView.wait_for`."""
        wait = Wait(self._view, pattern_of(pattern), count=count, timeout=timeout)
        while (found := await in_thread(wait.look, LONGEST_LOOK)) is None:
            pass
        return found

    async def scenario(self, source: ScenarioSource) -> None:
        """As `MockView.scenario`."""
        await in_thread(self._view.scenario, source)

    async def fault(self, fault: Mapping[str, Any] | None = None, /, **words: object) -> str:
        """As `MockView.fault`."""
        return await in_thread(self._view.fault, fault, **words)

    async def advance(self, seconds: float) -> None:
        """As `MockView.advance`."""
        await in_thread(self._view.advance, seconds)

    async def faults(self, *faults: Mapping[str, Any]) -> None:
        """As `MockView.faults`."""
        await in_thread(self._view.faults, *faults)

    async def expect(self, *events: Pattern, **words: Any) -> None:
        """As `MockView.expect`."""
        await in_thread(self._view.expect, *events, **words)

    async def sessions(self) -> list[MockSession]:
        """As `MockView.sessions`."""
        return await in_thread(lambda: self._view.sessions)

    async def entries(self, *, session: MockSession | str | None = None) -> list[JournalEntry]:
        """As `MockView.entries`."""
        return await in_thread(self._view.entries, session=session)

    async def events(
        self,
        type: str | None = None,  # noqa: A002 - the API's word
        *,
        direction: str | None = None,
        session: MockSession | str | None = None,
        pattern: Pattern | None = None,
    ) -> list[JournalEntry]:
        """As `MockView.events`."""
        return await in_thread(self._view.events, type, direction=direction, session=session, pattern=pattern)

    async def audio_heard(self) -> HeardAudio:
        """As `MockView.audio_heard`."""
        return await in_thread(lambda: self._view.audio_heard)

    async def say(self, text: str, **words: Any) -> SpokenAudio:
        """As `MockView.say`."""
        return await in_thread(self._view.say, text, **words)

    async def heard(self) -> list[HeardWords]:
        """As `MockView.heard`."""
        return await in_thread(lambda: self._view.heard)

    async def check(self) -> None:
        """As `MockView.check`."""
        await in_thread(self._view.check)
