"""What holds for every pattern and every value."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.expectation import Expectation
from realtime_mock.scenario.expectations import judge
from realtime_mock.scenario.matching import ABSENT, OPERATORS, contains, differences, groups, nearest, problems
from realtime_mock.scenario.reachable import impossible

REGISTRY = SchemaRegistry.bundled()
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
operands = values | st.sampled_from(["(?P<a>.)", "^a", True, 3])
patterns: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
        st.dictionaries(st.sampled_from([*OPERATORS, "$nope"]), inner | operands, max_size=2),
    ),
    max_leaves=8,
)
sound = patterns.filter(lambda pattern: not list(problems(pattern)))


def as_pattern(value: Any) -> Any:
    """The pattern that is the value itself."""
    match value:
        case dict():
            return {f"${key}" if key.startswith("$") else key: as_pattern(inner) for key, inner in value.items()}
        case list():
            return [as_pattern(inner) for inner in value]
        case _:
            return value


@given(values)
def test_every_value_contains_itself_and_equals_itself(value: Any):
    assert contains(value, as_pattern(value))
    assert contains(value, {"$equals": value})
    assert not contains(value, {"$not": as_pattern(value)})


@given(values | st.just(ABSENT), sound)
def test_a_sound_pattern_judges_any_value_and_says_why(value: Any, pattern: Any):
    found = list(differences(value, pattern))
    assert contains(value, pattern) == (not found)
    assert all(str(difference) and "path" in difference.as_json() for difference in found)
    assert all(isinstance(text, str) for text in groups(value, pattern).values())


@given(patterns)
def test_every_problem_has_a_place(pattern: Any):
    for problem in problems(pattern):
        inner = pattern
        for step in problem.where:
            inner = inner[step]


@given(sound, st.lists(values, max_size=4))
def test_what_contains_the_pattern_is_nearest(pattern: Any, candidates: list[Any]):
    miss = nearest(pattern, candidates)
    if any(contains(candidate, pattern) for candidate in candidates):
        assert miss is not None
        assert miss.differences == ()


@settings(max_examples=300)
@given(st.sampled_from([*REGISTRY.client_types, *REGISTRY.server_types]), sound)
def test_any_pattern_is_possible_or_has_a_fault(kind: str, pattern: Any):
    fault = impossible(REGISTRY.event_schema(kind), {"type": kind, "item": pattern, "session": pattern})
    assert fault is None or fault.what


events = st.fixed_dictionaries(
    {"type": st.sampled_from(["response.create", "response.done", "session.updated"])},
    optional={"response": values, "item": values, "session": values},
)
expected = st.sampled_from(
    [
        Expectation({"type": "response.create", "item": {"id": "$call.call_id"}}),
        Expectation(in_order=["response.done", {"type": "response.create", "x": "$response.id"}], count=2),
        Expectation("response.create", after={"type": "response.done", "x": "$session.id"}, never=True),
    ]
)


@given(st.lists(expected, max_size=3), st.lists(st.tuples(st.sampled_from(["client", "server"]), events), max_size=8))
def test_whatever_passed_is_judged(expectations: list[Expectation], passed: list[tuple[str, Any]]):
    for unmet in judge(expectations, passed):
        assert str(unmet) == unmet.as_json()["message"]
