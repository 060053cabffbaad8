"""Scenarios as YAML: the inverse of the loader, in the words that an author would have chosen.

`FIELDS` has one table for each class of the model, with one line for each of its fields, in the order in which they are
written. A field that has its default
is left out, and a value for which the format has a short form is written in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.faults.writing import written
from realtime_mock.scenario import failures
from realtime_mock.scenario.model import (
    Call,
    Close,
    Emit,
    Error,
    Fail,
    McpCall,
    McpError,
    McpListing,
    McpTool,
    Phrase,
    Proceed,
    Respond,
    Rule,
    Say,
    Scenario,
    Silence,
    Transcript,
    Turn,
    Wait,
)
from realtime_mock.scenario.timing import Timing
from realtime_mock.scenario.transcripts import UNINTELLIGIBLE
from realtime_mock.scenario.yaml_text import to_yaml

Write = Callable[[Any], object]

_ABOUT = frozenset({"scenario", "description", "seed", "timing"})
"""Keys that alone make no scenario."""


def write_scenario(scenario: Scenario) -> str:
    """The YAML text of a scenario; `parse_scenario` reads it back as an equal one.

    Raises:
        ScenarioError: It holds something that no scenario file can say.
    """
    return to_yaml(as_mapping(scenario))


def as_mapping(scenario: Scenario) -> dict[str, object]:
    """The scenario as the plain values that its file holds: mappings, lists, texts, numbers."""
    written, _ = _fields(scenario)
    # A file must say something; this says that nothing is scripted.
    return {**written, "mcp": {}} if written.keys() <= _ABOUT else written


@dataclass(frozen=True, slots=True)
class Word:
    """How a field is written: by which function, and under which key (its own name where that is None).

    `beside` tells what stands beside the word of a step, not in it.
    """

    write: Write
    key: str | None = None
    beside: bool = False


def plain(value: object) -> object:
    """A JSON value, its mappings and sequences as YAML has them."""
    match value:
        case Mapping():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def duration(seconds: float) -> object:
    """A duration with its unit, such as `120ms` or `1.5s`; a number where no unit says it exactly."""
    thousandths = round(seconds * 1000)
    if seconds < 1 and thousandths and thousandths / 1000 == seconds:
        return f"{thousandths}ms"
    number = repr(int(seconds) if float(seconds).is_integer() else seconds)
    return seconds if "e" in number else f"{number}s"


def json_text(text: str) -> object:
    """JSON text as a mapping where the loader makes the same text of it, else as it is."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict) or not _is_whole(value):
        return text
    return value if json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text else text


def with_phrases(on: Mapping[str, Any]) -> object:
    """What a rule is about. Its phrases are no JSON values."""
    heard = on.get("heard")
    if isinstance(heard, Phrase):
        return {**_plain_keys(on), "heard": _fields(heard)[0]}
    if isinstance(heard, list | tuple):
        return {**_plain_keys(on), "heard": [model(one) if isinstance(one, Phrase) else one for one in heard]}
    return plain(on)


def _plain_keys(on: Mapping[str, Any]) -> dict[str, object]:
    """Every key in its place; that of the phrases gets its value afterwards."""
    return {key: None if key == "heard" else plain(value) for key, value in on.items()}


def each(write: Write) -> Write:
    """A list, element by element."""
    return lambda elements: [write(element) for element in elements]


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _is_whole(value: object) -> bool:
    """Whether no text holds half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def model(value: Any) -> object:
    """A value of the model: its fields that differ from their defaults, in a short form where there is one."""
    inside, beside = _fields(value)
    short = SHORT.get(type(value))
    written = short(inside) if short else inside
    word = STEPS.get(type(value))
    return {word: written, **beside} if word else written


def _fields(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is written of a value, and what beside it."""
    inside: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    defaults = {each_field.name: _default(each_field) for each_field in fields(value)}
    for name, word in FIELDS[type(value)].items():
        given = getattr(value, name)
        if given != defaults[name]:
            (beside if word.beside else inside)[word.key or name] = word.write(given)
    return inside, beside


def _default(of: Field[Any]) -> object:
    return of.default if of.default_factory is MISSING else of.default_factory()


def _by_label(servers: Mapping[str, McpListing]) -> object:
    return {label: model(listing) for label, listing in servers.items()}


def _tools(tools: tuple[McpTool, ...] | None) -> object:
    return None if tools is None else [model(tool) for tool in tools]


def _words(error: ApiError, usual: ApiError) -> dict[str, object]:
    """The words of an error that the loader does not know by itself."""
    words = {"type": error.type, "code": error.code, "message": error.message, "param": error.param}
    return {key: value for key, value in words.items() if value and value != getattr(usual, key)}


def _refusal(error: ApiError) -> object:
    return _words(error, ApiError(""))


def _failure(error: ApiError | None) -> dict[str, object]:
    """The words of a failed response. Its code tells the loader the others, so the code always stands there."""
    if error is None:
        return {}
    code = {"code": error.code} if error.code else {}
    return {**code, **_words(error, failures.complete(code=error.code, type=None, message=None))}


def _alone(key: str) -> Callable[[dict[str, Any]], object]:
    """The short form of a mapping that has nothing but this key: its value."""
    return lambda inside: inside[key] if inside.keys() == {key} else inside


def _only(key: str) -> Callable[[dict[str, Any]], object]:
    """The form of what is nothing but this field."""
    return lambda inside: inside.get(key, {})


def _short_rule(inside: dict[str, Any]) -> object:
    """A pattern of nothing but a type is just that type; the turn in which nothing happens goes without saying."""
    on = inside.get("on", {})
    if on.keys() == {"type"}:
        inside["on"] = on["type"]
    if inside["turns"] == [[]]:
        del inside["turns"]
    return inside


def _short_turn(inside: dict[str, Any]) -> object:
    steps = inside["steps"]
    return steps[0] if len(steps) == 1 else steps


def _short_fail(inside: dict[str, Any]) -> object:
    words = inside.pop("error", {})
    return {**inside, **words}


def _short_close(inside: dict[str, Any]) -> object:
    return inside if "reason" in inside else inside.get("code", 1000)


def _short_tool(inside: dict[str, Any]) -> object:
    if inside["input_schema"] == {"type": "object"}:
        del inside["input_schema"]
    return inside["name"] if inside.keys() == {"name"} else inside


def _short_listing(inside: dict[str, Any]) -> object:
    tools = inside.pop("tools", [])
    return {**({"fail": True} if tools is None else {"tools": tools}), **inside}


_AFTER = Word(duration, beside=True)

FIELDS: Mapping[type, Mapping[str, Word]] = {
    Scenario: {
        "name": Word(plain, "scenario"),
        "description": Word(plain),
        "seed": Word(plain),
        "timing": Word(model),
        "rules": Word(each(model)),
        "transcripts": Word(each(model)),
        "phrases": Word(each(model)),
        "beacon": Word(plain),
        "mcp": Word(_by_label),
        "expect": Word(each(lambda expected: plain(expected.as_json()))),
        "faults": Word(each(lambda fault: plain(written(fault)))),
    },
    Rule: {
        "on": Word(with_phrases),
        "turns": Word(each(model)),
        "once": Word(plain),
        "nth": Word(plain),
        "instead": Word(plain),
        "state": Word(plain),
        "then": Word(plain),
        "order": Word(plain),
    },
    Turn: {"steps": Word(each(model))},
    Say: {
        "text": Word(plain),
        "after": _AFTER,
        "phase": Word(plain),
        "closes_late": Word(plain),
        "hesitates": Word(duration),
        "transcript": Word(plain),
        "sound": Word(plain),
        "voice": Word(plain),
        "audio": Word(lambda recording: recording.file),
        "pace": Word(plain),
    },
    Timing: {"latency": Word(duration), "pace": Word(plain), "jitter": Word(duration)},
    Silence: {"seconds": Word(duration)},
    Call: {
        "name": Word(plain),
        "arguments": Word(json_text),
        "call_id": Word(plain),
        "after": _AFTER,
        "closes_late": Word(plain),
    },
    McpCall: {
        "server_label": Word(plain),
        "name": Word(plain),
        "arguments": Word(json_text),
        "output": Word(plain),
        "error": Word(McpError.as_json),
        "takes": Word(duration),
        "after": _AFTER,
    },
    Fail: {"status": Word(plain), "error": Word(_failure), "reason": Word(plain), "after": _AFTER},
    Emit: {"event": Word(plain), "after": _AFTER, "invalid": Word(plain, beside=True)},
    Wait: {"seconds": Word(duration)},
    Error: {"error": Word(_refusal), "after": _AFTER},
    Close: {"code": Word(plain), "reason": Word(plain), "after": _AFTER},
    Proceed: {"changes": Word(plain), "after": _AFTER},
    Respond: {"after": _AFTER},
    Transcript: {
        "text": Word(plain),
        "after": Word(duration),
        "error": Word(lambda error: _words(error, UNINTELLIGIBLE), "fail"),
        "never": Word(plain),
    },
    Phrase: {
        "says": Word(plain),
        "recording": Word(lambda recording: recording.file, "file"),
        "voice": Word(plain),
        "speed": Word(plain),
    },
    McpTool: {
        "name": Word(plain),
        "description": Word(plain),
        "input_schema": Word(plain),
        "annotations": Word(plain),
    },
    McpListing: {"tools": Word(_tools), "after": Word(duration)},
}
"""How each field of the model is written. A test holds it to the model."""

UNWRITTEN = {(Rule, "place"), (Turn, "instead"), (Turn, "cause"), (Turn, "match")}
"""Fields that no file has: where a rule stands in one, and what the script sets when a rule picks a turn."""

STEPS: Mapping[type, str] = {
    Say: "say",
    Silence: "silence",
    Call: "call",
    McpCall: "mcp",
    Fail: "fail",
    Emit: "emit",
    Wait: "wait",
    Error: "error",
    Close: "close",
    Proceed: "proceed",
    Respond: "respond",
}
"""The word that each step begins with."""

SHORT: Mapping[type, Callable[[dict[str, Any]], object]] = {
    Rule: _short_rule,
    Turn: _short_turn,
    Say: _alone("text"),
    Emit: _only("event"),
    Wait: _only("seconds"),
    Silence: _only("seconds"),
    Error: _only("error"),
    Proceed: _only("changes"),
    Fail: _short_fail,
    Close: _short_close,
    Transcript: _alone("text"),
    Phrase: _alone("says"),
    McpTool: _short_tool,
    McpListing: _short_listing,
}
"""What is written in another form than as a mapping of its fields."""
