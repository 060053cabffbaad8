"""What goes wrong with one call because a test wants it to: on its network, on its data channel."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, assert_never

from realtime_mock.api_error import ClientFault
from realtime_mock.driver import SessionDriver
from realtime_mock.faults.call_injector import CallInjector
from realtime_mock.faults.call_kinds import ChannelClose, ChannelLate, ChannelStall, Direction, SessionCreated, Vanish
from realtime_mock.faults.connection_kinds import Break, Close, HalfOpen, Reset
from realtime_mock.faults.fault_set import Strike
from realtime_mock.faults.model import Fault
from realtime_mock.transports.network import Network
from realtime_mock.wire import event_text, parse_event

Message = str | bytes
Deliver = Callable[[Any], object]

MOST_HELD = 20_000
"""Messages that wait during a stall; one more, and all go."""

STOP_INTERVAL = 0.1
"""Seconds within which a stall or an absence ends whose fault is stopped."""

LONGEST_ABSENCE = 60.0
"""Seconds after which a call ends whose mock has vanished for good: no client waits longer."""


class Afflicted(Protocol):
    """The call, as far as faults act on it."""

    def close_channel(self) -> None:
        """Close the data channel, and let the call live."""
        ...

    def end(self, why: str) -> None:
        """End the call."""
        ...


class CallFaults:
    """Does what faults ask for on one call, in real time, and tells the journal.

    Args:
        driver: the session's; knows the faults in force, and writes the journal.
        call: what they happen to.
        silence: a payload of silence in the call's codec.
    """

    def __init__(self, driver: SessionDriver, call: Afflicted, *, silence: bytes) -> None:
        self._loop = asyncio.get_running_loop()
        self._driver = driver
        self._call = call
        self._injector = CallInjector(driver.faults)
        self._gates: dict[Direction, Gate] = {"out": Gate(), "in": Gate()}
        self._timers: set[asyncio.TimerHandle] = set()
        self._is_over = False
        self.network = Network(self._injector.sets, on_struck=self._tell_packets, silence=silence)

    def channel_lateness(self) -> float:
        """How many seconds later than it could the data channel of this call opens."""
        strike = self._injector.opening(ChannelLate)
        if strike is None:
            return 0.0
        self._tell(strike)
        assert isinstance(strike.fault.kind, ChannelLate)  # noqa: S101 - what was asked for
        return strike.fault.kind.seconds

    def session_lateness(self) -> float | None:
        """How many seconds after its data channel this call's session opens; None for the usual moment."""
        strike = self._injector.opening(SessionCreated)
        if strike is None:
            return None
        self._tell(strike)
        assert isinstance(strike.fault.kind, SessionCreated)  # noqa: S101 - what was asked for
        return strike.fault.kind.seconds

    def connected(self) -> None:
        """The call is connected: begin what is to happen some time after that."""
        for strike in self._injector.connected():
            self._begin(strike)

    def pass_message(self, message: Message, direction: Direction, deliver: Deliver) -> None:
        """Let a message of the data channel go on, now or when a stall is over."""
        if self._injector.watches_events and not self._is_over:
            self._show(message, direction)
        self._gates[direction].take(message, deliver)

    def hold_client(self) -> None:
        """Let the client's messages wait for `let_client_pass`."""
        self._gates["in"].hold()

    def let_client_pass(self) -> None:
        """Let the client's messages go on."""
        self._gates["in"].release()

    def sever(self, how: Break) -> None:
        """Break the call: in an orderly way, or without a word, or by leaving the client alone with it.

        There is no reset for what goes over UDP: the mock is gone, and its sockets with it.
        """
        match how:
            case Close():
                self._call.end("a fault closed the call")
            case Reset():
                self.network.vanish()
                self._call.end("a fault reset the call")
            case HalfOpen():
                self.network.vanish()
                self._later(LONGEST_ABSENCE, self._give_up)
            case _:
                assert_never(how)

    def let_all_pass(self) -> None:
        """Stall nothing any more: the call is over, and what was held is to arrive before its end."""
        self._is_over = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for gate in self._gates.values():
            gate.open()

    def close(self) -> None:
        """End all that still goes on; what has not left or arrived never does."""
        self.let_all_pass()
        self.network.close()

    def _show(self, message: Message, direction: Direction) -> None:
        try:
            event = parse_event(message)
        except ClientFault:
            return
        if isinstance(event, dict):
            stalled = [each for each, gate in self._gates.items() if gate.holds]
            for strike in self._injector.passing(event, direction, stalled=stalled):
                self._begin(strike, direction)

    def _begin(self, strike: Strike, direction: Direction = "out") -> None:
        match strike.fault.kind:
            case ChannelStall(seconds, stalled):
                self._tell(strike, direction)
                self._gates[stalled].hold()
                self._while_in_force(strike, seconds, self._gates[stalled].release)
            case ChannelClose(after):
                self._later(after, lambda: self._close_channel(strike))
            case Vanish(seconds, after):
                self._later(after, lambda: self._vanish(strike, seconds))
            case _:
                # Of packets the network tells, which were struck.
                self.network.begin(strike)

    def _close_channel(self, strike: Strike) -> None:
        self._tell(strike)
        self._call.close_channel()

    def _vanish(self, strike: Strike, seconds: float | None) -> None:
        self._tell(strike)
        self.network.vanish()
        surrender = self._later(LONGEST_ABSENCE, self._give_up) if seconds is None else None

        def come_back() -> None:
            self.network.come_back()
            if surrender is not None:
                surrender.cancel()

        self._while_in_force(strike, seconds, come_back)

    def _give_up(self) -> None:
        self._call.end("the mock had vanished for good")

    def _while_in_force(self, strike: Strike, seconds: float | None, end: Callable[[], object]) -> None:
        """Call `end` after so many seconds, None for never, and as soon as somebody stops the fault."""
        deadline = math.inf if seconds is None else self._loop.time() + seconds

        def look() -> None:
            left = deadline - self._loop.time()
            if left <= 0 or not self._injector.is_in_force(strike.fault):
                end()
            else:
                self._later(min(STOP_INTERVAL, left), look)

        look()

    def _later(self, seconds: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        def happen() -> None:
            self._timers.discard(timer)
            callback()

        timer = self._loop.call_later(seconds, happen)
        self._timers.add(timer)
        return timer

    def _tell(self, strike: Strike, direction: Direction = "out") -> None:
        self._driver.struck(event_text(strike.as_json()), strike.fault, direction=direction)

    def _tell_packets(self, fault: Fault, numbers: list[int]) -> None:
        text = event_text({"id": fault.id, "fault": fault.kind.word, "packets": numbers})
        self._driver.struck(text, fault, direction=getattr(fault.kind, "direction", "out"))


class Gate:
    """One direction of a data channel: lets messages pass, or holds them and lets them go in a burst."""

    def __init__(self) -> None:
        self._held: deque[tuple[Message, Deliver]] = deque()
        self._holds = 0

    @property
    def holds(self) -> bool:
        """Whether messages wait."""
        return self._holds > 0

    def hold(self) -> None:
        """Let messages wait from now on; each hold is ended by a release."""
        self._holds += 1

    def release(self) -> None:
        """End one hold; with the last one everything goes, in order."""
        self._holds -= 1
        if self._holds <= 0:
            self.open()

    def open(self) -> None:
        """End every hold."""
        self._holds = 0
        while self._held and not self._holds:
            message, deliver = self._held.popleft()
            deliver(message)

    def take(self, message: Message, deliver: Deliver) -> None:
        """Let a message pass, or wait for its turn."""
        if len(self._held) >= MOST_HELD:
            self.open()
        if self._holds or self._held:
            self._held.append((message, deliver))
        else:
            deliver(message)
