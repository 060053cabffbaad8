"""libopus itself and PyAV decode alike."""

from __future__ import annotations

import numpy as np
import pytest

from realtime_mock.audio.pcm import dbfs, pcm_of, samples_of
from realtime_mock.media import libopus, opus

MOMENTS = np.arange(24_000) / 24_000
CHORD = pcm_of(sum(4_000 * np.sin(2 * np.pi * pitch * MOMENTS) for pitch in (210, 440, 1_370)))
"""Deep enough for the filter that halves the rate behind PyAV."""


def heard_by(decoder) -> bytes:
    return b"".join(decoder.decode(packet) or b"" for packet in opus.encode(CHORD))


@pytest.fixture
def native() -> libopus.MonoDecoder:
    try:
        return libopus.MonoDecoder()
    except libopus.DecoderUnavailable:
        pytest.skip("there is no libopus here")


def test_both_hear_the_same(native):
    ours, theirs = samples_of(heard_by(native)), samples_of(heard_by(opus.PyAvDecoder()))
    assert len(ours) == len(theirs)
    # PyAV's is halved by a filter that is a few samples late.
    shifts = range(24)
    likeness = max(
        np.corrcoef(ours[: len(ours) - 24], theirs[shift : len(theirs) - 24 + shift])[0, 1] for shift in shifts
    )
    assert likeness > 0.99


def test_what_is_not_opus_is_told(native):
    assert native.decode(b"\xff") is None
    assert opus.PyAvDecoder().decode(b"\xff") is None


def test_without_libopus_pyav_decodes(monkeypatch):
    monkeypatch.setattr(libopus, "_library", lambda: None)
    decoder = opus.OpusDecoder()
    assert isinstance(decoder._decoder, opus.PyAvDecoder)
    heard = b"".join(decoder.decode(packet) for packet in opus.encode(CHORD))
    assert dbfs(heard) == pytest.approx(dbfs(CHORD), abs=1.0)
