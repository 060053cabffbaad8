"""Telephone calls, simulated: no SIP is spoken, but a call comes in, is accepted or not, and is heard."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from typing import Any

from realtime_mock.core.effects import PlayoutReport
from realtime_mock.driver import SessionDriver
from realtime_mock.lanes import Lane
from realtime_mock.media.telephone import TelephoneLine
from realtime_mock.sessions import CallIds, SessionFactory

logger = logging.getLogger(__name__)

MAX_CALLS = 20
"""Calls that have ended and are still remembered, with what was heard."""


class SipState(Enum):
    """How far a telephone call has come."""

    INCOMING = "incoming"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFERRED = "referred"
    ENDED = "ended"


TRANSITIONS: Mapping[SipState, Mapping[str, SipState]] = {
    SipState.INCOMING: {
        "accept": SipState.ACCEPTED,
        "reject": SipState.REJECTED,
        "refer": SipState.REFERRED,
        "end": SipState.ENDED,
    },
    SipState.ACCEPTED: {"refer": SipState.REFERRED, "end": SipState.ENDED},
    SipState.REJECTED: {},
    SipState.REFERRED: {},
    SipState.ENDED: {},
}

OVER = frozenset(state for state, moves in TRANSITIONS.items() if not moves)
"""The states of a call that has ended."""


class IllegalMove(Exception):
    """The call is not in a state in which this can be done; `str()` names both."""


class SipCall:
    """One telephone call, from its ringing to its end. What the caller says before it is accepted is said then.

    Args:
        ids: of the call.
        sessions: opens its session.
        headers: of the INVITE, in order.
    """

    def __init__(
        self, ids: CallIds, sessions: SessionFactory, headers: tuple[tuple[str, str], ...], *, lane: Lane | None = None
    ) -> None:
        self.id = ids.call_id
        self.session_id = ids.session_id
        self.headers = headers
        self.state = SipState.INCOMING
        self.status_code: int | None = None
        self.target_uri: str | None = None
        self._ids = ids
        self._sessions = sessions
        self._lane = lane
        self._driver: SessionDriver | None = None
        self.line = TelephoneLine(sessions.clock, hear=self._hear, report=self._report)

    def accept(self, given: Mapping[str, Any]) -> None:
        """Open the session with this configuration, and the line.

        Raises:
            IllegalMove: the call is not incoming.
            ClientFault: the session cannot be made from what is given.
        """
        after = self._after("accept")
        driver = self._sessions.open_reserved(self._ids, given=given, lane=self._lane)
        self.state = after
        self._driver = driver
        driver.speaker = self.line
        driver.note("call accepted", kind="lifecycle")
        driver.start()
        self.line.open()

    def reject(self, status_code: int) -> None:
        """Turn the call away with a SIP status.

        Raises:
            IllegalMove: the call is not incoming.
        """
        self.state = self._after("reject")
        self.status_code = status_code

    def refer(self, target_uri: str) -> None:
        """Send the caller elsewhere, which ends the call here.

        Raises:
            IllegalMove: the call is over.
        """
        self.state = self._after("refer")
        self.target_uri = target_uri
        self._close(f"referred to {target_uri}")

    def hang_up(self, why: str) -> None:
        """End the call, from whichever side.

        Raises:
            IllegalMove: the call is over.
        """
        self.state = self._after("end")
        self._close(why)

    def press(self, digit: str) -> None:
        """Let the caller press a key of the telephone.

        Raises:
            IllegalMove: the call is not accepted.
        """
        if self.state is not SipState.ACCEPTED or self._driver is None:
            raise IllegalMove(f"no key can be pressed on a call that is {self.state.value}")
        # "The one event that has no event_id" (SDK types).
        received_at = int(self._sessions.clock.now())
        self._driver.announce(
            {"type": "input_audio_buffer.dtmf_event_received", "event": digit, "received_at": received_at}
        )

    def settle(self) -> None:
        """Take note if the session has ended by itself."""
        if self.state is SipState.ACCEPTED and self._driver is not None and self._driver.is_closed:
            self.state = self._after("end")
            self.line.close()

    def _after(self, move: str) -> SipState:
        if move not in TRANSITIONS[self.state]:
            raise IllegalMove(f"a call that is {self.state.value} cannot be {_DONE[move]}")
        return TRANSITIONS[self.state][move]

    def _close(self, why: str) -> None:
        self.line.close()
        if self._driver is not None:
            self._driver.note(f"call ended: {why}", kind="lifecycle")
            self._driver.close()
        logger.info("%s: call %s ended: %s", self.session_id, self.id, why)

    def _hear(self, pcm: bytes) -> None:
        if self._driver is not None:
            self._driver.receive_audio(pcm)
        self.settle()

    def _report(self, report: PlayoutReport) -> None:
        if self._driver is not None:
            self._driver.receive_playout(report)


_DONE = {"accept": "accepted", "reject": "rejected", "refer": "referred", "end": "ended"}


class SipCalls:
    """The telephone calls of one server, by id, and the newest of those that are over."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self._calls: OrderedDict[str, SipCall] = OrderedDict()

    @property
    def calls(self) -> tuple[SipCall, ...]:
        """All that are known, oldest first."""
        for call in self._calls.values():
            call.settle()
        return tuple(self._calls.values())

    def ring(self, headers: tuple[tuple[str, str], ...], *, lane: Lane | None = None) -> SipCall:
        """A new incoming call, for the lane given."""
        call = SipCall(self._sessions.reserve_call(), self._sessions, headers, lane=lane)
        self._calls[call.id] = call
        over = [known for known in self.calls if known.state in OVER]
        for known in over[: max(len(over) - MAX_CALLS, 0)]:
            del self._calls[known.id]
        return call

    def find(self, call_id: str) -> SipCall | None:
        """The call of this id, whether it is over or not; None for one unknown."""
        call = self._calls.get(call_id)
        if call is not None:
            call.settle()
        return call

    def find_living(self, call_id: str) -> SipCall | None:
        """The call of this id, None for one unknown or over."""
        call = self.find(call_id)
        return None if call is None or call.state in OVER else call

    def close(self) -> None:
        """End all calls."""
        for call in self.calls:
            if call.state not in OVER:
                call.hang_up("the server stops")
