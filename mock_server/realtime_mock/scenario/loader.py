"""Scenario files: YAML in, the frozen model out, and errors that name file, line, column and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from realtime_mock import _resources
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import LARGEST_DOCUMENT, Place, ScenarioError, read_document
from realtime_mock.scenario.mcp_steps import read_servers
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.rules import read_rule
from realtime_mock.scenario.transcripts import read_transcripts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["ScenarioError", "bundled_scenarios", "find_scenario", "load_scenario", "parse_scenario"]

_CONTENT = ("rules", "transcripts", "mcp")
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
    return parse_scenario(text, str(path), registry=registry)


def parse_scenario(text: str, name: str = "scenario.yaml", *, registry: SchemaRegistry | None = None) -> Scenario:
    """The scenario in a YAML text; `name` stands for the file in errors.

    Raises:
        ScenarioError: It is no scenario; the first fault found is named.
    """
    root = read_document(text, name)
    known = registry or SchemaRegistry.bundled()
    allowed = ("scenario", "description", *_CONTENT)
    given = fields.mapping(root, what="a scenario", allowed=allowed, required=("scenario",))
    title = fields.text(given["scenario"], what="'scenario'")
    fields.optional_text(given, "description", what="a scenario")
    if not any(key in given for key in _CONTENT):
        raise root.error("a scenario has no 'rules'; add them, or 'transcripts' or 'mcp'")
    rules = fields.elements(given["rules"], what="'rules'") if "rules" in given else ()
    return Scenario(
        title,
        tuple(read_rule(node, known) for node in rules),
        transcripts=read_transcripts(given["transcripts"]) if "transcripts" in given else (),
        mcp=read_servers(given["mcp"]) if "mcp" in given else {},
    )


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
