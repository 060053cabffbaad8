"""Calls as the suite places them: on the core by a virtual clock, and over WebRTC."""

import pytest
from tests.negative.breaking import BrokenTarget, Negative, drop

from realtime_conformance import voice
from realtime_conformance.forms import OFFER, post_offer
from realtime_conformance.server import Server, call_id
from realtime_conformance.targets.base import Answer, Ended, Opening, Refused, Request, Silence
from realtime_conformance.targets.virtual import VirtualTarget

QUIET = -50.0


async def spoken_turn(server):
    """What the user heard, and the types of the events that came, from a question to the end of its answer."""
    async with server.call() as (talk, call):
        await talk.speak(voice.question())
        await talk.until("output_audio_buffer.stopped")
        await call.wait(0.1)
        return [sound for sound in call.heard if sound.level > QUIET], [event["type"] for event in talk.events]


@pytest.mark.parametrize("place", ["core", "network"])
async def test_a_question_is_heard_and_its_answer_too(place, webrtc):
    heard, kinds = await spoken_turn(Server(VirtualTarget() if place == "core" else webrtc))
    assert 1.0 < sum(sound.seconds for sound in heard) < 6.0
    wanted = ["input_audio_buffer.speech_stopped", "response.created", "output_audio_buffer.started", "response.done"]
    assert [kind for kind in kinds if kind in wanted] == wanted


async def test_the_microphone_of_a_virtual_call_is_silent_while_nobody_speaks():
    async with Server(VirtualTarget(as_call=True)).session() as talk:
        speech = voice.question()[: -int(1.4 * voice.BYTES_PER_SECOND)]
        await talk.speak(speech)
        await talk.until("input_audio_buffer.speech_stopped")
        assert talk.connection.now() > voice.seconds(speech)


async def test_a_session_runs_over_a_data_channel(webrtc):
    async with Server(webrtc).session(output_modalities=["text"]) as session:
        await session.write("Hello.")
        events = await session.respond()
    assert events[-1]["response"]["status"] == "completed"


async def test_the_session_of_an_offer_is_that_of_its_form(webrtc):
    async with Server(webrtc).connection(Opening(session={"type": "transcription"})) as session:
        created = await session.next()
    assert created["session"]["type"] == "transcription"


async def test_an_offer_that_is_refused_says_why(webrtc):
    with pytest.raises(Refused) as refused:
        async with Server(webrtc).call(Opening(key="")):
            pass
    assert refused.value.answer.status == 401


async def test_the_end_of_a_call_is_noticed(webrtc):
    server = Server(webrtc)
    async with server.call() as (talk, call):
        await server.request(Request("POST", f"/realtime/calls/{call_id(call)}/hangup"))
        with pytest.raises(Ended):
            await talk.next()
        with pytest.raises(Ended):
            await talk.send("response.create")


async def test_a_call_without_a_data_channel_has_a_sideband(webrtc):
    server = Server(webrtc)
    async with server.call(Opening(channel=None)) as (_, call), server.sideband(call) as sideband:
        await sideband.update(output_modalities=["text"])
        await sideband.write("Hello.")
        events = await sideband.respond()
    assert events[-1]["response"]["status"] == "completed"


async def test_a_websocket_opens_the_kind_of_session_that_is_asked_for(websocket):
    async with Server(websocket).connection(Opening(session={"type": "transcription"})) as session:
        created = await session.next()
    assert created["session"]["type"] == "transcription"


class Line:
    """Answers offers with the statuses that it is given, and keeps what it was asked."""

    model = "gpt-realtime"

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.asked = []

    async def request(self, request):
        self.asked.append(request)
        return Answer(self.statuses.pop(0), {}, b"v=0")


async def test_a_server_that_takes_no_forms_is_given_the_offer_alone():
    line = Line(415, 201)
    answer = await post_offer(line, OFFER, Opening())
    assert answer.status == 201
    assert [request.headers["Content-Type"].partition(";")[0] for request in line.asked] == [
        "multipart/form-data",
        "application/sdp",
    ]
    assert (line.asked[1].path, line.asked[1].body) == ("/realtime/calls?model=gpt-realtime", OFFER.encode())


async def test_a_session_that_a_case_asks_for_goes_in_a_form_or_not_at_all():
    line = Line(415)
    answer = await post_offer(line, OFFER, Opening(session={"type": "realtime", "instructions": "Be brief."}))
    assert answer.status == 415


async def test_a_conversation_goes_on_where_nobody_confirms_its_items():
    silent = BrokenTarget(VirtualTarget(), Negative(drop("conversation.item.added", "conversation.item.done")))
    async with Server(silent).session(output_modalities=["text"]) as session:
        item = await session.write("Hello.")
        events = await session.respond()
    assert item["content"] == [{"type": "input_text", "text": "Hello."}]
    assert events[-1]["response"]["status"] == "completed"


async def test_an_event_that_came_already_is_found():
    async with Server(VirtualTarget()).session(output_modalities=["text"]) as session:
        await session.write("Hello.")
        events = await session.respond()
        assert await session.after(0, "response.created") == events[0]
        with pytest.raises(Silence):
            await session.after(len(session.events), "response.created", within=1.0)
