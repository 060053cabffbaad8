"""Scenario files: YAML in, the frozen model out, and errors that name file, line, column and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_mock import _resources
from realtime_mock.faults.reading import read_faults
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import LARGEST_DOCUMENT, Node, Place, ScenarioError, read_document
from realtime_mock.scenario.expect import read_expectations
from realtime_mock.scenario.mcp_steps import read_servers
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.phrase_words import read_phrases
from realtime_mock.scenario.rules import read_rules
from realtime_mock.scenario.timing_words import read_timing
from realtime_mock.scenario.transcripts import read_transcripts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

__all__ = ["ScenarioError", "bundled_scenarios", "find_scenario", "load_scenario", "parse_scenario"]

_CONTENT = ("rules", "transcripts", "phrases", "beacon", "mcp", "expect", "faults")
"""A scenario has at least one of these."""

_SUFFIXES = (".yaml", ".yml")


def load_scenario(source: str | Path | Traversable, *, registry: SchemaRegistry | None = None) -> Scenario:
    """The scenario in a file.

    Raises:
        ScenarioError: The file cannot be read, or is no scenario.
    """
    path = Path(source) if isinstance(source, str) else source
    start = Place(str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise start.error(f"the file cannot be read: {error.strerror}; check the path") from None
    if len(content) > 4 * LARGEST_DOCUMENT:
        raise start.error(f"the file has more than {4 * LARGEST_DOCUMENT} bytes; split the scenario")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise start.error("the file is not UTF-8 text; save it as UTF-8") from None
    folder = path.parent if isinstance(path, Path) else None
    return parse_scenario(text, str(path), registry=registry, folder=folder)


def parse_scenario(
    text: str, name: str = "scenario.yaml", *, registry: SchemaRegistry | None = None, folder: Path | None = None
) -> Scenario:
    """The scenario in a YAML text; `name` stands for the file in errors.

    `folder` is where the files lie that it names; without one it cannot name any.

    Raises:
        ScenarioError: It is no scenario. The text names the first fault, `others` those of other parts.
    """
    root = read_document(text, name, folder=folder)
    known = registry or SchemaRegistry.bundled()
    given = fields.mapping(root, what="a scenario", allowed=("scenario", *_READERS), required=("scenario",))
    title = fields.text(given["scenario"], what="'scenario'")
    if not any(key in given for key in _CONTENT):
        raise root.error(f"a scenario has no 'rules'; add them, or one of: {', '.join(_CONTENT[1:])}")
    keys = [key for key in given if key in _READERS]
    values = fields.every(lambda key: _READERS[key](given[key], known), keys)
    try:
        return Scenario(title, **dict(zip(keys, values, strict=True)))
    except Misfit as misfit:
        raise fields.located(root, misfit) from None


def find_scenario(name_or_path: str) -> Traversable:
    """The file that `--scenario` means: a path to a file that exists, else the name of a bundled scenario.

    Raises:
        ScenarioError: There is neither; the text lists the bundled names.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    bundled = bundled_scenarios()
    if name_or_path in bundled:
        return bundled[name_or_path]
    remedy = fields.suggest(name_or_path, sorted(bundled))
    raise ScenarioError(f"there is no scenario '{name_or_path}', neither as a file nor bundled; {remedy}")


def bundled_scenarios() -> Mapping[str, Traversable]:
    """The scenarios that come with the mock, by name."""
    folder = _resources.fixtures_dir() / "scenarios"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file for file in files if file.name.endswith(".yaml")}


_READERS: Mapping[str, Callable[[Node, SchemaRegistry], Any]] = {
    "description": lambda node, _: fields.text(node, what="'description' of a scenario"),
    "seed": lambda node, _: fields.whole_number(node, what="'seed'"),
    "timing": lambda node, _: read_timing(node),
    "rules": read_rules,
    "transcripts": lambda node, _: read_transcripts(node),
    "phrases": lambda node, _: read_phrases(node),
    "beacon": lambda node, _: fields.flag(node, what="'beacon'"),
    "mcp": lambda node, _: read_servers(node),
    "expect": lambda node, _: read_expectations(node),
    "faults": read_faults,
}
"""What each key of a scenario file becomes: the field of `Scenario` that has its name."""
