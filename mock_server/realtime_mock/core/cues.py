"""Turns that are no answers: what a script does besides, or instead of, what the session does by itself.

Every event that the session makes passes a `Prompter` on its way out, so that a script can add to it, hold it
back, change it or drop it. What a script sends itself does not pass: no rule can set off itself for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from realtime_mock.api_error import ApiError
from realtime_mock.core import errors
from realtime_mock.core.agenda import Beat, Pause
from realtime_mock.core.effects import Effect, Hangup, SendEvent
from realtime_mock.core.situation import situation
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.model import (
    Call,
    Close,
    Emit,
    Error,
    Fail,
    McpCall,
    Proceed,
    Respond,
    Say,
    Silence,
    Turn,
    Wait,
)
from realtime_mock.scenario.placeholders import fill

RESPONSE_DELAY = 0.01
"""Seconds after which the session starts a response that a script asked for: a rule that always asks for another
one lets time pass."""


_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Acts:
    """What the session does when a turn tells it to.

    `proceed`: take the event that the turn stands in for, with these changes. `respond`: start a response.
    """

    proceed: Callable[[Mapping[str, Any]], Iterator[Effect]]
    respond: Callable[[], Iterator[Effect]]


class Prompter:
    """Performs the turns of rules on the session's own events."""

    def __init__(self, stage: Stage, *, prime: Callable[[Turn], None], respond: Callable[[], Iterator[Effect]]) -> None:
        self._stage = stage
        self._prime = prime
        self._respond = respond
        self._unheeded = _NONE

    def heeds(self, effect: Effect) -> bool:
        """Whether anything may become of an effect but the effect itself. Of deltas, which are most of all, seldom."""
        return not isinstance(effect, SendEvent) or effect.scripted or effect.event["type"] not in self._unheeded

    def pass_on(self, effect: Effect) -> Iterable[Effect]:
        """What leaves the session for an effect of its own: the effect itself, unless a rule says otherwise."""
        if not isinstance(effect, SendEvent) or effect.scripted:
            return (effect,)
        event = effect.event
        if event["type"].endswith(".delta") and not self._stage.script.heeds(event["type"]):
            self._unheeded |= {event["type"]}
        self._stage.recall.observe(event)
        turn = self._stage.script.on_server_event(event, situation(self._stage, event))
        return (effect,) if turn is None else self._cued(effect, turn)

    def _cued(self, effect: SendEvent, turn: Turn) -> Iterator[Effect]:
        if not turn.instead:
            yield effect
        if turn.is_answer:
            self._prime(turn)
            return
        acts = Acts(proceed=lambda changes: iter((changed(effect, changes),)), respond=self._respond)
        for inner in self._stage.agenda.begin(perform_outside(self._stage, turn, acts)):
            yield from self.pass_on(inner)


def perform_outside(stage: Stage, turn: Turn, acts: Acts) -> Generator[Beat, None, None]:
    """Perform a turn that is no answer, with no response around it."""
    for step in turn.steps:
        yield Pause(step.after)
        match step:
            case Say() | Silence() | Call() | McpCall() | Fail():
                raise ValueError(f"{step!r} needs a response")
            case Proceed(changes):
                known = stage.recall.known(turn)
                yield from acts.proceed({key: fill(change, known) for key, change in changes.items()})
            case Respond():
                yield Pause(RESPONSE_DELAY)
                yield from acts.respond()
            case _:
                yield from plain_step(stage, step, turn=turn)


def plain_step(stage: Stage, step: Emit | Error | Close | Wait, *, turn: Turn) -> Iterator[Effect]:
    """What a step does that needs no response. A session that hangs up takes everything off its agenda."""
    known = stage.recall.known(turn)
    match step:
        case Emit(event):
            written = {key: fill(value, known) for key, value in event.items()}
            yield stage.events.raw(written)._replace(scripted=True)
        case Error(error):
            yield stage.events.error(filled(error, known))._replace(scripted=True)
        case Close(code, reason):
            yield Hangup(code, reason)
        case Wait():
            pass
        case _:
            assert_never(step)


def refuse_where_told(stage: Stage, turn: Turn, acts: Acts) -> None:
    """Refuse the client's event where the turn begins with an error; what else the turn does comes behind it.

    Raises:
        ClientFault: the turn refuses the event.
    """
    if turn.refusal is None:
        return
    rest = replace(turn, steps=turn.steps[1:])
    if rest.steps:
        stage.agenda.start(perform_outside(stage, rest, acts))
    raise errors.scripted(filled(turn.refusal, stage.recall.known(turn)))


def filled(error: ApiError, known: Mapping[str, object]) -> ApiError:
    """A scripted error with its placeholders filled in."""

    def text(given: str | None) -> str | None:
        value = fill(given, known)
        return None if value is None else str(value)

    return ApiError(
        text(error.message) or "", code=text(error.code), param=text(error.param), type=text(error.type) or ""
    )


def changed(effect: SendEvent, changes: Mapping[str, Any]) -> SendEvent:
    """An event of the session's with `changes` merged in, as RFC 7396 merges: null takes a key away."""
    return SendEvent(_merged(effect.event, changes), refusal=effect.refusal, scripted=True)


def _merged(value: object, changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(value) if isinstance(value, Mapping) else {}
    for key, change in changes.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), change) if isinstance(change, Mapping) else change
    return merged
