"""An imported scenario answers as the recording did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime_mock.importing.session import Imported, import_session
from realtime_mock.importing.triggers import ANY, triggers
from realtime_mock.recording.writing import RecordingWriter
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.layout import NotARecording, parse_recording
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Call, Close, Emit, Error, Fail, Rule, Say, Transcript, Turn, Wait
from realtime_mock.scenario.writer import write_scenario

REGISTRY = SchemaRegistry.bundled()
RECORDED = Path(__file__).parents[3] / "shared/reference/recordings"
TOOL_ROUND = Path(__file__).parents[1] / "replay" / "tool-round.json"

Event = dict[str, Any]


def imported(text: str, **options: Any) -> Imported:
    result = import_session(text, "talk.json", registry=REGISTRY, title="talk", **options)
    assert parse_scenario(write_scenario(result.scenario)) == result.scenario
    return result


def recordings() -> list[Any]:
    found = sorted(RECORDED.glob("pydantic*.json"))
    missing = pytest.mark.skip(reason="the recordings of the service are not here")
    return found or [pytest.param(None, marks=missing)]


@pytest.mark.parametrize("path", recordings(), ids=lambda path: path.stem if path else "none")
def test_a_recording_of_the_service_becomes_a_scenario_that_answers_alike(path: Path):
    assert imported(path.read_text()).difference is None


def test_what_was_answered_decides_which_rule_answers():
    rules = imported(TOOL_ROUND.read_text()).scenario.rules
    assert rules == (
        Rule({"speech": {"turn": 1}}, [[Say("I look."), Call("get_weather", '{"city": "Paris"}\n')]], once=True),
        Rule({"function_output": {"name": "get_weather"}}, [Say("It is sunny.")], once=True),
    )


class Talk:
    """A session written by hand: its events, with their times."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Event, float]] = []
        self._count = 0
        self.received("session.created", 0.0, session={"id": "sess_1", "model": "gpt-realtime", "audio": {"input": {}}})

    def sent(self, kind: str, at: float, **fields: Any) -> None:
        self.rows.append(("message", "sent", {"type": kind, **fields}, at))

    def received(self, kind: str, at: float, **fields: Any) -> None:
        self._count += 1
        self.rows.append(("message", "received", {"type": kind, "event_id": f"event_{self._count}", **fields}, at))

    def closed(self, direction: str, at: float, code: int, reason: str = "") -> None:
        self.rows.append(("close", direction, {"code": code, "reason": reason}, at))

    def answer(self, at: float, text: str, *, status: str = "completed", details: object = None) -> None:
        """A text response, each of whose parts comes 100 ms after the one before."""
        response = {"id": f"resp_{at}", "object": "realtime.response", "conversation_id": "conv_1", "status": status}
        item = {"id": f"item_{at}", "type": "message", "role": "assistant", "content": []}
        ids = {"response_id": response["id"], "item_id": item["id"], "output_index": 0, "content_index": 0}
        self.received("response.created", at, response={**response, "output": []})
        if text:
            of_item = {"response_id": response["id"], "output_index": 0, "item": item}
            self.received("response.output_item.added", at + 0.1, **of_item)
            self.received("conversation.item.added", at + 0.1, previous_item_id=None, item=item)
            self.received("response.content_part.added", at + 0.1, **ids, part={"type": "text", "text": ""})
            self.received("response.output_text.delta", at + 0.2, **ids, delta=text)
            self.received("response.output_text.done", at + 0.3, **ids, text=text)
            self.received("response.output_item.done", at + 0.3, **of_item)
        done = {**response, "output": [], "status_details": details}
        self.received("response.done", at + 0.4, response=done)

    def imported(self, folder: Path) -> Imported:
        return imported(self.written(folder), folder=folder)

    def written(self, folder: Path) -> str:
        writer = RecordingWriter(folder, upstream="wss://api.example", tool="test", started=0.0)
        for kind, direction, data, at in self.rows:
            writer.record(kind, data, at=at, after=at, session="1", direction=direction)  # type: ignore[arg-type]
        writer.close()
        return writer.path.read_text()


def rule_on(rules: tuple[Rule, ...], kind: str) -> Rule:
    (found,) = (rule for rule in rules if rule.on == {"type": kind})
    return found


def test_recorded_times_become_pauses(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    talk.answer(1.2, "Hello.")
    (rule,) = talk.imported(tmp_path).scenario.rules
    assert rule == Rule("response.create", [Say("Hello.", after=0.1, hesitates=0.1)], once=True)


def test_a_list_has_no_times_so_nothing_waits():
    text = TOOL_ROUND.read_text()
    assert all(step.after == 0 for rule in imported(text).scenario.rules for turn in rule.turns for step in turn.steps)


def test_a_failed_response_fails_again(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    error = {"type": "tokens", "code": "rate_limit_exceeded", "message": "Slow down."}
    talk.answer(1.2, "", status="failed", details={"type": "failed", "error": error})
    (rule,) = talk.imported(tmp_path).scenario.rules
    (step,) = rule.turns[0].steps
    assert isinstance(step, Fail)
    assert step.error is not None
    assert (step.error.code, step.error.message, step.after) == ("rate_limit_exceeded", "Slow down.", 0.4)


def test_a_cancelled_response_waits_for_its_cancel(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    talk.answer(1.2, "Hel", status="cancelled", details={"type": "cancelled", "reason": "client_cancelled"})
    (rule,) = talk.imported(tmp_path).scenario.rules
    assert rule.turns == (Turn([Say("Hel", after=0.1, hesitates=0.1), Wait(60.0)]),)


def test_a_refusal_of_the_services_own_is_repeated_and_the_protocols_is_not(tmp_path: Path):
    talk = Talk()
    talk.sent("session.update", 1.0, event_id="mine_1", session={"type": "realtime"})
    talk.received(
        "error", 1.1, error={"type": "server_error", "code": None, "message": "Try $5 later.", "event_id": "mine_1"}
    )
    talk.sent("response.cancel", 2.0, event_id="mine_2")
    cancelled = {
        "type": "invalid_request_error",
        "code": "response_cancel_not_active",
        "message": "No.",
        "event_id": "mine_2",
    }
    talk.received("error", 2.1, error=cancelled)
    (rule,) = talk.imported(tmp_path).scenario.rules
    assert (rule.on, rule.nth) == ({"type": "session.update"}, 1)
    (step,) = rule.turns[0].steps
    assert isinstance(step, Error)
    assert step.error.message == "Try $5 later."


def test_an_event_of_an_unknown_type_is_emitted_where_it_came(tmp_path: Path):
    talk = Talk()
    talk.received("news.updated", 0.5, session_id="sess_1", headline="New.")
    scenario = talk.imported(tmp_path).scenario
    event = {"type": "news.updated", "session_id": "$session.id", "headline": "New."}
    assert rule_on(scenario.rules, "session.created") == Rule(
        "session.created", [Emit(event, after=0.5, invalid=True)], nth=1
    )


def test_a_known_event_that_only_a_script_sends_is_emitted_as_valid(tmp_path: Path):
    talk = Talk()
    talk.received("input_audio_buffer.dtmf_event_received", 0.5, event="5", received_at=1)
    (step,) = rule_on(talk.imported(tmp_path).scenario.rules, "session.created").turns[0].steps
    assert isinstance(step, Emit)
    assert not step.invalid


def test_an_error_out_of_nowhere_and_the_close_behind_it_come_again(tmp_path: Path):
    talk = Talk()
    expired = {"type": "invalid_request_error", "code": "session_expired", "message": "Over.", "event_id": None}
    talk.received("error", 3.0, error=expired)
    talk.closed("received", 3.5, 1001, "Over.")
    rule = rule_on(talk.imported(tmp_path).scenario.rules, "session.created")
    error, close = rule.turns[0].steps
    assert isinstance(error, Error)
    assert (error.error.code, error.after) == ("session_expired", 3.0)
    assert close == Close(1001, "Over.", after=0.5)


def test_a_close_in_the_middle_of_an_answer_comes_where_it_came(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    talk.answer(1.2, "You will never")
    del talk.rows[-3:]
    talk.closed("received", 1.6, 1011, "Oops.")
    (rule,) = talk.imported(tmp_path).scenario.rules
    assert rule.turns == (
        Turn([Say("You will never", after=0.1, hesitates=0.1, closes_late=True), Close(1011, "Oops.", after=0.2)]),
    )


def test_a_response_that_was_cancelled_before_its_first_word_stays_open_and_silent(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    talk.answer(1.2, " ", status="cancelled", details={"type": "cancelled", "reason": "client_cancelled"})
    (rule,) = talk.imported(tmp_path).scenario.rules
    assert rule.turns[0].steps[0] == Say("...", after=0.1, hesitates=60.0)


def test_an_unknown_delta_is_emitted_and_not_followed(tmp_path: Path):
    talk = Talk()
    talk.received("response.thoughts.delta", 0.5, thought="Hm.")
    (step,) = rule_on(talk.imported(tmp_path).scenario.rules, "session.created").turns[0].steps
    assert step == Emit({"type": "response.thoughts.delta", "thought": "Hm."}, after=0.5, invalid=True)


def test_a_close_of_the_clients_is_left_to_the_client(tmp_path: Path):
    talk = Talk()
    talk.closed("sent", 3.5, 1000)
    assert talk.imported(tmp_path).scenario.rules == ()


def test_a_dollar_sign_is_said_and_not_filled_in(tmp_path: Path):
    talk = Talk()
    talk.sent("response.create", 1.0)
    talk.answer(1.2, "That is $item.id for $5.")
    result = talk.imported(tmp_path)
    assert result.scenario.rules[0].turns[0].steps[0].text == "That is $$item.id for $5."


def test_transcripts_come_as_late_as_they_came(tmp_path: Path):
    talk = Talk()
    setting = {"input": {"transcription": {"model": "whisper-1"}}}
    talk.received("session.updated", 0.1, session={"id": "sess_1", "audio": setting})
    talk.received("input_audio_buffer.committed", 1.0, item_id="item_u", previous_item_id=None)
    done = "conversation.item.input_audio_transcription.completed"
    talk.received(done, 1.75, item_id="item_u", content_index=0, transcript="Hello?")
    assert talk.imported(tmp_path).scenario.transcripts == (Transcript("Hello?", after=0.75),)


@pytest.mark.parametrize(
    "name, why",
    [
        ("beta-webrtc-2025-02-semantic-kernel.json", "a list of events in the beta dialect"),
        ("ga-idle-timeout-2026-keyframes.json", "a document of key frames"),
    ],
)
def test_what_does_not_tell_enough_is_refused_by_name(name: str, why: str):
    path = RECORDED / name
    if not path.is_file():
        pytest.skip("the recordings of the service are not here")
    with pytest.raises(NotARecording, match=why):
        imported(path.read_text())


def twice_the_same_words() -> Talk:
    """The same words twice, and between them a response to nothing new."""
    talk = Talk()
    content = [{"type": "input_text", "text": "Hi"}]
    for at, is_new in ((1.0, True), (2.0, False), (3.0, True)):
        if is_new:
            item = {"id": f"item_u{at:.0f}", "type": "message", "role": "user", "content": content}
            talk.sent("conversation.item.create", at, item=item)
            talk.received("conversation.item.added", at, previous_item_id=None, item=item)
            talk.received("conversation.item.done", at, previous_item_id=None, item=item)
        talk.sent("response.create", at)
        talk.answer(at, f"Answer {at:.0f}.")
    return talk


def test_a_response_answers_what_is_new_since_the_one_before(tmp_path: Path):
    text = twice_the_same_words().written(tmp_path)
    recording = parse_recording(text, "talk.jsonl", registry=REGISTRY)
    assert triggers(recording) == [{"user_text": "Hi"}, ANY, {"user_text": "Hi"}]


def test_where_a_rule_would_answer_another_request_the_answers_come_in_order(tmp_path: Path):
    (rule,) = twice_the_same_words().imported(tmp_path).scenario.rules
    assert rule.on == {"type": "response.create"}
    assert [turn.steps[0].text for turn in rule.turns] == ["Answer 1.", "Answer 2.", "Answer 3."]
