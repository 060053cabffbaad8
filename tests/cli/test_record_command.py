"""`realtime-mock record` says where it is and what passes, and leaves a recording behind."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


async def line_of(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(30):
        return (await stream.readline()).decode().rstrip("\n")


async def test_a_session_passes_and_is_written_down(start: Start, tmp_path: Path) -> None:
    async with RealtimeMock(Settings(port=0, pace=0)) as mock:
        address = mock.base_url.removesuffix("/v1")
        process = await start("record", "--upstream", address, "--out", tmp_path / "out", "--port", 0)
        announced = await line_of(process.stdout)
        url = (await line_of(process.stdout)).partition("OPENAI_BASE_URL=")[2]
        assert announced == f"Recording {address} at {url} into {tmp_path / 'out' / 'recording.jsonl'}"
        async with (
            aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as http,
            http.ws_connect(f"{url}/realtime?model=gpt-realtime") as socket,
        ):
            assert (await socket.receive_json(timeout=20))["type"] == "session.created"
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (0, "")
    assert out.decode().splitlines() == [
        "Ctrl-C stops it.",
        f"1: connected to {address}/v1/realtime",
        "1: the client closed: 1000; 0 sent, 1 received",
    ]
    rows = [json.loads(line) for line in (tmp_path / "out" / "recording.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in rows] == ["recording", "open", "message", "close"]


@pytest.mark.parametrize(
    "options, words",
    [
        (["--upstream", "nowhere"], "'nowhere' is no address of a server; write one like https://api.openai.com"),
        (["--upstream", "https://x", "--upstream-ca", "missing.pem"], "holds no certificates that can be read"),
    ],
)
def test_what_cannot_be_used_is_named(invoke, tmp_path: Path, options: list[str], words: str) -> None:
    result = invoke("record", *options, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert words in result.output


def test_a_folder_that_is_a_file_is_named(invoke, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    result = invoke("record", "--upstream", "https://x", "--out", str(tmp_path / "out" / "below"), "--port", "0")
    assert result.exit_code == 2
    assert "cannot use" in result.output
    assert "Traceback" not in result.output
