"""Scenario files: YAML in, the frozen model out, and errors that name file, line, column and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime_mock import _resources
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import LARGEST_DOCUMENT, Node, Place, ScenarioError, read_document
from realtime_mock.scenario.mcp_steps import read_servers
from realtime_mock.scenario.model import Call, Close, Fail, McpCall, Rule, Say, Scenario, Step, Turn
from realtime_mock.scenario.steps import read_step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["ScenarioError", "bundled_scenarios", "find_scenario", "load_scenario", "parse_scenario"]

_KEYS = ("scenario", "description", "rules", "mcp")
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
    given = fields.mapping(root, what="a scenario", allowed=_KEYS, required=("scenario", "rules"))
    title = fields.text(given["scenario"], what="'scenario'")
    fields.optional_text(given, "description", what="a scenario")
    rules = fields.elements(given["rules"], what="'rules'")
    servers = read_servers(given["mcp"]) if "mcp" in given else {}
    return Scenario(title, tuple(_rule(node, known) for node in rules), mcp=servers)


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


def _rule(node: Node, registry: SchemaRegistry) -> Rule:
    given = fields.mapping(node, what="a rule", allowed=("on", "turns", "once"), required=("on", "turns"))
    turns = fields.elements(given["turns"], what="'turns'")
    once = fields.flag(given["once"], what="'once'") if "once" in given else False
    return Rule(_pattern(given["on"], registry), tuple(_turn(turn, registry) for turn in turns), once)


def _pattern(node: Node, registry: SchemaRegistry) -> dict[str, Any]:
    """The mapping under `on`; a bare string is short for an event type."""
    if isinstance(node.value, str):
        return {"type": _client_type(node, registry)}
    given = fields.any_mapping(node, what="'on'")
    if "type" in given:
        _client_type(given["type"], registry)
    return {key: value.plain() for key, value in given.items()}


def _client_type(node: Node, registry: SchemaRegistry) -> str:
    return fields.choice(node, registry.client_types, what="the type of a client event")


def _turn(node: Node, registry: SchemaRegistry) -> Turn:
    """One step, or a list of steps that share a response."""
    nodes = fields.elements(node, what="a turn") if isinstance(node.value, tuple) else (node,)
    steps: list[Step] = []
    for each in nodes:
        step = read_step(each, registry)
        if any(isinstance(earlier, Close) for earlier in steps):
            raise each.error("nothing can follow 'close'; make it the last step of the turn")
        if isinstance(step, Say | Call | McpCall | Fail) and any(isinstance(earlier, Fail) for earlier in steps):
            raise each.error("the response has ended with 'fail'; begin another turn")
        steps.append(step)
    return Turn(tuple(steps))
