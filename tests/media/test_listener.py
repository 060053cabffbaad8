"""The inbound track: what the client says, as 24 kHz mono PCM."""

import asyncio

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from realtime_mock.audio.pcm import resample
from realtime_mock.media.listener import CallListener, Converter, mono


def frame(samples: np.ndarray, *, rate: int = 48_000, layout: str = "stereo") -> AudioFrame:
    """A frame of interleaved 16-bit samples: one row per moment, one column per channel."""
    made = AudioFrame.from_ndarray(samples.astype("<i2").reshape(1, -1), format="s16", layout=layout)
    made.sample_rate = rate
    return made


def sine(samples: int) -> np.ndarray:
    return np.rint(8000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / 48_000))


class Track(MediaStreamTrack):
    """Gives frames from a queue; None ends it."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.frames: asyncio.Queue[AudioFrame | None] = asyncio.Queue()

    async def recv(self) -> AudioFrame:
        item = await self.frames.get()
        if item is None:
            raise MediaStreamError
        return item


def test_mono_is_the_mean_of_the_channels() -> None:
    samples = np.array([[100, 200], [-100, -200], [32767, 32767], [-32768, -32768], [1, 2]])
    assert np.frombuffer(mono(frame(samples)), "<i2").tolist() == [150, -150, 32767, -32768, 2]


def test_mono_frames_pass_unchanged() -> None:
    samples = np.array([[1], [-2], [3]])
    assert np.frombuffer(mono(frame(samples, layout="mono")), "<i2").tolist() == [1, -2, 3]


def test_frames_are_converted_as_one_stream() -> None:
    wave = sine(48_000)
    stereo = np.column_stack([wave, wave])
    converter = Converter()
    pieces = b"".join(converter.convert(frame(stereo[at : at + 960])) for at in range(0, 48_000, 960))
    whole = resample(wave.astype("<i2").tobytes(), source=48_000, target=24_000)
    assert pieces == whole[: len(pieces)]
    assert len(whole) - len(pieces) < 2 * 24 * 5


def test_every_packet_of_20_ms_gives_20_ms() -> None:
    silence = np.zeros((960, 2))
    converter = Converter()
    converter.convert(frame(silence))
    assert [len(converter.convert(frame(silence))) for _ in range(5)] == [960] * 5


async def test_a_listener_hears_until_the_track_ends() -> None:
    heard: list[bytes] = []
    track = Track()
    listener = CallListener(track, heard.append)
    for item in [frame(np.zeros((960, 2)))] * 3 + [None]:
        track.frames.put_nowait(item)
    async with asyncio.timeout(5):
        await listener.wait_ended()
    assert len(heard) == 3


@pytest.mark.parametrize("frames", [0, 2])
async def test_a_closed_listener_leaves_no_task(frames: int) -> None:
    before = asyncio.all_tasks()
    track = Track()
    for _ in range(frames):
        track.frames.put_nowait(frame(np.zeros((960, 2))))
    listener = CallListener(track, lambda pcm: None)
    async with asyncio.timeout(5):
        await listener.close()
    assert asyncio.all_tasks() == before
