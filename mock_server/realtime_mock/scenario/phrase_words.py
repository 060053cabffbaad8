"""How a scenario file writes the phrases that it listens for: as words, or with how they sound."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.phrase import USER_VOICE, Phrase
from realtime_mock.scenario.sounds import read_recording, read_voice

SLOWEST, FASTEST = 0.25, 1.5
"""Bounds of the speed of a voice, those of the API's `speed`."""

_WHAT = "a phrase"
_KEYS = ("says", "file", "voice", "speed")


def read_phrases(node: Node) -> tuple[Phrase, ...]:
    """The list of phrases under `phrases`."""
    return tuple(Phrase(each) if isinstance(each, str) else each for each in _listed(node, what="'phrases'"))


def read_heard(node: Node) -> object:
    """What stands under `heard`: words, a phrase, or a list of both."""
    if isinstance(node.value, tuple):
        return _listed(node, what="'heard'")
    return _phrase(node, what="'heard'")


def _listed(node: Node, *, what: str) -> list[str | Phrase]:
    return list(fields.every(lambda each: _phrase(each, what=_WHAT), fields.elements(node, what=what)))


def _phrase(node: Node, *, what: str) -> str | Phrase:
    if not isinstance(node.value, Mapping):
        return fields.text(node, what=what)
    given = fields.mapping(node, what=_WHAT, allowed=_KEYS, required=("says",))
    says = fields.text(given["says"], what=f"'says' of {_WHAT}")
    if "file" not in given:
        voice = read_voice(given["voice"]) if "voice" in given else USER_VOICE
        return Phrase(says, voice=voice, speed=_speed(given["speed"]) if "speed" in given else 1.0)
    for key in ("voice", "speed"):
        if key in given:
            raise node.keys[key].error(f"a recording sounds as it does; remove '{key}', or the 'file'")
    return Phrase(says, recording=read_recording(given["file"], what="'file'"))


def _speed(node: Node) -> float:
    speed = node.value
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not SLOWEST <= speed <= FASTEST:
        raise node.error(f"'speed' of {_WHAT} is a number from {SLOWEST} to {FASTEST}; write one, without quotes")
    return float(speed)
