"""Scenarios built in Python: short to write, and checked like files."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import (
    Call,
    Close,
    Error,
    Expectation,
    Fail,
    Proceed,
    Respond,
    Rule,
    Say,
    Scenario,
    Transcript,
    Turn,
    Wait,
)
from realtime_mock.scenario.writer import write_scenario

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "scenario-format.md"
CREATE = "response.create"


def test_a_scenario_in_python_is_that_of_the_file():
    written = """\
        scenario: weather
        rules:
          - on: {user_text: {contains: weather}}
            turns:
              - call: {name: get_weather, arguments: {city: Paris}}
          - on: session.update
            turns:
              - [{say: Hi}, {wait: 1s}]
        transcripts: [Hello]
        expect: [session.update, {event: response.create, count: 2}]
        """
    built = Scenario(
        "weather",
        rules=[
            Rule(on={"user_text": {"contains": "weather"}}, turns=[Call("get_weather", {"city": "Paris"})]),
            Rule(on="session.update", turns=[[Say("Hi"), Wait(1.0)]]),
        ],
        transcripts=["Hello"],
        expect=["session.update", Expectation("response.create", count=2)],
    )
    assert parse_scenario(dedent(written)) == built


@pytest.mark.parametrize(
    "turns", [Say("Hi"), [Say("Hi")], [[Say("Hi")]], (Turn((Say("Hi"),)),), Turn(Say("Hi")), iter([Say("Hi")])]
)
def test_turns_come_in_any_form(turns: Any):
    assert Rule(CREATE, turns) == Rule({"type": CREATE}, (Turn((Say("Hi"),)),))


def test_arguments_become_json_text():
    assert Call("f", {"city": "Köln"}).arguments == '{"city":"Köln"}'
    assert Call("f", '{"city": ').arguments == '{"city": '
    assert Call("f").arguments == "{}"


def test_a_rule_that_stands_in_may_have_no_turns():
    assert Rule("session.created", instead=True).turns == (Turn(()),)


def test_what_is_built_can_be_written():
    built = Scenario("x", [Rule(CREATE, Say("Hi"), state="a"), Rule(CREATE, Say("Ho"), then="a")], expect=[CREATE])
    assert parse_scenario(write_scenario(built)) == built


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"on": "response.creat"}, "on.type: the type of an event cannot be 'response.creat'; did you mean"),
        ({"on": {"type": CREATE, "respons": {}}}, "on.respons: there is never a 'respons' here; did you mean 'resp"),
        ({"on": {"item": {"$contain": "a"}}}, "on.item.$contain: unknown operator '$contain'; did you mean"),
        ({"on": {"user_text": {"regex": "("}}}, "on.user_text.regex: the regular expression is wrong"),
        ({"on": {"speech": {"longer_than": "1m"}}}, "on.speech.longer_than: 'longer_than' must be a duration"),
        ({"turns": "Hi"}, "turns: turns are steps or lists of steps, not 'Hi'; write [Say('text')]"),
        ({"turns": [Say("Hi"), "Ho"]}, "turns[1]: a turn is a step or a list of steps, not 'Ho'; write Say('text')"),
        ({"turns": [[Say("Hi"), "Ho"]]}, "turns[0][1]: a step is a Say, a Call or another"),
        ({"turns": [[Close(), Wait(1.0)]]}, "turns[0][1]: nothing can follow 'close'"),
        ({"turns": [[Fail(), Say("Hi")]]}, "turns[0][1]: the response has ended with 'fail'"),
        ({"turns": [Proceed()]}, "turns[0][0]: the session goes on by itself here; add 'instead: true'"),
        ({"turns": [Proceed({"a": 1})], "instead": True}, "turns[0][0]: a client's event proceeds as it is"),
        ({"turns": [Say("Hi")], "instead": True}, "turns[0][0]: a rule with 'instead' starts no response"),
        ({"turns": [[Say("Hi"), Respond()]]}, "turns[0][1]: this turn waits for a response"),
        ({"turns": []}, "a rule has no 'turns'; add it"),
        ({"turns": [Say("a"), Say("b")], "nth": 2}, "turns: a rule with 'nth' matches once"),
        ({"nth": 0}, "nth: 'nth' counts from 1"),
        ({"order": "shuffled"}, "order: 'order' cannot be 'shuffled'"),
    ],
)
def test_a_rule_that_cannot_be_raises_where_it_is_made(given: dict[str, Any], message: str):
    with pytest.raises(Misfit) as caught:
        Rule(**{"on": CREATE, "turns": [Error(ApiError("No."))], **given})
    assert str(caught.value).startswith(message)


def test_a_state_that_no_rule_leads_to_raises():
    with pytest.raises(ValueError, match=r"^rules\[0\]\.state: no rule leads to the state 'b'"):
        Scenario("x", [Rule(CREATE, Say("Hi"), state="b", then="a")])


@pytest.mark.parametrize("arguments", [[1], {"a": {1, 2}}, 5])
def test_arguments_that_are_no_mapping_of_plain_values_raise(arguments: Any):
    with pytest.raises(Misfit, match=r"^arguments: arguments "):
        Call("f", arguments)


def test_a_rule_that_is_none_raises():
    with pytest.raises(Misfit, match=r"^rules\[0\]: a rule is a Rule, not 'Hi'"):
        Scenario("x", ["Hi"])  # type: ignore[list-item]


def test_transcripts_may_be_texts():
    assert Scenario("x", transcripts=["a", Transcript(never=True)]).transcripts == (
        Transcript("a"),
        Transcript(never=True),
    )


def test_the_page_s_example_is_python():
    [block] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(block, names)
    assert parse_scenario(write_scenario(names["scenario"])) == names["scenario"]
