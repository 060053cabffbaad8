"""Values as reports show them, and where two differ."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_conformance.reporting.values import LONGEST, Difference, cut, first_difference, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3) | st.tuples(inner)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_any_value_becomes_json_and_stays_as_it_is_then(value):
    found = plain(value)
    assert plain(json.loads(json.dumps(found, allow_nan=False))) == found


def test_long_texts_are_cut_once():
    audio = plain("A" * 9000)
    assert audio == "A" * LONGEST + "... (9,000 characters)"
    assert plain(audio) == audio


def test_a_text_that_is_hardly_too_long_is_kept():
    assert cut("x" * 20, 10) == "x" * 20


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        ("a", "b", Difference("", '"a"', '"b"')),
        ([1, 2, 3], [1, 3, 3], Difference("[1]", "2", "3")),
        ([1, 2], [1], Difference("[1]", "2", "nothing")),
        ([1], [1, 2], Difference("[1]", "nothing", "2")),
        ({"a": {"b": [0, 1]}}, {"a": {"b": [0, 2]}}, Difference(".a.b[1]", "1", "2")),
        ({"a": None}, {}, Difference(".a", "null", "nothing")),
        ({}, {"z": 1}, Difference(".z", "nothing", "1")),
        ({"a": 1}, None, Difference("", '{"a": 1}', "null")),
    ],
)
def test_the_first_difference(expected, actual, difference):
    assert first_difference(expected, actual) == difference


@given(VALUES, VALUES)
def test_what_differs_has_a_difference(expected, actual):
    found = first_difference(expected, actual)
    if plain(expected) != plain(actual):
        assert found.path or found.expected != found.actual or isinstance(expected, float)
