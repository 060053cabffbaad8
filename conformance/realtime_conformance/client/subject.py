"""The client under test in one case: a mock is started for each exercise, and what passed is written down."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_conformance.checks import Unreached
from realtime_conformance.client.driver import Driver, as_report
from realtime_conformance.client.program import CannotStart, Outcome
from realtime_conformance.client.run import PROGRAM, Run
from realtime_conformance.transcript import Passage, Transcript
from realtime_mock._resources import fixtures_dir
from realtime_mock.journal import Journal
from realtime_mock.journal.entry import Entry
from realtime_mock.scenario.loader import find_scenario, load_scenario, parse_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.settings import Settings, TlsFiles

if TYPE_CHECKING:
    from realtime_mock.server import RealtimeMock

KEY = "sk-conformance"
MODEL = "gpt-realtime"

TOOLS = [
    {
        "type": "function",
        "name": "get_weather",
        "description": "Weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
"""What the exercise `tools` offers the model, unless its case says otherwise."""

OUTPUT = "sunny, 21 degrees"
"""What the driver's functions return."""

INSTRUCTIONS = "Be brief, and speak about the weather."
"""What the driver is to set as the session's instructions."""

QUESTION = str(fixtures_dir() / "audio" / "question-24k.wav")
"""What the user says, unless a case says otherwise."""

_RESERVE = 5.0
"""Seconds of a case's time that are kept for its end: the process group and the mock are gone before the case is."""

MOCK = "mock"
BUG = "bug"
"""The channel, and the key, of what the mock did wrong."""

_SHOWN = 500

_GRACE = 2.0
"""Seconds in which the mock must have noticed the end of a program."""


@dataclass(slots=True)
class ClientUnderTest:
    """One client during one case. `until` is the time of the event loop at which its driver is ended."""

    driver: Driver
    until: float
    transcript: Transcript = field(default_factory=Transcript)
    _began: float | None = None
    _performed: int = 0

    async def perform(
        self,
        exercise: str,
        *,
        scenario: str = "",
        faults: Iterable[Mapping[str, Any] | str] = (),
        settings: Mapping[str, Any] | None = None,
        **given: object,
    ) -> Run:
        """Let the client perform an exercise against a mock of its own.

        Args:
            exercise: its name.
            scenario: the name of a bundled scenario, or the text of one; empty leaves it to the default assistant.
            faults: what goes wrong from the start.
            settings: of the mock.
            given: what the driver is told, by the end of the variable's name: `texts` is `REALTIME_TEXTS`, as JSON
                where it is no text.

        Raises:
            Unreached: the driver cannot be started.
        """
        # A WebRTC stack takes most of a second, and whoever lists the cases needs none.
        from realtime_mock.server import RealtimeMock  # noqa: PLC0415
        from realtime_mock.tls import local_certificate  # noqa: PLC0415

        self._performed += 1
        with tempfile.TemporaryDirectory() as folder:
            tls = local_certificate(Path(folder)) if self.driver.needs_tls else None
            # Another seed for each mock of a case: the ids of its sessions are no other's.
            wanted = Settings(**{"port": 0, "tls": tls, "seed": self._performed, **(settings or {})})
            async with RealtimeMock(wanted, _scenario(scenario), faults=faults) as mock:
                environment = {**_places(mock, tls), **_told({"exercise": exercise, **_DEFAULTS, **given})}
                return await self._perform(mock, environment)

    async def _perform(self, mock: RealtimeMock, environment: Mapping[str, str]) -> Run:
        began = asyncio.get_running_loop().time()
        self._began = began if self._began is None else self._began
        start = len(self.transcript.passages)
        outcome: Outcome | None = None
        try:
            outcome = await self.driver.program.run(environment, within=max(self.until - began, 0.0))
            await _settled(mock)
        except CannotStart as reason:
            raise Unreached(str(reason)) from None
        finally:
            # Written down also where the case is over before its driver.
            for passage in self._passages(mock.journal, outcome):
                self.transcript.note(passage)
        passages = tuple(self.transcript.passages[start:])
        return Run(passages, outcome.status, outcome.errors)

    def _passages(self, journal: Journal, outcome: Outcome | None) -> list[Passage]:
        began = self._began or 0.0
        passed = [_passage(entry, began) for entry in journal.entries()]
        passed += _bugs(journal, began)
        if outcome is not None:
            passed += _program_passages(outcome, began)
        return sorted(passed, key=lambda passage: passage.at)


@asynccontextmanager
async def client_under_test(driver: Driver, seconds: float) -> AsyncIterator[ClientUnderTest]:
    """A client for a case that may take so many seconds."""
    now = asyncio.get_running_loop().time()
    yield ClientUnderTest(driver, now + max(seconds - _RESERVE, seconds / 2))


def own_fault(transcript: Transcript) -> str | None:
    """What the suite itself did wrong: its mock failed, or broke a schema that it was not asked to break."""
    told = (passage.data for passage in transcript.passages if passage.channel == MOCK)
    return next((str(data[BUG]) for data in told if isinstance(data, dict) and BUG in data), None)


def _scenario(text: str) -> Scenario | None:
    if not text:
        return None
    if "\n" in text:
        return parse_scenario(text, "scenario of the case")
    return load_scenario(find_scenario(text))


def _places(mock: RealtimeMock, tls: TlsFiles | None) -> dict[str, str]:
    places = {
        "OPENAI_BASE_URL": mock.base_url,
        "OPENAI_API_KEY": KEY,
        "REALTIME_URL": f"ws{mock.base_url.removeprefix('http')}/realtime",
        "REALTIME_MODEL": MODEL,
    }
    if tls is None:
        return places
    from realtime_mock.tls import public_key_hash  # noqa: PLC0415

    trust = {name: str(tls.authority) for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")}
    return {**places, **trust, "REALTIME_CERTIFICATE_HASH": public_key_hash(tls.certificate)}


_DEFAULTS: Mapping[str, object] = {
    "instructions": INSTRUCTIONS,
    "texts": ["Hello."],
    "turns": 1,
    "modality": "audio",
    "tools": [],
    "function_output": OUTPUT,
    "interrupt_by": "cancel",
    "interrupt_at": "audio",
    "interrupt_after": 0,
    "audio": QUESTION,
}


def _told(given: Mapping[str, object]) -> dict[str, str]:
    told = {f"REALTIME_{name.upper()}": value for name, value in given.items()}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}


def _passage(entry: Entry, began: float) -> Passage:
    data: object = entry.text
    if entry.kind != "lifecycle":
        value = entry.event
        data = entry.text if value is None else value
    if entry.kind == "fault" and isinstance(data, dict):
        data = {"fault": entry.fault or data.get("fault"), "occurrence": data.get("occurrence")}
    return Passage(
        entry.mono - began,
        entry.channel if entry.session_id is None else f"{entry.channel} {entry.session_id}",
        "received" if entry.direction == "in" else "sent",
        data,
        is_wrong=entry.scripted or entry.fault is not None,
    )


def _program_passages(outcome: Outcome, began: float) -> Iterator[Passage]:
    for line in outcome.lines:
        report = as_report(line.text)
        yield Passage(line.at - began, PROGRAM, "received", line.text if report is None else report)
    end = {"exit": outcome.status, "errors": outcome.errors}
    yield Passage(outcome.ended_at - began, PROGRAM, "received", end)


def _bugs(journal: Journal, began: float) -> Iterator[Passage]:
    """What the mock did wrong without having been asked to."""
    for entry in journal.entries(valid=False):
        trace = (entry.error or {}).get("traceback")
        breaks_schema = entry.direction == "out" and entry.kind == "event" and not entry.scripted and not entry.fault
        if trace or breaks_schema:
            told = trace or f"an event of the mock breaks its schema: {entry.text[:_SHOWN]}"
            yield Passage(entry.mono - began, MOCK, "sent", {BUG: told})


async def _settled(mock: RealtimeMock) -> None:
    """Let the mock notice that the client is gone; what it says of that is part of what passed."""
    for _ in range(int(_GRACE / 0.02)):
        if not mock.sessions:
            return
        await asyncio.sleep(0.02)
