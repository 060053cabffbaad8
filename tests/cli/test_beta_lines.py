"""Sessions of beta clients give the same lines."""

from __future__ import annotations

import json
from typing import Any

from realtime_mock.cli.live import LiveLines
from realtime_mock.dialects import BetaDialect
from realtime_mock.journal import Journal


def lines_of(*events: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    journal = Journal()
    journal.listen(LiveLines(lines.append))
    for number, event in enumerate(events):
        text = json.dumps({"event_id": f"event_{number}", **event})
        journal.record(text, channel="websocket", direction="out", kind="event", session_id="sess_1")
    return lines


def created(**item: Any) -> dict[str, Any]:
    return {"type": "conversation.item.created", "item": {"role": None, "content": None, **item}}


def test_a_turn_is_one_line_for_each_side() -> None:
    said = [{"type": "input_text", "text": "hi"}]
    spoken = [{"type": "audio", "text": None, "transcript": "Hello."}]
    answer = {"type": "message", "role": "assistant", "content": spoken}
    assert lines_of(
        {"type": "session.created", "session": {"model": "gpt-4o-realtime-preview"}},
        created(type="message", role="user", content=said),
        created(type="message", role="assistant", content=[]),
        created(type="function_call_output", output="42"),
        {"type": "response.done", "response": {"status": "completed", "status_details": None, "output": [answer]}},
    ) == [
        "sess_1  connected by WebSocket: gpt-4o-realtime-preview",
        'sess_1  user: "hi"',
        'sess_1  function output: "42"',
        'sess_1  assistant (completed): "Hello."',
    ]


def test_a_transcription_session_is_called_so() -> None:
    event = {"type": "transcription_session.created", "session": {"object": "realtime.transcription_session"}}
    assert lines_of(event) == ["sess_1  connected by WebSocket: transcription"]


def test_the_warning_is_left_to_the_log() -> None:
    lines: list[str] = []
    journal = Journal()
    journal.listen(LiveLines(lines.append))
    journal.record(str(BetaDialect.notice), channel="none", direction="out", kind="warning", session_id="sess_1")
    assert lines == []
