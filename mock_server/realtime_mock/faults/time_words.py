"""The words for what is wrong with time."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_mock.faults.model import Always, OnConnect, OnRequest, Trigger
from realtime_mock.faults.time_kinds import ClockSkew, SecretExpires, SessionExpires
from realtime_mock.faults.words import REQUESTS, Word
from realtime_mock.scenario import fields, words
from realtime_mock.scenario.document import Node

LARGEST_SKEW = 10 * 366 * 86_400.0
"""Seconds: ten years."""


def _clock_skew(node: Node, _on: Trigger) -> ClockSkew:
    """A duration, with a minus for a clock that is behind."""
    value = node.value
    sign, rest = (-1, value[1:].lstrip()) if isinstance(value, str) and value.startswith("-") else (1, value)
    seconds = words.seconds(rest)
    if seconds is None:
        shown = f"'{value}'" if isinstance(value, str) else fields.kind(node)
        raise node.error(f"'clock_skew' must be a duration, not {shown}; write 300s, or -300s for a clock behind")
    if abs(seconds) > LARGEST_SKEW:
        raise node.error(f"'clock_skew' must be within {LARGEST_SKEW:.0f} seconds; change the duration")
    return ClockSkew(sign * seconds)


def _secret_expires(node: Node, _on: Trigger) -> SecretExpires:
    return SecretExpires(fields.duration(node, what="'secret_expires'"))


def _session_expires(node: Node, _on: Trigger) -> SessionExpires:
    return SessionExpires(fields.duration(node, what="'session_expires'"))


TIME_WORDS: Mapping[str, Word] = {
    ClockSkew.word: Word(
        _clock_skew, REQUESTS, "write 'connect' there, or a 'path', or leave 'on' out for every request"
    ),
    SecretExpires.word: Word(
        _secret_expires, (Always, OnRequest), "write the 'path' of the request that mints it, or leave 'on' out"
    ),
    SessionExpires.word: Word(
        _session_expires, (Always, OnConnect), "write 'connect' there, or leave 'on' out for every session"
    ),
}
