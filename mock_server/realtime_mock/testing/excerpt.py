"""A journal in few lines: what passed, when, and where it went wrong."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from realtime_mock.testing.journal import JournalEntry
from realtime_mock.testing.verdict import Complaint

MOST_LINES = 40
_LONGEST_LINE = 160
_ARROWS = {"in": "->", "out": "<-"}
_TOLD_BY_LINE = {"type", "event_id"}
_PIECES = (".delta", ".append")
"""Endings of events that come in great numbers, and tell little one by one."""


def report(complaints: Sequence[Complaint], entries: Sequence[JournalEntry]) -> str:
    """What is wrong, with remedies, and the journal around it."""
    count = "1 thing is" if len(complaints) == 1 else f"{len(complaints)} things are"
    told = [f"{count} wrong with this conversation:"]
    for number, complaint in enumerate(complaints, start=1):
        told.append(_indented(f"{number}. {complaint.what}", "   "))
        if complaint.remedy:
            told.append(f"   remedy: {complaint.remedy}")
    marked = {complaint.entry.seq for complaint in complaints if complaint.entry is not None}
    return "\n".join([*told, "", excerpt(entries, marked=marked)])


def excerpt(entries: Sequence[JournalEntry], *, marked: Collection[int] = (), most: int = MOST_LINES) -> str:
    """The newest entries and those around the `marked` ones, one line each; what is left out is counted.

    Runs of deltas, and of audio, take one line. Each begins with its number in the
    journal and the seconds since the first entry.
    """
    if not entries:
        return "Nothing passed: no client came."
    start = entries[0].at
    runs = _runs(entries, marked)
    kept = _kept(runs, marked, most)
    lines = [f"What passed (-> is the client, <- is the mock; {len(entries)} entries):"]
    skipped = 0
    for index, run in enumerate(runs):
        if index not in kept:
            skipped += len(run)
            continue
        if skipped:
            lines.append(f"   ... {skipped} more")
            skipped = 0
        lines.append(_line(run, start, is_marked=run[0].seq in marked))
    if skipped:
        lines.append(f"   ... {skipped} more")
    return "\n".join(lines)


def _runs(entries: Sequence[JournalEntry], marked: Collection[int]) -> list[list[JournalEntry]]:
    """Entries that follow each other and look alike, together."""
    runs: list[list[JournalEntry]] = []
    for entry in entries:
        alike = bool(runs) and _is_alike(runs[-1][0], entry) and entry.seq not in marked and entry.valid
        if alike and runs[-1][0].seq not in marked:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _is_alike(one: JournalEntry, other: JournalEntry) -> bool:
    if one.session_id != other.session_id or one.direction != other.direction:
        return False
    return one.type.endswith(_PIECES) and other.type.endswith(_PIECES)


def _kept(runs: Sequence[list[JournalEntry]], marked: Collection[int], most: int) -> set[int]:
    around = {
        near
        for index, run in enumerate(runs)
        if run[0].seq in marked
        for near in range(max(index - 3, 0), min(index + 3, len(runs)))
    }
    newest = range(max(len(runs) - max(most - len(around), 5), 0), len(runs))
    return {*around, *newest}


def _line(run: Sequence[JournalEntry], start: float, *, is_marked: bool) -> str:
    entry = run[0]
    text = f"{'>' if is_marked else ' '}{entry.seq:6} {entry.at - start:8.3f}  {_shape(entry)}{_more(run)}"
    wrong = "" if entry.valid else f"  [{(entry.error or {}).get('message', 'invalid')}]"
    fault = f"  (fault: {entry.fault})" if entry.fault else ""
    return _cut(text) + wrong + fault


def _more(run: Sequence[JournalEntry]) -> str:
    """How many pieces there are, and of which other types."""
    if len(run) == 1:
        return ""
    others = dict.fromkeys(entry.type for entry in run if entry.type != run[0].type)
    return "".join(f", {name}" for name in others) + f" x{len(run)}"


def _shape(entry: JournalEntry) -> str:
    session = (entry.session_id or entry.channel)[-6:]
    arrow = _ARROWS.get(entry.direction, "--") if entry.kind in {"event", "http"} else "--"
    return f"{session:6} {arrow} {_told(entry)}"


def _told(entry: JournalEntry) -> str:
    if entry.event is None:
        return entry.text
    if entry.kind != "event":
        return json.dumps(entry.event, ensure_ascii=False)
    rest = {key: value for key, value in entry.event.items() if key not in _TOLD_BY_LINE}
    # What the client says is what tests are about; the mock's own events are told by their type.
    if entry.direction != "in" or not rest or entry.type.endswith(".append"):
        return entry.type
    return f"{entry.type} {json.dumps(rest, ensure_ascii=False)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 3]}..."


def _indented(text: str, indent: str) -> str:
    return text.replace("\n", f"\n{indent}")
