"""Sound in the formats that others read, judged by FFmpeg."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from realtime_mock.audio.formats import RATES, Format, FormatImpossible, format_of
from realtime_mock.audio.pcm import dbfs, pcm_of

TONE = pcm_of(8_000 * np.sin(2 * np.pi * 400 * np.arange(24_001) / 24_000))
NAMES = {"pcm": "pcm_s16le", "pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}


def decoded(wav: bytes) -> tuple[str, int, bytes]:
    with av.open(io.BytesIO(wav)) as file:
        codec = file.streams.audio[0].codec_context
        frames = [frame.to_ndarray().astype("<i2").tobytes() for frame in file.decode(audio=0)]
        return codec.name, codec.sample_rate, b"".join(frames)


@pytest.mark.parametrize(
    "form", [*(Format("pcm", rate) for rate in RATES), format_of("pcmu", None), format_of("pcma", None)]
)
def test_a_wav_is_read_by_others(form: Format):
    name, rate, pcm = decoded(form.wav(form.samples(TONE)))
    assert (name, rate) == (NAMES[form.coding], form.rate)
    assert len(pcm) // 2 == -(-24_001 * form.rate // 24_000)
    assert dbfs(pcm) == pytest.approx(dbfs(TONE), abs=0.3)


def test_bare_samples_have_no_header():
    assert Format().samples(TONE) == TONE
    assert len(format_of("pcmu", None).samples(TONE)) == 8_001


@pytest.mark.parametrize(
    ("coding", "rate", "fault"), [("pcmu", 16_000, "G.711 has 8000"), ("pcm", 12_345, "not made here")]
)
def test_what_nobody_reads_is_refused(coding, rate, fault):
    with pytest.raises(FormatImpossible, match=fault):
        format_of(coding, rate)
