"""One test's view on a mock: its scenario, its faults, what its client sent, and what it expects of that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_mock.testing.control import ControlApi
from realtime_mock.testing.excerpt import excerpt, report
from realtime_mock.testing.expectations import Excuse, Pattern, PatternError, Unmet, pattern_of
from realtime_mock.testing.heard import APPEND, SESSIONS, HeardAudio, heard
from realtime_mock.testing.journal import JournalEntry, MockSession
from realtime_mock.testing.loops import refuse_to_block
from realtime_mock.testing.scenarios import expected_by, scenario_text
from realtime_mock.testing.spoken import HeardWords, SpokenAudio, samples_of
from realtime_mock.testing.verdict import Complaint, complaints
from realtime_mock.testing.waiting import LONGEST_LOOK, PATIENCE, Wait

if TYPE_CHECKING:
    from realtime_mock.testing.aio import AsyncView
    from realtime_mock.testing.scenarios import ScenarioSource


class ConversationFailed(AssertionError):
    """The client or the mock did something wrong; the text tells what, and what passed."""


class MockView:
    """One test's view on a mock: nothing that another test does is seen here, and nothing done here is seen there.

    Args:
        control: the mock, on behalf of a lane that is open.
        api_key: the key that leads a client into the lane.
        directory: where the paths of scenarios start.
    """

    def __init__(self, control: ControlApi, *, api_key: str, directory: Path | None = None) -> None:
        self._control = control
        self._directory = directory or Path.cwd()
        self._expectations: list[Mapping[str, Any]] = []
        self._expected_by_scenario: list[Mapping[str, Any]] = []
        self._excuses: list[Excuse] = []
        self.api_key = api_key
        """The key for the client: by it the mock knows whose session it is."""

    # Where the client goes

    @property
    def url(self) -> str:
        """What the SDKs take as `base_url`: "http://127.0.0.1:PORT/v1"."""
        return self._control.base_url

    @property
    def ws_url(self) -> str:
        """Where a WebSocket client connects, to which it adds `?model=...`: "ws://127.0.0.1:PORT/v1/realtime"."""
        return f"ws{self.url.removeprefix('http')}/realtime"

    @property
    def lane(self) -> str:
        """The name of this test's lane, for a client that can set no key: `?lane=...` leads there too."""
        return self._control.lane or ""

    @property
    def environment(self) -> dict[str, str]:
        """What leads the SDKs of a program of its own here: the variables OPENAI_BASE_URL and OPENAI_API_KEY."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": self.api_key}

    # What the mock does

    def scenario(self, source: ScenarioSource) -> None:
        """Let new sessions play this: YAML text, a path, the name of a bundled scenario, a mapping, or a `Scenario`.

        What it expects of the client is judged when the test ends.

        Raises:
            ScenarioNotFound: there is none of that name.
            ControlError: it is no scenario; the text says where and why.
        """
        __tracebackhide__ = True
        text, name = scenario_text(source, directory=self._directory)
        self._control.ask("PUT", "scenario", text, query={"name": name})
        self._expected_by_scenario = expected_by(text)

    def fault(self, fault: Mapping[str, Any] | None = None, /, **words: object) -> str:
        """Let one more thing go wrong: `fault(on="response.done", drop=True)`; the id of the fault.

        Raises:
            ControlError: it is no fault; the text says why.
        """
        __tracebackhide__ = True
        answer: Any = self._control.ask("POST", "faults", {**(fault or {}), **words})
        return str(answer["ids"][0])

    def stop_fault(self, fault_id: str) -> None:
        """Let this go wrong no more.

        Raises:
            ControlError: no such fault is in force.
        """
        __tracebackhide__ = True
        self._control.ask("DELETE", f"faults/{fault_id}")

    def faults(self, *faults: Mapping[str, Any]) -> None:
        """Let these things go wrong, and no others.

        Raises:
            ControlError: one of them is no fault; the text says which and why.
        """
        __tracebackhide__ = True
        self._control.ask("PUT", "faults", {"faults": list(faults)})

    def advance(self, seconds: float) -> None:
        """Let time pass on a mock with a virtual clock, for every lane of it; what falls due has happened then.

        Raises:
            ControlError: the mock lives in real time.
        """
        __tracebackhide__ = True
        self._control.ask("POST", "clock", {"advance": seconds}, query={"lane": None})

    # What passed

    @property
    def sessions(self) -> list[MockSession]:
        """The client's sessions, calls among them, oldest first."""
        answer: Any = self._control.ask("GET", "sessions")
        return [MockSession.of(given) for given in answer["sessions"]]

    @property
    def calls(self) -> list[MockSession]:
        """The client's calls by WebRTC, oldest first."""
        return [session for session in self.sessions if session.transport == "webrtc"]

    def entries(self, *, session: MockSession | str | None = None, after: int = 0) -> list[JournalEntry]:
        """Everything that passed, oldest first: events, HTTP requests, audio, faults, what was noted.

        `after` leaves out what came up to this `seq`.
        """
        return [entry for entry in self._found(session=_id_of(session), after=after) if not entry.is_control]

    def events(
        self,
        type: str | None = None,  # noqa: A002 - the API's word
        *,
        direction: str | None = None,
        session: MockSession | str | None = None,
        pattern: Pattern | None = None,
        after: int = 0,
    ) -> list[JournalEntry]:
        """The events that passed, oldest first: of this type, from the client ("in") or to it ("out")."""
        __tracebackhide__ = True
        wanted = None if pattern is None else json.dumps(pattern_of(pattern))
        told = {"type": type, "direction": direction, "session": _id_of(session), "pattern": wanted, "after": after}
        return self._found(kind="event", **told)

    @property
    def audio_heard(self) -> HeardAudio:
        """The audio that the client appended to the input buffers of its sessions, one after the other.

        What comes by a call's microphone is no event, and not in it.
        """
        return heard(self._found(kind="event", type=",".join([APPEND, *SESSIONS])))

    # What is said

    def say(
        self,
        text: str,
        *,
        voice: str | None = None,
        speed: float = 1.0,
        before: float = 0.0,
        silence: float = 1.0,
        format: str = "audio/pcm",  # noqa: A002 - the API's word
        rate: int | None = None,
        beacon: bool = False,
    ) -> SpokenAudio:
        """The sound of these words, for a client to send: what a scenario that lists them knows them by.

        Args:
            text: the words.
            voice: another than scenarios know the words of.
            speed: 1 is as usual.
            before: seconds of silence before it.
            silence: seconds of silence behind it; half a second ends a turn.
            format: `audio/pcm`, or `audio/pcmu` or `audio/pcma` for G.711.
            rate: samples per second, 24000 by default; 48000 for Chromium's fake microphone.
            beacon: whether tones ahead of it carry the words.

        Raises:
            ControlError: there is no such sound; the text says why.
        """
        __tracebackhide__ = True
        asked = {"text": text, "voice": voice, "speed": speed, "before": before, "silence": silence, "rate": rate}
        coding = format.removeprefix("audio/")
        told = {**{word: value for word, value in asked.items() if value is not None}, "format": coding}
        wav = self._control.fetch("POST", "speech", {**told, "beacon": beacon}, query={"lane": None})
        usual = 24_000 if coding == "pcm" else 8_000
        return SpokenAudio(text, samples_of(wav), wav, f"audio/{coding}", rate or usual)

    @property
    def heard(self) -> list[HeardWords]:
        """What the mock understood of each spoken turn, oldest first; nothing where its scenario knows no phrase."""
        found = self._found(kind="heard")
        return [HeardWords.of(entry.event or {}, session_id=entry.session_id) for entry in found]

    # What is expected

    def expect(
        self,
        *events: Pattern,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        never: bool = False,
        after: Pattern | None = None,
        before: Pattern | None = None,
        within: float | str | None = None,
    ) -> None:
        """Expect this event, or these in their order; judged when the test ends, as a scenario's `expect` is.

        Args:
            events: types, or patterns; the client's, unless a type tells that it is the mock that sends it.
            count: exactly how often; `at_least` and `at_most` are its bounds. At least once where nothing is said.
            at_least: see `count`.
            at_most: see `count`.
            never: not at all.
            after: only those count that come behind the first event of this pattern.
            before: only those count that come before it.
            within: only those count that come within so many seconds of `after`, or of the session's first event.

        Raises:
            PatternError: there is no event.
            ControlError: no event can be like this, an operator does not exist, or the numbers contradict each other.
        """
        __tracebackhide__ = True
        if not events:
            raise PatternError("expect(...) needs an event; write its type, or what it must contain")
        asked = {"event": events[0]} if len(events) == 1 else {"in_order": list(events)}
        bounds = {"count": count, "at_least": at_least, "at_most": at_most, "never": never or None}
        times = {"after": after, "before": before, "within": within}
        said = {word: value for word, value in {**asked, **bounds, **times}.items() if value is not None}
        # Asking now finds what is wrong with the words where they stand.
        self._unmet([said])
        self._expectations.append(said)

    def allow_invalid(self, *, type: str | None = None, code: str | None = None, param: str | None = None) -> None:  # noqa: A002 - the API's word
        """Let the client send an event that is refused like this; it is wrong if none ever comes."""
        self._excuses.append(Excuse(type, code, param))

    def wait_for(self, pattern: Pattern, *, count: int = 1, timeout: float = PATIENCE) -> JournalEntry:
        """The event that matches, of either side, once it has passed; with a `count` that one of them.

        Raises:
            NeverCame: it did not within `timeout` seconds.
            BlockingWait: an event loop runs here: use `aio.wait_for`.
        """
        __tracebackhide__ = True
        refuse_to_block("wait_for")
        wait = Wait(self, pattern_of(pattern), count=count, timeout=timeout)
        while (found := wait.look(LONGEST_LOOK)) is None:
            pass
        return found

    @property
    def aio(self) -> AsyncView:
        """The same from asyncio or trio tests: `await realtime_mock.aio.wait_for(...)`."""
        from realtime_mock.testing.aio import AsyncView  # noqa: PLC0415 - synchronous tests need none

        return AsyncView(self)

    # The end

    def complaints(self) -> list[Complaint]:
        """What is wrong so far: what the client or the mock did, and what was expected and did not come."""
        return complaints(self.entries(), self._unmet(self._expected), self._excuses)

    def check(self) -> None:
        """Fail if anything is wrong; the fixture does so when the test ends.

        Raises:
            ConversationFailed: with what is wrong, what to do about it, and what passed.
        """
        found = self.complaints()
        if found:
            raise ConversationFailed(report(found, self.entries()))

    def close(self) -> None:
        """End the lane and its sessions. The view is of no use from here on."""
        self._control.ask("DELETE", f"lanes/{self.lane}")

    def excerpt(self) -> str:
        """What passed, in few lines."""
        return excerpt(self.entries())

    def wait(self, pattern: Mapping[str, Any], *, count: int, seconds: float) -> list[JournalEntry]:
        """The first `count` events that match, or fewer where no more pass within so many seconds."""
        query = {"kind": "event", "pattern": json.dumps(pattern), "count": count, "timeout": seconds}
        answer: Any = self._control.ask("GET", "journal/wait", query=query, patience=seconds)
        return [JournalEntry.of(given) for given in answer["entries"]]

    @property
    def _expected(self) -> list[Mapping[str, Any]]:
        return [*self._expected_by_scenario, *self._expectations]

    def _unmet(self, expected: Sequence[Mapping[str, Any]]) -> list[Unmet]:
        __tracebackhide__ = True
        if not expected:
            return []
        answer: Any = self._control.ask("POST", "verify", {"expect": list(expected)})
        return [Unmet.of(given) for given in answer["unmet"]]

    def _found(self, **question: object) -> list[JournalEntry]:
        __tracebackhide__ = True
        answer: Any = self._control.ask("GET", "journal", query=question)
        return [JournalEntry.of(given) for given in answer["entries"]]


def _id_of(session: MockSession | str | None) -> str | None:
    return session.id if isinstance(session, MockSession) else session
