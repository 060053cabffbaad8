"""The tutorial's files and commands, in its own order, give what it shows."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import re
import shlex
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import realtime_mock

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = DOCS / "tutorial.md"

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("bash") is None, reason="the tutorial speaks to bash"),
]

BLOCK = re.compile(r"(?:Save this as `(?P<file>[^`]+)`[^\n]*\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
INSTALLS = ("$ . .venv/bin/activate", "$ python3 -m pip ")
"""Commands that the README's tests prove."""


@dataclass(frozen=True)
class Command:
    """What is typed, and what is then shown; a line of `...` stands for any lines."""

    typed: str
    shown: str


def commands(console: str) -> Iterator[Command]:
    for part in re.split(r"^(?=\$ )", console, flags=re.MULTILINE):
        if part.strip() and not part.startswith(INSTALLS):
            typed, _, shown = part.removeprefix("$ ").partition("\n")
            yield Command(typed, shown)


def steps(page: str) -> Iterator[tuple[str, str] | Command]:
    """The page's files, as (name, text), and its commands, in its order."""
    for block in BLOCK.finditer(page):
        if block["kind"] == "console":
            yield from commands(block["text"])
        else:
            assert block["file"], f"a block that nothing runs: {block['text'][:60]}"
            yield block["file"], block["text"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell in which `realtime-mock` and `python` are those of this test run."""
    programs = tmp_path / "bin"
    programs.mkdir()
    code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
    for name, line in {"python": '"$@"', "realtime-mock": f'-c "{code}" "$@"'}.items():
        program = programs / name
        program.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {line}\n")
        program.chmod(0o755)
    sources = str(Path(realtime_mock.__file__).parent.parent)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": sources, "PYTHONUNBUFFERED": "1"}


async def test_every_block_does_what_the_page_shows(tmp_path: Path, environment: dict[str, str]) -> None:
    pytest.importorskip("openai")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    desk = tmp_path / "desk"
    desk.mkdir()
    servers: list[asyncio.subprocess.Process] = []
    try:
        for step in steps(TUTORIAL.read_text(encoding="utf-8").replace(":8080", f":{port}")):
            if isinstance(step, tuple):
                (desk / step[0]).write_text(step[1], encoding="utf-8")
                continue
            if step.typed.startswith("curl ") and shutil.which("curl") is None:
                continue
            is_server = step.typed == "realtime-mock serve"
            typed = f"exec {step.typed} --port {port}" if is_server else step.typed
            process = await start(typed, desk, environment)
            if is_server:
                servers.append(process)
            output = await (first_lines(process, step.shown.count("\n")) if is_server else all_of(process))
            assert fnmatch.fnmatchcase(output, pattern(step.shown)), f"$ {step.typed}\n{output}"
    finally:
        for server in servers:
            server.terminate()
            await all_of(server)


async def start(typed: str, desk: Path, environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("bash", "-c", typed),
        cwd=desk,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def first_lines(process: asyncio.subprocess.Process, count: int) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        return "".join([(await process.stdout.readline()).decode() for _ in range(count)])


async def all_of(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(40):
        output, _ = await process.communicate()
    # `curl` prints what the server sent, which ends in no line feed.
    return output.decode().rstrip("\n") + "\n"


def pattern(shown: str) -> str:
    return shown.replace("[", "[[]").replace("...", "*")
