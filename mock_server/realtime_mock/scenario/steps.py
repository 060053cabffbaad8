"""The steps of a turn: one reader for each word that a step may begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from realtime_mock.api_error import ApiError
from realtime_mock.scenario import failures, fields, mcp_steps
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.emitted import check_placeholders, read_emit, read_proceed
from realtime_mock.scenario.model import Call, Close, Error, Fail, Respond, Say, Silence, Step, Wait
from realtime_mock.scenario.recording import LONGEST_SPEECH
from realtime_mock.scenario.sounds import read_recording, read_voice
from realtime_mock.scenario.timing_words import read_pace

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

_PHASES = ("commentary", "final_answer")
_SAY_KEYS = ("text", "hesitates", "transcript", "sound", "phase", "closes_late", "voice", "audio", "pace")
_INCOMPLETE_REASONS = ("max_output_tokens", "content_filter")
_CLOSE_CODES = "1000 to 1003, 1007 to 1014 or 3000 to 4999"


def read_step(node: Node, registry: SchemaRegistry) -> Step:
    """The step that a mapping describes: one step word, and `after` for its delay."""
    given = fields.any_mapping(node, what="a step")
    word = _step_word(node, given)
    if "invalid" in given and word != "emit":
        raise node.keys["invalid"].error(f"only an emitted event can be invalid; remove it from '{word}'")
    if word == "emit":
        invalid = "invalid" in given and fields.flag(given["invalid"], what="'invalid'")
        return read_emit(given[word], invalid=invalid, after=_after(given), registry=registry)
    if word == "wait" and "after" in given:
        raise node.keys["after"].error("a wait has no 'after'; add the two durations up")
    if word == "silence" and "after" in given:
        raise node.keys["after"].error("a silence has no 'after'; lengthen it, or put a 'wait' before it")
    return _READERS[word](given[word], _after(given))


def _step_word(node: Node, given: Mapping[str, Node]) -> str:
    known = [key for key in given if key in STEPS]
    for key in given:
        if key not in STEPS and key not in _BESIDE:
            what = f"key '{key}' of a step" if known else f"step '{key}'"
            raise node.keys[key].error(f"unknown {what}; {fields.suggest(key, [*STEPS, *_BESIDE])}")
    if not known:
        raise node.error(f"a step says nothing to do; use one of: {', '.join(STEPS)}")
    if len(known) > 1:
        raise node.keys[known[1]].error(f"a step does one thing; make '{known[1]}' a step of its own")
    return known[0]


def _after(given: Mapping[str, Node]) -> float:
    return fields.duration(given["after"], what="'after'") if "after" in given else 0.0


def _say(node: Node, after: float) -> Say:
    """The text alone, or a mapping that also tells how it is said."""
    what = "'say'"
    check_placeholders(node)
    if not isinstance(node.value, Mapping):
        return Say(fields.text(node, what=what), after)
    given = fields.mapping(node, what=what, allowed=_SAY_KEYS, required=("text",))
    _check_one_sound(given)
    transcript = "ahead"
    if "transcript" in given:
        transcript = fields.choice(given["transcript"], ("ahead", "early", "late"), what=f"'transcript' of {what}")
    sound = "voice"
    if "sound" in given:
        sound = fields.choice(given["sound"], ("voice", "markers"), what=f"'sound' of {what}")
    return Say(
        fields.text(given["text"], what=f"'text' of {what}"),
        after,
        hesitates=fields.duration(given["hesitates"], what="'hesitates'") if "hesitates" in given else 0.0,
        transcript=transcript,
        sound=sound,
        phase=fields.choice(given["phase"], _PHASES, what=f"'phase' of {what}") if "phase" in given else None,
        closes_late=_closes_late(given),
        voice=read_voice(given["voice"]) if "voice" in given else None,
        audio=read_recording(given["audio"]) if "audio" in given else None,
        pace=read_pace(given["pace"]) if "pace" in given else None,
    )


def _check_one_sound(given: Mapping[str, Node]) -> None:
    """What is heard is a recording, a tone for each word, or a voice."""
    if "audio" in given:
        for other in ("voice", "sound"):
            if other in given:
                raise given[other].error(f"a recording is heard as it is; remove '{other}' or 'audio'")
    if "voice" in given and "sound" in given and given["sound"].value == "markers":
        raise given["voice"].error("markers are tones, no voice; remove 'voice' or 'sound'")


def _silence(node: Node, _after: float) -> Silence:
    seconds = fields.duration(node, what="'silence'")
    if seconds > LONGEST_SPEECH:
        raise node.error(f"a silence lasts {LONGEST_SPEECH} seconds at most; shorten it, or use 'wait'")
    return Silence(seconds)


def _call(node: Node, after: float) -> Call:
    what = "'call'"
    check_placeholders(node)
    given = fields.mapping(node, what=what, allowed=("name", "arguments", "call_id", "closes_late"), required=("name",))
    name = fields.text(given["name"], what=f"'name' of {what}")
    arguments = fields.json_text(given["arguments"], what="'arguments'") if "arguments" in given else "{}"
    call_id = fields.optional_text(given, "call_id", what=what)
    return Call(name, arguments, call_id, after, closes_late=_closes_late(given))


def _closes_late(given: Mapping[str, Node]) -> bool | None:
    return fields.flag(given["closes_late"], what="'closes_late'") if "closes_late" in given else None


def _wait(node: Node, _after: float) -> Wait:
    return Wait(fields.duration(node, what="'wait'"))


def _error(node: Node, after: float) -> Error:
    what = "'error'"
    given = fields.mapping(node, what=what, allowed=("type", "code", "message", "param"), required=("message",))
    check_placeholders(node)
    words = {key: fields.text(value, what=f"'{key}' of {what}") for key, value in given.items()}
    return Error(ApiError(**words), after)


def _fail(node: Node, after: float) -> Fail:
    what = "'fail'"
    given = fields.mapping(node, what=what, allowed=("status", "type", "code", "message", "reason"))
    check_placeholders(node)
    status = "failed"
    if "status" in given:
        status = fields.choice(given["status"], ("failed", "incomplete"), what=f"'status' of {what}")
    if status == "incomplete":
        return Fail(status, reason=_reason(node, given), after=after)
    if "reason" in given:
        raise node.keys["reason"].error("only an incomplete response has a reason; add 'status: incomplete'")
    words = {key: fields.optional_text(given, key, what=what) for key in ("code", "type", "message")}
    return Fail(status, failures.complete(**words), after=after)


def _reason(node: Node, given: Mapping[str, Node]) -> str:
    for key in given:
        if key not in ("status", "reason"):
            raise node.keys[key].error(f"an incomplete response has no '{key}'; give a 'reason' instead")
    if "reason" not in given:
        return _INCOMPLETE_REASONS[0]
    return fields.choice(given["reason"], _INCOMPLETE_REASONS, what="'reason' of 'fail'")


def _close(node: Node, after: float) -> Close:
    if not isinstance(node.value, Mapping):
        return Close(_close_code(node), after=after)
    given = fields.mapping(node, what="'close'", allowed=("code", "reason"))
    code = _close_code(given["code"]) if "code" in given else 1000
    reason = fields.optional_text(given, "reason", what="'close'") or ""
    # RFC 6455, section 5.5: a control frame carries 125 bytes, two of them the code.
    if len(reason.encode()) > 123:
        raise given["reason"].error("'reason' of 'close' has more than 123 bytes; shorten it")
    return Close(code, reason, after)


def _close_code(node: Node) -> int:
    code = fields.whole_number(node, what="a close code")
    # RFC 6455, section 7.4: 1004 to 1006 and 1015 never travel, 2999 and below are the protocol's.
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise node.error(f"{code} is no close code that can be sent; use {_CLOSE_CODES}")
    return code


def _respond(node: Node, after: float) -> Respond:
    if fields.any_mapping(node, what="'respond'"):
        raise node.error("'respond' has no settings; write 'respond: {}'")
    return Respond(after)


_READERS: Mapping[str, Callable[[Node, float], Step]] = {
    "say": _say,
    "silence": _silence,
    "call": _call,
    "mcp": mcp_steps.read_call,
    "wait": _wait,
    "error": _error,
    "fail": _fail,
    "close": _close,
    "proceed": read_proceed,
    "respond": _respond,
}

STEPS = ("say", "silence", "call", "mcp", "emit", "wait", "error", "fail", "close", "proceed", "respond")
"""The words a step may begin with, in the order of the documentation."""

_BESIDE = ("after", "invalid")
"""What a step may say besides."""
