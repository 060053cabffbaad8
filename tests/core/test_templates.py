"""What a scenario's steps quote, and what stays as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Call, Rule, Say, Scenario, Step, Transcript, Turn

CREATE = {"type": "response.create"}
TRANSCRIBED = {"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}}


def answers(*steps: Step, **options: Any) -> Scenario:
    return Scenario("test", (Rule(CREATE, (Turn(steps),)),), **options)


def respond(session: Any, **fields: Any) -> dict[str, Any]:
    """Ask for a response, wait for it, and return it as it is when done."""
    came = [*session.send("response.create", **fields), *session.run()]
    [done] = [event["response"] for event in came if event["type"] == "response.done"]
    return done


def said(done: dict[str, Any]) -> list[str]:
    parts = [part for item in done["output"] for part in item.get("content", ())]
    return [part.get("transcript", part.get("text")) for part in parts]


def test_a_say_quotes_what_the_user_wrote_last(opened):
    session = opened(scenario=answers(Say("You wrote: $user_text. That is all.")))
    session.say("Good morning")
    session.say("Good evening")
    assert said(respond(session)) == ["You wrote: Good evening. That is all."]


def test_an_input_of_its_own_is_what_a_response_quotes(opened):
    session = opened(scenario=answers(Say("$user_text")))
    session.say("In the conversation")
    content = [{"type": "input_text", "text": "Aside"}]
    aside = {"conversation": "none", "input": [{"type": "message", "role": "user", "content": content}]}
    assert said(respond(session, response=aside)) == ["Aside"]


@pytest.mark.parametrize("given", [None, TRANSCRIBED])
def test_a_say_quotes_what_the_user_said_with_or_without_a_transcription(opened, tone, silence, given):
    transcripts = (Transcript("Hello"), Transcript("Are you there?", after=8.0))
    session = opened(scenario=answers(Say("I heard: $heard"), transcripts=transcripts), given=given)
    for _ in range(2):
        session.append(tone(0.5) + silence(1.0))
        session.run()
    done = [event["response"] for event in session.sent if event["type"] == "response.done"]
    assert [said(response) for response in done] == [["I heard: Hello"], ["I heard: Are you there?"]]


def test_prices_and_escaped_dollars_are_said_as_they_stand(opened):
    assert said(respond(opened(scenario=answers(Say("That is $5, not $$user_text."))))) == [
        "That is $5, not $user_text."
    ]


def test_the_default_assistant_reads_no_placeholders(opened):
    session = opened()
    session.say("What is $session.id?")
    assert said(respond(session)) == ['You said: "What is $session.id?"']


def test_arguments_keep_the_type_of_what_they_quote(opened):
    call = Call("f", '{"turns": "$event.response.metadata.n", "words": "$user_text", "price": "$5"}')
    session = opened(scenario=answers(call))
    session.say('a "quoted" word')
    [item] = respond(session, response={"metadata": {"n": "7"}})["output"]
    assert item["arguments"] == '{"turns": "7", "words": "a \\"quoted\\" word", "price": "$5"}'


def test_a_number_that_a_call_quotes_stays_a_number(opened):
    rules = (
        Rule(CREATE, (Turn((Call("first", '{"n":21}'),)),), once=True),
        Rule(CREATE, (Turn((Call("second", '{"m":"$call.arguments.n"}', call_id="after_$call.call_id"),)),)),
    )
    session = opened(scenario=Scenario("test", rules))
    first = respond(session)["output"][0]
    second = respond(session)["output"][0]
    assert (second["arguments"], second["call_id"]) == ('{"m":21}', f"after_{first['call_id']}")


def test_a_call_id_that_quotes_nothing_is_made_up(opened):
    [item] = respond(opened(scenario=answers(Call("f", "{}", call_id="$call.call_id"))))["output"]
    assert item["call_id"].startswith("call_")


def test_an_answer_reaches_into_the_output_of_a_function(opened):
    rules = (
        Rule(CREATE, (Turn((Call("get_weather", "{}", call_id="call_1"),)),), once=True),
        Rule(CREATE, (Turn((Say("It is $function_output.output.degrees degrees."),)),)),
    )
    session = opened(scenario=Scenario("test", rules))
    respond(session)
    output = {"type": "function_call_output", "call_id": "call_1", "output": '{"degrees": 21}'}
    session.send("conversation.item.create", item=output)
    assert said(respond(session)) == ["It is 21 degrees."]


def test_a_call_of_an_mcp_tool_quotes_too(opened):
    step = parse_scenario(
        """
scenario: x
rules:
  - on: response.create
    turns:
      - mcp: {server_label: docs, name: search, arguments: {query: $user_text}, output: "Nothing on $user_text."}
"""
    )
    session = opened(scenario=step)
    tool = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.test", "require_approval": "never"}
    session.send("session.update", session={"type": "realtime", "tools": [tool]})
    session.run()
    session.say("cats")
    [item] = respond(session)["output"]
    assert (item["arguments"], item["output"]) == ('{"query":"cats"}', "Nothing on cats.")


def test_what_a_pattern_found_is_quoted(opened):
    rule = Rule(
        {"user_text": {"regex": r"weather in (?P<city>\w+)"}},
        [[Say("The weather in $match.city?"), Call("f", '{"city":"$match.city"}')]],
    )
    session = opened(scenario=Scenario("test", [rule]))
    session.say("How is the weather in Oslo today?")
    done = respond(session)
    assert (said(done), done["output"][1]["arguments"]) == (["The weather in Oslo?"], '{"city":"Oslo"}')
