"""Conditions: what a rule asks for besides the event, as a pattern on the situation that the session is in.

An `on` is parted in two: the pattern that the event must contain, and the pattern that the situation must contain.
A rule with conditions and no `type` is about responses: it is asked when one is about to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from realtime_mock.scenario import words
from realtime_mock.scenario.matching import is_operator, problems
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.phrase import ANY, UNKNOWN, Phrase

Pattern = Mapping[str, Any]

_TEXT_WORDS = ("equals", "contains", "regex")
_OUTPUT_WORDS = ("name", "call_id", "output")
_LENGTHS = {"longer_than": "$gt", "shorter_than": "$lt"}
_SPEECH_WORDS = ("turn", *_LENGTHS)
_HEARD = {ANY: {"says": {"$any": True}}, UNKNOWN: {"guess": {"$any": True}, "says": {"$absent": True}}}
"""What the words of `heard` that are no phrases ask of the situation."""

_ABOUT_USER = ("user_text", "speech", "heard")


def split(on: Pattern) -> tuple[Pattern, Pattern]:
    """The pattern of the event and the pattern of the situation; the latter is empty where `on` has no condition.

    `session` is a condition where there is no `type`; an event that has a `type` may have a `session` of its own.

    Raises:
        Misfit: a condition is not one; `where` is inside `on`.
    """
    read = {name: READERS[name](on[name]) for name in READERS if name in on}
    names = [name for name in read if not (name == "session" and "type" in on)]
    asked: dict[str, Any] = {name: read[name] for name in names}
    pattern = {key: value for key, value in on.items() if key not in names}
    if asked and "type" not in pattern:
        pattern = {"type": "response.create", **pattern}
    if "function_output" not in asked and any(name in asked for name in _ABOUT_USER):
        # The response to a function's output is not asked for by the words before it.
        asked["function_output"] = {"$absent": True}
    return pattern, asked


def _user_text(given: object) -> object:
    match given:
        case str():
            return given
        case Mapping() if is_operator(given):
            return _checked(given, "user_text")
        case Mapping():
            _check_keys(given, _TEXT_WORDS, "user_text")
            for word, text in given.items():
                if not isinstance(text, str):
                    raise Misfit(f"'{word}' of 'user_text' must be text; put it in quotes", ("user_text", word))
            return _checked({f"${word}": text for word, text in given.items()}, "user_text", strip="$")
        case _:
            raise Misfit(
                "'user_text' must be text or a mapping; write the text, or one of: equals, contains, regex",
                ("user_text",),
            )


def _speech(given: object) -> object:
    if given == "any":
        return {"$any": True}
    if not isinstance(given, Mapping):
        raise Misfit(f"'speech' must be 'any' or a mapping; use one of: {', '.join(_SPEECH_WORDS)}", ("speech",))
    _check_keys(given, _SPEECH_WORDS, "speech")
    asked: dict[str, object] = {"turn": _turn(given["turn"])} if "turn" in given else {}
    lengths = {_LENGTHS[word]: _length(given[word], word) for word in _LENGTHS if word in given}
    return {**asked, **({"seconds": lengths} if lengths else {})}


def _heard(given: object) -> object:
    match given:
        case str() if given in _HEARD:
            return _HEARD[given]
        case list() | tuple() if given:
            says = [_phrase(each, number) for number, each in enumerate(given)]
            return {"says": {"$in": says}}
        case _:
            return {"says": _phrase(given)}


def _phrase(given: object, *where: int) -> str:
    """The words of a phrase."""
    says = given.says if isinstance(given, Phrase) else given
    if not isinstance(says, str) or not says.strip():
        what = f"'heard' is a phrase or a list of phrases, or one of: {', '.join(_HEARD)}"
        raise Misfit(f"{what}; write the words that are said", ("heard", *where))
    return says


def _turn(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise Misfit("'turn' of 'speech' counts from 1; write 1 for the first spoken turn", ("speech", "turn"))
    return given


def _length(given: object, word: str) -> float:
    seconds = words.seconds(given)
    if seconds is None:
        raise Misfit(f"'{word}' must be a duration; write 120ms, 1.5s, or 2 for seconds", ("speech", word))
    return seconds


def _function_output(given: object) -> object:
    if given == "any":
        return {"$any": True}
    if not isinstance(given, Mapping):
        raise Misfit(
            f"'function_output' must be 'any' or a mapping; use one of: {', '.join(_OUTPUT_WORDS)}",
            ("function_output",),
        )
    _check_keys(given, _OUTPUT_WORDS, "function_output")
    asked = {key: _checked(value, "function_output", key) for key, value in given.items()}
    if "output" in asked:
        asked["output"] = _output(asked["output"])
    return {"$contains": asked}


def _output(given: object) -> object:
    """What is asked of an output, which is text on the wire: a value that is no text is what its JSON says."""
    if isinstance(given, str) or (isinstance(given, Mapping) and is_operator(given)):
        return given
    return {"$json": given}


def _session(given: object) -> object:
    if not isinstance(given, Mapping):
        raise Misfit("'session' must be a mapping; write the fields of the session object", ("session",))
    return _checked(given, "session")


def _check_keys(given: Pattern, allowed: tuple[str, ...], name: str) -> None:
    for key in given:
        if key not in allowed:
            what = f"unknown key '{key}' in '{name}'; {words.suggest(key, allowed)}"
            raise Misfit(what, (name, key), of_key=True)
    if not given:
        raise Misfit(f"'{name}' asks for nothing; use one of: {', '.join(allowed)}", (name,))


def _checked(pattern: Any, *where: str, strip: str = "") -> Any:
    for misfit in misfits(pattern):
        place = [step.removeprefix(strip) if isinstance(step, str) else step for step in misfit.where]
        raise Misfit(misfit.what, (*where, *place), of_key=misfit.of_key)
    return pattern


def misfits(pattern: object) -> Iterator[Misfit]:
    """Everything that is wrong with a pattern."""
    return (Misfit(problem.what, problem.where, of_key=problem.of_key) for problem in problems(pattern))


READERS: Mapping[str, Callable[[object], object]] = {
    "user_text": _user_text,
    "speech": _speech,
    "heard": _heard,
    "function_output": _function_output,
    "session": _session,
}
"""The words for conditions, each with what makes a pattern of it."""
