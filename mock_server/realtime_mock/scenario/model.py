"""A scenario as frozen values: rules whose patterns pick turns, turns made of steps.

A turn that holds a `Say`, `Call`, `McpCall` or `Fail` is an answer: it waits for the next response, because
the service generates nothing until a client or the voice detector asks. Any other turn is
performed at once when its event arrives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from realtime_mock.api_error import ApiError
from realtime_mock.faults.model import Fault
from realtime_mock.scenario.expectation import Expectation
from realtime_mock.scenario.mcp_model import McpCall, McpError, McpListing, McpTool
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.phrase import Phrase, phrases_of, with_plain_phrases
from realtime_mock.scenario.recording import Recording
from realtime_mock.scenario.timing import Timing
from realtime_mock.scenario.transcript import Transcript

__all__ = [
    "Call",
    "Close",
    "Emit",
    "Error",
    "Expectation",
    "Fail",
    "McpCall",
    "McpError",
    "McpListing",
    "McpTool",
    "Phrase",
    "Proceed",
    "Recording",
    "Respond",
    "Rule",
    "Say",
    "Scenario",
    "Silence",
    "Step",
    "Timing",
    "Transcript",
    "Turn",
    "Wait",
]


@dataclass(frozen=True, slots=True)
class Say:
    """The assistant says `text`, its placeholders filled in: an audio or a text part, as the response's modalities ask.

    `phase` is that of a gpt-realtime-2.x message, None where the rest of the turn tells it. With `closes_late` the
    item's `done` events wait for the content of the next item, or for the end of the response; None is the model's
    habit. `hesitates` is how many seconds the item stays empty once it is open. `transcript` tells where the
    transcript comes: a little `ahead` of its audio, as the service sends it, or whole before (`early`) or after it
    (`late`). `sound` is what is heard: a `voice`, or `markers`, a tone for each word;
    `audio` is a recording that is heard in its place. `voice` and `pace` (seconds of speech sent per second) go before
    those of the session.
    """

    text: str
    after: float = 0.0
    phase: str | None = None
    closes_late: bool | None = None
    hesitates: float = 0.0
    transcript: str = "ahead"
    sound: str = "voice"
    voice: str | None = None
    audio: Recording | None = None
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """The assistant is silent for so many seconds of its audio; in a text it lets that time pass."""

    seconds: float

    @property
    def after(self) -> float:
        """A silence begins at once."""
        return 0.0


@dataclass(frozen=True, slots=True, init=False)
class Call:
    """The assistant calls a function.

    `arguments` is the JSON text, kept to the letter but for its placeholders; a mapping is made such a text.
    `closes_late` as of `Say`.
    """

    name: str
    arguments: str = "{}"
    call_id: str | None = None
    after: float = 0.0
    closes_late: bool | None = None

    def __init__(
        self,
        name: str,
        arguments: str | Mapping[str, Any] = "{}",
        call_id: str | None = None,
        after: float = 0.0,
        *,
        closes_late: bool | None = None,
    ) -> None:
        _set(self, name=name, arguments=json_text(arguments), call_id=call_id, after=after, closes_late=closes_late)


@dataclass(frozen=True, slots=True)
class Fail:
    """The response ends `failed` with `error`, or `incomplete` with `reason`."""

    status: str = "failed"
    error: ApiError | None = None
    reason: str | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Emit:
    """Send this server event, its placeholders filled in (and its `event_id`, where it has none).

    `invalid` tells that it breaks its schema on purpose.
    """

    event: Mapping[str, Any]
    after: float = 0.0
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let `seconds` pass."""

    seconds: float

    @property
    def after(self) -> float:
        """A wait is nothing but its delay."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Error:
    """Send an `error` event. As the first step of a turn it refuses the client's event."""

    error: ApiError
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Close:
    """End the session: a WebSocket closes with this code and reason, a call hangs up."""

    code: int = 1000
    reason: str = ""
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Proceed:
    """In a turn that happens `instead`: now the session does what it would have done.

    `changes` are merged into an event of the session's, as RFC 7396 merges; a client's event stays as it is.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Respond:
    """The session starts a response by itself, as the voice detector does; not while another is active."""

    after: float = 0.0


Step = Say | Silence | Call | McpCall | Fail | Emit | Wait | Error | Close | Proceed | Respond


@dataclass(frozen=True, slots=True, init=False)
class Turn:
    """Steps performed one after the other; a single step needs no list.

    `instead`, `cause` and `match` come from the rule that picked the turn: whether it replaces what the session does
    by itself, the event that the rule matched, and what the named groups of its regular expressions found.

    Raises:
        Misfit: something follows a step that nothing can follow.
    """

    steps: tuple[Step, ...]
    instead: bool = False
    cause: Mapping[str, Any] | None = field(default=None, compare=False)
    match: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __init__(
        self,
        steps: Step | Iterable[Step] = (),
        *,
        instead: bool = False,
        cause: Mapping[str, Any] | None = None,
        match: Mapping[str, str] | None = None,
    ) -> None:
        listed = (steps,) if isinstance(steps, Step) else tuple(steps)
        _set(self, steps=listed, instead=instead, cause=cause, match=match or {})
        for number, step in enumerate(listed):
            _check_step(step, number, before=listed[:number])

    @property
    def is_answer(self) -> bool:
        """Whether the turn needs a response to be performed in."""
        return any(isinstance(step, Say | Silence | Call | McpCall | Fail) for step in self.steps)

    @property
    def refusal(self) -> ApiError | None:
        """The error that refuses the client's event, where the turn opens with one."""
        match self.steps:
            case (Error(error, after=0), *_):
                return error
            case _:
                return None


Turns = Turn | Step | Iterable[Turn | Step | Iterable[Step]]
"""What can be given as the turns of a rule: a turn is itself, a step, or a list of steps."""


@dataclass(frozen=True, slots=True, init=False)
class Rule:
    """Events that contain `on` take `turns` in order; the last repeats unless `once`.

    `on` matches client events, or the session's own where it has the type of a server event; conditions in it ask
    more (`conditions.split`). A text is short for a type. With `nth` it matches that one of the events that contain
    it, counted from 1. With `instead` the turn replaces what the session does: a client's event is not taken, an
    event of the session's does not leave, until the turn lets it `Proceed`. A rule with a `state` matches only in
    it; `then` is the state that it leads to. With the order `random` each round of its turns is shuffled. `place` is
    where a file has it.

    Raises:
        Misfit: the rule contradicts itself, or could never match.
    """

    on: Mapping[str, Any]
    turns: tuple[Turn, ...]
    once: bool = False
    nth: int | None = None
    instead: bool = False
    state: str | None = None
    then: str | None = None
    order: str = "listed"
    place: str = field(default="", compare=False)

    def __init__(  # noqa: PLR0913 - one argument for each field
        self,
        on: str | Mapping[str, Any],
        turns: Turns = (),
        *,
        once: bool = False,
        nth: int | None = None,
        instead: bool = False,
        state: str | None = None,
        then: str | None = None,
        order: str = "listed",
        place: str = "",
    ) -> None:
        from realtime_mock.scenario.checks import check_rule  # noqa: PLC0415 - it knows this class

        listed = _turns(turns) or ((Turn(),) if instead else ())
        pattern = {"type": on} if isinstance(on, str) else with_plain_phrases(on)
        _set(self, on=pattern, turns=listed, once=once, nth=nth, instead=instead)
        _set(self, state=state, then=then, order=order, place=place)
        check_rule(self)


@dataclass(frozen=True, slots=True, init=False)
class Scenario:
    """A named list of rules; the first rule that matches an event wins.

    `expect` is what the client has to do, `faults` is what goes wrong. `seed` is where chance comes from; without one
    it comes from the mock's seed and the number of the session. `phrases` are words that the mock knows when it hears
    them, besides those of its rules; with `beacon` it listens for words that tones carry, also where it knows none.

    Raises:
        Misfit: a rule waits for a state that none leads to.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    mcp: Mapping[str, McpListing] = field(default_factory=dict)
    description: str = ""
    seed: int | None = None
    expect: tuple[Expectation, ...] = ()
    timing: Timing = field(default_factory=Timing)
    faults: tuple[Fault, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    beacon: bool = False

    def __init__(  # noqa: PLR0913 - one argument for each key of a file
        self,
        name: str,
        rules: Iterable[Rule] = (),
        transcripts: Iterable[Transcript | str] = (),
        mcp: Mapping[str, McpListing] | None = None,
        *,
        description: str = "",
        seed: int | None = None,
        expect: Iterable[Expectation | Mapping[str, Any] | str] = (),
        timing: Timing | None = None,
        faults: Iterable[Fault | Mapping[str, Any] | str] = (),
        phrases: Iterable[Phrase | str] = (),
        beacon: bool = False,
    ) -> None:
        from realtime_mock.scenario.checks import check_phrases, check_states  # noqa: PLC0415 - they know this class

        rules = tuple(rules)
        for number, rule in enumerate(rules):
            if not isinstance(rule, Rule):
                raise Misfit(f"a rule is a Rule, not {rule!r}; write Rule(on=..., turns=[...])", ("rules", number))
        spoken = tuple(Transcript(given) if isinstance(given, str) else given for given in transcripts)
        wanted = tuple(given if isinstance(given, Expectation) else Expectation(given) for given in expect)
        _set(self, name=name, rules=rules, transcripts=spoken, mcp=mcp or {})
        _set(self, description=description, seed=seed, expect=wanted, timing=timing or Timing(), faults=_faults(faults))
        _set(self, phrases=tuple(phrases_of(phrases)), beacon=beacon)
        check_states(self.rules)
        check_phrases(self)

    @property
    def known_phrases(self) -> tuple[Phrase, ...]:
        """All phrases that the mock knows when it hears them: its own, and those that its rules wait for."""
        heard = (phrase for rule in self.rules for phrase in phrases_of(rule.on.get("heard", ())))
        return tuple(dict.fromkeys((*self.phrases, *heard)))


def json_text(value: str | Mapping[str, Any]) -> str:
    """JSON text of a mapping, without blanks; text is taken to be JSON already, to the letter."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise Misfit(f"arguments are a mapping or JSON text, not {value!r}; write {{'name': value}}", ("arguments",))
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Misfit(f"arguments become JSON, and these cannot: {error}; write plain values", ("arguments",)) from None


def _faults(given: Iterable[Fault | Mapping[str, Any] | str]) -> tuple[Fault, ...]:
    faults = tuple(given)
    if all(isinstance(fault, Fault) for fault in faults):
        return cast("tuple[Fault, ...]", faults)
    from realtime_mock.faults.reading import as_faults  # noqa: PLC0415 - most scenarios need no reader

    return as_faults(faults)


def _set(value: object, **fields: object) -> None:
    """Give a frozen value that is being made its fields."""
    for name, given in fields.items():
        object.__setattr__(value, name, given)


def _turns(given: object) -> tuple[Turn, ...]:
    if isinstance(given, Turn | Step):
        return (_turn(given),)
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise Misfit(f"turns are steps or lists of steps, not {given!r}; write [Say('text')]", ("turns",))
    return tuple(_turn(each, number) for number, each in enumerate(given))


def _turn(given: object, number: int = 0) -> Turn:
    if isinstance(given, Turn):
        return given
    if isinstance(given, str | Mapping) or not isinstance(given, Step | Iterable):
        what = f"a turn is a step or a list of steps, not {given!r}; write Say('text') or [Say('text'), Call('name')]"
        raise Misfit(what, ("turns", number))
    try:
        return Turn(given)
    except Misfit as misfit:
        raise misfit.below("turns", number) from None


def _check_step(step: object, number: int, *, before: tuple[Step, ...]) -> None:
    if not isinstance(step, Step):
        raise Misfit(f"a step is a Say, a Call or another of the model's steps, not {step!r}", (number,))
    if any(isinstance(earlier, Close) for earlier in before):
        raise Misfit("nothing can follow 'close'; make it the last step of the turn", (number,))
    if isinstance(step, Say | Silence | Call | McpCall | Fail) and any(isinstance(earlier, Fail) for earlier in before):
        raise Misfit("the response has ended with 'fail'; begin another turn", (number,))
