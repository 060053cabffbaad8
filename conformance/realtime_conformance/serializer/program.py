"""The program under test: one event in per line, one line out, started again when it dies or hangs."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Literal, Self

AnswerKind = Literal["event", "error", "crashed", "hung", "garbled"]

START_ALLOWANCE = 60.0
"""Seconds more that the first line of all may take, for loading a library. Later starts get twice what it took."""

_DEATHS_BEFORE_AN_ANSWER = 3
_SHOWN = 300


class ProgramError(Exception):
    """The program cannot be used at all: it does not start, or answers nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one event got: an `event`, or in which way there is none, with `detail` in words."""

    kind: AnswerKind
    event: object = None
    detail: str = ""


class Program:
    """A running program; a context manager, since it is a process that must end.

    Args:
        command: as in a shell, without pipes and variables.
        deadline: seconds that one event may take.

    Raises:
        ProgramError: the command is empty.
    """

    def __init__(self, command: str, *, deadline: float) -> None:
        self._words = shlex.split(command)
        if not self._words:
            raise ProgramError("the command is empty: say what to run, such as --command 'node driver.mjs'")
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._is_fresh = True
        self._has_answered = False
        self._deaths = 0
        self._allowance = START_ALLOWANCE
        self._unusable: ProgramError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._errors.close()

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """Give the program an event, and wait for its line.

        Raises:
            ProgramError: it does not start, or it died three times and never answered.
        """
        if self._unusable is not None:
            # Who draws the events may ask again after an error.
            raise self._unusable
        process = self._process or self._start()
        asked = time.monotonic()
        line, is_late = self._exchange(process, json.dumps(event).encode() + b"\n")
        self._is_fresh = False
        if line.endswith(b"\n") and not is_late:
            if not self._has_answered:
                self._allowance = 2 * (time.monotonic() - asked)
            self._has_answered = True
            return self._read(line)
        self._end()
        if is_late:
            return Answer("hung", detail=f"no line within {self._deadline:g} s")
        self._deaths += 1
        detail = self._told(process)
        if not self._has_answered and self._deaths >= _DEATHS_BEFORE_AN_ANSWER:
            self._unusable = ProgramError(f"the program answered nothing in {self._deaths} starts: {detail}")
            raise self._unusable
        return Answer("crashed", detail=detail)

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors.seek(0)
        self._errors.truncate()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(f"cannot start {self._words[0]!r}: {error.strerror}") from None
        self._is_fresh = True
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], line: bytes) -> tuple[bytes, bool]:
        """The line that came back, and whether it came too late."""
        late = threading.Event()

        def expire() -> None:
            late.set()
            _kill(process)

        # Killing it ends a write that it does not read, as well as a line that it does not write.
        timer = threading.Timer(self._deadline + (self._allowance if self._is_fresh else 0), expire)
        timer.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise ProgramError("the program has no pipes")
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(line)
                process.stdin.flush()
            return process.stdout.readline(), late.is_set()
        finally:
            timer.cancel()

    def _read(self, line: bytes) -> Answer:
        try:
            answer = json.loads(line)
        except ValueError:
            # What else it prints is not known: a new process is in step again.
            self._end()
            return Answer("garbled", detail=f"it wrote no JSON: {line[:_SHOWN].decode(errors='replace').rstrip()}")
        if isinstance(answer, dict) and "error" in answer and "type" not in answer:
            return Answer("error", detail=_cut(str(answer["error"])))
        return Answer("event", answer)

    def _told(self, process: subprocess.Popen[bytes]) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = f": {lines[-1][:_SHOWN]}" if lines else ""
        return f"it ended with status {process.returncode}{last}"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            # One that died of itself says with which status; one that reads on ends with its input.
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process, and where the system has groups, what it started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
