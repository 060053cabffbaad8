"""A program that is run once and writes lines: in a process group of its own, which ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

LONGEST_LINE = 4 * 2**20
"""Bytes of one line of output. What is longer is cut."""

_TAIL = 4_000
_AFTER_THE_END = 2.0
"""Seconds in which pipes must end once their process group is gone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the program's output; `at` is the time of the event loop."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program.

    `status` is its exit status, as of a shell, and None where it was ended because its time was over. `ended_at` is the
    time of the event loop. `errors` is the end of what it wrote to its error stream.
    """

    status: int | None
    ended_at: float
    lines: tuple[Line, ...] = ()
    errors: str = ""


class CannotStart(Exception):
    """The command cannot be run; `str()` says why."""


class Program(Protocol):
    """What can be run with an environment, for a bounded time."""

    async def run(self, environment: Mapping[str, str], *, within: float) -> Outcome:
        """Run it to its end, or for `within` seconds.

        Raises:
            CannotStart: it cannot be run.
        """


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the user's, as words. It inherits this process's environment."""

    words: Sequence[str]

    @classmethod
    def of(cls, text: str) -> Command:
        """A command as it is typed, with quotes, but without pipes and variables.

        Raises:
            CannotStart: a quote is open.
        """
        try:
            return cls(tuple(shlex.split(text)))
        except ValueError as error:
            raise CannotStart(f"the command cannot be read: {error}") from None

    async def run(self, environment: Mapping[str, str], *, within: float) -> Outcome:
        """Run it in a process group of its own, and end the whole group afterwards."""
        lines: list[Line] = []
        errors = bytearray()
        status: int | None = None
        async with _pipe() as (output, output_end), _pipe() as (error_output, error_end):
            process = await self._start(environment, output_end, error_end)
            reading = asyncio.gather(_read_lines(output, lines), _read_tail(error_output, errors))
            try:
                with contextlib.suppress(TimeoutError):
                    status = await asyncio.wait_for(process.wait(), within)
                ended_at = asyncio.get_running_loop().time()
            finally:
                # What the program started, a browser for instance, ends with it.
                _end(process)
                await process.wait()
                output_end.close()
                error_end.close()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reading, _AFTER_THE_END)
        return Outcome(status, ended_at, tuple(lines), errors.decode("utf-8", "replace"))

    async def _start(
        self, environment: Mapping[str, str], output: BinaryIO, errors: BinaryIO
    ) -> asyncio.subprocess.Process:
        if not self.words:
            raise CannotStart("the command is empty: say what to run, such as --command 'node driver.mjs'")
        try:
            return await asyncio.create_subprocess_exec(
                *self.words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStart(f"cannot start {self.words[0]!r}: {error.strerror}") from None


@contextlib.asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, BinaryIO]]:
    """Both ends of a pipe. asyncio's own would keep `wait` waiting for whoever else holds the writing end."""
    reading, writing = os.pipe()
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    with os.fdopen(writing, "wb") as end, os.fdopen(reading, "rb") as source:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
        try:
            yield reader, end
        finally:
            transport.close()


async def _read_lines(stream: asyncio.StreamReader, lines: list[Line]) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # A line beyond the limit: what was read of it is gone, and it is no report.
            continue
        if not line:
            return
        lines.append(Line(asyncio.get_running_loop().time(), line.decode("utf-8", "replace").rstrip("\r\n")))


async def _read_tail(stream: asyncio.StreamReader, tail: bytearray) -> None:
    while piece := await stream.read(_TAIL):
        tail += piece
        del tail[:-_TAIL]


def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
