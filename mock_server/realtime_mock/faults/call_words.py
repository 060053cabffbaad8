"""The words for what happens to a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from realtime_mock.faults.call_kinds import (
    ChannelClose,
    ChannelLate,
    ChannelStall,
    Direction,
    RtpDuplicate,
    RtpGap,
    RtpJitter,
    RtpLoss,
    RtpReorder,
    RtpSilence,
    SessionCreated,
    Vanish,
)
from realtime_mock.faults.model import Always, Kind, OnConnect, OnEvent, Trigger
from realtime_mock.faults.words import EVENTS, Word, says_nothing
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node

MOST_PACKETS = 10_000
"""Packets that one loss takes, or that pass one: more than three minutes of them."""

MOST_COPIES = 10

AT_ONCE = "at_once"


def _rtp_loss(node: Node, _on: Trigger) -> RtpLoss:
    burst, direction = _counted(node, "burst", what="'rtp_loss'", most=MOST_PACKETS)
    return RtpLoss(burst or 1, direction)


def _rtp_reorder(node: Node, _on: Trigger) -> RtpReorder:
    passes, direction = _counted(node, "passes", what="'rtp_reorder'", most=MOST_PACKETS)
    return RtpReorder(passes or 1, direction)


def _rtp_duplicate(node: Node, _on: Trigger) -> RtpDuplicate:
    times, direction = _counted(node, "times", what="'rtp_duplicate'", least=2, most=MOST_COPIES)
    return RtpDuplicate(times or 2, direction)


def _rtp_jitter(node: Node, _on: Trigger) -> RtpJitter:
    return RtpJitter(*_timed(node, "up_to", what="'rtp_jitter'"))


def _rtp_gap(node: Node, _on: Trigger) -> RtpGap:
    return RtpGap(*_timed(node, "for", what="'rtp_gap'"))


def _rtp_silence(node: Node, _on: Trigger) -> RtpSilence:
    return RtpSilence(*_timed(node, "for", what="'rtp_silence'"))


def _channel_stall(node: Node, _on: Trigger) -> ChannelStall:
    return ChannelStall(*_timed(node, "for", what="'channel_stall'"))


def _channel_close(node: Node, on: Trigger) -> ChannelClose:
    _check_way(node, on)
    if says_nothing(node):
        return ChannelClose()
    given = fields.mapping(node, what="'channel_close'", allowed=("after",))
    return ChannelClose(_after(given))


def _channel_late(node: Node, on: Trigger) -> ChannelLate:
    _check_way(node, on)
    return ChannelLate(fields.duration(node, what="'channel_late'"))


def _session_created(node: Node, on: Trigger) -> SessionCreated:
    """`at_once`, or how late."""
    _check_way(node, on)
    if node.value == AT_ONCE:
        return SessionCreated()
    return SessionCreated(fields.duration(node, what="'session_created', unless it is at_once,"))


def _vanish(node: Node, on: Trigger) -> Vanish:
    _check_way(node, on)
    if says_nothing(node):
        return Vanish()
    if not isinstance(node.value, Mapping):
        return Vanish(fields.duration(node, what="'vanish'"))
    given = fields.mapping(node, what="'vanish'", allowed=("for", "after"))
    seconds = fields.duration(given["for"], what="'for' of 'vanish'") if "for" in given else None
    return Vanish(seconds, _after(given))


def _counted(node: Node, key: str, *, what: str, most: int, least: int = 1) -> tuple[int | None, Direction]:
    """A number, or a mapping with one under `key` and a direction; None where no number is given."""
    if says_nothing(node):
        return None, "out"
    if not isinstance(node.value, Mapping):
        return _number(node, what=what, least=least, most=most), "out"
    given = fields.mapping(node, what=what, allowed=(key, "direction"))
    number = _number(given[key], what=f"'{key}' of {what}", least=least, most=most) if key in given else None
    return number, _direction(given)


def _timed(node: Node, key: str, *, what: str) -> tuple[float, Direction]:
    """A duration, or a mapping with one under `key` and a direction."""
    if not isinstance(node.value, Mapping) or not node.value:
        return fields.duration(node, what=what), "out"
    given = fields.mapping(node, what=what, allowed=(key, "direction"), required=(key,))
    return fields.duration(given[key], what=f"'{key}' of {what}"), _direction(given)


def _number(node: Node, *, what: str, least: int, most: int) -> int:
    number = fields.whole_number(node, what=what)
    if not least <= number <= most:
        raise node.error(f"{what} must be between {least} and {most}; change the number")
    return number


def _direction(given: Mapping[str, Node]) -> Direction:
    if "direction" not in given:
        return "out"
    name = fields.choice(given["direction"], get_args(Direction), what="'direction'")
    return "in" if name == "in" else "out"


def _after(given: Mapping[str, Node]) -> float:
    return fields.duration(given["after"], what="'after'") if "after" in given else 0.0


def _check_way(node: Node, on: Trigger) -> None:
    if isinstance(on, OnConnect) and on.way not in (None, "call"):
        raise node.error("this happens to calls alone; write 'connect: call' under 'on'")


_EACH_CALL: tuple[type[Trigger], ...] = (Always, OnConnect)
_AT_A_MOMENT: tuple[type[Trigger], ...] = (OnEvent, OnConnect)
_ON_PACKETS = "leave 'on' out for every RTP packet, or name the event that it begins with"
_ON_MESSAGES = "name an event type there, or 'client', 'server', or leave 'on' out for all events"
_ON_CALLS = "write 'connect: call' there, or leave 'on' out for every call"
_ON_A_MOMENT = "name an event type there, or write 'connect: call'"

_PACKET_READERS: Mapping[str, Callable[[Node, Trigger], Kind]] = {
    RtpLoss.word: _rtp_loss,
    RtpReorder.word: _rtp_reorder,
    RtpDuplicate.word: _rtp_duplicate,
    RtpJitter.word: _rtp_jitter,
    RtpGap.word: _rtp_gap,
    RtpSilence.word: _rtp_silence,
}

CALL_WORDS: Mapping[str, Word] = {
    **{word: Word(read, EVENTS, _ON_PACKETS) for word, read in _PACKET_READERS.items()},
    ChannelStall.word: Word(_channel_stall, EVENTS, _ON_MESSAGES),
    ChannelClose.word: Word(_channel_close, _AT_A_MOMENT, _ON_A_MOMENT),
    ChannelLate.word: Word(_channel_late, _EACH_CALL, _ON_CALLS),
    SessionCreated.word: Word(_session_created, _EACH_CALL, _ON_CALLS),
    Vanish.word: Word(_vanish, _AT_A_MOMENT, _ON_A_MOMENT),
}
