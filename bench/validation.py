"""What checking an event costs: the hot path (jsonschema-rs) beside the reference validator (jsonschema).

Both judge the same events in turn, in one run. The figures to read are the ratios: the times are this machine's.

    python bench/validation.py [--short]
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from figures import Figure, table
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry

ROUNDS = 7
TOOL = {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}
ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
EVENTS: dict[str, dict[str, Any]] = {
    "a user message": {"type": "conversation.item.create", "item": ITEM},
    "an update with five tools": {"type": "session.update", "session": {"type": "realtime", "tools": [TOOL] * 5}},
    "an append of 32 KB": {"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(24_576)).decode()},
}


def microseconds(call: Callable[[], object], *, seconds: float = 0.05) -> float:
    """Time of one call, over as many as fit."""
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        call()
        count += 1
    return elapsed / count * 1e6


def reference(event_type: str) -> Draft202012Validator:
    """The stock validator over the same files."""
    root = Path(str(schemas_dir()))
    contents = (orjson.loads(path.read_bytes()) for path in root.glob("ga/**/*.json"))
    resources = [Resource.from_contents(schema) for schema in contents if "$id" in schema]
    registry: Registry[Any] = Registry().with_resources((resource.id() or "", resource) for resource in resources)
    schema = orjson.loads((root / "ga" / "client" / f"{event_type}.json").read_bytes())
    return Draft202012Validator(schema, registry=registry)


def measure(*, short: bool = False) -> list[Figure]:
    """Microseconds for each event, both validators in turn."""
    fast = SchemaRegistry.bundled()
    figures = []
    for name, event in EVENTS.items():
        sides = {
            "jsonschema-rs": partial(fast.first_error, event),
            "jsonschema": partial(reference(event["type"]).is_valid, event),
        }
        taken: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(3 if short else ROUNDS):
            for side, call in sides.items():
                taken[side].append(microseconds(call))
        figures += [Figure("validation", name, "us", side, tuple(rounds)) for side, rounds in taken.items()]
    return figures


if __name__ == "__main__":
    print(table(measure(short="--short" in sys.argv)))
