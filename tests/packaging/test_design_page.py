"""docs/design.md names what is there, and the import order that is enforced."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import realtime_conformance
import realtime_mock

ROOT = Path(__file__).resolve().parents[2]
PLACES = (Path(realtime_mock.__file__).parent, Path(realtime_conformance.__file__).parent, ROOT)
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")


def test_every_path_it_names_exists() -> None:
    paths = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", PAGE))
    assert len(paths) > 20
    assert sorted(path for path in paths if not any((place / path).exists() for place in PLACES)) == []


def test_the_layers_it_shows_are_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    enforced = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    shown = re.search(r"```\n(cli[, ].*?)```", PAGE, re.DOTALL)
    assert shown is not None
    layers = [{module.strip() for module in layer.split(",")} for layer in shown[1].split(">")]
    names = [{module.strip().removeprefix("realtime_mock.") for module in layer.split("|")} for layer in enforced]
    assert [found & expected for found, expected in zip(names, layers, strict=True)] == layers
