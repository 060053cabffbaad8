"""Real speech by espeak-ng, from the optional package `espeakng-loader` (GPL-3.0-or-later), through ctypes.

espeak-ng keeps its state in global variables and carries some of it (the phase of a voice's
flutter, the seed of its noise) from one sentence to the next, across its own terminate and
initialize. So that the same text always gives the same bytes, the library is loaded anew
for every utterance, which costs about 4 ms, and seeded; one lock covers all of it.
"""

from __future__ import annotations

import _ctypes  # `ctypes` can load a library but has no name for unloading it
import ctypes
import os
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from zlib import crc32

import espeakng_loader

from realtime_mock.audio.pcm import resample
from realtime_mock.audio.stretch import stretch
from realtime_mock.core.speech import SAMPLE_RATE

_SYNCHRONOUS_OUTPUT = 2
_DONT_EXIT = 0x8000
_UTF8_TEXT = 1
_RATE_PARAMETER, _PITCH_PARAMETER, _RANGE_PARAMETER = 1, 3, 4

_LONGEST_DATA_PATH = 140
"""espeak-ng cuts longer paths to its data, finds nothing there, and ends the process."""

_WORDS_PER_MINUTE = 165
_FEWEST_WORDS_PER_MINUTE = 80
"""What espeak-ng cannot speak slower than."""

_SEED = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

# The library is one per process, whoever loads it.
_library_lock = Lock()


class EspeakError(Exception):
    """espeak-ng does not load or start; the text says what it reported."""


@dataclass(frozen=True, slots=True)
class _Timbre:
    """A variant of espeak-ng's voice, its pitch and pitch range (0 to 99), and its share of the normal rate."""

    variant: str
    pitch: int
    pitch_range: int = 50
    pace: float = 1.0


_TIMBRES = {
    "alloy": _Timbre("f2", 40),
    "ash": _Timbre("m3", 42, 45),
    "ballad": _Timbre("m1", 58, 65, 0.94),
    "coral": _Timbre("f3", 62, 60),
    "echo": _Timbre("m7", 34, 40),
    "sage": _Timbre("f1", 50, 40, 0.96),
    "shimmer": _Timbre("f4", 72, 60, 1.04),
    "verse": _Timbre("m2", 50, 75, 1.05),
    "marin": _Timbre("f5", 52, 55),
    "cedar": _Timbre("m4", 24, 45, 0.97),
}


class EspeakSynthesizer:
    """Speaks American English in ten timbres, one for each voice of the API.

    Raises:
        EspeakError: the library or its data cannot be used.
    """

    def __init__(self) -> None:
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._data_path = Path(espeakng_loader.get_data_path())
        if len(os.fsencode(self._data_path)) > _LONGEST_DATA_PATH:
            self._data_path = self._shorten(self._data_path)
        with _library_lock, _loaded(self._data_path):
            pass

    def say(self, parts: Iterable[str], *, voice: str, speed: float) -> Generator[bytes, None, None]:
        """Give the speech of each part, at 24 kHz. Markup is read out as text, never obeyed."""
        timbre = _timbre(voice)
        rate = _WORDS_PER_MINUTE * timbre.pace * speed
        words_per_minute = max(_FEWEST_WORDS_PER_MINUTE, round(rate))
        with _library_lock, _loaded(self._data_path) as library:
            library.choose(timbre, words_per_minute)
            for part in parts:
                pcm = resample(library.synthesize(part), source=library.sample_rate, target=SAMPLE_RATE)
                yield stretch(pcm, factor=words_per_minute / rate, rate=SAMPLE_RATE)

    def _shorten(self, data_path: Path) -> Path:
        """Reach the data through a link that lives as long as this object."""
        self._directory = tempfile.TemporaryDirectory(prefix="realtime-mock-")
        link = Path(self._directory.name) / "espeak-ng-data"
        link.symlink_to(data_path, target_is_directory=True)
        return link


def _timbre(voice: str) -> _Timbre:
    """Find the timbre of an API voice; another name always gets the same one of the ten."""
    if voice in _TIMBRES:
        return _TIMBRES[voice]
    names = sorted(_TIMBRES)
    return _TIMBRES[names[crc32(voice.encode("utf-8", "replace")) % len(names)]]


class _Library:
    """A freshly loaded espeak-ng."""

    def __init__(self, library: ctypes.CDLL, data_path: Path) -> None:
        self._library = library
        self._heard = bytearray()
        self._callback = _Callback(self._collect)
        self.sample_rate: int = library.espeak_Initialize(_SYNCHRONOUS_OUTPUT, 0, os.fsencode(data_path), _DONT_EXIT)
        if self.sample_rate <= 0:
            raise EspeakError(f"initialization gave {self.sample_rate} with the data in {data_path}")
        library.espeak_SetSynthCallback(self._callback)
        library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))

    def choose(self, timbre: _Timbre, words_per_minute: int) -> None:
        """Set how the next parts sound."""
        self._library.espeak_SetVoiceByName(f"en-us+{timbre.variant}".encode())
        self._library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
        self._library.espeak_SetParameter(_PITCH_PARAMETER, timbre.pitch, 0)
        self._library.espeak_SetParameter(_RANGE_PARAMETER, timbre.pitch_range, 0)

    def synthesize(self, text: str) -> bytes:
        """Give the speech of `text` at the library's own rate; nothing where it finds nothing to say."""
        self._heard.clear()
        encoded = text.encode("utf-8", "replace") + b"\0"
        self._library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 0, 0, _UTF8_TEXT, None, None)
        self._library.espeak_Synchronize()
        return bytes(self._heard)

    def close(self) -> None:
        """Free what the library holds; no other method may follow."""
        self._library.espeak_Terminate()

    def _collect(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, 2 * count)
        return 0


@contextmanager
def _loaded(data_path: Path) -> Iterator[_Library]:
    """Load espeak-ng with all its variables as at the start of the process, and unload it."""
    try:
        handle = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise EspeakError(str(error)) from None
    try:
        library = _Library(handle, data_path)
        try:
            yield library
        finally:
            library.close()
    finally:
        _unload(handle)


def _unload(library: ctypes.CDLL) -> None:
    """Let the system forget the library's variables; ctypes itself never unloads one."""
    handle = library._handle  # noqa: SLF001 - documented by ctypes in spite of its underscore
    if sys.platform == "win32":
        _ctypes.FreeLibrary(handle)
    else:
        _ctypes.dlclose(handle)
