"""A voice from numpy alone: a syllable for every vowel, a noise or a hum for every consonant.

Not intelligible, but speech to a machine: it has pitch, formants, syllables and pauses, voice
detectors and meters react to it, it is as long as its text, and different letters sound different.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from realtime_mock.audio.pcm import Floats, pcm_of
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.letters import words

_AMPLITUDE = 6000.0
_VOWEL_SECONDS = 0.13
_WORD_GAP_SECONDS = 0.05
_PAUSE_SECONDS = 0.12
_FADE_SECONDS = 0.012
_PERIOD = 1024
"""Samples of one stored period of a voiced sound."""

_PITCHES = {
    "alloy": 175.0,
    "ash": 112.0,
    "ballad": 128.0,
    "coral": 205.0,
    "echo": 98.0,
    "sage": 188.0,
    "shimmer": 232.0,
    "verse": 140.0,
    "marin": 216.0,
    "cedar": 90.0,
}
"""Fundamental frequency in Hz of every voice of the API."""

_FORMANTS = {
    "a": (730, 1220, 2500),
    "e": (530, 1850, 2500),
    "i": (280, 2250, 2950),
    "o": (560, 900, 2400),
    "u": (310, 860, 2250),
    "y": (300, 2050, 2300),
    "m": (250, 1000, 2200),
    "n": (260, 1500, 2500),
    "l": (360, 1150, 2800),
    "r": (380, 1300, 1650),
    "w": (300, 650, 2200),
    "j": (280, 2150, 2750),
    "v": (270, 1350, 2100),
}
"""Resonances in Hz of the sounds that are sung: vowels, nasals and their like."""

_NOISES = {
    "s": (6200, 0.09),
    "z": (5400, 0.07),
    "f": (7600, 0.08),
    "h": (1500, 0.06),
    "x": (3300, 0.09),
    "c": (4400, 0.07),
    "t": (4800, 0.025),
    "d": (3600, 0.03),
    "k": (2300, 0.03),
    "g": (1900, 0.035),
    "q": (1250, 0.03),
    "p": (950, 0.025),
    "b": (600, 0.03),
}
"""Centre in Hz and length in seconds of the sounds that are noise: fricatives and bursts."""


class ToneSynthesizer:
    """Hums any text in ten pitches, one for each voice of the API."""

    def say(self, parts: Iterable[str], *, voice: str, speed: float) -> Generator[bytes, None, None]:
        """Give the sound of each part at 24 kHz; nothing for a part without letters and digits."""
        pitch = _pitch(voice)
        for part in parts:
            sounds = [sound for word in words(part) for sound in _word(word, pitch, speed)]
            if sounds:
                yield pcm_of(np.concatenate(_melody(sounds, question=part.rstrip().endswith("?"))))


def _pitch(voice: str) -> float:
    """Find the pitch of an API voice; another name always gets the same pitch between 90 and 230 Hz."""
    return _PITCHES.get(voice) or 90.0 + crc32(voice.encode("utf-8", "replace")) % 140


@dataclass(frozen=True, slots=True)
class _Sound:
    """A letter's sound before its pitch is bent: `letter` "" is silence."""

    letter: str
    seconds: float
    pitch: float


def _word(word: str, pitch: float, speed: float) -> list[_Sound]:
    """Give the sounds of a word and the gap after it; "" is a pause."""
    if not word:
        return [_Sound("", _PAUSE_SECONDS / speed, pitch)]
    sounds = [_Sound(letter, _seconds(letter) / speed, pitch) for letter in word]
    return [*sounds, _Sound("", _WORD_GAP_SECONDS / speed, pitch)]


def _seconds(letter: str) -> float:
    if letter in _NOISES:
        return _NOISES[letter][1]
    return _VOWEL_SECONDS if letter in "aeiouy" else _VOWEL_SECONDS / 2


def _melody(sounds: list[_Sound], *, question: bool) -> list[Floats]:
    """Let the pitch fall over the sentence, or rise at the end of a question."""
    count = len(sounds)
    bends = 1.08 - 0.2 * np.arange(count) / count
    if question:
        bends[-min(count, 6) :] += np.linspace(0.05, 0.4, min(count, 6))
    return [_render(sound, float(bend)) for sound, bend in zip(sounds, bends, strict=True)]


def _render(sound: _Sound, bend: float) -> Floats:
    length = round(sound.seconds * SAMPLE_RATE)
    if sound.letter in _FORMANTS:
        period = _sung_period(sound.letter, sound.pitch)
        phase = np.arange(length) * (sound.pitch * bend * _PERIOD / SAMPLE_RATE)
        return period[phase.astype(np.int64) % _PERIOD] * _envelope(length)
    if sound.letter in _NOISES:
        return np.resize(_noise(sound.letter), length) * _envelope(length)
    return np.zeros(length)


def _envelope(length: int) -> Floats:
    """Fade in and out, so that no sound begins with a click."""
    fade = min(round(_FADE_SECONDS * SAMPLE_RATE), length // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / max(1, fade))
    return np.concatenate((ramp, np.ones(length - 2 * fade), ramp[::-1]))


@lru_cache(maxsize=256)
def _sung_period(letter: str, pitch: float) -> Floats:
    """Build one period of a voiced sound: harmonics weighed by the resonances of its letter."""
    frequencies = np.arange(1, int(4000 / pitch) + 1) * pitch
    weights = np.zeros_like(frequencies)
    for rank, centre in enumerate(_FORMANTS[letter]):
        width = 60.0 + centre * 0.06
        weights += (1.0 / (1.0 + rank)) / (1.0 + ((frequencies - centre) / width) ** 2)
    weights[0] += 0.4
    turns = np.arange(_PERIOD)[np.newaxis, :] * np.arange(1, len(frequencies) + 1)[:, np.newaxis] / _PERIOD
    # Phases that grow with the square of the harmonic's number keep the peaks of the wave low.
    phases = np.arange(1, len(frequencies) + 1)[:, np.newaxis] ** 2 / len(frequencies)
    return _to_level(weights @ np.sin(2.0 * np.pi * turns + np.pi * phases), _AMPLITUDE)


@lru_cache(maxsize=32)
def _noise(letter: str) -> Floats:
    """Build a third of a second of noise around the centre of a letter, the same each time."""
    length = SAMPLE_RATE // 3
    # RandomState is the generator whose numbers numpy promises never to change.
    spectrum = np.fft.rfft(np.random.RandomState(ord(letter)).standard_normal(length))
    centre = _NOISES[letter][0]
    distance = (np.fft.rfftfreq(length, 1 / SAMPLE_RATE) - centre) / (0.22 * centre + 150.0)
    return _to_level(np.fft.irfft(spectrum * np.exp(-0.5 * distance**2), length), 0.35 * _AMPLITUDE)


def _to_level(samples: Floats, level: float) -> Floats:
    return np.asarray(samples * (level / np.sqrt(np.mean(samples**2))))
