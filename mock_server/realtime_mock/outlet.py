"""Where a session's events leave: in the dialect of its clients, checked and journaled, to every channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from realtime_mock.core.effects import SendEvent
from realtime_mock.dialects import Dialect
from realtime_mock.faults.edge import Edge
from realtime_mock.faults.line import Carrier
from realtime_mock.journal import SessionJournal
from realtime_mock.ports import Channel
from realtime_mock.wire import event_text

logger = logging.getLogger(__name__)

ServerEventCheck = Callable[[object], str | None]
"""Says what is wrong with an event of ours, or None."""


class Outlet:
    """The channels of one session, and what an event passes on its way to them.

    Args:
        session_id: whose events these are, for the log.
        journal: gets every event, once for each channel that it left by.
        check: judges every event before it leaves; a violation is journaled and logged as our bug.
        dialect: what the clients speak; the session's own by default.
        edge: where faults happen to what leaves; without one nothing does.
    """

    def __init__(
        self,
        session_id: str,
        journal: SessionJournal,
        *,
        check: ServerEventCheck | None = None,
        dialect: Dialect | None = None,
        edge: Edge | None = None,
    ) -> None:
        self._session_id = session_id
        self._journal = journal
        self._check = check
        self._dialect = dialect
        self._edge = edge
        self._channels: dict[Channel, frozenset[str]] = {}
        self._take_all: tuple[Channel, ...] | None = ()
        self._is_at_fault = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels attached now, oldest first."""
        return tuple(self._channels)

    def attach(self, channel: Channel, *, without: frozenset[str]) -> None:
        """Send every event from now on to `channel` as well, but for the types `without`."""
        self._channels[channel] = without
        self._look_who_takes_all()
        if self._edge is not None:
            self._edge.attached(channel)

    def detach(self, channel: Channel) -> bool:
        """Send nothing more to `channel`; False where it was not attached."""
        if self._edge is not None:
            self._edge.detached(channel)
        was_there = self._channels.pop(channel, None) is not None
        self._look_who_takes_all()
        return was_there

    def look(self) -> None:
        """See whether faults may happen to what is sent next, until this is asked again."""
        self._is_at_fault = self._edge is not None and not self._edge.is_idle

    def send(self, effect: SendEvent) -> None:
        """Send an event of the session's to every channel that takes its type."""
        event = effect.event
        reached = self._take_all
        if reached is None:
            kind = event.get("type")
            reached = tuple([channel for channel, without in self._channels.items() if kind not in without])
        if self._dialect is None:
            self._send(event, reached, scripted=effect.scripted, meant=event)
            return
        encoded = self._dialect.encode(event)
        for each in encoded:
            # What a dialect sends besides comes before the event itself.
            meant = event if each is encoded[-1] else None
            self._send(each, reached, scripted=effect.scripted, meant=meant)

    def close(self, code: int, reason: str) -> None:
        """Close every channel once what was sent has left."""
        for channel in self.channels:
            if self._edge is not None:
                self._edge.detached(channel)
            channel.close(code, reason)
        self._channels.clear()
        self._look_who_takes_all()

    def _look_who_takes_all(self) -> None:
        """The channels, where each takes every event: then none has to be asked about any."""
        self._take_all = None if any(self._channels.values()) else tuple(self._channels)

    def _send(
        self, event: dict[str, Any], channels: tuple[Channel, ...], *, scripted: bool, meant: dict[str, Any] | None
    ) -> None:
        text = event_text(event)
        violation = None if self._check is None else self._check(event)
        if violation is not None and not scripted:
            logger.error("%s: a server event of ours breaks its schema: %s", self._session_id, violation)
        if not channels:
            self._journal.sent(text, "none", violation, scripted=scripted)
            return
        edge = self._edge if self._is_at_fault else None
        for channel in channels:
            if edge is None:
                self._journal.sent(text, channel.name, violation, scripted=scripted)
                channel.send_text(text)
            else:
                exit_by = self._carrier(channel, violation, scripted=scripted)
                edge.outgoing(event, text, channel, exit_by, meant=meant)

    def _carrier(self, channel: Channel, violation: str | None, *, scripted: bool) -> Carrier:
        """How one event leaves by one channel, now or later."""

        def lose(text: str, fault: str | None) -> None:
            self._journal.sent(text, "none", violation, scripted=scripted, fault=fault)

        def carry(text: str, fault: str | None) -> None:
            if channel not in self._channels:
                lose(text, fault)
                return
            self._journal.sent(text, channel.name, violation, scripted=scripted, fault=fault)
            channel.send_text(text)

        return Carrier(carry, lose)
