"""What a step quotes is looked at when a scenario is made."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Call, Emit, Error, Fail, Rule, Say, Step

ASKED = {"user_text": {"regex": r"weather in (?P<city>\w+)"}}


def test_a_rule_quotes_the_groups_of_its_own_pattern():
    rule = Rule(ASKED, [Say("In $match.city?"), Call("f", '{"city":"$match.city"}')])
    assert len(rule.turns) == 2


@pytest.mark.parametrize(
    ("step", "what"),
    [
        (Say("$usertext"), "unknown placeholder '$usertext'; did you mean 'user_text'? A dollar sign itself is '$$'."),
        (Say("$match.town"), "nothing is found for '$match.town': the rule has no group 'town'; use one of: city"),
        (Call("f", '{"a":"$match.ctiy"}'), "nothing is found for '$match.ctiy': the rule has no group 'ctiy'; did"),
        (Call("f", "{}", call_id="$calls.id"), "unknown placeholder '$calls'; did you mean 'call'?"),
        (Emit({"type": "error", "error": {"message": "$evnt.a"}}), "unknown placeholder '$evnt'; did you mean"),
        (Error(ApiError("${match}")), "nothing is found for '$match': a name of a group must follow; use one of: city"),
        (Fail(error=ApiError("$responses.id")), "unknown placeholder '$responses'; did you mean 'response'?"),
    ],
)
def test_a_step_that_quotes_what_there_is_not_is_a_misfit(step: Step, what: str):
    with pytest.raises(Misfit) as caught:
        Rule(ASKED, [Say("Hi"), step])
    assert str(caught.value).startswith(f"turns[1][0]: {what}")


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("say: Is it $mach.city?", "6:14: unknown placeholder '$mach'; did you mean 'match'?"),
        ("call: {name: f, arguments: {a: [1, $itm.id]}}", "6:44: unknown placeholder '$itm'; did you mean 'item'?"),
        (
            "mcp: {server_label: s, name: t, output: $heart}",
            "6:49: unknown placeholder '$heart'; did you mean 'heard'?",
        ),
        ("say: $match.town", "6:9: nothing is found for '$match.town': the rule has no group 'town'; use one of: city"),
    ],
)
def test_a_file_tells_where_it_quotes_what_there_is_not(step: str, place: str):
    rule = f"  - on: {{user_text: {{regex: '(?P<city>.+)'}}}}\n    turns:\n      - say: Hi\n      - {step}"
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(f"scenario: x\nrules:\n{rule}", "x.yaml")
    assert str(caught.value).startswith(f"x.yaml:{place}")
