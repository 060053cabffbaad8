"""The excerpt of a journal is short, and shows what is wrong."""

from __future__ import annotations

from realtime_mock.testing.excerpt import excerpt, report
from realtime_mock.testing.journal import JournalEntry
from realtime_mock.testing.verdict import Complaint


def entry(seq, kind, direction="out", **changes):
    event = {"type": kind, "event_id": "event_1"}
    given = {"kind": "event", "channel": "websocket", "session_id": "sess_abcdef"}
    return JournalEntry(
        seq=seq,
        at=100 + seq / 1000,
        direction=direction,
        event={**event, **changes.pop("event", {})},
        **{**given, **changes},
    )


def test_a_line_tells_time_session_direction_and_what_the_client_said():
    passed = [entry(1, "session.created"), entry(13, "response.create", "in", event={"response": {"tools": []}})]
    assert excerpt(passed).splitlines()[1:] == [
        "      1    0.000  abcdef <- session.created",
        '     13    0.012  abcdef -> response.create {"response": {"tools": []}}',
    ]


def test_audio_takes_one_line():
    passed = [entry(number, "response.output_audio.delta", event={"delta": "AAAA"}) for number in range(1, 51)]
    assert excerpt(passed).splitlines()[1:] == ["      1    0.000  abcdef <- response.output_audio.delta x50"]


def test_pieces_of_several_sorts_take_one_line_too():
    kinds = ["response.output_audio_transcript.delta", "response.output_audio.delta"]
    passed = [entry(number, kinds[number % 2]) for number in range(2, 12)]
    assert excerpt(passed).endswith("<- response.output_audio_transcript.delta, response.output_audio.delta x10")


def test_a_long_journal_keeps_its_end_and_what_is_marked():
    passed = [entry(number, f"type.{number}") for number in range(1, 200)]
    shown = excerpt(passed, marked=[20], most=20)
    assert len(shown.splitlines()) < 25
    assert ">    20    0.019  abcdef <- type.20\n" in shown
    assert shown.endswith("type.199")
    assert "... 16 more" in shown


def test_a_refused_event_shows_its_error():
    wrong = entry(1, "session.update", "in", valid=False, error={"message": "Unknown parameter: 'x'."})
    assert excerpt([wrong]).endswith("session.update  [Unknown parameter: 'x'.]")


def test_a_report_numbers_what_is_wrong_and_says_what_to_do():
    wrong = entry(1, "session.update", "in", valid=False, error={"message": "m"})
    text = report([Complaint("the client erred", "mend it", wrong), Complaint("something else")], [wrong])
    assert text.startswith(
        "2 things are wrong with this conversation:\n1. the client erred\n   remedy: mend it\n2. something else\n"
    )
    assert "\n>     1    0.000" in text


def test_an_empty_journal_says_that_no_client_came():
    assert excerpt([]) == "Nothing passed: no client came."
