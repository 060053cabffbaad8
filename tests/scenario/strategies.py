"""Scenarios that a file can express, for Hypothesis: one strategy for each class of the model."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from realtime_mock.api_error import ApiError
from realtime_mock.scenario import failures
from realtime_mock.scenario import model as m
from realtime_mock.scenario.loader import bundled_scenarios, load_scenario
from realtime_mock.scenario.timing import Timing

FAULTS = [fault for file in bundled_scenarios().values() for fault in load_scenario(file).faults]
"""Those of the bundled scenarios: what makes a fault is held to its own grammar elsewhere."""

# A dollar sign begins a placeholder or an operator, which must be known ones.
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="$")


def any_text(max_size: int = 30) -> st.SearchStrategy[str]:
    lines = st.lists(st.text("ab c:#-", max_size=6), max_size=4).map("\n".join)
    return st.one_of(st.text(_CHARACTERS, max_size=max_size), lines)


texts = any_text().filter(lambda text: text.strip() != "")
words = (
    st.sampled_from(["get_weather", "on", "null", "no", "12", "1e3", "a b", "Wie geht's?", "- x", "~", "#1"]) | texts
)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | any_text()
json_values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text(8), inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(any_text(8), json_values, max_size=4)
durations = st.sampled_from([0.0, 0.12, 0.3, 1.5, 2.0, 86_400.0]) | st.floats(0, 86_400)
json_texts = json_objects.map(json.dumps) | any_text()
arguments = json_objects.map(lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))) | json_texts
optional_texts = st.none() | words

errors = st.builds(ApiError, words, code=optional_texts, param=optional_texts, type=words)
coded = st.builds(m.McpError, st.sampled_from(["protocol_error", "http_error"]), words, st.integers(-40_000, 600))
uncoded = st.builds(m.McpError, st.just("tool_execution_error"), words)
objects_without_placeholders = json_objects
late = st.sampled_from([None, True, False])
paces = st.sampled_from([0.0, 1.0, 2.5]) | st.floats(0, 10_000)
timings = st.builds(Timing, durations, st.none() | paces, durations)

say = st.builds(
    m.Say,
    words,
    durations,
    phase=st.sampled_from([None, "commentary", "final_answer"]),
    closes_late=late,
    hesitates=durations,
    transcript=st.sampled_from(["ahead", "early", "late"]),
    sound=st.sampled_from(["voice", "markers"]),
    pace=st.none() | paces,
)
silence = st.builds(m.Silence, st.sampled_from([0.2, 1.0, 300.0]) | st.floats(0, 300))
call = st.builds(m.Call, words, arguments, call_id=optional_texts, after=durations, closes_late=late)
mcp_outcome = st.one_of(
    any_text().map(lambda output: {"output": output}), (coded | uncoded).map(lambda error: {"error": error})
)
mcp_call = st.builds(
    lambda outcome, **given: m.McpCall(**given, **outcome),
    mcp_outcome,
    server_label=words,
    name=words,
    arguments=arguments,
    takes=st.none() | durations,
    after=durations,
)
failed = st.builds(
    lambda code, message, kind, after: m.Fail(
        "failed", failures.complete(code=code, message=message, type=kind), after=after
    ),
    st.sampled_from([None, "rate_limit_exceeded", "insufficient_quota", "new_code"]),
    optional_texts,
    optional_texts,
    durations,
)
incomplete = st.builds(
    m.Fail, st.just("incomplete"), reason=st.sampled_from(["max_output_tokens", "content_filter"]), after=durations
)
emit = st.builds(m.Emit, json_objects, durations, st.just(True))
wait = st.builds(m.Wait, durations)
error = st.builds(m.Error, errors, durations)
close = st.builds(
    m.Close,
    st.sampled_from([1000, 1001, 1011, 3000, 4999]),
    st.just("") | words.map(lambda text: text[:30]).filter(str.strip),
    durations,
)
proceed = st.builds(m.Proceed, json_objects, durations)
respond = st.builds(m.Respond, durations)

asides = st.lists(st.one_of(emit, wait, error), max_size=3)
answers = st.builds(
    lambda steps, end: m.Turn((*steps, *end)),
    # A turn that begins with an error refuses the event, so that it has no response.
    st.lists(st.one_of(say, silence, call, mcp_call, emit, wait, error), min_size=1, max_size=3).filter(
        lambda steps: not isinstance(steps[0], m.Error)
    ),
    st.lists(st.one_of(failed, incomplete), max_size=1),
)
at_once = st.builds(lambda steps, end: m.Turn((*steps, end)), asides, st.one_of(close, respond, emit, wait, error))
replacing = st.builds(lambda steps, end: m.Turn((*steps, end)), asides, st.one_of(proceed, close, wait))

client_patterns = st.builds(
    lambda rest, place: {"type": place[0], place[1]: {"tools": [{"parameters": rest}]}},
    json_objects,
    st.sampled_from([("response.create", "response"), ("session.update", "session")]),
)
text_conditions = any_text() | st.dictionaries(st.sampled_from(["equals", "contains"]), any_text(), min_size=1)
conditions = st.one_of(
    st.fixed_dictionaries({"user_text": text_conditions}),
    st.fixed_dictionaries({"speech": st.just("any") | st.fixed_dictionaries({"turn": st.integers(1, 9)})}),
    st.fixed_dictionaries({"function_output": st.fixed_dictionaries({"name": words, "output": json_values})}),
)
rules = st.builds(
    m.Rule,
    client_patterns | conditions,
    st.lists(answers | at_once, min_size=1, max_size=3).map(tuple),
    once=st.booleans(),
    then=optional_texts,
    state=st.sampled_from([None, "start"]),
    order=st.sampled_from(["listed", "random"]),
)
bounds = st.one_of(
    st.builds(dict),
    st.fixed_dictionaries({"count": st.integers(0, 3)}),
    st.fixed_dictionaries({"at_least": st.integers(0, 3)}),
    st.fixed_dictionaries({"at_least": st.integers(0, 3), "at_most": st.integers(3, 9)}),
    st.fixed_dictionaries({"never": st.booleans()}),
)
expected_events = st.sampled_from(["session.update", "response.done"]) | client_patterns
expectations = st.builds(
    lambda events, often, within, **when: (
        m.Expectation(in_order=events, within=within, **often, **when)
        if len(events) > 1
        else m.Expectation(events[0], within=within, **often, **when)
    ),
    st.lists(expected_events, min_size=1, max_size=3),
    bounds,
    st.none() | durations,
    after=st.none() | expected_events,
    before=st.none() | expected_events,
    sender=st.sampled_from([None, "client", "server"]),
)
nth_rules = st.builds(m.Rule, client_patterns, answers.map(lambda turn: (turn,)), nth=st.integers(1, 9))
instead_rules = st.builds(
    m.Rule,
    st.just({"type": "session.updated"}),
    st.lists(replacing, min_size=1, max_size=2).map(tuple) | st.just((m.Turn(()),)),
    instead=st.just(True),
)

transcripts = st.one_of(
    st.builds(m.Transcript, st.none() | any_text(), st.none() | durations).filter(lambda t: t != m.Transcript()),
    st.builds(
        lambda message, code, kind, after: m.Transcript(error=ApiError(message, code=code, type=kind), after=after),
        words,
        words,
        words,
        st.none() | durations,
    ),
    st.just(m.Transcript(never=True)),
)
tools = st.builds(
    m.McpTool, words, st.just({"type": "object"}) | json_objects.filter(bool), optional_texts, st.none() | json_objects
)
listings = st.builds(m.McpListing, st.none() | st.lists(tools, max_size=2).map(tuple), st.none() | durations)

phrases = st.builds(
    m.Phrase, words, voice=st.sampled_from(["echo", "alloy", "voice_mine"]), speed=st.sampled_from([1.0, 0.5, 1.25])
)
heard_rules = st.builds(
    lambda heard, turn: m.Rule({"heard": heard}, turn),
    phrases | words | st.lists(phrases | words, min_size=1, max_size=3),
    answers,
)

scenarios = st.builds(
    m.Scenario,
    words,
    st.lists(st.one_of(rules, nth_rules, instead_rules, heard_rules), max_size=3).map(tuple),
    transcripts=st.lists(transcripts, max_size=3).map(tuple),
    mcp=st.dictionaries(any_text(8), listings, max_size=2),
    description=st.just("") | words,
    seed=st.none() | st.integers(),
    expect=st.lists(expectations, max_size=3),
    timing=st.just(Timing()) | timings,
    faults=st.lists(st.sampled_from(FAULTS), max_size=2),
    phrases=st.lists(phrases | words, max_size=2),
    beacon=st.booleans(),
)
