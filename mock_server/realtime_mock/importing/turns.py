"""The recorded responses as turns that an author could have written, with the pauses that were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from realtime_mock.core.defaults import is_second_generation
from realtime_mock.importing.oddities import ServerClose
from realtime_mock.replay.answers import RecordedAnswer, RecordedItem, recorded_answers
from realtime_mock.replay.recording import Event, Recording, at, text_at
from realtime_mock.scenario import failures, placeholders
from realtime_mock.scenario.model import Call, Close, Fail, McpCall, McpError, Say, Step, Turn, Wait

HOLD = 60.0
"""Seconds for which a response that was cancelled waits for its cancel."""

_SHORTEST = 0.03
"""Seconds of a pause that is worth a word."""

_REASONS = ("max_output_tokens", "content_filter")
_NOTHING = "..."
"""Said by a response that completed with nothing: a scenario has no word for it."""


def recorded_turns(recording: Recording, *, close: ServerClose | None = None) -> list[Turn]:
    """One turn for each response, in the order of their beginnings.

    A response that was under way when the service closed the connection ends with this `close`.
    """
    answers = recorded_answers(recording)
    return [_Answer(recording, answer, close if answer is answers[-1] else None).turn() for answer in answers]


def is_cut_off(recording: Recording) -> bool:
    """Whether the recording ends in the middle of what a response says."""
    answers = recorded_answers(recording)
    if not answers or answers[-1].done is not None:
        return False
    return any(not isinstance(step, Say) or step.text.strip() for step in answers[-1].turn.steps if step.after == 0)


class _Answer:
    """One response on its way to a turn."""

    def __init__(self, recording: Recording, answer: RecordedAnswer, close: ServerClose | None) -> None:
        self._recording = recording
        self._close = close
        self._answer = answer
        self._items = iter(answer.items)
        self._now = self._at(answer.created)
        created = recording.frames[answer.created].event
        self._is_second = is_second_generation(text_at(created, "response.model") or _model(recording))

    def turn(self) -> Turn:
        steps = self._answer.turn.steps
        written = tuple(step for number, one in enumerate(steps) for step in self._step(one, steps[number + 1 :]))
        if any(isinstance(step, Say | Call | McpCall | Fail) for step in written):
            return Turn(written)
        # What was cut before its first word still has to be a response.
        return Turn((Say(_NOTHING, after=HOLD if written else 0.0),))

    def _step(self, step: Step, later: tuple[Step, ...]) -> Iterator[Step]:
        match step:
            case Say():
                item = next(self._items)
                after = self._pause(item.added)
                if step.text.strip():
                    yield self._say(step, item, later, after)
                elif item.ended is None or any(isinstance(other, Fail) for other in later):
                    # Cut before its first word: the item is there, and stays empty.
                    yield Say(_NOTHING, after, hesitates=HOLD)
                self._end(item)
            case Call():
                item = next(self._items)
                name, arguments = placeholders.literal(step.name), placeholders.literal(step.arguments)
                late = self._late(step, usual=False, is_last=not later)
                yield Call(name, arguments, after=self._pause(item.added), closes_late=late)
                self._end(item)
            case McpCall():
                item = next(self._items)
                yield self._mcp_call(step, item, self._pause(item.added))
                self._end(item)
            case Fail(after=0.0):
                yield _fail(step, 0.0 if self._answer.done is None else self._pause(self._answer.done))
            case Fail() if self._close is not None and self._answer.done is None:
                yield Close(self._close.code, self._close.reason, after=self._until_close())
            case Fail():
                yield Wait(HOLD)
            case _:
                raise ValueError(f"{step!r} is in no recorded answer")

    def _say(self, say: Say, item: RecordedItem, later: tuple[Step, ...], after: float) -> Say:
        """What goes without saying is left out: the model's own habits."""
        followed = any(isinstance(step, Say | Call) for step in later)
        calls_later = any(isinstance(step, Call | McpCall) for step in later)
        usual_phase = "commentary" if calls_later else "final_answer"
        usual_end = self._is_second and followed
        return Say(
            placeholders.literal(say.text),
            after,
            phase=say.phase if self._is_second and say.phase in _PHASES and say.phase != usual_phase else None,
            closes_late=self._late(say, usual=usual_end, is_last=not later),
            hesitates=0.0 if item.began is None else self._pause(item.began),
        )

    def _late(self, step: Say | Call, *, usual: bool, is_last: bool) -> bool | None:
        """What is usual goes without saying."""
        if is_last or bool(step.closes_late) == usual:
            return None
        return step.closes_late

    def _mcp_call(self, call: McpCall, item: RecordedItem, after: float) -> McpCall:
        """A call that the client had to approve has its result in an item of its own, later."""
        result = self._result(item.id)
        arguments = placeholders.literal(call.arguments)
        call = replace(call, name=placeholders.literal(call.name), arguments=arguments, after=after)
        error = at(result, "error")
        if isinstance(error, dict) and text_at(error, "message"):
            return replace(call, output="", error=_mcp_error(error), takes=self._takes(item.id))
        return replace(call, output=text_at(result, "output") or call.output, takes=self._takes(item.id))

    def _result(self, item_id: str) -> Event:
        done = [frame.event["item"] for frame in self._recording.received if frame.type == "conversation.item.done"]
        return next((item for item in reversed(done) if item["id"] == item_id), {})

    def _takes(self, item_id: str) -> float | None:
        """Seconds from the beginning of the call to its end."""
        times = [
            frame.at
            for frame in self._recording.received
            if frame.type.startswith("response.mcp_call.") and frame.event.get("item_id") == item_id
        ]
        if len(times) < 2 or times[0] is None or times[-1] is None:
            return None
        return _rounded(times[-1] - times[0])

    def _at(self, number: int | None) -> float | None:
        return None if number is None else self._recording.frames[number].at

    def _pause(self, until: int) -> float:
        """The seconds to a frame from where the turn has come to; then it has come to that frame."""
        came, began = self._at(until), self._now
        self._now = came
        return 0.0 if came is None or began is None else _rounded(came - began)

    def _until_close(self) -> float:
        came = self._close.at if self._close is not None else None
        return 0.0 if came is None or self._now is None else _rounded(came - self._now)

    def _end(self, item: RecordedItem) -> None:
        self._now = self._at(item.ended) or self._now


_PHASES = ("commentary", "final_answer")


def _model(recording: Recording) -> str:
    return text_at(recording.session, "model") or ""


def _rounded(seconds: float) -> float:
    return round(seconds, 2) if seconds >= _SHORTEST else 0.0


def _fail(fail: Fail, after: float) -> Fail:
    if fail.status == "incomplete":
        return Fail("incomplete", reason=fail.reason if fail.reason in _REASONS else _REASONS[0], after=after)
    code, kind, message = (
        (None, None, None) if fail.error is None else (fail.error.code, fail.error.type, fail.error.message)
    )
    error = failures.complete(code=code, type=kind or None, message=placeholders.literal(message) if message else None)
    return Fail("failed", error, after=after)


def _mcp_error(error: Event) -> McpError:
    kind, message, code = text_at(error, "type"), str(at(error, "message")), at(error, "code")
    if kind in ("protocol_error", "http_error") and isinstance(code, int):
        return McpError(kind, message, code)
    return McpError("tool_execution_error", message)
