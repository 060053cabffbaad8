"""What drawing events costs: these strategies beside hypothesis-jsonschema, which takes any schema.

Each side draws from the same schemas in a process and an environment of its own, in turn. hypothesis-jsonschema 0.23.1
fails with the Hypothesis of today; its line then says 0 examples. So it is measured with the newest Hypothesis that it
was seen to work with as well.

    python bench/strategies.py [--short]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import Figure, table

from realtime_conformance.strategies.schemas import event_schema, event_types

HERE = Path(__file__).resolve().parent
ROUNDS, SECONDS = 5, 2.0
DEADLINE = 600.0
THEIRS = "hypothesis-jsonschema"
WORKED_WITH = "hypothesis==6.168.0"
DRAWN = {
    "conversation.item.deleted": ("server", ["conversation.item.deleted"]),
    "response.done": ("server", ["response.done"]),
    "session.update": ("client", ["session.update"]),
    "all server events": ("server", list(event_types("server"))),
}


@dataclass(frozen=True, slots=True)
class Side:
    """Who draws: `ours` or `theirs`, run by that Python."""

    name: str
    which: str
    python: str


def measure(*, short: bool = False) -> list[Figure]:
    """Milliseconds to the first example, and examples per second, of each side."""
    taken: dict[tuple[str, str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schemas.json"
        file.write_text(json.dumps(_wanted()), encoding="utf-8")
        sides = _sides()
        for _ in range(2 if short else ROUNDS):
            for side in sides:
                for figure, value in _figures(side, file, seconds=0.5 if short else SECONDS):
                    taken.setdefault(figure, []).append(value)
    quantities = list(dict.fromkeys(quantity for quantity, _, _ in taken))
    by_quantity = sorted(taken.items(), key=lambda entry: quantities.index(entry[0][0]))
    return [Figure("strategies", quantity, unit, side, tuple(rounds)) for (quantity, unit, side), rounds in by_quantity]


def _wanted() -> dict[str, Any]:
    return {
        name: {"side": side, "schemas": {kind: event_schema(side, kind) for kind in kinds}}
        for name, (side, kinds) in DRAWN.items()
    }


def _sides() -> list[Side]:
    today, before = _installed(), _installed(WORKED_WITH)
    sides = [Side("realtime-conformance", "ours", sys.executable)]
    sides += [Side(THEIRS, "theirs", python) for python in (today, before) if python is not None]
    return sides


def _installed(*beside: str) -> str | None:
    """The Python of an environment with hypothesis-jsonschema; None where it cannot be installed."""
    name = "-".join([THEIRS, *beside]).replace("==", "-")
    folder = Path(os.environ.get("XDG_CACHE_HOME", tempfile.gettempdir())) / "realtime-mock-bench" / name
    python = str(folder / "bin" / "python")
    if not (folder / "done").exists():
        make = [sys.executable, "-m", "venv", "--clear", str(folder)]
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", THEIRS, *beside]
        if subprocess.run(make, check=False).returncode or subprocess.run(install, check=False).returncode:
            print(f"{THEIRS} cannot be installed: its side is left out", file=sys.stderr)
            return None
        (folder / "done").touch()
    return python


def _figures(side: Side, file: Path, *, seconds: float) -> list[tuple[tuple[str, str, str], float]]:
    command = [side.python, str(HERE / "strategy_side.py"), side.which, str(file), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
    if done.returncode:
        raise SystemExit(f"{side.name}: {done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    name = f"{side.name}, Hypothesis {answer['hypothesis']}"
    if "error" in answer:
        return [((f"{quantity}, speed", "examples/s", f"{name}: {answer['error']}"), 0.0) for quantity in DRAWN]
    return [
        entry
        for quantity, measured in answer["figures"].items()
        for entry in (
            ((f"{quantity}, to the first", "ms", name), measured["build"]),
            ((f"{quantity}, speed", "examples/s", name), measured["rate"]),
        )
    ]


if __name__ == "__main__":
    print(table(measure(short="--short" in sys.argv)))
