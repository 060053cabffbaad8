"""What a benchmark measured: medians with their spread, ratios, and the machine they are of."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("@copilotkit/aimock", "node-datachannel")
LIBRARIES = ("aiohttp", "aioice", "aiortc", "av", "jsonschema-rs", "numpy", "orjson", "realtime-mock", "wrtc")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity of one side: all its rounds, taken in turn with the other sides'."""

    benchmark: str
    quantity: str
    unit: str
    side: str
    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round; not a number where the side failed in all of them."""
        return statistics.median(self.rounds) if self.rounds else math.nan

    @property
    def spread(self) -> str:
        """The lowest and the highest round."""
        return f"{_short(min(self.rounds))} - {_short(max(self.rounds))}" if self.rounds else "failed"

    def as_json(self) -> dict[str, Any]:
        """The figure for a file."""
        return {**asdict(self), "median": self.median if self.rounds else None}


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table: one line a figure, beside its ratio to the first side of the same quantity."""
    lines = ["| benchmark | quantity | side | median | lowest - highest | ratio |", "|---|---|---|---:|---:|---:|"]
    first: dict[tuple[str, str, str], Figure] = {}
    for figure in figures:
        base = first.setdefault((figure.benchmark, figure.quantity, figure.unit), figure)
        has_ratio = base is not figure and base.rounds and figure.rounds and base.median
        ratio = f"{figure.median / base.median:.2f}" if has_ratio else ""
        quantity = f"{figure.quantity}, {figure.unit}"
        cells = (figure.benchmark, quantity, figure.side, _short(figure.median), figure.spread, ratio)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": _node(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
        "packages": {name: version for name in PACKAGES if (version := package_version(name))},
    }


def npm_folder() -> Path:
    """Where the npm packages are that benchmarks compare with or call by; they are installed once."""
    return Path(os.environ.get("XDG_CACHE_HOME", tempfile.gettempdir())) / "realtime-mock-bench"


def npm_installed(package: str) -> Path:
    """The folder above `node_modules`, with the newest release of a package in it, or the one that is there already."""
    folder = npm_folder()
    if not (folder / "node_modules" / package).exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", package]
        subprocess.run(command, cwd=folder, check=True)
    return folder


def package_version(package: str) -> str | None:
    """The release of an npm package that is installed."""
    described = npm_folder() / "node_modules" / package / "package.json"
    if not described.exists():
        return None
    version: str = json.loads(described.read_text(encoding="utf-8"))["version"]
    return version


def _node() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _short(value: float) -> str:
    if math.isnan(value):
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
