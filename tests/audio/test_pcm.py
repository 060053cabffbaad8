"""Levels and sample-rate conversion, against what arithmetic says."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.audio.pcm import FLOOR_DBFS, Resampler, dbfs, pcm_of, resample, samples_of

RATES = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
pairs = st.sampled_from(list(itertools.permutations(RATES, 2)))


@pytest.mark.parametrize("source, target", list(itertools.product(RATES, RATES)))
def test_a_tone_stays_the_same_tone(source: int, target: int, tone: Callable[..., bytes]) -> None:
    converted = samples_of(resample(tone(rate=source, frequency=1_000), source=source, target=target))
    expected = samples_of(tone(rate=target, frequency=1_000))
    edge = target // 20
    assert len(converted) == target
    assert np.abs(converted - expected)[edge:-edge].max() <= 2.0


@pytest.mark.parametrize("source, target, frequency", [(48_000, 24_000, 14_000), (24_000, 8_000, 5_000)])
def test_what_the_lower_rate_cannot_carry_disappears(
    source: int, target: int, frequency: int, tone: Callable[..., bytes]
) -> None:
    converted = resample(tone(rate=source, frequency=frequency), source=source, target=target)
    assert dbfs(converted[target // 5 : -target // 5]) < -75.0


@given(pairs, st.binary(max_size=3_000))
def test_conversion_keeps_the_length(rates: tuple[int, int], pcm: bytes) -> None:
    source, target = rates
    converted = resample(pcm, source=source, target=target)
    assert len(converted) == 2 * math.ceil(len(pcm) // 2 * target / source)


@given(pairs, st.lists(st.binary(max_size=700), max_size=8))
def test_a_stream_in_pieces_is_converted_like_the_whole(rates: tuple[int, int], pieces: list[bytes]) -> None:
    source, target = rates
    resampler = Resampler(source=source, target=target)
    in_pieces = b"".join(resampler.feed(piece) for piece in pieces) + resampler.flush()
    assert in_pieces == resample(b"".join(pieces), source=source, target=target)


def test_a_flushed_resampler_begins_a_new_stream(tone: Callable[..., bytes]) -> None:
    resampler = Resampler(source=8_000, target=24_000)
    sound = tone(rate=8_000, seconds=0.1)
    first = resampler.feed(sound + b"\1") + resampler.flush()
    assert resampler.feed(sound) + resampler.flush() == first


def test_a_stream_is_at_most_10_ms_late(tone: Callable[..., bytes]) -> None:
    for source, target in itertools.permutations((8_000, 24_000, 48_000), 2):
        ready = Resampler(source=source, target=target).feed(tone(rate=source))
        assert len(ready) // 2 >= 0.99 * target


@given(st.binary(max_size=2_000), st.sampled_from(RATES))
def test_equal_rates_change_nothing(pcm: bytes, rate: int) -> None:
    assert resample(pcm, source=rate, target=rate) == pcm[: len(pcm) // 2 * 2]


@given(st.integers(-32_768, 32_767), pairs)
def test_a_constant_stays_that_constant(value: int, rates: tuple[int, int]) -> None:
    source, target = rates
    converted = samples_of(resample(pcm_of(np.full(2_000, float(value))), source=source, target=target))
    edge = len(converted) // 3
    assert set(converted[edge:-edge]) == {value}


def test_a_full_scale_square_does_not_wrap_around() -> None:
    square = pcm_of(np.where(np.arange(2_400) // 40 % 2 == 0, 32_767.0, -32_768.0))
    converted = samples_of(resample(square, source=24_000, target=48_000))
    assert converted[20:60].min() > 20_000


@pytest.mark.parametrize("source, target", [(0, 24_000), (24_000, -1), (44_101, 24_000)])
def test_rates_that_cannot_be_converted_are_refused(source: int, target: int) -> None:
    with pytest.raises(ValueError, match="rate"):
        resample(b"", source=source, target=target)


def test_levels_are_relative_to_full_scale(tone: Callable[..., bytes]) -> None:
    assert dbfs(pcm_of(np.full(100, -32_768.0))) == 0.0
    assert dbfs(tone(rate=24_000, peak=32_767)) == pytest.approx(-3.01, abs=0.01)
    assert dbfs(tone(rate=24_000, peak=3_276.8)) == pytest.approx(-23.01, abs=0.01)


@pytest.mark.parametrize("pcm", [b"", b"\1", bytes(2), bytes(4_800)])
def test_silence_has_a_finite_level(pcm: bytes) -> None:
    assert dbfs(pcm) == FLOOR_DBFS


@given(st.binary(max_size=500))
def test_every_level_lies_between_the_floor_and_full_scale(pcm: bytes) -> None:
    assert FLOOR_DBFS <= dbfs(pcm) <= 0.0
