"""The command as its users start it, and a mock to run it against."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import realtime_conformance
import realtime_mock
from realtime_conformance.cli import main
from realtime_mock.server import serve_in_thread

Invoke = Callable[..., Result]
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]

PACKAGES = (realtime_mock, realtime_conformance)
SOURCES = os.pathsep.join(str(Path(package.__file__).parent.parent) for package in PACKAGES)


@pytest.fixture
def invoke() -> Invoke:
    """Runs `realtime-conformance` with these arguments, in an environment that names no server."""

    def run(*arguments: object, **environment: str) -> Result:
        nowhere = dict.fromkeys(("OPENAI_BASE_URL", "OPENAI_API_KEY", "REALTIME_CONFORMANCE_API_KEY"))
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, words, env={**nowhere, "COLUMNS": "120", **environment})

    return run


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    """The address of a mock."""
    with serve_in_thread() as mock:
        yield mock.base_url


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts `realtime-conformance` as a process; whatever still runs at the end of the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def spawn(*arguments: object) -> asyncio.subprocess.Process:
        code = "from realtime_conformance.cli import main; main(prog_name='realtime-conformance')"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code),
            *map(str, arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": SOURCES},
        )
        started.append(process)
        return process

    yield spawn
    for process in started:
        if process.returncode is None:
            process.kill()
            async with asyncio.timeout(10):
                await process.communicate()
