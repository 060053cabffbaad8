"""What becomes of an event that something happens to. Pure: the same event and chance give the same deliveries."""

from __future__ import annotations

import copy
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from realtime_mock.chance import Chance
from realtime_mock.faults.event_kinds import (
    Delay,
    Drop,
    Duplicate,
    EventKind,
    ExtraKeys,
    Malformed,
    MissingKeys,
    NullIds,
    Oversize,
    Reorder,
    UnknownType,
    WrongIds,
)
from realtime_mock.wire import event_text

Event = Mapping[str, Any]

_ALPHABET = string.ascii_letters + string.digits
_PADDING = "padding"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One text that goes on its way.

    Args:
        text: what arrives.
        delay: seconds until it does.
        passes: how many later events arrive before it.
        within: seconds after which it waits for those no longer.
    """

    text: str
    delay: float = 0.0
    passes: int = 0
    within: float = 0.0


def applies(kind: EventKind, event: Event) -> bool:
    """Whether there is anything in the event for the kind to change; where there is not, it does not happen."""
    match kind:
        case MissingKeys(paths):
            return bool(_present(event, paths))
        case NullIds(keys) | WrongIds(keys):
            return next(_ids(event, keys), None) is not None
        case _:
            return True


def deliveries(kind: EventKind, event: Event, text: str, chance: Chance) -> tuple[Delivery, ...]:
    """What arrives in place of an event, whose text is `text`."""
    match kind:
        case Drop():
            return ()
        case Delay(least, most):
            return (Delivery(text, delay=least + chance.at("delay").fraction() * (most - least)),)
        case Duplicate(times):
            return (Delivery(text),) * times
        case Reorder(passes, within):
            return (Delivery(text, passes=passes, within=within),)
        case Malformed(given):
            return (Delivery(text[: len(text) // 2] if given is None else given),)
        case Oversize(size_bytes):
            return (Delivery(_padded(event, text, size_bytes)),)
        case _:
            return (Delivery(event_text(_changed(kind, event, chance))),)


def _changed(
    kind: UnknownType | ExtraKeys | MissingKeys | NullIds | WrongIds, event: Event, chance: Chance
) -> dict[str, Any]:
    """The event with other content."""
    changed: dict[str, Any] = copy.deepcopy(dict(event))
    match kind:
        case UnknownType(name):
            changed["type"] = f"{event.get('type')}.unknown" if name is None else name
        case ExtraKeys(keys):
            _merge(changed, keys)
        case MissingKeys(paths):
            present = _present(event, paths)
            for path in present if paths else (present[chance.at("key").pick(len(present))],):
                _remove(changed, path)
        case NullIds(keys):
            _replace_ids(changed, keys, lambda _: None)
        case WrongIds(keys):
            _replace_ids(changed, keys, lambda known: other_id(known, chance))
        case _:
            assert_never(kind)
    return changed


def _merge(target: dict[str, Any], keys: Mapping[str, Any]) -> None:
    for key, value in keys.items():
        if isinstance(value, Mapping) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


# Keys by path


def _present(event: Event, paths: Sequence[str]) -> list[str]:
    """The paths that lead somewhere; every key but the type where none are named."""
    if not paths:
        return [key for key in event if key != "type"]
    return [path for path in paths if _parent(event, path) is not None]


def _remove(event: dict[str, Any], path: str) -> None:
    parent = _parent(event, path)
    key = _steps(path)[-1]
    if isinstance(parent, dict):
        del parent[key]
    elif isinstance(parent, list):
        del parent[int(key)]


def _parent(event: Event, path: str) -> object:
    """What holds the value that a path leads to; None where it leads nowhere."""
    *above, key = _steps(path)
    value: object = event
    for step in above:
        value = _inner(value, step)
    return None if _inner(value, key) is _NOTHING else value


_NOTHING = object()


def _inner(value: object, key: str) -> object:
    if isinstance(value, Mapping):
        return value.get(key, _NOTHING)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return _NOTHING


def _steps(path: str) -> list[str]:
    """`item.content[0].text` and `item.content.0.text` alike."""
    return path.replace("[", ".").replace("]", "").split(".")


# Ids


def _ids(value: object, keys: Sequence[str]) -> Iterator[str]:
    """Every id in a value, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str) and _names_id(key, keys):
                yield inner
            else:
                yield from _ids(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner, keys)


def _replace_ids(value: object, keys: Sequence[str], other: Callable[[str], str | None]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and _names_id(key, keys):
                value[key] = other(inner)
            else:
                _replace_ids(inner, keys, other)
    elif isinstance(value, list):
        for inner in value:
            _replace_ids(inner, keys, other)


def _names_id(key: str, keys: Sequence[str]) -> bool:
    return key in keys if keys else key == "id" or key.endswith("_id")


def other_id(known: str, chance: Chance) -> str:
    """An id of the same shape: what stands before the last `_` is kept, and as many characters follow."""
    head, underscore, tail = known.rpartition("_")
    letters = (_ALPHABET[chance.at("id", known, place).pick(len(_ALPHABET))] for place in range(len(tail)))
    return f"{head}{underscore}{''.join(letters)}"


def _padded(event: Event, text: str, size_bytes: int) -> str:
    """The event, so many bytes long; as it is where it is longer already."""
    bare = event_text({**event, _PADDING: ""})
    missing = size_bytes - len(bare.encode())
    return event_text({**event, _PADDING: "x" * missing}) if missing >= 0 else text
