"""Half the rate: what can be heard stays, what cannot be carried goes."""

import numpy as np
import pytest

from realtime_mock.audio.halving import DELAY, Halver
from realtime_mock.audio.pcm import dbfs, pcm_of


def tone(frequency: float, samples: int = 48_000) -> bytes:
    return pcm_of(8_000 * np.sin(2 * np.pi * frequency * np.arange(samples) / 48_000))


def halve(pcm: bytes, *, piece: int = 1920) -> bytes:
    halver = Halver()
    return b"".join(halver.feed(pcm[at : at + piece]) for at in range(0, len(pcm), piece))


def test_half_as_many_samples_come_out() -> None:
    assert len(halve(tone(440))) == 48_000


@pytest.mark.parametrize("piece", [4, 40, 480, 1920, 96_000])
def test_the_pieces_make_no_difference(piece: int) -> None:
    assert halve(tone(440), piece=piece) == halve(tone(440))


@pytest.mark.parametrize("frequency", [100, 1_000, 4_000, 8_000])
def test_what_can_be_heard_keeps_its_level(frequency: float) -> None:
    assert dbfs(halve(tone(frequency))[2_000:]) == pytest.approx(dbfs(tone(frequency)), abs=0.2)


@pytest.mark.parametrize("frequency", [15_000, 17_000, 20_000, 23_000])
def test_what_cannot_be_carried_is_gone(frequency: float) -> None:
    assert dbfs(halve(tone(frequency))[2_000:]) < dbfs(tone(frequency)) - 40


def test_a_click_comes_as_late_as_is_said() -> None:
    click = np.zeros(960)
    click[480:482] = 10_000
    heard = np.frombuffer(halve(pcm_of(click)), "<i2")
    assert np.abs(heard).argmax() in (240 + DELAY, 240 + DELAY + 1)


def test_silence_is_silent_and_the_loudest_does_not_wrap() -> None:
    assert halve(bytes(9_600)) == bytes(4_800)
    loudest = np.frombuffer(halve(pcm_of(np.full(4_800, 32_767.0))), "<i2")
    assert set(loudest[2 * DELAY + 2 :].tolist()) <= {32_766, 32_767}
