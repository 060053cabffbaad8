"""The checks that hold in every case: what a client never sends, and how its program ends.

What it sends is judged by the rules of `realtime-mock lint`. Each of them looks at one event as the client could know
the session when it sent it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from realtime_conformance.client.run import PROGRAM, is_event, session_of
from realtime_conformance.passive import Finding, result_of
from realtime_conformance.transcript import Passage, Transcript
from realtime_conformance.verdicts import CheckResult, Level
from realtime_mock.lint.findings import Finding as LintFinding
from realtime_mock.lint.linting import lint
from realtime_mock.recording.entries import Direction, Entry, Kind
from realtime_mock.recording.reading import Log

SENT = "SENT-001"
LIFE = "LIFE-001"

CROSSING = 0.05
"""Seconds in which an event of the client's may have crossed with what forbids it: it could not know yet."""

CHECKS: Mapping[str, str] = {
    "not-an-event": "an-event",
    "unknown-event": "known-event",
    "flat-key": "known-keys",
    "unknown-key": "known-keys",
    "missing-session-type": "session-type",
    "invalid-value": "valid-values",
    "beta-path": "no-beta",
    "beta-session": "no-beta",
    "create-during-response": "one-response-at-a-time",
    "create-before-cancelled": "create-after-cancelled",
    "create-while-pending": "create-after-answered-create",
    "cancel-without-response": "cancel-of-a-response",
    "truncate-beyond-audio": "truncate-within-audio",
    "truncate-unknown-item": "truncate-known-item",
    "truncate-silent-item": "truncate-spoken-item",
    "voice-after-audio": "voice-before-audio",
    "output-of-unknown-call": "output-of-a-call",
    "output-twice": "output-once",
    "create-before-all-outputs": "create-after-all-outputs",
    "commit-empty": "commit-of-audio",
    "audio-in-a-file": "bare-audio",
    "float-audio": "integer-audio",
    "odd-audio": "whole-samples",
    "refused": "not-refused",
}
"""The check that each rule of `lint` decides. Two are left out: whether a response follows an output is for the cases
with tools, and audio that comes at the pace of another rate may be meant so."""

_CROSSED = {
    "create-during-response": "response.created",
    "create-while-pending": "response.created",
    "cancel-without-response": "response.done",
}
"""What forbids such an event, and may be on its way when the client sends it."""

_BETA_IS_OVER = "beta_api_shape_disabled"

_JUDGED_ELSEWHERE = frozenset(
    {
        "conversation_already_has_active_response",
        "response_cancel_not_active",
        "unsupported_content_type",
        "invalid_api_key",
    }
)
"""Refusals that a rule of its own looks at, which knows what crossed on the way; and that of a key."""

_WAYS_OUT = ("detached", "session closed", "call ended")
_BROKE = "detached: the connection broke"
_BROKEN = (_BROKE, "call ended: the client vanished", "call ended: the connection failed")
"""How the mock tells of a client that went without a word."""


def judged(transcript: Transcript, levels: Mapping[str, Level]) -> tuple[CheckResult, ...]:
    """Each passive check, with the first finding of it. `levels` has the level of each, by its id."""
    first: dict[str, Finding] = {}
    for finding in (*_sent(transcript), *_life(transcript.passages)):
        first.setdefault(finding.id, finding)
    return tuple(result_of(check, level, first.get(check), _expected(check)) for check, level in levels.items())


def _expected(check: str) -> str:
    if check.startswith(LIFE):
        return "a program that ends by itself, in order, and hangs up before"
    return "what the API takes from a client"


def _sent(transcript: Transcript) -> Iterator[Finding]:
    passages = transcript.passages
    log = Log("case", tuple(_entries(passages)))
    for found in lint(log):
        number = int(found.entry.place)
        if found.rule in CHECKS and not _is_excused(found, number, passages):
            check = "no-beta" if _code(passages[number]) == _BETA_IS_OVER else CHECKS[found.rule]
            yield Finding(f"{SENT}.{check}", number, f"{found.entry.type or found.entry.kind}: {found.fault.message}")


def _is_excused(found: LintFinding, number: int, passages: list[Passage]) -> bool:
    """Whether it is the suite's own doing, or crossed with what forbids it."""
    if found.rule == "refused":
        return passages[number].is_wrong or _code(passages[number]) in _JUDGED_ELSEWHERE
    forbids = _CROSSED.get(found.rule)
    if forbids is None:
        return False
    before = (one for one in reversed(passages[:number]) if _kind(one) == forbids)
    newest = next(before, None)
    return newest is not None and passages[number].at - newest.at < CROSSING


def _life(passages: Sequence[Passage]) -> Iterator[Finding]:
    """How each run of the program ended, and whether it ended its sessions itself."""
    begun: dict[str, int] = {}
    ways = _ways_out(passages)
    for number, passage in enumerate(passages):
        session = session_of(passage.channel)
        if session and is_event(passage):
            begun.setdefault(session, number)
        if passage.channel == PROGRAM and isinstance(passage.data, dict) and "exit" in passage.data:
            lost = [at for name, at in begun.items() if ways.get(name, _BROKE).startswith(_BROKEN)]
            yield from _end(number, passage.data, lost)
            begun.clear()


def _ways_out(passages: Iterable[Passage]) -> Mapping[str, str]:
    """How each session ended, in the mock's words, which may come after the end of the program."""
    ways: dict[str, str] = {}
    for passage in passages:
        session = session_of(passage.channel)
        if session and isinstance(passage.data, str) and passage.data.startswith(_WAYS_OUT):
            ways.setdefault(session, passage.data)
    return ways


def _end(number: int, end: Mapping[str, Any], lost: Iterable[int]) -> Iterator[Finding]:
    said = f"; it said: {end['errors'].strip()[-600:]}" if end["errors"].strip() else ""
    if end["exit"] is None:
        yield Finding(f"{LIFE}.in-time", number, f"its time was over before it ended{said}")
        return
    if end["exit"] != 0:
        yield Finding(f"{LIFE}.in-order", number, f"it ended with status {end['exit']}{said}")
    for at in lost:
        yield Finding(f"{LIFE}.hangs-up", at, "the program ended without having closed this connection")


def _entries(passages: Iterable[Passage]) -> Iterator[Entry]:
    """What passed as the entries of a recording, which has the client's view."""
    for number, one in enumerate(passages):
        kind = _kind_of_entry(one)
        if kind is None:
            continue
        direction: Direction = "sent" if one.direction == "received" else "received"
        data = one.data if isinstance(one.data, dict) else {"text": one.data}
        channel, _, session = one.channel.partition(" ")
        yield Entry(str(number), kind, data, session, direction, at=one.at, after=one.at, channel=channel)


def _kind_of_entry(passage: Passage) -> Kind | None:
    if passage.channel == "http":
        return "http"
    if is_event(passage):
        return "message"
    is_told = isinstance(passage.data, str) and passage.direction == "received" and session_of(passage.channel)
    return "text" if is_told else None


def _kind(passage: Passage) -> str:
    return str(passage.data["type"]) if is_event(passage) and isinstance(passage.data, dict) else ""


def _code(passage: Passage) -> str:
    error = passage.data.get("error") if isinstance(passage.data, dict) else None
    return str(error.get("code")) if isinstance(error, dict) else ""
