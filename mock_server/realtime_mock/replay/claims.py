"""What an event claims: the fields that a replay compares, each by its path.

Compared are types, statuses, roles, phases, names, arguments, texts, transcripts, outputs, reasons, codes, params,
modalities, indexes and metadata, wherever they stand, and ids up to renaming. Of a `usage` only the sums are
compared: the mock has no tokenizer. Everything else may differ: times, lengths, wordings, limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.replay.recording import Event

FIELDS = frozenset(
    {
        "type",
        "object",
        "status",
        "role",
        "phase",
        "name",
        "arguments",
        "text",
        "transcript",
        "output",
        "reason",
        "code",
        "param",
        "output_index",
        "content_index",
        "output_modalities",
        "metadata",
    }
)
"""Keys whose values are compared as they are; an `output` that is a list holds items and is looked into."""

IDS = frozenset(
    {
        "id",
        "event_id",
        "item_id",
        "previous_item_id",
        "response_id",
        "call_id",
        "conversation_id",
        "approval_request_id",
    }
)
"""Keys whose values are ids."""

_WHOLE = frozenset({"metadata", "output_modalities"})


@dataclass(frozen=True, slots=True)
class Id:
    """The value of a field that is an id."""

    value: str


def claims(event: Event) -> dict[str, object]:
    """The fields of an event that are compared, by path. An id is an `Id`, or None."""
    return dict(_claims(event, ""))


def _claims(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, object]]:
    for key, inner in value.items():
        here = f"{path}.{key}" if path else key
        if key == "usage":
            yield here, usage_fault(inner)
        elif _is_copied_part(value, key):
            continue
        elif here == "error.event_id":
            yield here, inner
        elif key in IDS:
            yield here, Id(inner) if isinstance(inner, str) else inner
        elif key in _WHOLE or (key in FIELDS and not isinstance(inner, Mapping | list)):
            yield here, inner
        else:
            yield from _inside(inner, here)


def _inside(value: object, path: str) -> Iterator[tuple[str, object]]:
    match value:
        case Mapping():
            yield from _claims(value, path)
        case list():
            yield f"{path}.length", len(value)
            for number, inner in enumerate(value):
                yield from _inside(inner, f"{path}[{number}]")
        case _:
            return


def _is_copied_part(value: Mapping[str, Any], key: str) -> bool:
    """Azure sends the `part` of `response.content_part.*` a second time, as `content` (recorded)."""
    return key == "content" and "part" in value


def usage_fault(usage: object) -> str:
    """What is wrong with the sums of a `usage`, or that they hold, or what it is instead."""
    if not isinstance(usage, Mapping):
        return repr(usage)
    if usage.get("type") == "duration":
        return "a duration"
    faults = [
        f"{total} is {usage.get(total)}, not {' + '.join(map(str, parts))}"
        for total, parts in _sums(usage)
        if usage.get(total) != sum(part for part in parts if isinstance(part, int))
    ]
    return "; ".join(faults) or "the sums hold"


def _sums(usage: Mapping[str, Any]) -> Iterator[tuple[str, list[object]]]:
    yield "total_tokens", [usage.get("input_tokens"), usage.get("output_tokens")]
    for side in ("input", "output"):
        details = usage.get(f"{side}_token_details")
        if isinstance(details, Mapping):
            parts = [details[f"{kind}_tokens"] for kind in ("text", "audio", "image") if f"{kind}_tokens" in details]
            yield f"{side}_tokens", parts
