"""The order of a beta session's events (protocol 7.21), and the recorded session again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_mock.scenario.model import Call, Say

SPOKEN = [
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
    "response.audio_transcript.delta",
    "response.audio.delta",
    "response.audio.done",
    "response.audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.done",
]
ON_A_CALL = [*SPOKEN[:6], "output_audio_buffer.started", *SPOKEN[7:], "output_audio_buffer.stopped"]
LONG = "x" * 100


def test_a_text_turn(beta, kinds):
    client = beta()
    assert kinds(client.say("hello")) == ["conversation.item.created"]
    assert kinds(client.respond(modalities=["text"])) == [
        *SPOKEN[:5],
        "response.text.delta",
        "response.text.done",
        *SPOKEN[9:],
    ]


def test_a_spoken_turn_on_a_websocket(beta, kinds, answers):
    assert kinds(beta(scenario=answers(LONG)).respond()) == SPOKEN


def test_a_spoken_turn_on_a_call(beta, kinds, answers):
    assert kinds(beta(call=True, scenario=answers(LONG)).respond()) == ON_A_CALL


def test_a_function_call_names_the_function_when_its_arguments_are_done(beta, kinds, answers):
    client = beta(scenario=answers(Call("get_weather", '{"city": "Paris"}'), "Sunny."))
    events = client.respond()
    assert kinds(events) == [
        *SPOKEN[:4],
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        *SPOKEN[10:],
    ]
    done = next(event for event in events if event["type"] == "response.function_call_arguments.done")
    assert (done["name"], done["arguments"]) == ("get_weather", '{"city": "Paris"}')
    output = {"type": "function_call_output", "call_id": done["call_id"], "output": "sun"}
    [created] = client.send("conversation.item.create", item=output)
    assert (created["type"], created["item"]["output"]) == ("conversation.item.created", "sun")
    assert client.respond()[-1]["response"]["status"] == "completed"


def test_a_voice_turn_creates_its_item_once(beta, kinds, answers):
    client = beta(call=True, scenario=answers(LONG))
    client.hear(1.0)
    client.hear_nothing(1.0)
    client.run()
    assert kinds(client.seen)[1:6] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.created",
        "response.created",
    ]


def test_a_response_cancelled_before_it_made_anything_reports_no_limits(beta, kinds, answers):
    client = beta(scenario=answers(Say(LONG, after=1.0)))
    client.send("response.create")
    client.send("response.cancel")
    assert kinds(client.seen) == ["session.created", "response.created", "response.done"]
    details = client.seen[-1]["response"]["status_details"]
    assert details == {"type": "cancelled", "reason": "client_cancelled", "error": None}


def test_every_event_id_is_new(beta, answers):
    client = beta(call=True, scenario=answers(LONG))
    client.respond()
    client.respond()
    ids = [event["event_id"] for event in client.seen]
    assert len(set(ids)) == len(ids)


@pytest.fixture
def recording() -> list[dict]:
    file = Path(__file__).parents[3] / "shared/reference/recordings/beta-webrtc-2025-02-semantic-kernel.json"
    if not file.is_file():
        pytest.skip("the recorded beta session is not beside this checkout")
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_recorded_session_plays_again_in_the_same_order(beta, kinds, answers, recording):
    client = beta(call=True, scenario=answers(LONG, LONG, Say(LONG, after=1.0), LONG))
    client.send("session.update", session={"voice": "echo"})
    client.respond()
    client.hear(1.0)
    client.hear_nothing(0.5)
    client.run()
    client.hear(0.4)
    client.hear_nothing(0.5)
    client.run(0.1)
    client.hear(0.6)
    client.hear_nothing(0.5)
    client.run()
    # The recording breaks off before its last answer has been played.
    assert kinds(client.seen)[:-1] == kinds(recording)


def test_items_and_responses_have_the_recorded_keys(beta, answers, recording):
    client = beta(call=True, scenario=answers(LONG))
    client.send("session.update", session={})
    client.respond()
    for theirs in recording:
        ours = next(event for event in client.seen if event["type"] == theirs["type"])
        assert missing(theirs, ours) == []
        if theirs["type"] == "output_audio_buffer.stopped":
            break


def missing(theirs: object, ours: object, path: str = "") -> list[str]:
    """Keys of theirs that ours lacks. `error` on playback events is the recording client's own."""
    if isinstance(theirs, list) and isinstance(ours, list) and theirs and ours:
        return missing(theirs[0], ours[0], f"{path}[]")
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return []
    lost = [f"{path}.{key}" for key in theirs if key not in ours and (path, key) != ("", "error")]
    return lost + [name for key in theirs if key in ours for name in missing(theirs[key], ours[key], f"{path}.{key}")]
