"""Where faults happen: between a session and its channels, in the time of the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, cast, get_args, runtime_checkable

from realtime_mock.api_error import ApiError
from realtime_mock.clock import Clock, Timer
from realtime_mock.faults.changes import Delivery, Event, other_id
from realtime_mock.faults.connection_kinds import Break, Close
from realtime_mock.faults.event_kinds import EventKind
from realtime_mock.faults.fault_set import Strike
from realtime_mock.faults.injector import Injector, Passage, Torn
from realtime_mock.faults.line import Carrier, Line
from realtime_mock.faults.model import Way
from realtime_mock.journal import SessionJournal
from realtime_mock.ports import Channel
from realtime_mock.wire import event_text

Direction = Literal["in", "out"]

_WAYS: dict[str, Way] = {"websocket": "websocket", "sideband": "sideband", "data-channel": "call"}


@runtime_checkable
class Severable(Protocol):
    """A channel whose connection can be broken."""

    def sever(self, how: Break, *, torn: str | None = None) -> None:
        """Break the connection once everything queued has left, and after it the unfinished frame `torn`."""
        ...


@dataclass(frozen=True, slots=True)
class _Passenger:
    """An event on its way."""

    event: Event
    text: str
    channel: Channel
    direction: Direction
    carrier: Carrier


@dataclass(frozen=True, slots=True)
class _Ending:
    """A connection that breaks, and whether the journal knows why already."""

    channel: Channel
    strike: Strike
    torn: str | None = None
    is_told: bool = False

    @property
    def how(self) -> Break:
        """What breaks it; the injector gives nothing else."""
        return cast("Break", self.strike.fault.kind)


class Edge:
    """What passes between one session and its channels, as it is or as a fault has it.

    Args:
        injector: knows which fault happens.
        clock: the time that the session lives in.
        journal: gets every fault that happens, beside what it was made of.
    """

    def __init__(self, injector: Injector, *, clock: Clock, journal: SessionJournal) -> None:
        self._injector = injector
        self._clock = clock
        self._journal = journal
        self._lines: dict[tuple[Channel, Direction], Line] = {}
        self._endings: dict[Channel, list[Timer]] = {}
        self._broken: dict[Channel, str] = {}

    @property
    def is_idle(self) -> bool:
        """Whether everything passes as it is."""
        return self._injector.is_idle and not self._lines and not self._broken

    def attached(self, channel: Channel) -> None:
        """A channel is there: it may be meant to break after a while."""
        way = _WAYS.get(channel.name)
        strike = None if way is None else self._injector.connected(way)
        if strike is not None:
            self._break_off(_Ending(channel, strike))

    def detached(self, channel: Channel) -> None:
        """A channel is gone, and with it what was held back on it."""
        for direction in get_args(Direction):
            line = self._lines.pop((channel, direction), None)
            if line is not None:
                line.cut()
        for timer in self._endings.pop(channel, ()):
            timer.cancel()
        self._broken.pop(channel, None)

    def outgoing(self, event: Event, text: str, channel: Channel, carrier: Carrier, *, meant: Event | None) -> None:
        """Let an event leave by a channel. See `Injector.outgoing` for what is `meant`."""
        if channel in self._broken:
            carrier.lose(text, self._broken[channel])
        else:
            passage = self._injector.outgoing(event, text, meant=meant)
            self._pass(passage, _Passenger(event, text, channel, "out", carrier))

    def incoming(self, event: Event, text: str, channel: Channel, carrier: Carrier) -> None:
        """Let an event of the client's reach the session."""
        if channel in self._broken:
            carrier.lose(text, self._broken[channel])
        else:
            passage = self._injector.incoming(event, text)
            self._pass(passage, _Passenger(event, text, channel, "in", carrier))

    def _pass(self, passage: Passage, passenger: _Passenger) -> None:
        strike = passage.strike
        if strike is not None:
            self._tell(strike, passenger.channel, passenger.direction, passenger.event)
            if not any(isinstance(step, Delivery) for step in passage.steps):
                passenger.carrier.lose(passenger.text, strike.fault.kind.word)
        torn = None
        for step in passage.steps:
            match step:
                case Delivery():
                    self._carry(step, strike, passenger)
                case Torn(part):
                    torn = part
                case _ if strike is not None:
                    self._break_off(_Ending(passenger.channel, strike, torn, is_told=True))

    def _carry(self, delivery: Delivery, strike: Strike | None, passenger: _Passenger) -> None:
        touched = strike is not None and isinstance(strike.fault.kind, get_args(EventKind))
        fault = strike.fault.kind.word if strike is not None and touched else None
        key = (passenger.channel, passenger.direction)
        if key in self._lines or delivery.delay > 0 or delivery.passes > 0:
            line = self._lines.setdefault(key, Line(self._clock, on_empty=lambda: self._lines.pop(key, None)))
            line.carry(delivery, fault, passenger.carrier)
        else:
            passenger.carrier.carry(delivery.text, fault)

    # Connections that break

    def _break_off(self, ending: _Ending) -> None:
        after = ending.how.after
        if after == 0:
            self._sever(ending)
            return
        timer = self._clock.call_at(self._clock.time() + after, lambda: self._sever(ending))
        self._endings.setdefault(ending.channel, []).append(timer)

    def _sever(self, ending: _Ending) -> None:
        channel, how = ending.channel, ending.how
        if channel in self._broken:
            return
        if not ending.is_told:
            self._tell(ending.strike, channel, "out", None)
        if isinstance(how, Close) and how.error is not None:
            self._complain(channel, how.error, ending.strike)
        self._broken[channel] = how.word
        if isinstance(channel, Severable):
            channel.sever(how, torn=ending.torn)
        elif isinstance(how, Close):
            channel.close(how.code, how.reason)
        else:
            self._journal.noted(f"the fault '{how.word}' cannot happen here: it is for WebSockets", channel.name)

    def _complain(self, channel: Channel, error: ApiError, strike: Strike) -> None:
        """Send the `error` event that comes before a close."""
        event_id = other_id("event_" + "0" * 21, strike.chance)
        text = event_text({"type": "error", "event_id": event_id, "error": {**error.as_json(), "event_id": None}})
        self._journal.sent(text, channel.name, None, fault=strike.fault.kind.word)
        channel.send_text(text)

    def _tell(self, strike: Strike, channel: Channel, direction: Direction, event: Event | None) -> None:
        text = event_text(strike.as_json() | ({} if event is None else {"event": event}))
        self._journal.struck(text, channel.name, direction, fault=strike.fault.kind.word)
