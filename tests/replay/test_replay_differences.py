"""Every kind of difference is found, and found where it is."""

from __future__ import annotations

import copy
import random

import pytest

from realtime_mock.replay.layout import NotARecording

DONE = "response.done"
ADDED = "conversation.item.added"
TRANSCRIBED = "conversation.item.input_audio_transcription"


def events_of(entries, event_type):
    return [entry["data"] for entry in entries if entry["data"]["type"] == event_type]


def set_at(value, path, new):
    *keys, last = path
    for key in keys:
        value = value[key]
    value[last] = new


def number_of(entries, event_type, nth=0):
    return [number for number, entry in enumerate(entries) if entry["data"]["type"] == event_type][nth]


def test_the_recording_itself_is_equal(tool_round, play):
    assert play(tool_round) is None


@pytest.mark.parametrize(
    ("event_type", "path", "new"),
    [
        (DONE, ("response", "status"), "incomplete"),
        (DONE, ("response", "status_details"), {"type": "failed", "reason": "content_filter"}),
        (DONE, ("response", "output"), []),
        (DONE, ("response", "output_modalities"), ["text"]),
        (DONE, ("response", "conversation_id"), None),
        (DONE, ("response", "usage"), None),
        (DONE, ("response", "usage", "total_tokens"), 12345),
        (DONE, ("response", "usage", "input_token_details", "audio_tokens"), 12345),
        (DONE, ("response", "metadata"), {"topic": "weather"}),
        ("response.output_audio_transcript.done", ("transcript",), "I loop."),
        ("response.output_text.done", ("text",), "It is sunny!"),
        ("response.content_part.added", ("part", "type"), "text"),
        ("response.content_part.done", ("part", "type"), "output_audio"),
        ("response.function_call_arguments.done", ("arguments",), '{"city":"Paris"}'),
        ("response.function_call_arguments.done", ("name",), "get_whether"),
        ("response.function_call_arguments.done", ("call_id",), "call_another"),
        ("response.output_item.added", ("item", "status"), "completed"),
        ("response.output_item.added", ("item", "phase"), "final_answer"),
        ("response.output_item.added", ("output_index",), 1),
        (ADDED, ("item", "role"), "system"),
        (ADDED, ("item", "type"), "function_call"),
        (ADDED, ("item", "content"), []),
        (ADDED, ("item", "content", 0, "type"), "input_text"),
        (ADDED, ("item", "content", 0, "transcript"), "Weather?"),
        (ADDED, ("previous_item_id",), "item_that_never_was"),
        (ADDED, ("item", "id"), "item_of_its_own"),
        ("input_audio_buffer.committed", ("item_id",), "item_of_its_own"),
        ("response.output_audio.done", ("response_id",), "resp_of_its_own"),
        ("response.output_text.delta", ("delta",), "They"),
        ("response.function_call_arguments.delta", ("delta",), "["),
        ("response.output_audio_transcript.delta", ("item_id",), "item_of_its_own"),
        (f"{TRANSCRIBED}.delta", ("delta",), "Whether"),
        (f"{TRANSCRIBED}.completed", ("item_id",), "item_of_its_own"),
        (f"{TRANSCRIBED}.completed", ("usage", "type"), "tokens"),
        ("rate_limits.updated", ("rate_limits", 0, "name"), "requests"),
    ],
)
def test_a_changed_field_is_found(tool_round, play, event_type, path, new):
    set_at(events_of(tool_round, event_type)[0], path, new)
    assert play(tool_round) is not None


def test_a_difference_tells_where_it_is(tool_round, play):
    events_of(tool_round, "response.function_call_arguments.done")[0]["arguments"] = "{}"
    found = play(tool_round)
    assert (found.frame.number, found.path) == (
        number_of(tool_round, "response.function_call_arguments.done"),
        "arguments",
    )
    assert (found.recorded, found.sent) == ("{}", '{"city": "Paris"}\n')


def test_an_id_that_stands_for_two_is_found(tool_round, play):
    first = events_of(tool_round, "response.created")[0]["response"]["id"]
    events_of(tool_round, "response.content_part.done")[-1]["response_id"] = first
    assert play(tool_round).path == "response_id"


def test_two_ids_for_one_are_found(tool_round, play):
    done = events_of(tool_round, "conversation.item.done")[-1]
    done["item"]["id"] = "item_of_its_own"
    assert play(tool_round).path == "item.id"


def test_renamed_ids_are_equal(tool_round, play):
    session = events_of(tool_round, "session.created")[0]["session"]["id"]
    item = events_of(tool_round, "input_audio_buffer.committed")[0]["item_id"]
    renamed = _replaced(_replaced(tool_round, session, "sess_other"), item, "item_other")
    assert renamed != tool_round
    assert play(renamed) is None


@pytest.mark.parametrize(
    "event_type",
    ["conversation.item.done", "response.content_part.added", "response.output_item.done", "response.created"],
)
def test_a_missing_event_is_found(tool_round, play, event_type):
    del tool_round[number_of(tool_round, event_type)]
    assert play(tool_round).path == "type"


def test_an_event_too_many_is_found(tool_round, play):
    number = number_of(tool_round, "response.output_text.done")
    tool_round.insert(number, copy.deepcopy(tool_round[number]))
    assert play(tool_round).path == "type"


def test_swapped_events_are_found(tool_round, play):
    number = number_of(tool_round, "response.output_audio.done")
    tool_round[number : number + 2] = reversed(tool_round[number : number + 2])
    found = play(tool_round)
    assert (found.frame.number, found.path) == (number, "type")


def test_an_answer_that_the_mock_has_not_is_found(tool_round, play):
    tool_round += [{"kind": "message", "direction": "received", "data": {"type": "input_audio_buffer.cleared"}}]
    found = play(tool_round)
    assert (found.recorded, found.sent) == ("input_audio_buffer.cleared", "nothing")


def test_deltas_may_be_cut_and_mixed_in_any_way(tool_round, play):
    first = number_of(tool_round, "response.output_audio_transcript.delta")
    audio = tool_round.pop(number_of(tool_round, "response.output_audio.delta"))
    tool_round.insert(first, audio)
    limits = tool_round.pop(number_of(tool_round, "rate_limits.updated"))
    tool_round.insert(number_of(tool_round, "response.output_text.done"), limits)
    text = events_of(tool_round, "response.output_text.delta")
    text[0]["delta"], text[1]["delta"] = text[0]["delta"] + text[1]["delta"], ""
    assert play(tool_round) is None


def test_a_missing_rate_limit_is_no_difference(tool_round, play):
    del tool_round[number_of(tool_round, "rate_limits.updated")]
    assert play(tool_round) is None


def test_transcription_may_come_at_any_time(tool_round, play):
    late = [entry for entry in tool_round if entry["data"]["type"].startswith(TRANSCRIBED)]
    rest = [entry for entry in tool_round if entry not in late]
    behind = number_of(rest, "response.created") + 1
    assert play(rest[:behind] + late + rest[behind:]) is None


def test_nothing_that_a_recording_holds_breaks_the_replay(tool_round, play):
    """A damaged recording is refused or replayed, whatever was damaged."""
    places = [(number, path) for number, entry in enumerate(tool_round) for path in _paths(entry["data"])]
    outcomes = set()
    for number, path in random.Random(7).sample(places, 60):
        for damage in (None, 7, [7], {"x": 7}, "x"):
            damaged = copy.deepcopy(tool_round)
            set_at(damaged[number]["data"], path, damage)
            outcomes.add(_outcome(play, damaged))
    assert outcomes == {"equal", "different", "refused"}


def _outcome(play, entries):
    try:
        return "equal" if play(entries) is None else "different"
    except NotARecording:
        return "refused"


def _paths(value, path=()):
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(inner, (*path, key))


def _replaced(value, old, new):
    match value:
        case dict():
            return {key: _replaced(inner, old, new) for key, inner in value.items()}
        case list():
            return [_replaced(inner, old, new) for inner in value]
        case _:
            return new if value == old else value
