"""A scenario in any of the forms in which a test gives it, as the text that the control API takes."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_mock._resources import fixtures_dir

if TYPE_CHECKING:
    from realtime_mock.scenario.model import Scenario

    ScenarioSource = str | Path | Mapping[str, Any] | Scenario
    """YAML text, the path of a file, the name of a bundled scenario, a mapping, or a scenario built in Python."""

_BUNDLED_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SUFFIXES = {".yaml", ".yml", ".json"}


class ScenarioNotFound(ValueError):
    """There is no such scenario; the text says what to write."""


def scenario_text(source: ScenarioSource, *, directory: Path) -> tuple[str, str]:
    """The text of a scenario, and what errors call it; paths count from `directory`.

    Raises:
        ScenarioNotFound: there is no such file, and no bundled scenario of this name, or this is none.
    """
    __tracebackhide__ = True
    match source:
        case Path():
            return _read(directory / source)
        case str() if "\n" in source or ":" in source or source.lstrip()[:1] == "{":
            return textwrap.dedent(source), "scenario"
        case str() if Path(source).suffix in _SUFFIXES:
            return _read(directory / source)
        case str():
            return _bundled(source)
        case Mapping():
            return json.dumps(source), "scenario"
        case _:
            from realtime_mock.scenario.model import Scenario  # noqa: PLC0415 - only those who build one pay
            from realtime_mock.scenario.writer import write_scenario  # noqa: PLC0415

            built: object = source  # whatever somebody gave
            if not isinstance(built, Scenario):
                what = f"{source!r} is no scenario; give YAML text, a path, the name of a bundled one, a mapping"
                raise ScenarioNotFound(f"{what}, or a Scenario")
            return write_scenario(built), built.name


def expected_by(text: str) -> list[Mapping[str, Any]]:
    """What a scenario that is none to complain of expects of its client, as the control API takes it."""
    if "expect" not in text:
        return []
    from realtime_mock.scenario.loader import parse_scenario  # noqa: PLC0415 - only scenarios that expect pay

    return [expectation.as_json() for expectation in parse_scenario(text).expect]


def _read(path: Path) -> tuple[str, str]:
    __tracebackhide__ = True
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except OSError as error:
        raise ScenarioNotFound(f"the scenario {path} cannot be read: {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise ScenarioNotFound(f"the scenario {path} is not UTF-8 text; save it as UTF-8") from None


def _bundled(name: str) -> tuple[str, str]:
    __tracebackhide__ = True
    folder = fixtures_dir() / "scenarios"
    path = folder / f"{name}.yaml"
    if _BUNDLED_NAME.fullmatch(name) and path.is_file():
        return _read(path)
    from realtime_mock.scenario.words import suggest  # noqa: PLC0415 - only who errs pays

    advice = suggest(name, sorted(file.stem for file in folder.glob("*.yaml")))
    raise ScenarioNotFound(f"'{name}' is no bundled scenario; {advice} A file's name ends in .yaml.")
