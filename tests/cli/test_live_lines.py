"""The journal gives one line per connection, turn, refusal and close."""

from __future__ import annotations

import json
from typing import Any, cast

from realtime_mock.api_error import ApiError
from realtime_mock.cli.live import LiveLines
from realtime_mock.journal import Direction, Journal, Kind


def lines_of(*entries: tuple[str, object, ApiError | None], channel: str = "websocket") -> list[str]:
    """What is shown for entries written as (`direction kind`, value, error)."""
    lines: list[str] = []
    journal = Journal()
    journal.listen(LiveLines(lines.append))
    for what, value, error in entries:
        direction, kind = what.split()
        text = value if isinstance(value, str) else json.dumps(value)
        journal.record(
            text,
            channel=channel,
            direction=cast(Direction, direction),
            kind=cast(Kind, kind),
            session_id="sess_1",
            error=error,
        )
    return lines


def sent(event: dict[str, Any]) -> tuple[str, object, None]:
    return ("out event", event, None)


def test_a_connection_is_one_line_with_its_transport_and_model() -> None:
    created = {"type": "session.created", "event_id": "event_1", "session": {"model": "gpt-realtime"}}
    assert lines_of(sent(created)) == ["sess_1  connected by WebSocket: gpt-realtime"]
    assert lines_of(sent(created), channel="data-channel") == ["sess_1  connected by WebRTC: gpt-realtime"]
    call = "sess_1  connected by a call without a data channel: gpt-realtime"
    assert lines_of(sent(created), channel="none") == [call]


def test_a_turn_of_the_user_quotes_its_text() -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    assert lines_of(sent({"type": "conversation.item.done", "item": item})) == ['sess_1  user: "Hi"']


def test_a_spoken_turn_without_a_transcript_is_audio() -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "transcript": None}]}
    assert lines_of(sent({"type": "conversation.item.done", "item": item})) == ["sess_1  user: [audio]"]


def test_what_was_heard_is_told_with_its_scores() -> None:
    known = {"item_id": "i", "says": "yes", "guess": "yes", "whole": 0.98, "worst": 0.912, "via": "ear"}
    unknown = {"item_id": "i", "says": None, "guess": "yes", "whole": 0.7, "worst": 0.4}
    assert lines_of(("in heard", known, None), ("in heard", unknown, None), ("in heard", {"says": None}, None)) == [
        'sess_1  heard "yes" (whole 0.98, worst part 0.91)',
        'sess_1  heard no known phrase, nearest is "yes" (whole 0.70, worst part 0.40)',
        "sess_1  heard no known phrase, it is like none",
    ]


def test_an_answer_shows_its_status_words_and_calls() -> None:
    said = {"type": "message", "content": [{"type": "output_audio", "transcript": "Let me\nsee."}]}
    called = {"type": "function_call", "name": "look", "arguments": '{"at":1}'}
    response = {"status": "completed", "output": [said, called]}
    assert lines_of(sent({"type": "response.done", "response": response})) == [
        'sess_1  assistant (completed): "Let me see."; calls look({"at":1})'
    ]


def test_a_failed_answer_shows_its_error() -> None:
    details = {"type": "failed", "error": {"type": "server_error", "message": "Busy."}}
    response = {"status": "failed", "output": [], "status_details": details}
    assert lines_of(sent({"type": "response.done", "response": response})) == [
        "sess_1  assistant (failed): server_error: Busy."
    ]


def test_an_event_that_two_channels_carry_is_one_line() -> None:
    done = {"type": "response.done", "event_id": "event_7", "response": {"status": "completed", "output": []}}
    assert len(lines_of(sent(done), sent(done))) == 1


def test_a_refused_event_shows_type_param_reason_and_remedy() -> None:
    error = ApiError("Unknown parameter: 'session.voice'.", code="unknown_parameter", param="session.voice")
    event = {"type": "session.update", "session": {"voice": "alloy"}}
    assert lines_of(("in event", event, error)) == [
        "sess_1  refused session.update | param session.voice | unknown_parameter: Unknown parameter: 'session.voice'."
        " | remedy: the GA API wants it at `session.audio.output.voice`"
    ]


def test_a_message_that_is_no_event_is_refused_by_reason() -> None:
    error = ApiError("Invalid event: failed to parse JSON value.", code="invalid_json")
    assert lines_of(("in event", "{nope", error)) == [
        "sess_1  refused a message that is no event | invalid_json: Invalid event: failed to parse JSON value."
        " | remedy: send one JSON object per text frame"
    ]


def test_a_refused_request_shows_its_path_and_status() -> None:
    error = ApiError("Missing bearer or basic authentication in header")
    exchange = {"method": "POST", "path": "/v1/realtime/calls", "status": 401}
    assert lines_of(("in http", exchange, error)) == [
        "sess_1  refused POST /v1/realtime/calls with 401 | Missing bearer or basic authentication in header"
        " | remedy: send the header `Authorization: Bearer sk-mock`; any such key will do"
    ]


def test_a_refused_offer_shows_what_the_client_is_not_told() -> None:
    error = ApiError("Invalid SDP offer.", code="invalid_offer")
    exchange = {"method": "POST", "path": "/v1/realtime/calls", "status": 400, "reason": "no usable fingerprint"}
    (line,) = lines_of(("in http", exchange, error))
    assert line.startswith("sess_1  refused POST /v1/realtime/calls with 400 (no usable fingerprint) | invalid_offer: ")


def test_what_a_client_sends_stays_on_its_line() -> None:
    error = ApiError("Invalid value: '\x1b[2J\nfoo'.", code="invalid_value", param="type")
    (line,) = lines_of(("in event", {"type": "\x1b[2J\nfoo"}, error))
    assert line.isprintable()


def test_a_huge_message_is_cut() -> None:
    (line,) = lines_of(("in event", {"type": "x" * 100_000}, ApiError("Invalid value.", code="invalid_value")))
    assert len(line) < 600


def test_a_call_ends_in_one_line_with_its_reason() -> None:
    ended = ("out note", "call ended: the client closed the connection", None)
    assert lines_of(ended, ("out note", "session closed: 1000", None)) == [
        "sess_1  call ended: the client closed the connection"
    ]


def test_a_client_that_goes_is_one_line_on_either_wire() -> None:
    closed = ("out note", "session closed: 1000", None)
    assert lines_of(("out note", "detached: the client closed: 1000", None), closed) == [
        "sess_1  session closed: the client closed: 1000"
    ]
    gone = ("out note", "detached: the data channel closed", None)
    ended = ("out note", "call ended: the client vanished", None)
    assert lines_of(gone, ended, closed, channel="data-channel") == ["sess_1  call ended: the client vanished"]


def test_a_sideband_that_goes_leaves_its_session() -> None:
    assert lines_of(("out note", "detached: the client closed: 1000", None), channel="sideband") == [
        "sess_1  sideband detached: the client closed: 1000"
    ]


def test_what_could_not_be_sent_is_a_line() -> None:
    error = ApiError("2000000 bytes, of which the client accepts 262144", type="server_error")
    assert lines_of(("out note", "not sent: larger than the client accepts", error)) == [
        "sess_1  not sent: larger than the client accepts: 2000000 bytes, of which the client accepts 262144"
    ]


def test_a_reader_that_is_gone_does_not_disturb_the_journal() -> None:
    def broken(line: str) -> None:
        raise BrokenPipeError

    journal = Journal()
    journal.listen(LiveLines(broken))
    for _ in range(2):
        journal.record("session closed: 1000", channel="none", direction="out", kind="lifecycle")
    assert len(journal.entries()) == 2


def test_a_fault_of_ours_is_called_so() -> None:
    error = ApiError("response.usage: missing", type="server_error")
    event = {"type": "response.done", "response": {}}
    assert lines_of(("out event", event, error)) == [
        "sess_1  bug of the mock in response.done: response.usage: missing"
    ]


def test_a_close_is_one_line_and_deltas_are_none() -> None:
    delta = {"type": "response.output_audio.delta", "delta": "AAAA"}
    assert lines_of(sent(delta), ("out note", "attached", None), ("out note", "session closed: 1000", None)) == [
        "sess_1  session closed: 1000"
    ]
