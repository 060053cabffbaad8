"""`serve --journal` that is killed in the middle of its work: what its clients have seen is on disk."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

import realtime_mock
from realtime_mock.journal.file import read_journal

SOURCE_ROOT = Path(realtime_mock.__file__).parent.parent
CLIENTS = 4
BUSY_SECONDS = 1.5

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@pytest.fixture
async def server(tmp_path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
    arguments = ["serve", "--port", "0", "--json", "--pace", "0", "--log-level", "error", "--journal", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCE_ROOT), "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        ready = json.loads(await process.stdout.readline())
    yield process, ready["base_url"]
    if process.returncode is None:
        process.kill()
    async with asyncio.timeout(10):
        await process.communicate()


async def keep_busy(base_url: str, seen: dict[str, float]) -> None:
    """Ask for one answer after the other; note when each event of the server's came, until the connection ends."""
    clock = asyncio.get_running_loop().time
    headers = {"Authorization": "Bearer sk-test"}
    url = f"{base_url}/realtime?model=gpt-realtime"
    async with aiohttp.ClientSession(headers=headers) as http, http.ws_connect(url, max_msg_size=0) as socket:
        async for message in socket:
            event = json.loads(message.data)
            seen[event["event_id"]] = clock()
            if event["type"] in {"session.created", "response.done"}:
                await socket.send_json({"type": "response.create"})


async def test_whatever_a_client_has_seen_outlives_a_kill(server, tmp_path):
    process, base_url = server
    seen: dict[str, float] = {}
    clients = [asyncio.create_task(keep_busy(base_url, seen)) for _ in range(CLIENTS)]
    await asyncio.wait(clients, timeout=BUSY_SECONDS)

    killed_at = asyncio.get_running_loop().time()
    process.send_signal(signal.SIGKILL)
    await asyncio.wait(clients, timeout=10)

    [path] = tmp_path.glob("*.jsonl")
    read = read_journal(path)
    written = {entry.event["event_id"] for entry in read.entries if entry.kind == "event" and entry.direction == "out"}
    older = [event_id for event_id, at in seen.items() if at < killed_at - 0.1]
    assert len(older) > 200
    # Nothing older than 100 ms, and in fact nothing at all.
    assert set(seen) - written == set()
    assert [entry.seq for entry in read.entries] == list(range(1, len(read.entries) + 1))
