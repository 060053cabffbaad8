"""A server that is reached by URL, each session of it a WebRTC call whose data channel carries the events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from realtime_conformance.targets.base import Connection, Opening
from realtime_conformance.targets.websocket import WebSocketTarget

NOT_ON_A_CALL = frozenset({"audio-events", "websocket"})
"""What a server cannot show by its calls, whatever it claims."""


@dataclass(frozen=True, slots=True)
class WebRtcTarget(WebSocketTarget):
    """A server by its URL, spoken to over the data channels of calls; WebSockets are for sidebands alone."""

    def __post_init__(self) -> None:
        """Claim nothing that a call cannot show."""
        object.__setattr__(self, "capabilities", self.capabilities - NOT_ON_A_CALL)

    @property
    def name(self) -> str:
        """Its URL."""
        return f"{self.place.http} (WebRTC)"

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[Connection]:
        """Place a call and give its data channel.

        Raises:
            Refused: the offer was answered with anything but 201.
            Unreached: nothing listens there, or no connection came about.
        """
        async with self.call(opening) as call:
            yield call
