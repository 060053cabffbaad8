"""The words for what happens to a connection or a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from realtime_mock.api_error import ApiError
from realtime_mock.faults.answers import NAMED_ANSWERS, NAMED_CLOSES, Answer, refusal_reason
from realtime_mock.faults.connection_kinds import Close, HalfOpen, Hang, Refuse, Reset, When
from realtime_mock.faults.model import Always, OnEvent, OnRequest, Trigger
from realtime_mock.faults.words import ANYWHERE, REQUESTS, Word, says_nothing
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node

_DEFAULT_CODE = 1011
_LARGEST_CODE = 65_535
_FRAMING = frozenset({"content-length", "transfer-encoding", "content-type", "content-encoding"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE = re.compile(r"[\t -~]*")
_WHENS: Mapping[str, When] = {**{when: when for when in get_args(When)}, "instead": "before"}


def _refuse(node: Node, _on: Trigger) -> Refuse:
    """`true` for no answer at all, a status, a name, or a mapping."""
    what = "'refuse'"
    if node.value is True:
        return Refuse(None)
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return Refuse(_answer_of_status(_status(node)))
    if isinstance(node.value, str):
        return Refuse(NAMED_ANSWERS[fields.choice(node, NAMED_ANSWERS, what=what)])
    allowed = ("fault", "status", "error", "headers", "retry_after")
    given = fields.mapping(node, what=what, allowed=allowed)
    return Refuse(_answer(given))


def _answer(given: Mapping[str, Node]) -> Answer:
    base = NAMED_ANSWERS["server_error"]
    if "status" in given:
        base = _answer_of_status(_status(given["status"]))
    if "fault" in given:
        base = replace(NAMED_ANSWERS[fields.choice(given["fault"], NAMED_ANSWERS, what="'fault'")])
        base = replace(base, status=_status(given["status"])) if "status" in given else base
    headers = dict(base.headers)
    if "retry_after" in given:
        headers["Retry-After"] = _retry_after(given["retry_after"])
    if "headers" in given:
        headers |= _headers(given["headers"])
    return replace(base, error=_changed(base.error, given), headers=headers)


def _answer_of_status(status: int) -> Answer:
    """The words that the service has for a status, else those of a server error."""
    named = next((answer for answer in NAMED_ANSWERS.values() if answer.status == status), None)
    if status == NAMED_ANSWERS["rate_limit"].status:
        named = NAMED_ANSWERS["rate_limit"]
    return named or replace(NAMED_ANSWERS["server_error"], status=status)


def _status(node: Node) -> int:
    status = fields.whole_number(node, what="'status'")
    if not 400 <= status <= 599:
        raise node.error("'status' must be between 400 and 599; write the status of an error")
    return status


def _retry_after(node: Node) -> str:
    """Whole seconds: "Retry-After = HTTP-date / delay-seconds" (RFC 9110 section 10.2.3)."""
    seconds = fields.duration(node, what="'retry_after'")
    if seconds != int(seconds):
        raise node.error("'retry_after' must be whole seconds; HTTP has no fractions there")
    return str(int(seconds))


def _headers(node: Node) -> dict[str, str]:
    """No header that breaks the answer's framing, and nothing that no header can hold."""
    headers = {}
    for name, value in fields.any_mapping(node, what="'headers'").items():
        text = fields.any_text(value, what=f"the header '{name}'")
        if name.lower() in _FRAMING or not _TOKEN.fullmatch(name) or not _PRINTABLE.fullmatch(text):
            raise node.keys[name].error(f"no such header can be set: {name!a}; remove it")
        headers[name] = text
    return headers


def _changed(error: ApiError, given: Mapping[str, Node]) -> ApiError:
    """The error with what is given of it; `code` and `param` may be null."""
    if "error" not in given:
        return error
    what = "'error'"
    words = fields.mapping(given["error"], what=what, allowed=("message", "type", "code", "param"))
    return ApiError(
        fields.any_text(words["message"], what=f"'message' of {what}") if "message" in words else error.message,
        code=_text_or_null(words["code"], what=f"'code' of {what}") if "code" in words else error.code,
        param=_text_or_null(words["param"], what=f"'param' of {what}") if "param" in words else error.param,
        type=fields.any_text(words["type"], what=f"'type' of {what}") if "type" in words else error.type,
    )


def _text_or_null(node: Node, *, what: str) -> str | None:
    return None if node.value is None else fields.any_text(node, what=what)


def _hang(node: Node, _on: Trigger) -> Hang:
    return Hang(fields.duration(node, what="'hang'"))


def _close(node: Node, on: Trigger) -> Close:
    """A code, a name, or a mapping.

    A request is refused the way the service does it, with an error before the close; on anything else the error
    must be asked for.
    """
    what = "'close'"
    as_refusal = isinstance(on, Always | OnRequest)
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return _named_close("server_error", _code(node)) if as_refusal else Close(_code(node))
    if isinstance(node.value, str):
        return _named_close(fields.choice(node, NAMED_CLOSES, what=what))
    if says_nothing(node):
        return _named_close("server_error") if as_refusal else Close(_DEFAULT_CODE)
    given = fields.mapping(node, what=what, allowed=("fault", "code", "reason", "error", "when", "after"))
    close = Close(_DEFAULT_CODE)
    if as_refusal or "fault" in given or "error" in given:
        name = fields.choice(given["fault"], NAMED_CLOSES, what="'fault'") if "fault" in given else "server_error"
        close = _named_close(name)
        close = replace(close, error=_changed(close.error, given) if close.error else None)
    if "code" in given:
        close = replace(close, code=_code(given["code"]))
    reason = close.reason if close.error is None else refusal_reason(close.error)
    if "reason" in given:
        reason = fields.any_text(given["reason"], what="'reason'")
    return replace(close, reason=reason, when=_when(given, on), after=_after(given, on))


def _named_close(name: str, code: int | None = None) -> Close:
    named = NAMED_CLOSES[name]
    return Close(named.code if code is None else code, refusal_reason(named.error), named.error)


def _code(node: Node) -> int:
    code = fields.whole_number(node, what="'code'")
    if not 0 <= code <= _LARGEST_CODE:
        raise node.error(f"'code' must be between 0 and {_LARGEST_CODE}; a close frame has two bytes for it")
    return code


def _reset(node: Node, on: Trigger) -> Reset:
    when, after = _moment(node, on, what="'reset'")
    return Reset(when, after)


def _half_open(node: Node, on: Trigger) -> HalfOpen:
    when, after = _moment(node, on, what="'half_open'")
    return HalfOpen(when, after)


def _moment(node: Node, on: Trigger, *, what: str) -> tuple[When, float]:
    if says_nothing(node):
        return "after", 0.0
    given = fields.mapping(node, what=what, allowed=("when", "after"))
    return _when(given, on), _after(given, on)


def _when(given: Mapping[str, Node], on: Trigger) -> When:
    if "when" not in given:
        return "after"
    node = given["when"]
    if not isinstance(on, OnEvent):
        raise node.error("'when' tells where in an event; remove it, or name an event under 'on'")
    when = _WHENS[fields.choice(node, _WHENS, what="'when'")]
    if when == "during" and on.side == "client":
        raise node.error("an event of the client has no 'during' for the mock; write before or after")
    return when


def _after(given: Mapping[str, Node], on: Trigger) -> float:
    if "after" not in given:
        return 0.0
    if isinstance(on, Always | OnRequest):
        raise given["after"].error("a request has no 'after'; write 'on: connect', or 'hang' beside this")
    return fields.duration(given["after"], what="'after'")


_ON_REQUEST = "write 'connect' there, or a 'path'"
_ON_ANYTHING = "write 'connect' there, a 'path', or an event type"

CONNECTION_WORDS: Mapping[str, Word] = {
    "refuse": Word(_refuse, REQUESTS, _ON_REQUEST),
    "answer": Word(_refuse, REQUESTS, _ON_REQUEST),
    "hang": Word(_hang, REQUESTS, _ON_REQUEST),
    "close": Word(_close, ANYWHERE, _ON_ANYTHING),
    "reset": Word(_reset, ANYWHERE, _ON_ANYTHING),
    "half_open": Word(_half_open, ANYWHERE, _ON_ANYTHING),
}
"""`answer` is another word for `refuse` with an answer."""
