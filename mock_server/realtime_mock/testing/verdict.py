"""What is wrong with how a client used the mock, by the journal of one test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from realtime_mock.remedies import remedy
from realtime_mock.testing.expectations import Excuse, Unmet
from realtime_mock.testing.journal import JournalEntry
from realtime_mock.testing.violations import breaks_schema


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: what, what to do about it, and the entry of the journal that shows it."""

    what: str
    remedy: str | None = None
    entry: JournalEntry | None = None


def complaints(entries: Sequence[JournalEntry], unmet: Iterable[Unmet], excuses: Sequence[Excuse]) -> list[Complaint]:
    """Everything that fails a test: what the mock did wrong, what the client did wrong, what never came."""
    sent = [entry for entry in entries if entry.kind == "event" and entry.direction == "in"]
    return [
        *_bugs(entries),
        *_violations(sent, excuses),
        *_idle_excuses(sent, excuses),
        *_missing(entries, unmet),
    ]


def _bugs(entries: Iterable[JournalEntry]) -> Iterator[Complaint]:
    """Internal errors, and events of the mock's own that break their schemas."""
    for entry in entries:
        trace = (entry.error or {}).get("traceback")
        if trace is not None:
            yield Complaint(f"the mock failed:\n{trace}", _REPORT, entry)
        elif not entry.valid and entry.kind == "event" and entry.direction == "out" and not _is_meant(entry):
            yield Complaint(f"the mock sent an event that breaks its schema: {_message(entry)}", _REPORT, entry)


def _is_meant(entry: JournalEntry) -> bool:
    return entry.scripted or entry.fault is not None


def _violations(sent: Iterable[JournalEntry], excuses: Sequence[Excuse]) -> Iterator[Complaint]:
    for event in sent:
        if event.valid or _is_meant(event) or any(excuse.covers(event) for excuse in excuses):
            continue
        if breaks_schema(event):
            yield Complaint(f"the client sent an event that the API refuses: {_message(event)}", _remedy(event), event)


def _idle_excuses(sent: Sequence[JournalEntry], excuses: Iterable[Excuse]) -> Iterator[Complaint]:
    for excuse in excuses:
        if not any(not event.valid and excuse.covers(event) for event in sent):
            yield Complaint(f"{excuse} excuses an event that the client never sent", "remove the excuse")


def _missing(entries: Iterable[JournalEntry], unmet: Iterable[Unmet]) -> Iterator[Complaint]:
    numbered = {entry.seq: entry for entry in entries}
    for each in unmet:
        shown = next((numbered[seq] for seq in each.entries if seq in numbered), None)
        yield Complaint(each.message, entry=shown)


def _remedy(event: JournalEntry) -> str:
    """What to change in the client; else what to write in a test that is about just that."""
    change = remedy(event.error or {})
    excuse = f"if the test is about that: realtime_mock.{_excuse_for(event)}"
    return excuse if change is None else f"{change}; {excuse}"


def _excuse_for(event: JournalEntry) -> Excuse:
    return Excuse(type=event.type or None, code=(event.error or {}).get("code"))


def _message(entry: JournalEntry) -> str:
    error = entry.error or {}
    code = f" [{error['code']}]" if error.get("code") else ""
    return f"{error.get('message', 'for no reason that is known')}{code}"


_REPORT = "this is a fault of the mock: please report it with the journal below"
