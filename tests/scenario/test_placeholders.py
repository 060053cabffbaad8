"""What a scenario quotes from the session."""

from __future__ import annotations

import pytest

from realtime_mock.scenario.placeholders import NAMES, fill, fill_json, fill_text, is_placeholder, literal, paths

KNOWN = {
    "event": {"item": {"content": [{"text": "five $dollars"}, {"text": "b"}]}, "audio_end_ms": 1200, "on": True},
    "response": {"id": "resp_1"},
    "function_output": {"output": '{"degrees": 21, "days": [{"sky": "clear"}]}'},
    "user_text": 'He said "no"',
}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("$response.id", "resp_1"),
        ("${response.id}", "resp_1"),
        ("The response $response.id.", "The response resp_1."),
        ("${event.audio_end_ms}ms", "1200ms"),
        ("$event.audio_end_ms", 1200),
        ("$event.on and $event.off", "true and "),
        ("$event.item.content.1.text", "b"),
        ("$event.item.content.0.text", "five $dollars"),
        ("$event.item.content.2.text", None),
        ("$event.item.content.x", None),
        ("$event.audio_end_ms.x", None),
        ("$response", {"id": "resp_1"}),
        ("so $response", 'so {"id": "resp_1"}'),
        ("$call.call_id", None),
        ("$function_output.output.degrees", 21),
        ("$function_output.output.days.0.sky", "clear"),
        ("$user_text.word", None),
        ("$5 and $ and ${} and ${x y}", "$5 and $ and ${} and ${x y}"),
        ("$$response.id", "$response.id"),
        ("$$", "$"),
        (3, 3),
        (None, None),
        ({"a": ["$response.id", {"b": "$event.on"}]}, {"a": ["resp_1", {"b": True}]}),
    ],
)
def test_filling(value: object, filled: object):
    assert fill(value, KNOWN) == filled


def test_what_is_quoted_is_not_read_again():
    assert fill("say ${event.text}", {"event": {"text": "$response.id"}, "response": {"id": "x"}}) == "say $response.id"


def test_all_placeholders_of_a_value():
    value = {"a": ["$response.id $$no", 1], "b": {"c": "${item.id}x$call"}}
    assert list(paths(value)) == ["response.id", "item.id", "call"]


@pytest.mark.parametrize(("text", "is_one"), [("$item", True), ("${item.id}", True), ("$item!", False), ("$$", False)])
def test_being_nothing_but_a_placeholder(text: str, is_one: object):
    assert is_placeholder(text) is is_one


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_looked_up(name: str):
    assert fill(f"${name}.id", {name: {"id": "it"}}) == "it"


@pytest.mark.parametrize(
    ("text", "filled"),
    [("$event.audio_end_ms", "1200"), ("$call.name", ""), ("$response", '{"id": "resp_1"}'), ("for $5", "for $5")],
)
def test_filling_text_gives_text(text: str, filled: str):
    assert fill_text(text, KNOWN) == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ('{"a":"$event.audio_end_ms"}', '{"a":1200}'),
        ('{ "a" : "at $event.audio_end_ms",\n"b": 1.50 }', '{ "a" : "at 1200",\n"b": 1.50 }'),
        ('{"a":"$user_text"}', '{"a":"He said \\"no\\""}'),
        ('{"$user_text":["$call.name"]}', '{"$user_text":[null]}'),
        ('{"a": "\\u00e9 $$5"}', '{"a": "é $5"}'),
        ('{"a": "\\u00e9"}', '{"a": "\\u00e9"}'),
        ("$function_output.output", '{"degrees": 21, "days": [{"sky": "clear"}]}'),
        ('{"cut short": "$event.on', '{"cut short": "true'),
    ],
)
def test_filling_json_keeps_types_and_letters(text: str, filled: str):
    assert fill_json(text, KNOWN) == filled


@pytest.mark.parametrize("text", ["$event.on", "${item}", "$$", "$$$item", "for $5", "nothing"])
def test_a_literal_text_stands_for_itself(text: str):
    assert fill_text(literal(text), KNOWN) == text
