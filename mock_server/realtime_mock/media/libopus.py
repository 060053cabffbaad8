"""libopus itself, where it is at hand: it decodes at 24 kHz, in half the time that PyAV takes at 48.

PyAV brings a libopus with it, as a file beside its own; a system may have one too. Where neither is found nothing is
lost but time: `opus` decodes by PyAV then.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av

from realtime_mock.core.speech import SAMPLE_RATE

LONGEST_SAMPLES = SAMPLE_RATE * 120 // 1000
"""No packet holds more than 120 ms (RFC 6716, section 2)."""

_MONO = 1
_BESIDE_PYAV = ("../av.libs/libopus*", ".dylibs/libopus*")
"""Where the wheels of PyAV for Linux and Windows have it, and those for macOS."""


class DecoderUnavailable(Exception):
    """There is no libopus here, or it makes no decoder."""


class MonoDecoder:
    """One stream of Opus packets, decoded to 24 kHz mono PCM.

    Raises:
        DecoderUnavailable: there is none.
    """

    def __init__(self) -> None:
        self._library = library = _library()
        if library is None:
            raise DecoderUnavailable
        failure = ctypes.c_int()
        self._state = library.opus_decoder_create(SAMPLE_RATE, _MONO, ctypes.byref(failure))
        if failure.value or not self._state:
            raise DecoderUnavailable
        self._decode = library.opus_decode
        self._samples = (ctypes.c_int16 * LONGEST_SAMPLES)()
        self._address = ctypes.addressof(self._samples)

    def __del__(self) -> None:
        if getattr(self, "_state", None) and self._library is not None:
            self._library.opus_decoder_destroy(self._state)

    def decode(self, payload: bytes) -> bytes | None:
        """The audio of one packet; None for one that is not Opus."""
        count = self._decode(self._state, payload, len(payload), self._address, LONGEST_SAMPLES, 0)
        return ctypes.string_at(self._address, 2 * count) if count > 0 else None


@cache
def _library() -> ctypes.PyDLL | None:
    for path in _places():
        try:
            # Not CDLL: to give up the lock of the interpreter and take it again costs as much as half a packet.
            library = ctypes.PyDLL(path)
            _declare(library)
        except (OSError, AttributeError):
            continue
        return library
    return None


def _places() -> Iterator[str]:
    package = Path(av.__file__).parent
    for pattern in _BESIDE_PYAV:
        folder, name = os.path.split(pattern)
        yield from (str(path) for path in sorted((package / folder).glob(name)))
    found = ctypes.util.find_library("opus")
    if found is not None:
        yield found


def _declare(library: ctypes.PyDLL) -> None:
    """The functions that are used, as opus.h has them; AttributeError where one is missing."""
    library.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    library.opus_decoder_create.restype = ctypes.c_void_p
    library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_decoder_destroy.restype = None
    library.opus_decode.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
    ]
    library.opus_decode.restype = ctypes.c_int
