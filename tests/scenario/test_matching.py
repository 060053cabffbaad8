"""Patterns: what contains them, what differs, and what came nearest."""

from __future__ import annotations

import pytest

from realtime_mock.scenario.matching import (
    ABSENT,
    Difference,
    contains,
    differences,
    groups,
    nearest,
    problems,
    shown,
)

ITEM = {"type": "message", "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]}
CALL = {"type": "function_call_output", "call_id": "call_1", "output": '{"city": "Paris", "degrees": 21}'}


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        (ITEM, {}, True),
        (ITEM, {"type": "message"}, True),
        (ITEM, {"type": "messages"}, False),
        (ITEM, {"role": None}, False),
        (ITEM, {"content": [{"text": "a"}]}, True),
        (ITEM, {"content": [{}, {"text": "b"}]}, True),
        (ITEM, {"content": [{"text": "b"}]}, False),
        (ITEM, {"content": [{}, {}, {}]}, False),
        (ITEM, {"content": {}}, False),
        ({"n": 1}, {"n": 1.0}, True),
        ({"n": 1}, {"n": True}, False),
        ({"n": True}, {"n": 1}, False),
        ({"n": True}, {"n": True}, True),
        ({"n": None}, {"n": None}, True),
        ({"n": 0}, {"n": None}, False),
        ({"n": "1"}, {"n": 1}, False),
        (None, {}, False),
    ],
)
def test_containment(value: object, pattern: object, expected: object):
    assert contains(value, pattern) is expected


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("The Weather", {"$contains": "weather"}, True),
        ("STRASSE", {"$contains": "straße"}, True),
        ("The Weather", {"$contains": "rain"}, False),
        (12, {"$contains": "1"}, False),
        ([{"name": "a"}, {"name": "b"}], {"$contains": {"name": "b"}}, True),
        ([{"name": "a"}], {"$contains": {"name": "b"}}, False),
        (["audio", "text"], {"$contains": "text"}, True),
        ("call_42", {"$regex": r"^call_\d+$"}, True),
        ("Call_42", {"$regex": r"^call_\d+$"}, False),
        ("Call_42", {"$regex": r"(?i)^call_\d+$"}, True),
        (42, {"$regex": "42"}, False),
        (None, {"$any": True}, True),
        (ABSENT, {"$any": True}, False),
        (ABSENT, {"$absent": True}, True),
        (None, {"$absent": True}, False),
        ("b", {"$in": ["a", "b"]}, True),
        (True, {"$in": [1]}, False),
        (5, {"$gt": 4}, True),
        (5, {"$gt": 5}, False),
        (5, {"$gte": 5}, True),
        (5, {"$lt": 5}, False),
        (5, {"$lte": 5}, True),
        (5, {"$gt": 1, "$lt": 4}, False),
        (3, {"$gt": 1, "$lt": 4}, True),
        ("5", {"$gt": 4}, False),
        (True, {"$gt": 0}, False),
        ("a", {"$not": "b"}, True),
        ("b", {"$not": "b"}, False),
        (ABSENT, {"$not": "b"}, True),
        ([], {"$equals": []}, True),
        ([1], {"$equals": []}, False),
        ({"a": {"b": 1}}, {"$equals": {"a": {"b": 1}}}, True),
        ({"a": {"b": 1, "c": 2}}, {"$equals": {"a": {"b": 1}}}, False),
        ({"a": True}, {"$equals": {"a": 1}}, False),
        ('{"a": 1}', {"$json": {"a": 1}}, True),
        ("no JSON", {"$json": {}}, False),
        ({"a": 1}, {"$json": {"a": 1}}, False),
    ],
)
def test_operators(value: object, pattern: object, expected: object):
    assert contains(value, pattern) is expected


def test_operators_stand_at_any_depth():
    assert contains(CALL, {"call_id": {"$any": True}, "output": {"$json": {"degrees": {"$gt": 20}}}})
    assert not contains(CALL, {"call_id": {"$absent": True}})
    assert contains(ITEM, {"content": [{}, {}, {"$absent": True}]})


def test_a_key_with_a_dollar_sign_is_written_with_two():
    schema = {"parameters": {"$ref": "#/$defs/city"}}
    assert contains(schema, {"parameters": {"$$ref": {"$contains": "city"}}})
    assert list(differences({}, {"$$ref": 1})) == [Difference("$ref", 1, ABSENT)]


def test_every_difference_is_named_by_its_path():
    pattern = {"type": "message", "role": "user", "content": [{"text": "a"}, {"text": {"$contains": "c"}}, {}]}
    assert list(differences(ITEM, pattern)) == [
        Difference("role", "user", ABSENT),
        Difference("content[1].text", {"$contains": "c"}, "b"),
        Difference("content[2]", {}, ABSENT),
    ]


def test_a_difference_reads_as_a_sentence():
    assert str(Difference("item.call_id", "call_1", ABSENT)) == 'item.call_id: expected "call_1", got nothing'
    assert str(Difference("", {"$gt": 1}, None)) == 'expected {"$gt": 1}, got null'


def test_a_difference_as_json_leaves_out_what_is_absent():
    assert Difference("a", 1, ABSENT).as_json() == {"path": "a", "expected": 1}
    assert Difference("a", 1, None).as_json() == {"path": "a", "expected": 1, "actual": None}


def test_long_values_are_cut():
    assert len(shown("x" * 1_000)) == 120


def test_the_nearest_candidate_has_the_fewest_differences():
    wanted = {"type": "a", "x": 1, "y": 2}
    miss = nearest(wanted, [{"type": "a", "x": 1}, {"type": "a"}, {"type": "b", "x": 1, "y": 2}])
    assert miss is not None
    assert (miss.index, str(miss)) == (0, "y: expected 2, got nothing")


def test_of_equals_the_newest_is_nearest():
    miss = nearest({"type": "a", "x": 1}, [{"type": "a", "n": 1}, {"type": "a", "n": 2}])
    assert miss is not None
    assert miss.candidate == {"type": "a", "n": 2}


def test_nothing_of_the_type_is_near():
    assert nearest({"type": "a"}, [{"type": "b"}, None]) is None


def test_named_groups_are_found_at_any_depth():
    pattern = {"item": {"text": {"$regex": r"\bin (?P<city>\w+)(?P<rest>!)?"}}}
    assert groups({"item": {"text": "rain in Paris"}}, pattern) == {"city": "Paris"}


def test_named_groups_are_found_in_json_and_in_lists():
    pattern = {"tools": {"$contains": {"name": {"$regex": "get_(?P<what>.*)"}}}, "x": {"$json": {"$regex": "(?P<y>.)"}}}
    assert groups({"tools": [{"name": "a"}, {"name": "get_rain"}], "x": '"!"'}, pattern) == {"what": "rain", "y": "!"}


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (
            {"item": {"text": {"$contain": "a"}}},
            "item.text.$contain: unknown operator '$contain'; did you mean '$contains'?"
            " A key that begins with a dollar sign is written '$$contain'.",
        ),
        ({"a": {"$any": False}}, "a.$any: '$any' is always true; write '$any: true', or '$not' before it"),
        ({"a": {"$gt": "1"}}, "a.$gt: '$gt' compares with a number; write one, without quotes"),
        ({"a": {"$in": []}}, "a.$in: '$in' needs a list with at least one element; write '[a, b]'"),
        ({"a": {"$regex": 1}}, "a.$regex: '$regex' needs a regular expression; write it as text, in single quotes"),
        (
            [{"$regex": "("}],
            "[0].$regex: the regular expression is wrong: missing ), unterminated subpattern at position 0;"
            " it is one of Python's, correct it",
        ),
        ({"a": {"$any": True, "b": 1}}, "a.b: 'b' stands beside '$any'; operators share their mapping with no key"),
        ({"a": {"$not": {"$lt": None}}}, "a.$not.$lt: '$lt' compares with a number; write one, without quotes"),
    ],
)
def test_problems(pattern: object, problem: str):
    assert [str(found) for found in problems(pattern)] == [problem]


def test_every_problem_is_found():
    assert [found.where for found in problems({"a": {"$gt": "1"}, "b": [{"$lt": "1"}]})] == [
        ("a", "$gt"),
        ("b", 0, "$lt"),
    ]


def test_a_good_pattern_has_no_problems():
    assert list(problems({"a": {"$in": [1, {"$regex": "x"}]}, "b": [{"$json": {"c": {"$absent": True}}}]})) == []
