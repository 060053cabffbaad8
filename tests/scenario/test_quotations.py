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
        (Say("$response.statuss"), "nothing is found for '$response.statuss': there is never a 'statuss' here; did"),
        (Say("$call.args"), "nothing is found for '$call.args': there is never a 'args' here; did you mean"),
        (Say("$session.audio.output.vioce"), "nothing is found for '$session.audio.output.vioce': there is never a"),
        (Say("$response.output.0.callid"), "nothing is found for '$response.output.0.callid': there is never a"),
        (Say("$event.response.metdata.x"), "nothing is found for '$event.response.metdata.x': there is never a"),
        (Fail(error=ApiError("$responses.id")), "unknown placeholder '$responses'; did you mean 'response'?"),
    ],
)
def test_a_step_that_quotes_what_there_is_not_is_a_misfit(step: Step, what: str):
    with pytest.raises(Misfit) as caught:
        Rule(ASKED, [Say("Hi"), step])
    assert str(caught.value).startswith(f"turns[1][0]: {what}")


@pytest.mark.parametrize(
    "text",
    [
        "$response.output.0.content.0.transcript",
        "$call.arguments.cities.0.name",
        "$call.call_id",
        "$function_output.output.degrees",
        "$session.audio.input.turn_detection.type",
        "$event.response.metadata.anything",
        "$event.event_id",
        "$item.content.0.text",
        "$user_text.0.city",
        "$previous_response.usage.total_tokens",
    ],
)
def test_what_can_be_there_is_quoted(text: str):
    assert Rule("response.create", Say(text)).turns[0].steps == (Say(text),)


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
