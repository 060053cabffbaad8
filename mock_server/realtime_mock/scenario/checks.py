"""What a rule must be, beyond the types of its fields: each check tells the fault and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from realtime_mock.registry import DIALECTS, DialectName, SchemaRegistry
from realtime_mock.scenario import conditions, placeholders
from realtime_mock.scenario.expectation import Expectation
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Call, Fail, McpCall, Proceed, Respond, Rule, Say, Scenario, Silence, Step, Turn
from realtime_mock.scenario.phrase import Phrase
from realtime_mock.scenario.quotations import check_name, check_quotations, group_names
from realtime_mock.scenario.reachable import closed, impossible
from realtime_mock.scenario.words import suggest

START = "start"
"""The state in which every session begins."""

_OF_RULES = ("event", "match", "heard")
"""Placeholders that no event of the server tells the value of."""

ORDERS = ("listed", "random")
"""In which order a rule plays its turns."""


def check_rule(rule: Rule) -> None:
    """A rule must be able to match, and its turns must fit it.

    Raises:
        Misfit: it does not; `where` begins with a field of the rule.
    """
    _check_numbers(rule)
    pattern = check_on(rule.on)
    is_client = pattern.get("type") in SchemaRegistry.bundled().client_types
    groups = group_names(conditions.split(rule.on))
    for number, turn in enumerate(rule.turns):
        for place, step in enumerate(turn.steps):
            where = ("turns", number, place)
            _check_step(step, turn, instead=rule.instead, is_client=is_client, where=where)
            try:
                check_quotations(step, groups=groups, event_type=pattern.get("type"))
            except Misfit as misfit:
                raise misfit.below(*where) from None


def check_on(on: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a rule matches must be something that can happen; the pattern of its event is given back.

    Raises:
        Misfit: it cannot; `where` begins with `on`.
    """
    for misfit in conditions.misfits({key: value for key, value in on.items() if key not in conditions.READERS}):
        raise misfit.below("on")
    try:
        pattern, asked = conditions.split(on)
    except Misfit as misfit:
        raise misfit.below("on") from None
    check_event(pattern, "on")
    session = _schema("session.updated")["properties"]["session"]
    if fault := impossible(session, asked.get("session", {})):
        raise fault.below("on", "session")
    return pattern


def check_event(pattern: Mapping[str, Any], *where: str | int) -> None:
    """A pattern with a type must fit some event of that type.

    Raises:
        Misfit: none can contain it.
    """
    for misfit in conditions.misfits(pattern):
        raise misfit.below(*where)
    kind = pattern.get("type")
    if not isinstance(kind, str):
        return
    check_type(kind, *where)
    if fault := impossible(_schema(kind), pattern):
        raise fault.below(*where)


def can_contain(kind: str, pattern: Mapping[str, Any]) -> bool:
    """Whether some event of this type contains the pattern."""
    return impossible(_schema(kind), pattern) is None


def check_type(kind: str, *where: str | int, dialects: Iterable[DialectName] = ("ga",)) -> None:
    """A type must be one of the API's, of either side.

    Raises:
        Misfit: it is not.
    """
    registries = [SchemaRegistry.bundled().dialect(name) for name in dialects]
    known = dict.fromkeys(kind for registry in registries for kind in (*registry.client_types, *registry.server_types))
    if kind not in known:
        raise Misfit(f"the type of an event cannot be '{kind}'; {suggest(kind, known)}", (*where, "type"))


def check_states(rules: Iterable[Rule]) -> None:
    """Every state that a rule waits for must be one that some rule leads to.

    Raises:
        Misfit: one is not; `where` names the rule by its position.
    """
    listed = list(rules)
    reached = [START, *dict.fromkeys(rule.then for rule in listed if rule.then)]
    for number, rule in enumerate(listed):
        if rule.state is not None and rule.state not in reached:
            hint = suggest(rule.state, reached)
            what = f"no rule leads to the state '{rule.state}'; {hint if hint.endswith('?') else f'{hint}.'}"
            raise Misfit(f"{what} A rule leads to a state with 'then'.", ("rules", number, "state"))


def check_phrases(scenario: Scenario) -> None:
    """A rule about speech that is known, or is not, needs something that can be known.

    Raises:
        Misfit: there is none; `where` names the rule by its position.
    """
    given: Iterable[object] = scenario.phrases
    for number, phrase in enumerate(given):
        if not isinstance(phrase, Phrase):
            what = f"a phrase is text or a Phrase, not {phrase!r}; write the words that are said"
            raise Misfit(what, ("phrases", number))
    if scenario.beacon or scenario.known_phrases:
        return
    for number, rule in enumerate(scenario.rules):
        if "heard" in rule.on:
            what = f"'heard: {rule.on['heard']}', and no phrase is known; list some under 'phrases'"
            raise Misfit(f"{what}, or write 'speech: any'", ("rules", number, "on", "heard"))


@cache
def _schema(kind: str) -> dict[str, Any]:
    """What events of this type can be: a client's only if they are valid, the mock's own with no key but known ones."""
    registry = SchemaRegistry.bundled()
    schema = registry.event_schema(kind) or {}
    described: dict[str, Any] = closed(schema) if kind in registry.server_types else schema
    return described


def _check_numbers(rule: Rule) -> None:
    if not rule.turns:
        raise Misfit("a rule has no 'turns'; add it")
    if rule.nth is not None and rule.nth < 1:
        raise Misfit("'nth' counts from 1; write 1 for the first", ("nth",))
    if rule.nth is not None and len(rule.turns) > 1:
        raise Misfit("a rule with 'nth' matches once, so it plays one turn; remove the others", ("turns",))
    if rule.order not in ORDERS:
        raise Misfit(f"'order' cannot be '{rule.order}'; {suggest(rule.order, ORDERS)}", ("order",))


def _check_step(step: Step, turn: Turn, *, instead: bool, is_client: bool, where: tuple[str | int, ...]) -> None:
    """What a step may do depends on the rule and on the other steps of its turn."""
    match step:
        case Proceed() if not instead:
            raise Misfit("the session goes on by itself here; add 'instead: true' to the rule", where)
        case Proceed(changes) if changes and is_client:
            raise Misfit("a client's event proceeds as it is; write 'proceed: {}'", where)
        case Respond() if turn.is_answer:
            raise Misfit("this turn waits for a response; give 'respond' a turn of its own", where)
        case Say() | Silence() | Call() | McpCall() | Fail() if turn.refusal is not None:
            what = "the turn begins with an error, which refuses the event, so there is no response for this step"
            raise Misfit(f"{what}; give it a turn of its own, or put 'wait: 0s' before the error", where)
        case Say() | Silence() | Call() | McpCall() | Fail() if instead:
            raise Misfit("a rule with 'instead' starts no response; remove 'instead' or this step", where)
        case _:
            pass


def check_expected(expectation: Expectation) -> None:
    """Every pattern of an expectation must be one, and name an event that there is.

    What a client must not do may be wrong in itself, so that a pattern need not fit the schema of its type.

    Raises:
        Misfit: one is not; `where` begins with the word that it stands under.
    """
    events = [(("in_order", number), event) for number, event in enumerate(expectation.events)]
    placed: list[tuple[tuple[str | int, ...], Mapping[str, Any] | None]] = [
        *(events if expectation.is_sequence else [(("event",), expectation.events[0])]),
        (("after",), expectation.after),
        (("before",), expectation.before),
    ]
    for where, pattern in placed:
        if pattern is None:
            continue
        for misfit in conditions.misfits(pattern):
            raise misfit.below(*where)
        if isinstance(pattern.get("type"), str):
            check_type(pattern["type"], *where, dialects=DIALECTS)
        for name in (path.partition(".")[0] for path in placeholders.paths(pattern)):
            try:
                check_name(name)
            except Misfit as misfit:
                raise misfit.below(*where) from None
            if name in _OF_RULES:
                raise Misfit(f"'${name}' stands for nothing here, where no rule speaks; quote what events carry", where)
