"""The command as its users start it, in this process and in one of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import realtime_mock
from realtime_mock.cli import main

Invoke = Callable[..., Result]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]

SOURCE_ROOT = Path(realtime_mock.__file__).parent.parent


@pytest.fixture
def invoke() -> Invoke:
    """Runs `realtime-mock` with these arguments and, if given, this standard input."""

    def run(*arguments: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)

    return run


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts `realtime-mock` as a process; whatever still runs at the end of the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def spawn(*arguments: object) -> asyncio.subprocess.Process:
        code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code),
            *map(str, arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SOURCE_ROOT), "PYTHONUNBUFFERED": "1"},
        )
        started.append(process)
        return process

    yield spawn
    for process in started:
        if process.returncode is None:
            process.kill()
        async with asyncio.timeout(10):
            await process.communicate()
