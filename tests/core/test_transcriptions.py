"""Input transcription: when it comes, what it costs, how it fails (protocol 7.17)."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.core.transcription import LIVE_MODELS
from realtime_mock.scenario.model import Rule, Say, Scenario, Transcript, Turn

PREFIX = "conversation.item.input_audio_transcription"
SENTENCE = "Hello, my name is Marcelo."
RECORDED_DELTAS = [" Hello", ",", " my", " name", " is", " Marcelo", "."]
AFTERWARDS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")


def transcribing(model, *, detects=True, include=None, **settings):
    audio_input = {"transcription": {"model": model, **settings}}
    if not detects:
        audio_input["turn_detection"] = None
    session = {"type": "realtime", "audio": {"input": audio_input}}
    return session if include is None else {**session, "include": include}


def saying(*transcripts):
    answer = Rule({"type": "response.create"}, (Turn((Say("x" * 60),)),))
    return Scenario("test", (answer,), transcripts)


def of(session, kind):
    return [event for event in session.sent if event["type"] == f"{PREFIX}.{kind}"]


def types(session):
    return [event["type"] for event in session.sent]


@pytest.fixture
def spoken(opened, tone, silence):
    """`spoken(model, *transcripts, seconds=..., **settings)`: a turn of the user, to its end and that of the answer."""

    def make(model, *transcripts, seconds=1.0, call=False, **settings):
        session = opened(call=call, given=transcribing(model, **settings), scenario=saying(*transcripts))
        hear = session.listen if call else session.append
        audio = silence(0.5) + tone(seconds) + silence(0.5)
        for at in range(0, len(audio), 4800):
            hear(audio[at : at + 4800])
            session.run(until=session.now + 0.1)
        session.run()
        session.check()
        return session

    return make


@pytest.mark.parametrize("call", [False, True], ids=["websocket", "call"])
@pytest.mark.parametrize("model", LIVE_MODELS)
def test_a_live_model_writes_while_the_user_speaks_under_the_items_final_id(spoken, model, call):
    session = spoken(model, Transcript(SENTENCE), call=call)
    came = types(session)
    assert came.index("input_audio_buffer.speech_started") < came.index(f"{PREFIX}.delta")
    assert came.index(f"{PREFIX}.delta") < came.index("input_audio_buffer.speech_stopped")
    [committed] = [event for event in session.sent if event["type"] == "input_audio_buffer.committed"]
    assert {event["item_id"] for event in of(session, "delta") + of(session, "completed")} == {committed["item_id"]}


@pytest.mark.parametrize("model", AFTERWARDS)
def test_any_other_model_writes_after_the_commit(spoken, model):
    came = types(spoken(model, Transcript(SENTENCE)))
    assert came.index("input_audio_buffer.committed") < came.index(f"{PREFIX}.delta")


@pytest.mark.parametrize("model", [*LIVE_MODELS, *AFTERWARDS])
def test_deltas_are_cut_as_recorded(spoken, model):
    session = spoken(model, Transcript(SENTENCE))
    assert [event["delta"] for event in of(session, "delta")] == RECORDED_DELTAS
    assert {len(event["delta"] + event["obfuscation"]) for event in of(session, "delta")} == {16}
    assert [event["transcript"] for event in of(session, "completed")] == [SENTENCE]


def test_the_item_itself_never_shows_its_transcript(spoken):
    session = spoken("whisper-1", Transcript(SENTENCE))
    [added] = [e for e in session.sent if e["type"] == "conversation.item.added" and e["item"]["role"] == "user"]
    assert added["item"]["content"] == [{"type": "input_audio", "transcript": None}]


@pytest.mark.parametrize("after, before, behind", [
    (0.0, "response.output_item.added", "response.created"),
    (0.15, "response.done", "response.output_audio_transcript.delta"),
    (20.0, None, "rate_limits.updated"),
], ids=["early", "during the answer", "late"])  # fmt: skip
def test_a_transcript_comes_when_a_scenario_says(spoken, after, before, behind):
    came = types(spoken("whisper-1", Transcript(SENTENCE, after=after)))
    at = came.index(f"{PREFIX}.completed")
    assert came.index(behind) < at
    assert before is None or at < came.index(before)


def test_a_transcription_fails_as_recorded(spoken):
    error = ApiError("Input transcription failed for item '$item.id'.", "DeploymentNotFound", type="server_error")
    session = spoken("whisper-1", Transcript(error=error))
    [failed] = of(session, "failed")
    item_id = failed["item_id"]
    del failed["event_id"]
    assert failed == {
        "type": f"{PREFIX}.failed",
        "item_id": item_id,
        "content_index": 0,
        "error": {
            "type": "server_error",
            "code": "DeploymentNotFound",
            "message": f"Input transcription failed for item '{item_id}'.",
            "param": None,
        },
    }
    assert (of(session, "delta"), of(session, "completed")) == ([], [])
    assert "error" not in types(session)


@pytest.mark.parametrize("model", ["whisper-1", *LIVE_MODELS])
def test_a_transcript_may_never_come(spoken, model):
    session = spoken(model, Transcript(SENTENCE, never=True))
    assert not [event for event in types(session) if event.startswith(PREFIX)]


def test_transcripts_belong_to_turns_in_their_order(opened, tone, silence):
    session = opened(given=transcribing("whisper-1"), scenario=saying(Transcript("One."), Transcript("Two.")))
    for _ in range(3):
        session.append(tone(1) + silence(1))
        session.run()
    assert [event["transcript"] for event in of(session, "completed")] == ["One.", "Two.", "[speech, 1.0 s]"]


def test_a_model_of_the_gpt_4o_family_is_paid_in_tokens(spoken):
    [completed] = of(spoken("gpt-4o-transcribe", Transcript(SENTENCE), seconds=1.13), "completed")
    usage = completed["usage"]
    assert list(usage) == ["type", "total_tokens", "input_tokens", "input_token_details", "output_tokens"]
    assert usage["type"] == "tokens"
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_tokens"] == sum(usage["input_token_details"].values())
    assert 15 <= usage["input_token_details"]["audio_tokens"] <= 17


@pytest.mark.parametrize("model", ["whisper-1", *LIVE_MODELS])
def test_any_other_model_is_paid_by_the_second_begun(spoken, model):
    [completed] = of(spoken(model, Transcript(SENTENCE), seconds=1.2), "completed")
    assert completed["usage"] == {"type": "duration", "seconds": 2}


LOGPROBS = ["item.input_audio_transcription.logprobs"]


@pytest.mark.parametrize("include", [None, LOGPROBS], ids=["without", "with"])
def test_logprobs_come_only_when_they_are_included(spoken, include):
    session = spoken("gpt-4o-transcribe", Transcript("Hi."), include=include)
    entries = [{"token": token, "logprob": -0.01, "bytes": list(token.encode())} for token in (" Hi", ".")]
    expected = [None, None, None] if include is None else [entries[:1], entries[1:], entries]
    assert [event.get("logprobs") for event in of(session, "delta") + of(session, "completed")] == expected


def test_languages_are_told_where_they_were_asked_for(spoken):
    plain = spoken("gpt-live-transcribe", Transcript(SENTENCE))
    asked = spoken("gpt-live-transcribe", Transcript(SENTENCE), languages=["en", "de"])
    assert ["languages" in event for event in of(plain, "completed")] == [False]
    assert [event["languages"] for event in of(asked, "completed")] == [[{"code": "en"}, {"code": "de"}]]


def test_a_diarizing_model_tells_who_spoke_when(spoken):
    session = spoken("gpt-4o-transcribe-diarize", Transcript(SENTENCE))
    [segment] = of(session, "segment")
    assert (segment["text"], segment["start"], segment["content_index"]) == (SENTENCE, 0.0, 0)
    assert 1.0 < segment["end"] < 2.0
    assert types(session).index(f"{PREFIX}.segment") < types(session).index(f"{PREFIX}.completed")


def test_nothing_is_transcribed_unless_it_is_asked_for(opened, tone, silence):
    session = opened(scenario=saying(Transcript(SENTENCE)))
    session.append(tone(1) + silence(1))
    session.run()
    assert not [event for event in types(session) if event.startswith(PREFIX)]


@pytest.mark.parametrize("model, seconds", [("whisper-1", 2), ("gpt-live-transcribe", 2)])
def test_a_commit_of_nothing_but_silence_has_an_empty_transcript(opened, silence, model, seconds):
    session = opened(given=transcribing(model, detects=False))
    session.append(silence(1.5))
    session.send("input_audio_buffer.commit")
    session.run()
    assert [(e["transcript"], e["usage"]["seconds"]) for e in of(session, "completed")] == [("", seconds)]
    assert of(session, "delta") == []


def test_a_manual_commit_is_transcribed_like_a_turn(opened, tone):
    session = opened(given=transcribing("whisper-1", detects=False), scenario=saying(Transcript(SENTENCE)))
    session.append(tone(1))
    [committed, *_] = session.send("input_audio_buffer.commit")
    session.run()
    assert [(e["item_id"], e["transcript"]) for e in of(session, "completed")] == [(committed["item_id"], SENTENCE)]


def test_a_cleared_turn_is_written_down_no_further(opened, tone):
    session = opened(given=transcribing("gpt-live-transcribe"), scenario=saying(Transcript(SENTENCE)))
    session.append(tone(1))
    session.run(until=0.6)
    session.send("input_audio_buffer.clear")
    session.run()
    assert (len(of(session, "delta")), of(session, "completed")) == (2, [])


def test_a_transcription_session_transcribes_and_answers_nothing(opened, tone, silence):
    given = {"type": "transcription", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}
    session = opened(given=given, scenario=saying(Transcript(SENTENCE)))
    session.append(silence(0.5) + tone(1) + silence(0.5))
    session.run()
    assert [event["transcript"] for event in of(session, "completed")] == [SENTENCE]
    assert not [event for event in types(session) if event.startswith(("response.", "rate_limits."))]
    session.check()
