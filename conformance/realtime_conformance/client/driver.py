"""A driver: the small program that lets a client perform exercises, and what it says of itself.

`docs/reference/driver.md` is for those who write one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_conformance.capabilities import CLIENT
from realtime_conformance.client.program import CannotStart, Outcome, Program

EXERCISE = "REALTIME_EXERCISE"
"""The variable that says what to do."""

DESCRIBE = "describe"
"""The exercise that only asks what the driver is."""

_KEYS = {"driver", "version", "can", "tls"}
_SHOWN = 300


class DriverError(Exception):
    """The driver cannot be used; `str()` says what to change in it or in the command."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A program, and what it says of the client that it drives.

    `can` are capabilities (`capabilities.CLIENT`). `needs_tls` tells that the client speaks `https` and `wss` alone.
    """

    program: Program
    name: str
    version: str
    can: frozenset[str]
    needs_tls: bool = False

    @property
    def title(self) -> str:
        """The name of the client, with its version."""
        return f"{self.name} {self.version}".rstrip()


async def describe(program: Program, *, within: float = 60.0) -> Driver:
    """Ask a driver what it is.

    Raises:
        DriverError: it cannot be run, or does not say it.
    """
    try:
        outcome = await program.run({EXERCISE: DESCRIBE}, within=within)
    except CannotStart as reason:
        raise DriverError(str(reason)) from None
    descriptions = [report for report in reports(outcome) if "driver" in report]
    if not descriptions:
        raise DriverError(
            f"the driver did not say what it is: with {EXERCISE}={DESCRIBE} it has to write one line such as "
            f'{{"driver": "my client", "version": "1.0", "can": ["converse", "websocket"]}}; {_instead(outcome)}'
        )
    return _described(program, descriptions[0])


def reports(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The JSON objects among the lines that a driver wrote; everything else is the client's own chatter."""
    for line in outcome.lines:
        report = as_report(line.text)
        if report is not None:
            yield report


def as_report(text: str) -> dict[str, Any] | None:
    """A line as a report, or None where it is none."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) and ("report" in value or "driver" in value) else None


def _described(program: Program, given: Mapping[str, Any]) -> Driver:
    if unknown := sorted(set(given) - _KEYS):
        raise DriverError(f"the driver's description has no key {', '.join(unknown)}; there are {', '.join(_KEYS)}")
    can = given.get("can")
    if not isinstance(can, list):
        raise DriverError('the driver\'s description needs "can", a list of what it is able to do')
    _refuse_unknown(can)
    if not {"websocket", "webrtc"} & set(can):
        raise DriverError('the driver does not say how it connects: add "websocket" or "webrtc" to "can"')
    version = str(given.get("version", ""))
    return Driver(program, str(given["driver"]), version, frozenset(can), needs_tls=given.get("tls") is True)


def _refuse_unknown(can: Collection[object]) -> None:
    if unknown := sorted(str(word) for word in can if word not in CLIENT):
        raise DriverError(f"a driver cannot {', '.join(unknown)}; there are: {', '.join(CLIENT)}")


def _instead(outcome: Outcome) -> str:
    if outcome.status is None:
        return "it did not end"
    lines = [line for line in outcome.errors.splitlines() if line.strip()] or ["nothing"]
    # Node, for one, says more after what went wrong.
    said = next((line for line in reversed(lines) if "Error" in line), lines[-1])
    return f"it ended with status {outcome.status} and said: {said.strip()[:_SHOWN]}"
