"""The session driver: the one place where a session meets time, channels and the journal."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.attention import Attention, Words
from realtime_mock.capture import AudioStore, SessionAudio
from realtime_mock.clock import Clock, LoopClock, Timer
from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    Hangup,
    Listen,
    PlayAudio,
    PlayoutReport,
    Remark,
    SendEvent,
)
from realtime_mock.core.hearing import NOTHING, Span
from realtime_mock.dialects import Dialect
from realtime_mock.faults.edge import Edge
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.injector import Injector
from realtime_mock.faults.line import Carrier
from realtime_mock.faults.model import Fault
from realtime_mock.journal import Direction, Journal, SessionJournal
from realtime_mock.journal import Remark as RemarkKind
from realtime_mock.outlet import Outlet, ServerEventCheck
from realtime_mock.ports import Channel, Ears, SansIoSession, Speaker
from realtime_mock.wire import INTERNAL_ERROR, concerns_audio, event_id_of, event_text, parse_event, printable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a session made of one input: its effects, and the traceback where it failed."""

    effects: list[Effect]
    trace: str | None = None

    @property
    def refusal(self) -> ApiError | None:
        """The error that refuses the input, unless the fault is ours."""
        if self.trace is not None:
            return None
        for effect in self.effects:
            if isinstance(effect, SendEvent) and effect.refusal is not None:
                return effect.refusal
        return None


class SessionDriver:
    """Runs one session for any number of channels.

    It stamps every input with the clock's time, performs the effects in order, keeps one timer armed,
    journals what passes, and turns a bug of ours into an `error` event that the session survives.

    Args:
        session: the state machine to run.
        journal: gets every event both ways.
        speaker: plays the session's audio; only calls have one. It may be set later, before `start`.
        check: judges every event of ours before it leaves; a violation is journaled and logged as our bug.
        dialect: what the clients speak; the session's own by default.
        on_closed: called once, when the session has ended.
        clock: the time that the session lives in; the loop's by default.
        lane: the lane that the session belongs to.
        faults: what goes wrong between the session and its channels; the first set is asked first.
        audio: keeps the session's audio; without it a store of its own does.
        ears: find out what utterances say. Without them a session that asks is told that nothing was understood.
    """

    def __init__(  # noqa: PLR0913 - whatever a session meets
        self,
        session: SansIoSession,
        *,
        journal: Journal,
        speaker: Speaker | None = None,
        check: ServerEventCheck | None = None,
        dialect: Dialect | None = None,
        on_closed: Callable[[SessionDriver], None] | None = None,
        clock: Clock | None = None,
        lane: str = "",
        faults: Sequence[FaultSet] = (),
        audio: AudioStore | None = None,
        ears: Ears | None = None,
    ) -> None:
        self.session = session
        self.lane = lane
        self.faults = tuple(faults)
        self.speaker = speaker
        self.settle_audio: Callable[[], None] | None = None
        """Called before an event that concerns input audio is taken: whoever kept some back gives it now."""
        self.is_closed = False
        self._closed: asyncio.Event | None = None
        self._journal = SessionJournal(journal, session.id, lane=lane)
        self._clock = LoopClock() if clock is None else clock
        tracks = (AudioStore() if audio is None else audio).open(session.id)
        self._audio = SessionAudio(
            tracks, self._journal, is_call=lambda: self.speaker is not None, clock=self._clock.time
        )
        self._edge = Edge(Injector(self.faults), clock=self._clock, journal=self._journal)
        self._outlet = Outlet(session.id, self._journal, check=check, dialect=dialect, edge=self._edge)
        self._dialect = dialect
        self._on_closed = on_closed
        self._now = self._clock.time()
        self._attention = Attention(ears, understood=self._understood)
        self._pending: list[Effect] = []
        self._is_performing = False
        self._timer: Timer | None = None
        self._deadline: float | None = None

    @property
    def session_id(self) -> str:
        """The id of the session that runs here."""
        return self.session.id

    @property
    def closed(self) -> asyncio.Event:
        """Set once the session has ended; made for the first who waits for that."""
        if self._closed is None:
            self._closed = asyncio.Event()
            if self.is_closed:
                self._closed.set()
        return self._closed

    @property
    def listens(self) -> bool:
        """Whether the session acts on audio as it comes. Where not, audio may come late, but before what follows it."""
        return self.session.listens

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels attached now, oldest first."""
        return self._outlet.channels

    def attach(self, channel: Channel, *, without: frozenset[str] = frozenset()) -> None:
        """Send every event from now on to `channel` as well, but for the types `without`."""
        self._outlet.attach(channel, without=without)
        self.note("attached", channel, kind="lifecycle")

    def detach(self, channel: Channel, *, why: str = "") -> None:
        """Send nothing more to `channel`; the session goes on. Detaching twice changes nothing."""
        if self._outlet.detach(channel):
            self.note(f"detached: {why}" if why else "detached", channel, kind="lifecycle")

    def start(self) -> None:
        """Open the session: `session.created` leaves by the channels attached so far."""
        self._feed(self._ask(self.session.open))

    def receive_text(self, text: str | bytes, channel: Channel) -> None:
        """Take one message of a client, whatever it holds."""
        if self.is_closed:
            return
        try:
            event = parse_event(text)
        except ClientFault as fault:
            self.refuse(fault.error, channel, text=text)
            return
        if self.settle_audio is not None and concerns_audio(event):
            # What was said before this event counts as said before it.
            self.settle_audio()
        shown = text if isinstance(text, str) else text.decode()
        if self._edge.is_idle or not isinstance(event, dict):
            self._receive(event, shown, channel)
        else:
            self._edge.incoming(event, shown, channel, self._carrier(channel))

    def refuse(self, error: ApiError, channel: Channel, *, text: str | bytes = "", by_fault: str | None = None) -> None:
        """Answer a message that never became an event; `text` is what there is of it, for the journal.

        `by_fault` is the kind of the fault that made it so.
        """
        again = partial(self.refuse, error, channel, text=text, by_fault=by_fault)
        if self.is_closed or self._attention.holds(again):
            return
        answer = self._ask(lambda now: self.session.refuse(error, now))
        self._journal.received(printable(text), channel.name, error, fault=by_fault)
        self._feed(answer)

    def warn(self, error: ApiError) -> None:
        """Tell the client of a fault that no message of its own caused."""
        if not self.is_closed:
            self._feed(self._ask(lambda now: self.session.refuse(error, now)))

    def announce(self, event: dict[str, Any], *, scripted: bool = False) -> None:
        """Send an event that the session knows nothing of, such as a key pressed on the caller's telephone.

        `scripted` tells one that a test made up: what is wrong with it is meant.
        """
        if not self.is_closed:
            self._feed(_Answer([SendEvent(event, scripted=scripted)]))

    def receive_audio(self, pcm: bytes, lost: Sequence[Span] = ()) -> None:
        """Take microphone audio of a call: 24 kHz, 16-bit, mono; `lost` are samples that fill what never arrived."""
        if self.is_closed or self._attention.holds(lambda: self.receive_audio(pcm, lost)):
            return
        self._audio.heard(pcm)
        self._feed(self._ask(lambda now: self.session.receive_audio(pcm, now, lost=lost)))

    def receive_playout(self, report: PlayoutReport) -> None:
        """Take a report of the speaker."""
        if not self.is_closed:
            self._audio.played(report)
            self._feed(self._ask(lambda now: self.session.receive_playout(report, now)))

    def note(
        self,
        text: str,
        channel: Channel | None = None,
        *,
        kind: RemarkKind | None = None,
        error: ApiError | None = None,
    ) -> None:
        """Journal something that is not an event: a channel lost, a message that could not be sent.

        With an error it is a warning, unless `kind` says what else it is.
        """
        self._journal.noted(text, channel.name if channel else "none", kind=kind, error=error)

    def struck(self, text: str, fault: Fault, *, direction: Direction, channel: str = "call") -> None:
        """Journal what a fault does to the session, or to the call that carries it; `text` is a JSON object."""
        self._journal.struck(text, channel, direction, fault=fault.kind.word)

    def close(self, *, code: int = 1000, reason: str = "") -> None:
        """End the session and close its channels. Closing twice changes nothing."""
        if self.is_closed:
            return
        if self.settle_audio is not None:
            self.settle_audio()
        self._attention.let_go()
        self._feed(self._ask(self.session.close))
        self._end(code, reason)

    # One input at a time

    def _receive(self, event: object, text: str, channel: Channel, *, by_fault: str | None = None) -> None:
        if self._attention.holds(partial(self._receive, event, text, channel, by_fault=by_fault)):
            return
        answer = self._ask(lambda now: self._take(event, now), event_id=event_id_of(event))
        self._journal.received(text, channel.name, answer.refusal, fault=by_fault)
        if answer.refusal is None:
            self._audio.received(event)
        self._feed(answer)

    def _carrier(self, channel: Channel) -> Carrier:
        """How an event of the client's gets here, now or later, as it was or as a fault has it."""

        def carry(text: str, fault: str | None) -> None:
            if self.is_closed:
                lose(text, fault)
                return
            try:
                event = parse_event(text)
            except ClientFault as refused:
                self.refuse(refused.error, channel, text=text, by_fault=fault)
                return
            self._receive(event, text, channel, by_fault=fault)

        def lose(text: str, fault: str | None) -> None:
            self._journal.received(text, channel.name, None, fault=fault)

        return Carrier(carry, lose)

    def _take(self, event: object, now: float) -> list[Effect]:
        decoded = self._dialect.decode(event) if self._dialect else event
        if isinstance(decoded, ApiError):
            return self.session.refuse(decoded, now, event_id=event_id_of(event))
        return self.session.receive_event(decoded, now)

    def _ask(self, question: Callable[[float], list[Effect]], *, event_id: str | None = None) -> _Answer:
        self._now = max(self._now, self._clock.time())
        return self._ask_at_once(question, event_id=event_id)

    def _ask_at_once(self, question: Callable[[float], list[Effect]], *, event_id: str | None = None) -> _Answer:
        try:
            return _Answer(question(self._now))
        except Exception:  # noqa: BLE001 - a bug of ours must not end the client's session
            trace = traceback.format_exc()
        return _Answer(self._apology(event_id), trace)

    def _apology(self, event_id: str | None = None) -> list[Effect]:
        try:
            return self.session.refuse(INTERNAL_ERROR, self._now, event_id=event_id)
        except Exception:
            logger.exception("%s: could not even report an internal error", self.session_id)
            return []

    def _feed(self, answer: _Answer) -> None:
        if answer.trace is not None:
            self._report_bug(answer.trace)
        self._perform(answer.effects)
        while self.session.has_more and not (self._is_performing or self.is_closed or answer.trace):
            # The same moment goes on, whatever the clock shows by now: the session sees no difference.
            answer = self._ask_at_once(self.session.handle_timer)
            if answer.trace is not None:
                self._report_bug(answer.trace)
            self._perform(answer.effects)
        self._arm()

    def _perform(self, effects: list[Effect]) -> None:
        # A speaker may report while an effect is performed: what follows from that waits for its turn, in this list
        # which grows while it is gone through.
        self._pending.extend(effects)
        if self._is_performing:
            return
        self._is_performing = True
        self._outlet.look()
        try:
            for effect in self._pending:
                if self.is_closed:
                    break
                try:
                    if isinstance(effect, SendEvent):
                        self._outlet.send(effect)
                        self._audio.sent(effect.event)
                    else:
                        self._perform_one(effect)
                except Exception:  # noqa: BLE001 - as in `_ask`
                    self._fail_to_perform(effect)
        finally:
            self._pending.clear()
            self._is_performing = False

    def _fail_to_perform(self, effect: Effect) -> None:
        self._report_bug(traceback.format_exc())
        if not (isinstance(effect, SendEvent) and effect.event.get("type") == "error"):
            self._pending.extend(self._apology())

    def _perform_one(self, effect: PlayAudio | EndAudio | ClearAudio | Hangup | Remark | Listen) -> None:
        match effect:
            case Hangup(code, reason):
                self._end(code, reason)
            case PlayAudio(response_id, speech):
                self._audio.queued(response_id, speech.pcm)
                self._speaker().play(response_id, speech)
            case EndAudio(response_id):
                self._speaker().end(response_id)
            case ClearAudio(response_id):
                self._speaker().clear(response_id)
            case Remark(text):
                self.note(text)
            case Listen():
                self._attention.listen(effect)
            case _:
                assert_never(effect)

    def _speaker(self) -> Speaker:
        if self.speaker is None:
            raise RuntimeError(f"{self.session_id} has audio to play, but no speaker")
        return self.speaker

    def _understood(self, utterance: Listen, words: Words) -> None:
        try:
            heard = words()
        except Exception:  # noqa: BLE001 - as in `_ask`
            self._report_bug(traceback.format_exc())
            heard = NOTHING
        told = {"item_id": utterance.item_id, "says": None, **heard.as_json()}
        self._journal.heard(event_text(told), "websocket" if self.speaker is None else "call")
        if not self.is_closed:
            self._feed(self._ask(lambda now: self.session.receive_hearing(utterance.item_id, heard, now)))

    # Time

    def _arm(self) -> None:
        deadline = None if self.is_closed else self.session.next_timer()
        if deadline == self._deadline and self._timer is not None:
            return
        self._disarm()
        if deadline is not None:
            self._deadline = deadline
            self._timer = self._clock.call_at(deadline, self._on_timer)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._deadline = None

    def _on_timer(self) -> None:
        deadline = self._deadline
        assert deadline is not None  # noqa: S101 - a timer is armed with its deadline
        self._disarm()
        # A clock may fire early by its resolution: the session never sees a time before its deadline.
        self._now = max(self._now, deadline)
        answer = self._ask(self.session.handle_timer)
        self._feed(answer)
        if answer.trace is not None and self._deadline is not None and self._deadline <= deadline:
            # The failed timer would fire for ever.
            self.close(code=1011, reason="internal error")

    # The end

    def _end(self, code: int, reason: str) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        if self._closed is not None:
            self._closed.set()
        self._disarm()
        self._pending.clear()
        self._outlet.close(code, reason)
        self._audio.close()
        self.note(f"session closed: {code} {reason}".rstrip(), kind="lifecycle")
        if self._on_closed is not None:
            self._on_closed(self)

    def _report_bug(self, trace: str) -> None:
        logger.error("%s: internal error\n%s", self.session_id, trace)
        self._journal.noted("internal error", error=INTERNAL_ERROR, traceback=trace)
