"""Whatever a file holds, the loader answers with a scenario or with a located error."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock._resources import schemas_dir
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.model import Scenario

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((schemas_dir() / "scenario.schema.json").read_text(encoding="utf-8"))
)
LOCATED = re.compile(r"f\.yaml:[1-9][0-9]*:[1-9][0-9]*: .+; .+", re.DOTALL)
PIECES = st.sampled_from(
    [
        *"\n\t :-[]{},&*!|>'\"%@`#?~\\",
        *("  ", "- ", ": ", "---\n", "&a ", "*a", "<<: *a", "!!int ", "\\UFFFFFFFF", "\ufeff", "\x85"),
        *("scenario", "rules", "on", "turns", "once", "say", "call", "emit", "wait", "after", "5s", "x", "1"),
    ]
)
WORDS = st.sampled_from(
    [
        *("scenario", "rules", "on", "turns", "once", "say", "call", "emit", "wait", "error", "fail", "close", "after"),
        *("type", "name", "arguments", "status", "reason", "code", "message", "response.create", "120ms", "incomplete"),
        "",
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
PLAUSIBLE = st.sampled_from(
    [
        *("Hi", "", "120ms", "5m", 0, 1, 1.5, -1, 86_400, 86_401, 1000, 1004, 3000, None, True, {}, []),
        *(
            {"name": "f"},
            {"name": "f", "arguments": {}},
            {"name": "f", "arguments": "{"},
            {"name": "f", "call_id": "c"},
        ),
        *({"message": "m"}, {"message": "m", "code": "c", "param": "p"}, {"code": "c"}, {"code": 3000, "reason": "r"}),
        *({"status": "failed"}, {"status": "incomplete"}, {"status": "incomplete", "reason": "content_filter"}),
        {"type": "input_audio_buffer.cleared"},
        {"text": "Hi", "hesitates": 1},
    ]
)
STEP_WORDS = st.sampled_from(
    ["say", "call", "emit", "wait", "error", "fail", "close", "proceed", "respond", "invalid", "after"]
)
STEPS = st.dictionaries(STEP_WORDS | WORDS, PLAUSIBLE | VALUES, max_size=2) | st.dictionaries(
    STEP_WORDS, PLAUSIBLE, min_size=1, max_size=1
)
OPERATORS = st.sampled_from(
    ["$contains", "$regex", "$any", "$absent", "$in", "$equals", "$not", "$json", "$gt", "$gte", "$lt", "$lte", "$nope"]
)
OPERANDS = st.sampled_from([True, 1, "a", "(", "$call.call_id", "$event.x", "$nope", [], ["a"], {"a": {"$any": True}}])
PATTERNS = st.one_of(
    OPERANDS,
    st.dictionaries(OPERATORS, OPERANDS, max_size=2),
    st.dictionaries(WORDS | OPERATORS | st.sampled_from(["$$a"]), OPERANDS, max_size=2),
)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["response.create", "session.update", "error", "nope", {"$in": ["error"]}]),
        "user_text": PATTERNS | st.dictionaries(st.sampled_from(["equals", "contains", "regex", "x"]), OPERANDS),
        "speech": st.just("any")
        | st.dictionaries(st.sampled_from(["turn", "longer_than", "shorter_than", "x"]), PLAUSIBLE, max_size=2),
        "function_output": st.just("any")
        | st.dictionaries(st.sampled_from(["name", "call_id", "output", "x"]), PATTERNS, max_size=2),
        "session": PATTERNS,
        "response": PATTERNS,
    },
)
EVENTS = PATTERNS | CONDITIONS | st.sampled_from(["response.create", "response.done", "nope", ""])
EXPECTATIONS = EVENTS | st.fixed_dictionaries(
    {},
    optional={
        "event": EVENTS,
        "in_order": st.lists(EVENTS, max_size=3),
        **dict.fromkeys(("count", "at_least", "at_most", "never", "within"), PLAUSIBLE),
        "after": EVENTS,
        "before": EVENTS,
        "from": st.sampled_from(["client", "server", "x", 1]),
    },
)
RULES = st.fixed_dictionaries(
    {"on": st.sampled_from(["response.create", "session.created"]) | CONDITIONS | PATTERNS},
    optional={
        "state": st.sampled_from(["start", "a", "", 1]),
        "then": st.sampled_from(["a", "b", "", 1]),
        "order": st.sampled_from(["listed", "random", "x", 1]),
        "turns": st.lists(STEPS | st.lists(STEPS, max_size=2), max_size=2),
        "instead": st.booleans() | VALUES,
        "nth": st.integers(0, 2) | VALUES,
    },
)
TRANSCRIPTS = st.dictionaries(st.sampled_from(["text", "after", "fail", "never"]) | WORDS, PLAUSIBLE, max_size=2)
FILES = st.fixed_dictionaries(
    {"scenario": st.just("x")},
    optional={
        "rules": st.lists(RULES | VALUES, max_size=2),
        "transcripts": st.lists(TRANSCRIPTS | VALUES, max_size=2),
        "expect": st.lists(EXPECTATIONS | VALUES, max_size=2),
        "seed": st.integers() | VALUES,
    },
)

ONE_RULE = st.fixed_dictionaries(
    {"on": CONDITIONS | PATTERNS, "turns": st.just([{"say": "Hi"}])},
    optional={"then": st.just("a"), "state": st.sampled_from(["start", "a", ""]), "order": st.just("random")},
).map(lambda rule: {"scenario": "x", "rules": [rule]})
ONE_EXPECTATION = EXPECTATIONS.map(lambda expected: {"scenario": "x", "expect": [expected]})


def outcome(text: str) -> Scenario | str:
    try:
        return parse_scenario(text, "f.yaml")
    except ScenarioError as error:
        return str(error)


def is_located(result: Scenario | str) -> bool:
    return isinstance(result, Scenario) or LOCATED.fullmatch(result) is not None


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(PIECES).map("".join))
def test_any_text(text: str):
    assert is_located(outcome(text)), outcome(text)


@settings(max_examples=300, deadline=None)
@given(VALUES | FILES | ONE_RULE | ONE_EXPECTATION)
def test_any_json(value: Any):
    assert is_located(outcome(json.dumps(value))), outcome(json.dumps(value))


ONLY_THE_LOADER_SEES = (
    "nothing can follow 'close'",
    "has ended with 'fail'",
    "does not fit its schema",
    "123 bytes",
    "add 'instead: true' to the rule",
    "starts no response",
    "proceeds as it is",
    "a turn of its own",
    "there is never",
    "this is never",
    "no rule leads to the state",
    "'at_most' is less than 'at_least'",
    "what never occurs has no",
    "the type of an event cannot be",
    "the regular expression is wrong",
    "unknown placeholder",
    "stands for nothing here",
    "share their mapping with no key",
)


@settings(max_examples=300, deadline=None)
@given(VALUES | FILES | ONE_RULE | ONE_EXPECTATION)
def test_the_schema_for_editors_agrees(value: Any):
    loaded = outcome(json.dumps(value))
    if isinstance(loaded, str) and any(reason in loaded for reason in ONLY_THE_LOADER_SEES):
        return
    assert SCHEMA.is_valid(value) is isinstance(loaded, Scenario), loaded


@pytest.mark.parametrize(
    "text",
    [
        'a: "\\UFFFFFFFF"',
        'a: "\\xZZ"',
        "%YAML 9.9\n---\na: 1",
        "%TAG ! x\n---\n!y a",
        "a: !<tag:x> 1",
        "&a",
        "!",
        "a: >9\n x",
    ],
)
def test_odd_yaml(text: str):
    assert is_located(outcome(text)), outcome(text)
