"""Settings of a mock as they are written in a configuration file: `NAME=VALUE`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

from realtime_mock.scenario.words import suggest
from realtime_mock.settings import Settings

DEFAULTS = Settings(port=0)
"""What a mock for tests starts from: a free port, and beta refused as the service refuses it."""

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class SettingUnknown(ValueError):
    """There is no such setting, or it cannot have that value; the text says what to write."""


def settings_of(pairs: Iterable[str]) -> Settings:
    """The settings that `NAME=VALUE` texts tell; a later one wins.

    Raises:
        SettingUnknown: one of them tells none.
    """
    return dataclasses.replace(DEFAULTS, **dict(_read(pair) for pair in pairs))


def _read(pair: str) -> tuple[str, Any]:
    name, separator, text = (part.strip() for part in pair.partition("="))
    if not separator:
        raise SettingUnknown(f"'{pair}' is no setting; write NAME=VALUE, such as pace=0")
    hints = get_type_hints(Settings)
    if name not in hints:
        raise SettingUnknown(f"there is no setting '{name}'; {suggest(name, _names(hints))}")
    return name, _value(name, text, hints[name])


def _names(hints: dict[str, Any]) -> Sequence[str]:
    return [name for name, hint in hints.items() if _is_written(hint)]


def _is_written(hint: Any) -> bool:
    """Whether a text can say a value of this type."""
    kinds = get_args(hint) if get_origin(hint) is not Literal else (hint,)
    return all(kind in (str, int, float, bool, ..., type(None)) or get_origin(kind) is Literal for kind in kinds)


def _value(name: str, text: str, hint: Any) -> Any:
    match hint:
        case _ if get_origin(hint) is Literal and text not in get_args(hint):
            raise SettingUnknown(f"'{name}' cannot be '{text}'; {suggest(text, get_args(hint))}")
        case _ if get_origin(hint) is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _ if hint is bool:
            return _truth(name, text)
        case _ if hint in (int, float):
            return _number(name, text, hint)
        case _ if not _is_written(hint):
            raise SettingUnknown(f"'{name}' cannot be written; override the fixture realtime_mock_settings")
        case _:
            return text


def _truth(name: str, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise SettingUnknown(f"'{name}' cannot be '{text}'; write true or false")
    return text.lower() in _TRUE


def _number(name: str, text: str, kind: type[int | float]) -> int | float:
    try:
        return kind(text)
    except ValueError:
        raise SettingUnknown(f"'{name}' cannot be '{text}'; write a number") from None
