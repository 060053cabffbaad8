"""What can happen to a call: to its RTP packets, to its data channel, to the connection under both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from realtime_mock.faults.model import Kind

Direction = Literal["out", "in"]
"""What the client hears, or what the mock hears of it."""


class InCall(Kind):
    """What happens in the midst of a call, which counts it for itself."""

    __slots__ = ()

    of_sessions: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class RtpLoss(InCall):
    """A packet is lost, and with it those that follow, `burst` in all."""

    word: ClassVar[str] = "rtp_loss"
    burst: int = 1
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class RtpReorder(InCall):
    """The next `passes` packets go before it; where fewer follow, it is lost."""

    word: ClassVar[str] = "rtp_reorder"
    passes: int = 1
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class RtpDuplicate(InCall):
    """A packet goes `times` times, all of them at once."""

    word: ClassVar[str] = "rtp_duplicate"
    times: int = 2
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class RtpJitter(InCall):
    """A packet goes late by up to `most` seconds, by the seed; those that follow may pass."""

    word: ClassVar[str] = "rtp_jitter"
    most: float
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class RtpGap(InCall):
    """No packet goes for so many seconds."""

    word: ClassVar[str] = "rtp_gap"
    seconds: float
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class RtpSilence(InCall):
    """For so many seconds packets go as usual, and all of them hold silence."""

    word: ClassVar[str] = "rtp_silence"
    seconds: float
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class ChannelStall(InCall):
    """Messages of the data channel wait for so many seconds, the one it happens on among them; then all come at once.

    `out` are those of the mock, `in` those of the client.
    """

    word: ClassVar[str] = "channel_stall"
    seconds: float
    direction: Direction = "out"


@dataclass(frozen=True, slots=True)
class ChannelClose(Kind):
    """The mock closes the data channel after so many seconds; the call goes on without it."""

    word: ClassVar[str] = "channel_close"
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class ChannelLate(Kind):
    """The data channel opens so many seconds later than it could."""

    word: ClassVar[str] = "channel_late"
    seconds: float


@dataclass(frozen=True, slots=True)
class SessionCreated(Kind):
    """`session.created` comes so many seconds after the data channel opened; at 0 right behind its acknowledgement.

    Without this fault it follows as soon as the acknowledgement has been sent.
    """

    word: ClassVar[str] = "session_created"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Vanish(Kind):
    """The mock is gone from the network: it sends nothing and takes nothing, and closes nothing.

    For so many seconds, or for good where they are None; `after` seconds until then. The event that it happens on still
    arrives.
    """

    word: ClassVar[str] = "vanish"
    seconds: float | None = None
    after: float = 0.0


PacketKind = RtpLoss | RtpReorder | RtpDuplicate | RtpJitter | RtpGap | RtpSilence
ChannelKind = ChannelStall | ChannelClose | ChannelLate | SessionCreated
