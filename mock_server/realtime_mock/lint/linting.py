"""A log judged by all rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from realtime_mock.lint.findings import Finding
from realtime_mock.lint.rules import RULES, Rule
from realtime_mock.lint.schema_rules import errors_of
from realtime_mock.lint.session import Session, follow
from realtime_mock.recording.entries import Entry
from realtime_mock.recording.reading import Log
from realtime_mock.registry import Transport

REFUSED = "refused"
"""The rule that speaks only where no other does."""

_REFUSED_RULES = frozenset(rule.id for rule in RULES if rule.is_refused)


def lint(log: Log) -> list[Finding]:
    """Everything that the rules find, in the order of the entries."""
    order = {id(entry): number for number, entry in enumerate(log.entries)}
    sessions: dict[str, list[Entry]] = {}
    for entry in log.entries:
        sessions.setdefault(entry.session, []).append(entry)
    found = [finding for entries in sessions.values() for finding in _judge(entries)]
    return sorted(found, key=lambda finding: order[id(finding.entry)])


def _judge(entries: Sequence[Entry]) -> Iterator[Finding]:
    session = follow(entries)
    awaited: list[str | None] = []
    for entry in entries:
        transport: Transport = "webrtc" if session.is_call else "websocket"
        session.schema_errors = tuple(errors_of(entry, transport=transport))
        faults = list(_faults(entry, session, at_end=False))
        others = [finding for finding in faults if finding.rule != REFUSED]
        if entry.direction == "sent" and any(finding.rule in _REFUSED_RULES for finding in others):
            awaited.append(_text(entry.data.get("event_id")))
        if others:
            yield from others
        elif not _answers_one_of(awaited, entry):
            yield from faults
        session.advance(entry)
    if session.unanswered_output is not None:
        yield from _faults(session.unanswered_output, session, at_end=True)


def _answers_one_of(awaited: list[str | None], entry: Entry) -> bool:
    """Whether an error answers an event that has been found wrong already, by its `event_id`; that is then answered."""
    error = entry.data.get("error")
    if entry.type != "error" or entry.direction != "received" or not isinstance(error, Mapping):
        return False
    named = _text(error.get("event_id"))
    # Some refusals name no event, whatever id it had (reported).
    index = awaited.index(named) if named in awaited else 0 if named is None and awaited else None
    if index is not None:
        del awaited[index]
    return index is not None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _faults(entry: Entry, session: Session, *, at_end: bool) -> Iterator[Finding]:
    for rule in RULES:
        if rule.at_end == at_end:
            yield from _findings(rule, entry, session)


def _findings(rule: Rule, entry: Entry, session: Session) -> Iterator[Finding]:
    for fault in rule.check(entry, session):
        yield Finding(rule.id, rule.severity, entry, fault)
