"""The RTP of a call without aiortc's own senders and receivers, and the private names that this needs."""

import asyncio
import inspect
import threading
from typing import Any

import aioice.ice
import pytest
from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender


def source(function: object) -> str:
    assert callable(function)
    return inspect.getsource(function)


def test_keys_are_where_we_look() -> None:
    setup = source(RTCDtlsTransport._setup_srtp)
    assert "self._rx_srtp = Session(rx_policy)" in setup
    assert "self._tx_srtp = Session(tx_policy)" in setup


async def test_before_the_handshake_there_are_no_keys() -> None:
    peer = RTCPeerConnection()
    peer.createDataChannel("x")
    assert peer.sctp is not None
    assert (peer.sctp.transport._tx_srtp, peer.sctp.transport._rx_srtp) == (None, None)


def test_the_chosen_pair_is_where_we_look() -> None:
    assert "await active_pair.protocol.send_data(data, active_pair.remote_addr)" in source(aioice.ice.Connection.sendto)
    assert "active_pair = self._nominated.get(component)" in source(aioice.ice.Connection.sendto)
    assert "self.transport.sendto(data, addr)" in source(aioice.ice.StunProtocol.send_data)


def test_every_socket_is_listed_and_hands_datagrams_to_its_protocol() -> None:
    assert "self._protocols += host_protocols" in source(aioice.ice.Connection.get_component_candidates)
    assert list(inspect.signature(aioice.ice.StunProtocol.datagram_received).parameters) == ["self", "data", "addr"]


def test_senders_and_receivers_are_started_where_we_stand_in() -> None:
    connect = source(RTCPeerConnection)
    assert "await transceiver.sender.send(self.__localRtp(transceiver))" in connect
    assert "await transceiver.receiver.receive(" in connect


@pytest.mark.parametrize("half", [RTCRtpSender, RTCRtpReceiver])
def test_what_was_never_started_is_not_stopped(half: type) -> None:
    body = source(half.stop).partition('"""')[2].partition('"""')[2]
    assert body.strip().startswith("if self.__started:")


async def test_a_call_has_no_thread_of_its_own(caller: Any) -> None:
    ear = await caller.ear()
    await ear.until(lambda _level: True, frames=20)
    assert [thread.name for thread in threading.enumerate() if "decoder" in thread.name] == []


async def test_the_tasks_of_a_call_are_the_stacks_and_one_for_its_life(caller: Any, mock: Any) -> None:
    ear = await caller.ear()
    await ear.until(lambda _level: True, frames=20)
    names = [str(task.get_coro()) for task in asyncio.all_tasks()]
    assert [name for name in names if "_run_rtp" in name or "_run_rtcp" in name or "listen" in name] == []
    assert len([name for name in names if "Call._live" in name]) == 1


async def test_sound_is_decoded_only_when_somebody_listens(caller: Any, mock: Any, spoken: bytes) -> None:
    caller.send({"type": "session.update", "session": {"type": "realtime", "audio": {"input": NOBODY}}})
    await caller.until("session.updated")
    [driver] = mock.sessions
    taken: list[bytes] = []
    receive = driver.receive_audio

    def receive_audio(pcm: bytes, lost: Any = ()) -> None:
        taken.append(pcm)
        receive(pcm, lost)

    driver.receive_audio = receive_audio
    await caller.microphone.say(spoken)
    caller.say_text("Hello")
    await caller.until("conversation.item.done")
    assert taken == []
    caller.send({"type": "input_audio_buffer.commit"})
    await caller.until("input_audio_buffer.committed")
    assert sum(map(len, taken)) > len(spoken) / 2


NOBODY = {"turn_detection": None}


async def test_the_client_is_told_truly_what_was_sent(caller: Any) -> None:
    ear = await caller.ear()
    await ear.until(lambda _level: True, frames=250)
    for report in (await caller.pc.get_stats()).values():
        if type(report).__name__ == "RTCRemoteOutboundRtpStreamStats":
            assert 40 < report.packets_sent <= 200
            assert report.bytes_sent == 3 * report.packets_sent
            return
    pytest.fail("no sender report has come")


async def test_a_client_that_is_heard_has_not_vanished(caller: Any, mock: Any, monkeypatch: Any) -> None:
    """On a machine that is too busy, its answers to our checks come too late."""
    [call] = mock._calls._calls.values()
    [transport] = {receiver.transport for receiver in call._peer.getReceivers()}
    monkeypatch.setattr("realtime_mock.transports.peer.CONSENT_INTERVAL", 0.05)
    connection = transport.transport._connection
    asked = asyncio.Event()

    async def request(*_arguments: object, **_options: object) -> None:
        asked.set()
        raise aioice.stun.TransactionTimeout

    # Each address is asked in this way: the client may choose another pair of them at any time.
    for protocol in connection._protocols:
        protocol.request = request
    async with asyncio.timeout(10):
        await asked.wait()
    caller.say_text("Hello")
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.stopped")
