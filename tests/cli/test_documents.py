"""JSON documents give their values with the lines these start on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.cli.documents import Located, Unreadable, read_values


def test_one_document_is_one_value_on_the_line_where_it_starts() -> None:
    assert read_values('\n\n{\n "type": "a"\n}\n') == [Located(3, {"type": "a"})]


def test_an_array_gives_its_elements_with_their_lines() -> None:
    assert read_values('[\n  {"a": 1},\n\n  {"b": [1, 2]}, 3]') == [
        Located(2, {"a": 1}),
        Located(4, {"b": [1, 2]}),
        Located(4, 3),
    ]


def test_an_empty_array_has_no_values() -> None:
    assert read_values(" [ ] ") == []


def test_json_lines_skip_blank_lines_and_count_them() -> None:
    assert read_values('{"a": 1}\n\r\n{"b": 2}\r\n') == [Located(1, {"a": 1}), Located(3, {"b": 2})]


def test_one_bad_line_does_not_hide_the_others() -> None:
    first, bad, last = read_values('{"a": 1}\n{"b": \n{"c": 3}')
    assert (first, last) == (Located(1, {"a": 1}), Located(3, {"c": 3}))
    assert isinstance(bad, Unreadable)
    assert bad.line == 2


def test_a_broken_document_is_reported_where_it_breaks() -> None:
    (broken,) = read_values('{\n  "a": 1,\n  oops\n}')
    assert isinstance(broken, Unreadable)
    assert broken.line == 3
    assert broken.reason.startswith("not JSON: ")


def test_a_line_separator_inside_a_string_does_not_end_the_line() -> None:
    text = '{"a": "x\u2028y"}\n{"b": 2}'
    assert read_values(text) == [Located(1, {"a": "x\u2028y"}), Located(2, {"b": 2})]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_lacks_are_refused(constant: str) -> None:
    (refused,) = read_values(f'{{"a": {constant}}}')
    assert refused == Unreadable(1, f"not JSON: {constant} is not JSON")


def test_nesting_without_end_is_refused() -> None:
    (refused,) = read_values("[" * 100_000)
    assert isinstance(refused, Unreadable)


def test_an_empty_text_is_not_json() -> None:
    (refused,) = read_values("  \n")
    assert isinstance(refused, Unreadable)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=10,
)
EVENTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=3), min_size=2, max_size=5)


@given(EVENTS, st.booleans())
def test_json_lines_hold_one_value_each_on_its_own_line(events: list[object], ascii_only: bool) -> None:
    text = "\n".join(json.dumps(event, ensure_ascii=ascii_only) for event in events)
    assert read_values(text) == [Located(line, event) for line, event in enumerate(events, start=1)]


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 0, 2]))
def test_an_array_holds_the_values_that_were_written(values: list[object], indent: int | None) -> None:
    found = read_values(json.dumps(values, indent=indent))
    assert [located.value for located in found if isinstance(located, Located)] == values
