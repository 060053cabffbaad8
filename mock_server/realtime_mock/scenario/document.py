"""YAML as located nodes: every value knows its file, line and column.

Scalars follow the core schema of YAML 1.2, the one editors use: `on`, `yes` and dates are text.
What has no counterpart in JSON is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

LARGEST_DOCUMENT = 2**20
"""Characters of the largest scenario file."""

MOST_NODES = 100_000
"""Values in one scenario, each counted as often as an alias repeats it."""

DEEPEST_NESTING = 100
"""Lists and mappings inside one another."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TOO_DEEP = "lists or mappings are nested too deeply; flatten them"
_TAG = "tag:yaml.org,2002:"
_PLAIN = "plain"
"""Our tag of a scalar without quotes and without a tag: the only one that may be no text."""


class ScenarioError(Exception):
    """A scenario cannot be used; the text is `file:line:column: what is wrong; what to do`.

    `others` are the further errors of the same scenario, as far as it could be read on, in the order of the file.
    """

    def __init__(self, text: str, others: Iterable[ScenarioError] = ()) -> None:
        super().__init__(text)
        self.others = tuple(others)

    @property
    def all(self) -> tuple[ScenarioError, ...]:
        """This error and the others."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file, counted from one.

    `folder` is where that file lies, None for a text that is no file: the files that a scenario names are found there.
    """

    file: str
    line: int = 1
    column: int = 1
    folder: Path | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def error(self, what: str) -> ScenarioError:
        """The error that points here."""
        return ScenarioError(f"{self}: {what}")


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. The elements of a list and the fields of a mapping are nodes too."""

    value: Mapping[str, Node] | tuple[Node, ...] | str | int | float | bool | None
    place: Place
    keys: Mapping[str, Place]
    """Where each key of a mapping stands; empty for anything else."""

    def plain(self) -> object:
        """The value as JSON has it."""
        match self.value:
            case Mapping():
                return {key: node.plain() for key, node in self.value.items()}
            case tuple():
                return [node.plain() for node in self.value]
            case _:
                return self.value

    def error(self, what: str) -> ScenarioError:
        """The error that points at this value."""
        return self.place.error(what)


class _Reader(yaml.SafeLoader):
    """Marks plain scalars, which `_Document` resolves by the core schema."""

    def resolve(self, kind: type[yaml.Node], _value: str | None, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that names none; `implicit` tells a plain scalar from a quoted one."""
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else f"{_TAG}str"
        return f"{_TAG}map" if kind is yaml.MappingNode else f"{_TAG}seq"


def read_document(text: str, name: str, *, folder: Path | None = None) -> Node:
    """The one document of a YAML text; `folder` is that of its file.

    Raises:
        ScenarioError: It is not YAML, or is more than JSON can say, or is too large.
    """
    start = Place(name, folder=folder)
    if len(text) > LARGEST_DOCUMENT:
        raise start.error(f"the file has more than {LARGEST_DOCUMENT} characters; split the scenario")
    root = _compose(text, start)
    if root is None:
        raise start.error("the file is empty; begin with 'scenario: NAME' and 'rules:'")
    return _Document(start).read(root)


def reads_as_text(scalar: str) -> bool:
    """Whether a scalar without quotes is text, and no number, truth value or null."""
    return scalar not in _WORDS and not _INTEGER.fullmatch(scalar) and not _FLOAT.fullmatch(scalar)


def _compose(text: str, start: Place) -> yaml.Node | None:
    """PyYAML's nodes; its errors become located ones."""
    try:
        reader = _Reader(text)
    except yaml.reader.ReaderError as error:
        place = replace(start, line=text.count("\n", 0, error.position) + 1)
        raise place.error(f"the character U+{ord(text[error.position]):04X} is not allowed; save as text") from None
    try:
        return reader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _place(start, error.problem_mark or error.context_mark).error(_advice(error)) from None
    except (ValueError, OverflowError):
        # PyYAML converts the digits of `\U` escapes and of `%YAML` as they come.
        place = _place(start, reader.get_mark())
        raise place.error(
            "not valid YAML: a number is out of range here; correct the escape or the directive"
        ) from None
    except RecursionError:
        raise start.error(_TOO_DEEP) from None


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(filter(None, (error.context, error.problem)))
    if "'\\t'" in problem:
        return "a tab cannot indent YAML; use spaces"
    if "found undefined alias" in problem:
        return f"{error.problem}; define it before, with '&'"
    if "expected a single document" in problem:
        return "a second document begins here; keep one scenario per file"
    return f"not valid YAML: {problem}; check indentation, colons and quotes"


def _place(start: Place, mark: yaml.Mark | None) -> Place:
    return replace(start, line=mark.line + 1, column=mark.column + 1) if mark else start


class _Document:
    """Turns PyYAML's nodes into ours, counting them."""

    def __init__(self, start: Place) -> None:
        self._start = start
        self._count = 0
        self._open: list[yaml.Node] = []

    def read(self, node: yaml.Node) -> Node:
        place = _place(self._start, node.start_mark)
        self._count += 1
        if self._count > MOST_NODES:
            raise place.error(f"the scenario has more than {MOST_NODES} values; use fewer aliases or split it")
        if len(self._open) > DEEPEST_NESTING:
            raise place.error(_TOO_DEEP)
        if any(node is outer for outer in self._open):
            raise place.error("this alias contains itself; write the value out")
        self._open.append(node)
        result = self._convert(node, place)
        self._open.pop()
        return result

    def _convert(self, node: yaml.Node, place: Place) -> Node:
        match node:
            case yaml.MappingNode(tag=tag) if tag == f"{_TAG}map":
                return self._mapping(node, place)
            case yaml.SequenceNode(tag=tag) if tag == f"{_TAG}seq":
                return Node(tuple(map(self.read, node.value)), place, {})
            case yaml.ScalarNode(tag=tag) if tag in (f"{_TAG}str", _PLAIN):
                return Node(_scalar(node, place), place, {})
            case _:
                raise place.error(f"the tag '{node.tag.replace(_TAG, '!!')}' is not allowed; write plain values")

    def _mapping(self, node: yaml.MappingNode, place: Place) -> Node:
        fields: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for key, value in node.value:
            at = _place(self._start, key.start_mark)
            name = _key(key, at)
            if name in fields:
                raise at.error(f"'{name}' is given twice; keep one")
            keys[name] = at
            fields[name] = self.read(value)
        return Node(fields, place, keys)


def _key(node: yaml.Node, place: Place) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise place.error("a key must be text, not a list or a mapping; quote its braces or brackets")
    name = _scalar(node, place)
    if not isinstance(name, str):
        raise place.error(f"a key must be text; quote it: '{node.value or 'null'}'")
    if name == "<<" and node.tag == _PLAIN:
        raise place.error("merge keys ('<<') are not supported; repeat the fields or alias a whole value")
    return name


def _scalar(node: yaml.ScalarNode, place: Place) -> str | int | float | bool | None:
    if node.tag != _PLAIN:
        return _text(node.value, place)
    if node.value in _WORDS:
        return _WORDS[node.value]
    if _INTEGER.fullmatch(node.value):
        return _integer(node.value, place)
    if _FLOAT.fullmatch(node.value):
        number = float(node.value)
        if math.isfinite(number):
            return number
        raise place.error("the number is too large for JSON; quote it as text")
    return _text(node.value, place)


def _integer(digits: str, place: Place) -> int:
    # Python refuses to convert more than 4300 digits, and no JSON reader keeps a tenth of them.
    if len(digits) > 400:
        raise place.error("the number is too long; quote it as text")
    return int(digits)


def _text(value: str, place: Place) -> str:
    """Text with surrogate pairs joined, which is how JSON escapes what is beyond U+FFFF."""
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise place.error("half of a surrogate pair is not text; write the whole character") from None
