"""Mistakes in a rule's conditions and states, shown where they stand."""

from __future__ import annotations

import textwrap

import pytest

from realtime_mock.scenario.conditions import split
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.misfit import Misfit


def error_of(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(textwrap.dedent(text), "x.yaml")
    return str(caught.value)


def on_error(on: str) -> str:
    return error_of(f"scenario: x\nrules:\n  - on: {on}\n    turns: [say: Hi]".replace("[say: Hi]", "[{say: Hi}]"))


@pytest.mark.parametrize(
    ("on", "message"),
    [
        (
            "{type: session.update, session: {tols: []}}",
            "3:42: there is never a 'tols' here; did you mean 'tools'?",
        ),
        ("{type: session.update, sesion: {}}", "3:32: there is never a 'sesion' here; did you mean 'session'?"),
        ("{type: response.done, response: {status: done}}", "3:50: this is never 'done'; use one of"),
        ("{item: {text: {$contans: a}}}", "3:24: unknown operator '$contans'; did you mean '$contains'?"),
        ("{item: {text: {$regex: '('}}}", "3:32: the regular expression is wrong"),
        ("{user_text: {contain: a}}", "3:22: unknown key 'contain' in 'user_text'; did you mean 'contains'?"),
        ("{user_text: {regex: '('}}", "3:29: the regular expression is wrong"),
        ("{user_text: 12}", "3:21: 'user_text' must be text or a mapping"),
        ("{speech: {turn: 0}}", "3:25: 'turn' of 'speech' counts from 1"),
        ("{speech: some}", "3:18: 'speech' must be 'any' or a mapping"),
        ("{speech: {longer_than: 1m}}", "3:32: 'longer_than' must be a duration"),
        ("{function_output: {output: {a: {$gt: b}}}}", "3:46: '$gt' compares with a number"),
        ("{session: {modell: x}}", "3:20: there is never a 'modell' here; did you mean 'model'?"),
    ],
)
def test_a_condition_that_cannot_be_is_shown_where_it_stands(on: str, message: str):
    assert on_error(on).startswith(f"x.yaml:{message}")


def test_a_state_that_nothing_leads_to_is_shown():
    text = """\
        scenario: x
        rules:
          - {on: response.create, then: greeted, turns: [{say: Hi}]}
          - {on: response.create, state: greted, turns: [{say: Ho}]}
        """
    assert error_of(text) == (
        "x.yaml:4:34: no rule leads to the state 'greted'; did you mean 'greeted'? A rule leads to a state with 'then'."
    )


def test_all_errors_of_separate_parts_are_found():
    text = """\
        scenario: x
        seed: soon
        rules:
          - {on: respons.create, nth: 0, turns: [{say: Hi}]}
          - on: response.create
            ones: true
            wen: 2
          - on: response.create
            turns: [{sya: Hi}, [{say: 1}, {wait: long}]]
        expect:
          - {event: response.create, counts: 1}
          - response.cancel
        """
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(textwrap.dedent(text), "x.yaml")
    places = [str(error).split(": ")[0] for error in caught.value.all]
    assert places == [
        *("x.yaml:2:7", "x.yaml:4:10", "x.yaml:4:31", "x.yaml:6:5", "x.yaml:7:5"),
        *("x.yaml:9:14", "x.yaml:9:31", "x.yaml:9:42", "x.yaml:11:30"),
    ]


def test_conditions_raise_where_they_are_made_in_python():
    with pytest.raises(Misfit, match=r"^speech\.turn: 'turn' of 'speech' counts from 1"):
        split({"speech": {"turn": 0}})
