"""What a rule asks for besides the event, from YAML to a session on a virtual clock."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from realtime_conformance.targets.core import VirtualSession, open_session
from realtime_mock.core.effects import Remark
from realtime_mock.scenario.conditions import split
from realtime_mock.scenario.loader import parse_scenario

from ..core.conftest import silence  # noqa: TID252
from .conftest import loud


def opened(rules: str, **options: Any) -> VirtualSession:
    scenario = parse_scenario(f"scenario: x\n{textwrap.dedent(rules)}")
    return open_session(scenario=scenario, given={"type": "realtime", "output_modalities": ["text"]}, pace=0, **options)


def answer(session: VirtualSession, **response: Any) -> str | None:
    """What the assistant answers now: the text of its messages, or the name of the function it calls."""
    came = [*session.send("response.create", **({"response": response} if response else {})), *session.run()]
    [done] = [event["response"] for event in came if event["type"] == "response.done"]
    [item] = done["output"]
    return str(item["name"]) if item["type"] == "function_call" else str(item["content"][0]["text"])


def asked(session: VirtualSession, text: str) -> str | None:
    session.say(text)
    return answer(session)


def give_output(session: VirtualSession, output: object, *, number: int = -1) -> None:
    """Send the output of the newest function call."""
    calls = [event["item"] for event in session.sent if event["type"] == "response.output_item.done"]
    call_id = [call for call in calls if call["type"] == "function_call"][number]["call_id"]
    text = output if isinstance(output, str) else json.dumps(output)
    session.send("conversation.item.create", item={"type": "function_call_output", "call_id": call_id, "output": text})


TEXT = """
    rules:
      - on: {user_text: Hello}
        turns: [say: equal]
      - on: {user_text: {contains: weather}}
        turns: [say: contained]
      - on: {user_text: {regex: 'in (?P<city>[A-Z]\\w+)'}}
        turns: [say: found]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello", "equal"),
        ("hello", 'You said: "hello"'),
        ("The WEATHER please", "contained"),
        ("What is on in Paris?", "found"),
        ("What is on in paris?", 'You said: "What is on in paris?"'),
    ],
)
def test_a_rule_on_what_the_user_writes(text: str, said: str):
    assert asked(opened(TEXT), text) == said


def test_the_newest_text_counts_and_counts_again():
    session = opened(TEXT)
    assert asked(session, "The weather?") == "contained"
    assert answer(session) == "contained"
    assert asked(session, "Hello") == "equal"


def test_named_groups_can_be_quoted():
    rules = r"""
        rules:
          - on: {user_text: {regex: 'weather in (?P<city>\w+)'}}
            turns: [call: {name: get_weather, arguments: {city: $match.city}}]
    """
    session = opened(rules)
    session.say("The weather in Paris?")
    assert answer(session) == "get_weather"
    done = [event for event in session.sent if event["type"] == "response.function_call_arguments.done"]
    assert json.loads(done[0]["arguments"]) == {"city": "Paris"}


def test_text_and_an_event_combine():
    rules = """
        rules:
          - on: {type: response.create, response: {metadata: {topic: rain}}, user_text: {contains: weather}}
            turns: [say: both]
    """
    session = opened(rules)
    session.say("The weather?")
    assert answer(session) == 'You said: "The weather?"'
    assert answer(session, metadata={"topic": "rain"}) == "both"


def test_without_a_type_a_rule_waits_for_a_response():
    session = opened("rules: [{on: {user_text: bye}, turns: [{close: 1000}]}]")
    session.say("bye")
    assert not session.session.snapshot()["closed"]
    session.send("response.create")
    assert session.session.snapshot()["closed"]


def test_an_item_that_an_event_brings_is_already_there():
    rules = """
        rules:
          - on: {type: conversation.item.create, user_text: {contains: bye}}
            turns: [close: 1000]
    """
    session = opened(rules)
    session.say("Good morning")
    assert "closed" not in str(session.effects[-1])
    session.say("Bye!")
    assert session.session.snapshot()["closed"]


def test_a_condition_on_an_event_of_the_session():
    rules = """
        rules:
          - on: {type: response.created, user_text: {contains: crash}}
            turns: [close: 1011]
    """
    session = opened(rules)
    assert asked(session, "Hello") == 'You said: "Hello"'
    session.say("crash")
    session.send("response.create")
    assert session.session.snapshot()["closed"]


FUNCTIONS = """
    rules:
      - on: {user_text: {contains: weather}}
        turns: [call: {name: get_weather}]
      - on: {user_text: {contains: clock}}
        turns: [[call: {name: get_time}, call: {name: get_date}]]
      - on: {function_output: {name: get_weather, output: {degrees: {$gt: 20}}}}
        turns: [say: warm]
      - on: {function_output: {name: get_weather, output: rain}}
        turns: [say: wet]
      - on: {function_output: {name: get_time}}
        turns: [say: late]
      - on: {function_output: any, user_text: {contains: weather}}
        turns: [say: unknown]
""".replace(
    "[[call: {name: get_time}, call: {name: get_date}]]", "[[{call: {name: get_time}}, {call: {name: get_date}}]]"
)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"degrees": 25}, "warm"),
        ({"degrees": 15}, "unknown"),
        ("rain", "wet"),
        ("snow", "unknown"),
    ],
)
def test_a_rule_on_the_output_of_a_function(output: object, said: str):
    session = opened(FUNCTIONS)
    assert asked(session, "The weather?") == "get_weather"
    give_output(session, output)
    assert answer(session) == said


def test_each_of_several_outputs_can_be_answered():
    session = opened(FUNCTIONS)
    session.say("The clock?")
    session.send("response.create")
    session.run()
    give_output(session, "12:00", number=-2)
    give_output(session, "Monday")
    assert answer(session) == "late"


def test_an_output_is_answered_until_the_user_says_something_new():
    session = opened(FUNCTIONS)
    asked(session, "The weather?")
    give_output(session, "rain")
    assert answer(session) == "wet"
    assert asked(session, "Hello") == 'You said: "Hello"'


def test_only_the_outputs_of_the_newest_calls_are_answered():
    rules = """
        rules:
          - on: {function_output: {name: first}}
            turns: [call: {name: second}]
          - on: {function_output: {name: second}}
            turns: [say: done]
          - on: {user_text: {$any: true}}
            turns: [call: {name: first}]
    """
    session = opened(rules)
    assert asked(session, "Go") == "first"
    give_output(session, "1")
    assert answer(session) == "second"
    give_output(session, "2")
    assert answer(session) == "done"


def test_a_rule_on_the_session():
    rules = """
        rules:
          - on: {session: {instructions: {$contains: brief}, tools: {$contains: {name: get_weather}}}}
            turns: [say: Yes.]
    """
    session = opened(rules)
    tool = {"type": "function", "name": "get_weather"}
    session.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
    assert asked(session, "Hi") == 'You said: "Hi"'
    session.send("session.update", session={"type": "realtime", "tools": [{**tool, "name": "a"}, tool]})
    assert answer(session) == "Yes."


def test_a_session_under_a_type_is_that_of_the_event():
    pattern, conditions = split({"type": "session.update", "session": {"type": "realtime"}})
    assert (pattern, conditions) == ({"type": "session.update", "session": {"type": "realtime"}}, {})


SPEECH = """
    rules:
      - on: {speech: {turn: 2}}
        turns: [say: second]
      - on: {speech: {longer_than: 1s}}
        turns: [say: long]
      - on: {speech: {shorter_than: 400ms}}
        turns: [say: short]
      - on: {speech: any}
        turns: [say: heard]
"""


def spoken(session: VirtualSession, seconds: float) -> str:
    """What the assistant answers to so many seconds of speech."""
    session.listen(loud(seconds))
    session.listen(silence(1.0))
    session.run()
    return str([event["text"] for event in session.sent if event["type"] == "response.output_text.done"][-1])


@pytest.mark.parametrize(("seconds", "said"), [(1.5, "long"), (0.6, "heard"), (0.25, "short")])
def test_a_rule_on_what_the_user_speaks(seconds: float, said: str):
    assert spoken(opened(SPEECH), seconds) == said


def test_spoken_turns_are_counted_and_written_ones_are_not():
    session = opened(SPEECH)
    assert spoken(session, 0.6) == "heard"
    assert asked(session, "Hi") == 'You said: "Hi"'
    assert spoken(session, 1.5) == "second"
    assert spoken(session, 1.5) == "long"


def test_a_commit_of_silence_is_no_spoken_turn():
    session = opened(SPEECH)
    session.append(silence(0.5))
    session.send("input_audio_buffer.commit")
    assert answer(session) == "I heard you speak."
    assert spoken(session, 0.6) == "heard"


def remarks(session: VirtualSession) -> list[str]:
    return [effect.text for effect in session.effects if isinstance(effect, Remark)]


def test_a_response_that_no_rule_takes_leaves_a_remark_on_the_nearest():
    session = opened(TEXT)
    asked(session, "The whether?")
    assert remarks(session) == [
        "no rule matches this response; nearest is rule 1 (scenario.yaml:4:5):"
        ' user_text: expected "Hello", got "The whether?"'
    ]


@pytest.mark.parametrize(
    ("rule", "lacking"),
    [
        ("{on: {user_text: {contains: a}}, once: true, turns: [say: a]}", "all its turns have been played once"),
        ("{on: {user_text: {contains: a}}, nth: 1, turns: [say: a]}", "it waits for match 1, and this is 2"),
        (
            "{on: {user_text: {contains: a}}, state: start, then: b, turns: [say: a]}",
            "it waits for the state 'start', and this is 'b'",
        ),
    ],
)
def test_a_remark_tells_why_a_rule_stays_silent(rule: str, lacking: str):
    session = opened(f"rules:\n  - {rule}")
    assert asked(session, "a") == "a"
    assert answer(session) == 'You said: "a"'
    assert remarks(session) == [f"no rule matches this response; nearest is rule 1 (scenario.yaml:3:5): {lacking}"]


def test_rules_on_other_events_leave_no_remark():
    session = opened("rules: [{on: session.updated, turns: [wait: 0]}]")
    asked(session, "Hi")
    assert remarks(session) == []


def test_a_rule_that_is_about_other_events_is_near_to_no_response():
    session = opened("rules: [{on: {item: {role: user}}, turns: [{wait: 0}]}]")
    assert answer(session) == "Hello! How can I help you?"
    assert remarks(session) == []


def test_no_remark_where_a_rule_speaks_or_there_is_none():
    session = opened(TEXT)
    assert asked(session, "Hello") == "equal"
    without = open_session(pace=0)
    asked_without = without.send("response.create")
    assert asked_without
    assert remarks(session) + remarks(without) == []


STATES = """
    rules:
      - on: {user_text: {contains: order}}
        then: ordering
        turns: [say: "What size?"]
      - on: {user_text: {contains: large}}
        state: ordering
        then: start
        turns: [say: One large.]
      - on: {user_text: {contains: large}}
        turns: [say: "Large what?"]
"""


def test_a_rule_waits_for_its_state_and_leads_to_another():
    session = opened(STATES)
    assert asked(session, "large") == "Large what?"
    assert asked(session, "I want to order") == "What size?"
    assert asked(session, "large") == "One large."
    assert asked(session, "large") == "Large what?"


RANDOM = (
    "seed: {seed}\nrules: [{{on: response.create, order: random, turns: [say: a, say: b, say: c, say: d]}}]".replace(
        "[say: a, say: b, say: c, say: d]", "[{{say: a}}, {{say: b}}, {{say: c}}, {{say: d}}]"
    )
)


def played(seed: int, rounds: int = 2) -> list[str | None]:
    session = opened(RANDOM.format(seed=seed))
    return [answer(session) for _ in range(4 * rounds)]


def test_random_turns_come_once_in_each_round():
    turns = played(7)
    assert sorted(str(turn) for turn in turns[:4]) == ["a", "b", "c", "d"] == sorted(str(turn) for turn in turns[4:])


def test_each_round_has_an_order_of_its_own():
    rounds = [played(seed) for seed in range(6)]
    assert any(turns[:4] != turns[4:] for turns in rounds)


def test_the_same_seed_gives_the_same_turns_and_another_others():
    assert played(7) == played(7)
    assert len({tuple(played(seed, 1)) for seed in range(12)}) > 4


def test_random_turns_that_play_once_end():
    session = opened(RANDOM.format(seed=1).replace("order: random", "order: random, once: true"))
    turns = [answer(session) for _ in range(5)]
    assert sorted(turns[:4], key=str) == ["a", "b", "c", "d"]
    assert turns[4] not in ("a", "b", "c", "d")
