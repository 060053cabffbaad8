"""`realtime-mock demo` makes a call, and is honest where nothing is heard."""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import shlex
import shutil
import subprocess
import sys
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

import realtime_mock
from realtime_mock.audio.wav import read_wav
from realtime_mock.cli.caller import Caller, CallFailed, trim_silence
from realtime_mock.core.speech import Speech
from realtime_mock.media.voice import default_voice
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

Invoke = Callable[..., Result]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]

SOURCES = Path(realtime_mock.__file__).parent.parent

HANG_UP = """
scenario: hang up
rules:
  - on: {type: response.create}
    turns:
      - close: {}
"""


async def test_the_answer_is_one_16_bit_wav_of_speech(start: Start, tmp_path: Path) -> None:
    process = await start("demo", "--out", tmp_path / "heard.wav")
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["heard.wav"]
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getsampwidth(), file.getnchannels()) == (2, 1)
    samples = np.frombuffer(read_wav(tmp_path / "heard.wav")[0], "<i2").astype(float)
    assert np.sqrt(np.mean(samples**2)) > 300
    types = [line.split()[2] for line in out.decode().splitlines() if " s  " in line]
    assert types[0] == "session.created"
    assert types[-1] == "output_audio_buffer.stopped"


async def test_it_calls_to_the_end_where_nobody_reads_its_lines(tmp_path: Path) -> None:
    demo = shlex.join([sys.executable, "-c", "from realtime_mock.cli import main; main()", "demo", "--out", "a.wav"])
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"{demo} | head -n 1"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    async with asyncio.timeout(30):
        _, errors = await process.communicate()
    assert errors == b""
    assert (tmp_path / "a.wav").exists()


ALONE = ("unshare", "--net", "--map-root-user", "sh", "-c")
"""Runs a command on a machine without any interface."""


def can_be_alone() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run([*ALONE, "ip link set lo up"], capture_output=True, timeout=10).returncode == 0


async def test_a_machine_with_loopback_alone_can_call(tmp_path: Path) -> None:
    if not can_be_alone():
        pytest.skip("no network namespaces here")
    code = "from realtime_mock.cli import main; main()"
    demo = shlex.join([sys.executable, "-c", code, "demo", "--out", str(tmp_path / "a.wav")])
    process = await asyncio.create_subprocess_exec(
        *ALONE,
        f"ip link set lo up && {demo}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


def test_a_place_that_cannot_be_written_is_told_before_the_call(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "absent" / "a.wav"
    result = invoke("demo", "--out", file)
    assert result.exit_code == 1
    assert result.output == f"Error: cannot write {file}: there is no such directory\n"


def test_silence_fails_with_the_reason_and_leaves_no_file(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("realtime_mock.cli.demo")
    monkeypatch.setattr(module, "RealtimeMock", functools.partial(RealtimeMock, voice=Mute()))
    result = invoke("demo", "--out", tmp_path / "a.wav")
    assert result.exit_code == 1
    assert result.output.endswith("Error: the call was made, but nothing was heard\n")
    assert list(tmp_path.iterdir()) == []


async def test_a_call_that_the_server_ends_says_so() -> None:
    async with RealtimeMock(Settings(port=0), parse_scenario(HANG_UP, "hang-up")) as mock:
        spoken = default_voice().speak("Hello.", voice="cedar", speed=1.0)
        with pytest.raises(CallFailed, match="hung up before it had answered"):
            async with asyncio.timeout(20):
                await Caller(mock.base_url, lambda _: None).ask(spoken.pcm, session={"type": "realtime"})


async def test_a_refused_call_says_what_the_server_answered() -> None:
    async with RealtimeMock(Settings(port=0)) as mock:
        with pytest.raises(CallFailed, match=r"answered 400: .*session\.nope"):
            async with asyncio.timeout(20):
                await Caller(mock.base_url, lambda _: None).ask(b"", session={"type": "realtime", "nope": 1})


class Mute:
    """A voice that says everything as half a second of silence."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, bytes(24_000))


def test_silence_is_trimmed_to_nothing() -> None:
    assert trim_silence(bytes(2000)) == b""


def test_trimming_keeps_everything_between_the_first_and_the_last_sound() -> None:
    samples = np.array([0, 5, 900, 0, 0, -900, 3, 0], "<i2")
    assert trim_silence(samples.tobytes()) == samples[2:6].tobytes()
