"""The shapes an offer may have, each answered to a working call; and those that get none."""

import json
from typing import Any

import aiohttp
import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

KEY = {"Authorization": "Bearer sk-test"}
MDNS = "a=candidate:1 1 udp 2113937151 5b0b7b0c-1f2e-4d5c-8a9b-000000000000.local 50000 typ host\r\n"


async def test_an_offer_with_all_candidates_connects(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    lines = "a=candidate:1 1 udp 2113937151 192.0.2.77 50000 typ host\r\na=end-of-candidates\r\n"
    await caller.dial(change=lambda sdp: sdp.replace("m=application", lines + "m=application"))
    await caller.until("session.created")


async def test_an_offer_with_local_names_connects(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    await caller.dial(change=lambda sdp: sdp + MDNS + "a=end-of-candidates\r\n")
    await caller.until("session.created")


async def test_an_offer_with_the_data_channel_first_connects(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    await caller.offer()
    caller.open_microphone()
    await caller.dial()
    ear = await caller.ear()
    assert caller.answer.index("m=application") < caller.answer.index("m=audio")
    await caller.until("session.created")
    caller.send({"type": "response.create"})
    await ear.until(lambda level: level > -45)


async def test_an_offer_without_audio_is_a_call_without_sound(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    await caller.dial()
    await caller.until("session.created")
    caller.send({"type": "response.create"})
    await caller.until("response.done")
    assert "output_audio_buffer.started" not in [event["type"] for event in caller.seen]


async def test_an_offer_without_a_data_channel_is_a_call_all_the_same(
    new_caller: Any, mock: Any, spoken: bytes
) -> None:
    caller = new_caller()
    caller.open_microphone()
    await caller.dial()
    ear = await caller.ear()
    await caller.microphone.say(spoken)
    await ear.until(lambda level: level > -45)
    assert {entry.channel for entry in mock.journal.entries(kind="event")} == {"none"}
    assert await caller.hang_up() == 200


async def test_a_client_that_only_listens_hears(new_caller: Any) -> None:
    caller = new_caller()
    transceiver = caller.pc.add_transceiver("audio")
    transceiver.direction = "recvonly"
    caller.open_channel()
    await caller.dial()
    ear = await caller.ear()
    await caller.until("session.created")
    caller.send({"type": "response.create"})
    await ear.until(lambda level: level > -45)


async def test_a_client_that_only_speaks_is_heard(new_caller: Any, spoken: bytes) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.pc.get_transceivers()[0].direction = "sendonly"
    caller.open_channel()
    await caller.dial()
    await caller.until("session.created")
    await caller.microphone.say(spoken)
    await caller.until("input_audio_buffer.speech_stopped")
    assert "a=recvonly" in caller.answer


async def test_video_is_rejected_and_the_rest_goes_on(new_caller: Any) -> None:
    caller = new_caller()
    caller.pc.add_transceiver("video")
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    ear = await caller.ear()
    await caller.until("session.created")
    assert "m=video 0 " in caller.answer
    caller.send({"type": "response.create"})
    await ear.until(lambda level: level > -45)


@pytest.mark.parametrize("label", ["oai-events", "events", ""])
async def test_any_label_will_do(new_caller: Any, label: str) -> None:
    caller = new_caller()
    caller.open_channel(label, protocol="json")
    await caller.dial()
    await caller.until("session.created")


async def test_the_session_part_configures_the_call(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    await caller.dial(session={"type": "realtime", "model": "gpt-realtime-mini", "instructions": "Be brief."})
    session = (await caller.until("session.created"))["session"]
    assert (session["model"], session["instructions"]) == ("gpt-realtime-mini", "Be brief.")


async def test_the_answer_is_sent_the_way_the_service_does(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    async with caller.post(await caller.offer()) as response:
        assert response.status == 201
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.headers["Location"].startswith("/v1/realtime/calls/rtc_u0_")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Timing-Allow-Origin"] == "*"


@pytest.mark.parametrize("content_type", ["application/sdp", "text/plain", "text/plain;charset=UTF-8"])
async def test_raw_offers_come_in_two_types(new_caller: Any, content_type: str) -> None:
    caller = new_caller()
    caller.open_channel()
    url = f"{caller.mock.base_url}/realtime/calls?model=gpt-realtime-mini"
    headers = {**KEY, "Content-Type": content_type}
    async with caller.http.post(url, data=await caller.offer(), headers=headers) as response:
        assert response.status == 201
    assert caller.mock.factory.records[-1].model == "gpt-realtime-mini"


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("filename", [None, "offer.sdp"])
async def test_forms_come_with_and_without_part_types(new_caller: Any, typed: bool, filename: str | None) -> None:
    caller = new_caller()
    caller.open_channel()
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("sdp", await caller.offer(), content_type="application/sdp" if typed else None, filename=filename)
    form.add_field("session", '{"type": "realtime"}', content_type="application/json" if typed else None)
    async with caller.http.post(f"{caller.mock.base_url}/realtime/calls", data=form, headers=KEY) as response:
        assert response.status == 201, await response.text()


async def test_a_client_secret_brings_the_session_it_was_minted_for(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    body = {"session": {"type": "realtime", "model": "gpt-realtime", "instructions": "Minted."}}
    url = f"{caller.mock.base_url}/realtime/client_secrets"
    async with caller.http.post(url, json=body, headers=KEY) as response:
        secret = (await response.json())["value"]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sdp"}
    url = f"{caller.mock.base_url}/realtime/calls"
    async with caller.http.post(url, data=await caller.offer(), headers=headers) as response:
        assert response.status == 201
    [driver] = caller.mock.sessions
    assert "Minted." in json.dumps(driver.session.snapshot())


class TestChosenAddresses:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(port=0, rtc_hosts=("127.0.0.1",))

    async def test_only_those_are_offered(self, caller: Any) -> None:
        [candidate] = [line for line in caller.answer.splitlines() if line.startswith("a=candidate")]
        assert candidate.split()[4] == "127.0.0.1"


async def test_addresses_of_another_machine_are_refused_at_the_start() -> None:
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.254; choose addresses .* --rtc-host"):
        async with RealtimeMock(Settings(port=0, rtc_hosts=("192.0.2.254",))):
            pass
