"""One test's view on a mock: what it sets, what it sees, and what it says in the end."""

from __future__ import annotations

import base64
import wave

import pytest

from realtime_mock import Rule, Say, Scenario, Settings, VirtualClock, serve_in_thread
from realtime_mock.testing import (
    ControlError,
    ConversationFailed,
    HeardAudio,
    NeverCame,
    PatternError,
    ScenarioNotFound,
    open_lane,
)

from .conftest import dialled

WEATHER = """
    scenario: weather
    rules:
      - on: response.create
        turns:
          - say: "It rains."
"""


def test_addresses_are_those_that_clients_take(view, mock_url):
    assert view.url == mock_url
    assert view.ws_url == f"{mock_url.replace('http:', 'ws:')}/realtime"
    assert view.environment == {"OPENAI_BASE_URL": mock_url, "OPENAI_API_KEY": view.api_key}


@pytest.mark.parametrize(
    "source",
    [
        WEATHER,
        {"scenario": "weather", "rules": [{"on": "response.create", "turns": [{"say": "It rains."}]}]},
        Scenario("weather", [Rule("response.create", [Say("It rains.")])]),
        "weather.yaml",
    ],
    ids=["text", "mapping", "model", "file"],
)
def test_a_scenario_comes_in_many_forms(view, tmp_path, source):
    (tmp_path / "weather.yaml").write_text(WEATHER)
    view.scenario(source)
    with dialled(view) as client:
        assert client.ask() == "It rains."


def test_a_bundled_scenario_is_played_by_its_name(view):
    view.scenario("greeting")
    with dialled(view) as client:
        client.ask()


def test_a_scenario_that_does_not_exist_is_refused_with_the_nearest(view):
    with pytest.raises(ScenarioNotFound, match="did you mean 'greeting'"):
        view.scenario("greting")
    with pytest.raises(ScenarioNotFound, match=r"nowhere\.yaml cannot be read"):
        view.scenario("nowhere.yaml")
    with pytest.raises(ScenarioNotFound, match="None is no scenario; give YAML text"):
        view.scenario(None)


def test_a_wrong_scenario_is_refused_with_its_place(view, tmp_path):
    (tmp_path / "wrong.yaml").write_text("scenario: x\nrules:\n  - on: response.create\n    turns: [{sya: hi}]\n")
    with pytest.raises(ControlError, match=r"wrong\.yaml:4:\d+: .*did you mean 'say'"):
        view.scenario("wrong.yaml")


def test_events_are_seen_in_their_order_both_ways(view, client):
    client.ask()
    kinds = [event.type for event in view.events()]
    assert kinds[:3] == ["session.created", "response.create", "response.created"]
    assert [event.type for event in view.events(direction="in")] == ["response.create"]
    (done,) = view.events("response.output_text.done")
    assert done["text"] == done.get("text") != done.get("nothing", 1)


def test_the_audio_that_the_client_sent_is_heard(view, client):
    client.send(type="input_audio_buffer.append", audio=base64.b64encode(bytes(24_000)).decode())
    client.send(type="input_audio_buffer.append", audio="no base64")
    client.until("error")
    assert view.audio_heard == HeardAudio(bytes(24_000), 0.5)
    telephone = {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    client.send(type="session.update", session=telephone)
    client.send(type="input_audio_buffer.append", audio=base64.b64encode(bytes(8_000)).decode())
    client.send(type="input_audio_buffer.clear")
    client.until("input_audio_buffer.cleared")
    assert view.audio_heard.seconds == 1.5


SPOKEN = """
scenario: spoken
rules:
  - on: {heard: "Can you hear me?"}
    turns: [say: "Yes."]
  - on: {heard: unknown}
    turns: [say: "What?"]
"""


def test_what_is_said_is_heard(view):
    view.scenario(SPOKEN)
    with dialled(view) as client:
        for text in ("Can you hear me?", "Something else."):
            client.send(type="input_audio_buffer.append", audio=view.say(text).base64)
            client.until("response.done")
    known, unknown = view.heard
    assert (known.says, known.guess, known.via, known.session_id) == (
        *("Can you hear me?", "Can you hear me?", "ear"),
        view.sessions[0].id,
    )
    assert known.worst > 0.95
    assert (unknown.says, unknown.guess) == (None, "Can you hear me?")
    assert [event["transcript"] for event in view.events("response.output_audio_transcript.done")] == ["Yes.", "What?"]


def test_speech_comes_in_pieces_and_as_a_file(view, tmp_path):
    said = view.say("Hello.", silence=0.25, before=0.25)
    assert b"".join(said.pieces(0.1)) == said.data
    assert {len(piece) for piece in list(said.pieces(0.1))[:-1]} == {4_800}
    with wave.open(str(said.save(tmp_path / "hello.wav"))) as file:
        assert (file.getframerate(), file.readframes(10**7)) == (24_000, said.data)
    assert said.seconds == pytest.approx(view.say("Hello.", silence=0).seconds + 0.5)


def test_speech_comes_in_g711_and_for_chromium(view):
    telephone, chromium = view.say("Hello.", format="audio/pcmu"), view.say("Hello.", rate=48_000)
    assert (telephone.format, telephone.rate, len(telephone.data)) == ("audio/pcmu", 8_000, telephone.seconds * 8_000)
    assert (chromium.rate, chromium.seconds) == (48_000, pytest.approx(telephone.seconds, abs=0.001))


def test_what_cannot_be_said_is_refused(view):
    with pytest.raises(ControlError, match=r"G\.711 has 8000 samples"):
        view.say("Hello.", format="audio/pcmu", rate=24_000)


def test_a_beacon_carries_words_that_no_scenario_lists(view):
    view.scenario("{scenario: open, beacon: true}")
    with dialled(view) as client:
        client.send(type="input_audio_buffer.append", audio=view.say("My name is Ada.", beacon=True).base64)
        client.until("response.done")
    assert [(heard.says, heard.via) for heard in view.heard] == [("My name is Ada.", "beacon")]
    (spoken,) = view.events("response.output_audio_transcript.done")
    assert spoken["transcript"] == 'I heard you say: "My name is Ada."'


def test_events_are_found_by_pattern_and_by_session(view):
    for text in ("one", "two"):
        with dialled(view) as client:
            content = [{"type": "input_text", "text": text}]
            client.send(type="conversation.item.create", item={"type": "message", "role": "user", "content": content})
            client.until("conversation.item.done")
    (event,) = view.events(pattern={"item": {"content": [{"text": {"$regex": "^tw"}}]}}, direction="in")
    assert event.session_id == view.sessions[1].id
    assert len(view.events("conversation.item.create", session=view.sessions[0])) == 1


def test_sessions_tell_when_they_ended(view):
    with dialled(view) as client:
        client.ask()
        (session,) = view.sessions
        assert (session.transport, session.model, session.ended_at) == ("websocket", "gpt-realtime", None)
    assert view.calls == []


def test_a_fault_happens_until_it_is_stopped(view):
    fault = view.fault(on="response.output_text.done", duplicate=2)
    with dialled(view) as client:
        client.ask()
        client.until("response.done")
        view.stop_fault(fault)
        client.ask()
        client.until("response.done")
    assert len(view.events("response.output_text.done")) == 3
    with pytest.raises(ControlError, match="No fault"):
        view.stop_fault(fault)


def test_faults_replaces_all(view):
    view.fault(on="connect", refuse=503)
    view.faults()
    with dialled(view) as client:
        client.ask()


def test_a_wrong_fault_is_refused_with_a_remedy(view):
    with pytest.raises(ControlError, match="did you mean 'duplicate'"):
        view.fault(on="response.done", duplicat=2)


def test_time_passes_on_a_virtual_clock(view):
    with pytest.raises(ControlError, match="virtual"):
        view.advance(1)
    with (
        serve_in_thread(Settings(port=0), clock=VirtualClock()) as mock,
        open_lane(mock.base_url) as other,
        dialled(other) as client,
    ):
        client.until("session.created")
        other.advance(3600)
        assert "maximum duration" in client.until("error")["error"]["message"]


def test_a_token_opens_a_mock_that_asks_for_one():
    with serve_in_thread(Settings(port=0, control_token="secret")) as mock:
        with pytest.raises(ControlError, match="token"), open_lane(mock.base_url):
            pass
        with open_lane(mock.base_url, token="secret") as view:
            assert view.sessions == []


def test_views_do_not_see_each_other(view, mock_url):
    view.scenario(WEATHER)
    with open_lane(mock_url) as other, dialled(other) as client:
        assert client.ask() != "It rains."
        assert view.sessions == []


def test_waiting_ends_when_the_event_passes(view, client):
    client.ask()
    client.ask()
    assert view.wait_for("response.create", count=2).seq > view.wait_for("response.create").seq
    assert view.wait_for({"response": {"status": "completed"}}).type == "response.done"


def test_waiting_in_vain_tells_what_came_nearest_and_what_passed(view, client):
    client.ask()
    with pytest.raises(NeverCame) as told:
        view.wait_for({"type": "response.create", "response": {"output_modalities": ["audio"]}}, timeout=0.1)
    assert 'response.output_modalities[0]: expected "audio", got "text"' in str(told.value)
    assert "<- response.done" in str(told.value)


def test_an_unmet_expectation_fails_the_check(view, client):
    view.expect("response.create")
    view.expect({"type": "response.cancel"})
    client.ask()
    with pytest.raises(ConversationFailed, match=r"expected response\.cancel at least once; it occurred 0 times"):
        view.check()


def test_a_violation_fails_the_check_unless_it_is_excused(view, client):
    client.send(type="session.update", session={"type": "realtime", "voice": "alloy"})
    client.until("error")
    with pytest.raises(ConversationFailed, match=r"Unknown parameter: 'session\.voice'"):
        view.check()
    view.allow_invalid(type="session.update", code="unknown_parameter")
    view.check()


def test_a_refusal_of_the_moment_fails_nothing(view, client):
    client.send(type="response.cancel")
    client.until("error")
    view.check()


def test_a_lane_is_judged_when_its_block_ends(mock_url):
    with pytest.raises(ConversationFailed), open_lane(mock_url) as view:
        view.expect("response.create")


def test_a_block_that_fails_is_not_judged(mock_url):
    def fail(view):
        view.expect("response.create")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), open_lane(mock_url) as view:
        fail(view)


def test_no_mock_at_an_address_is_told_with_a_remedy(free_port):
    with (
        pytest.raises(ControlError, match="start one: realtime-mock serve"),
        open_lane(f"http://127.0.0.1:{free_port}"),
    ):
        pass
    with pytest.raises(ControlError, match="is no address of a mock"), open_lane("127.0.0.1:8080"):
        pass


@pytest.mark.parametrize(
    ("events", "words", "told"),
    [
        ([{"type": "response.craete"}], {}, "did you mean 'response.create'"),
        ([{"response": {"$contain": "x"}}], {}, r"did you mean '\$contains'"),
        (["response.create"], {"count": 1, "at_least": 1}, "'count' is exact"),
    ],
)
def test_an_expectation_that_nothing_can_meet_is_refused(view, events, words, told):
    with pytest.raises(ControlError, match=told):
        view.expect(*events, **words)
    with pytest.raises(PatternError):
        view.expect()


def test_what_a_scenario_expects_is_judged_too(view, client):
    view.scenario(WEATHER + "    expect:\n      - {type: response.cancel}\n")
    client.ask()
    with pytest.raises(ConversationFailed, match=r"expected response\.cancel"):
        view.check()
    view.scenario(WEATHER)
    view.check()


def test_events_are_expected_in_their_order(view, client):
    client.send(type="response.cancel")
    client.ask()
    view.expect("response.cancel", "response.create")
    view.check()
    view.expect("response.create", "response.cancel")
    with pytest.raises(ConversationFailed, match=r"missing: response\.cancel"):
        view.check()
