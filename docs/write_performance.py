"""Writes the figures into docs/performance.md: the targets and the whole table, from what `python bench` measured.

    python bench --json docs/results/performance.json
    python docs/write_performance.py [FIGURES.json]

What is between the marks in the page is replaced; the words around it are written by hand.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
PAGE = DOCS / "performance.md"
FIGURES = DOCS / "results" / "performance.json"
BEGIN, END = "<!-- {} -->", "<!-- end of {} -->"

PLAIN, BARE = "plain aiortc", "bare aiohttp"
OURS, PACED = "realtime-mock", "realtime-mock, default pace"
LISTENING, DEAF = "realtime-mock, all decoded, VAD on", "realtime-mock, nobody listens"


class Figures:
    """What was measured, by quantity and side."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._rounds = {
            (each["quantity"], each["side"]): each["rounds"] for each in document["figures"] if each["rounds"]
        }
        self.aimock = next((side for _, side in self._rounds if side.startswith("aimock")), "aimock")

    def median(self, quantity: str, side: str) -> float:
        """The middle round.

        Raises:
            KeyError: it was not measured.
        """
        return float(statistics.median(self._rounds[quantity, side]))

    def ratio(self, quantity: str, side: str, base: str) -> float:
        """How many times the median of `base` that of `side` is."""
        return self.median(quantity, side) / self.median(quantity, base)


@dataclass(frozen=True)
class Target:
    """What was aimed at, and how it is told from the figures; `most` is a bound from above, `least` one from below."""

    what: str
    aim: str
    figure: Callable[[Figures], float]
    unit: str = "times"
    most: float | None = None
    least: float | None = None

    def row(self, figures: Figures) -> str:
        """One line of the table."""
        try:
            found = self.figure(figures)
        except (KeyError, ZeroDivisionError):
            return f"| {self.what} | {self.aim} | not measured | |"
        return f"| {self.what} | {self.aim} | {shown(found)} {self.unit} | {self._verdict(found)} |"

    def _verdict(self, found: float) -> str:
        if self.most is None and self.least is None:
            return ""
        is_met = (self.most is None or found <= self.most) and (self.least is None or found >= self.least)
        return "met" if is_met else "**missed**"


def _held(what: str, unit: str) -> Callable[[Figures], float]:
    """By how much what is held at the end exceeds what is held in the middle, when everything is warm."""

    def growth(figures: Figures) -> float:
        first, last = (figures.median(f"held after {count} {what}", OURS) for count in (600, 1000))
        return last - first

    def by_unit(figures: Figures) -> float:
        chosen = [each for each in figures.document["figures"] if each["unit"] == unit]
        return growth(Figures({**figures.document, "figures": chosen}))

    return by_unit


TARGETS = (
    Target(
        "calls a core, every packet decoded and VAD on, against plain aiortc",
        "at least 5 times, 8 the aim",
        lambda figures: figures.ratio("most in time", LISTENING, PLAIN),
        least=5,
    ),
    Target(
        "the same with nobody listening",
        "at least 12 times",
        lambda figures: figures.ratio("most in time", DEAF, PLAIN),
        least=12,
    ),
    Target(
        "data channel open after the POST, median",
        "within 15 ms",
        lambda figures: figures.median("data channel open", OURS),
        unit="ms",
        most=15,
    ),
    Target(
        "the same against plain aiortc",
        "at most 0.5 times",
        lambda figures: figures.ratio("data channel open", OURS, PLAIN),
        most=0.5,
    ),
    Target(
        "WebSocket events a second against aimock, inbound validation on",
        "at least 1.3 times",
        lambda figures: figures.ratio("events", OURS, figures.aimock),
        least=1.3,
    ),
    Target(
        "the same for each second of processor time",
        "(no target)",
        lambda figures: figures.ratio("events per CPU second", OURS, figures.aimock),
    ),
    Target(
        "time to connect against aimock",
        "at most 1.25 times",
        lambda figures: figures.ratio("connect", OURS, figures.aimock),
        most=1.25,
    ),
    Target(
        "time to the first event against aimock, default pace",
        "at most 1.25 times",
        lambda figures: figures.ratio("first event", PACED, figures.aimock),
        most=1.25,
    ),
    Target(
        "the same without pauses (`--pace 0`)",
        "at most 1.25 times",
        lambda figures: figures.ratio("first event", OURS, figures.aimock),
        most=1.25,
    ),
    Target(
        "validation of a small event",
        "at most 5 us",
        lambda figures: figures.median("a user message", "jsonschema-rs"),
        unit="us",
        most=5,
    ),
    Target(
        "memory of an idle WebSocket session against bare aiohttp",
        "at most 1.5 times",
        lambda figures: figures.ratio("idle connection", OURS, BARE),
        most=1.5,
    ),
    Target("memory after 1,000 calls beyond that after 600", "flat", _held("calls", "MB"), unit="MB", most=5),
    Target(
        "descriptors after 1,000 calls beyond those after 600",
        "none",
        _held("calls", "descriptors"),
        unit="more",
        most=0,
    ),
    Target("threads after 1,000 calls beyond those after 600", "none", _held("calls", "threads"), unit="more", most=0),
    Target("memory after 1,000 sessions beyond that after 600", "flat", _held("sessions", "MB"), unit="MB", most=5),
)


def shown(value: float) -> str:
    """Three digits, as in the table of the benchmarks."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def targets(figures: Figures) -> Iterator[str]:
    """Each target with its figure."""
    yield "| what | target | figure | |"
    yield "|---|---|---:|---|"
    yield from (target.row(figures) for target in TARGETS)


def everything(figures: Figures) -> Iterator[str]:
    """Every figure with its spread, beside its ratio to the first side of the same quantity."""
    yield "| benchmark | quantity | side | median | lowest - highest | ratio |"
    yield "|---|---|---|---:|---:|---:|"
    first: dict[tuple[str, str, str], float] = {}
    for each in figures.document["figures"]:
        rounds = each["rounds"]
        if not rounds:
            cells = (each["benchmark"], f"{each['quantity']}, {each['unit']}", each["side"], "-", "failed", "")
            yield f"| {' | '.join(cells)} |"
            continue
        median = statistics.median(rounds)
        key = (each["benchmark"], each["quantity"], each["unit"])
        is_first = key not in first
        base = first.setdefault(key, median)
        ratio = "" if is_first or not base else f"{median / base:.2f}"
        spread = f"{shown(min(rounds))} - {shown(max(rounds))}"
        cells = (each["benchmark"], f"{each['quantity']}, {each['unit']}", each["side"], shown(median), spread, ratio)
        yield f"| {' | '.join(cells)} |"


def machine(figures: Figures) -> Iterator[str]:
    """Where and when it was measured, and with what."""
    told = figures.document["machine"]
    used = {
        **told["libraries"],
        **told.get("packages", {}),
        "Python": told["python"],
        "Node": told.get("node") or "none",
    }
    versions = ", ".join(f"{name} {version}" for name, version in used.items())
    when = f"{figures.document.get('date', 'undated')}, {figures.document.get('minutes', '?')} minutes"
    yield f"Measured on {told['cpu']}, {told['cores']} cores, {told['system']} ({when}): {versions}."


PARTS: Mapping[str, Callable[[Figures], Iterator[str]]] = {
    "machine": machine,
    "targets": targets,
    "everything": everything,
}


def filled(page: str, figures: Figures) -> str:
    """The page with the figures in it."""
    for name, lines in PARTS.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE.name} has no lines '{begin}' and '{end}'")
        page = "\n".join([f"{before}{begin}", *lines(figures), f"{end}{after}"])
    return page


def main() -> None:
    """Write the page, from the figures that are named or those that are kept."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else FIGURES
    document = json.loads(source.read_text(encoding="utf-8"))
    page = filled(PAGE.read_text(encoding="utf-8"), Figures(document))
    if source != FIGURES:
        FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
