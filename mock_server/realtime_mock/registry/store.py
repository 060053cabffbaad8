"""The schema files, read once, by name and by `$id`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """Every schema of a directory. A name is a path below it without `.json`: `ga/client/session.update`."""

    by_name: Mapping[str, Schema]
    by_id: Mapping[str, Schema] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {schema["$id"]: schema for schema in self.by_name.values()})

    @classmethod
    def read(cls, directory: Path, *, below: tuple[str, ...]) -> SchemaStore:
        """Reads the JSON files of the given subdirectories, in order of their paths."""
        files = [file for part in below for file in sorted((directory / part).rglob("*.json"))]
        return cls({_name(file, directory): json.loads(file.read_text(encoding="utf-8")) for file in files})

    def names(self, prefix: str) -> tuple[str, ...]:
        """What follows the prefix in each name that begins with it: the event types of `ga/client/`."""
        return tuple(name.removeprefix(prefix) for name in self.by_name if name.startswith(prefix))

    def expanded(self, name: str) -> Schema:
        """The schema with what it refers to put in place. Ours never refer to themselves, so this ends."""
        schema = self.by_name[name]
        return self.expand(schema, schema["$id"])

    def expand(self, schema: Schema, base: str) -> Schema:
        """The same for a part of the file with this `$id`."""
        expanded: Schema = self._expand(schema, base)
        return expanded

    def resolve(self, reference: str) -> tuple[Schema, str]:
        """What a whole `$ref` points to, and the `$id` of its file."""
        document, pointer = urldefrag(reference)
        node: Any = self.by_id[document]
        for step in pointer.split("/")[1:]:
            node = node[step]
        return node, document

    def _expand(self, node: Any, base: str) -> Any:
        if isinstance(node, list):
            return [self._expand(entry, base) for entry in node]
        if not isinstance(node, dict):
            return node
        beside = {key: self._expand(value, base) for key, value in node.items() if key not in ("$ref", "$defs")}
        if "$ref" not in node:
            return beside
        target, target_base = self.resolve(urljoin(base, node["$ref"]))
        expanded = self._expand(target, target_base)
        required = [*expanded.get("required", ()), *beside.get("required", ())]
        return {**expanded, **beside, **({"required": required} if required else {})}


def _name(file: Path, directory: Path) -> str:
    return file.relative_to(directory).as_posix().removesuffix(".json")
