"""The event channel: what clients may send, how large, and what becomes of what is too large."""

import asyncio
import json
import socket
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcsctptransport import WEBRTC_STRING

from realtime_mock.settings import Settings

KEY = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}


async def is_alive(caller: Any) -> bool:
    caller.send({"type": "input_audio_buffer.clear"})
    return (await caller.next())["type"] == "input_audio_buffer.cleared"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "invalid_json"),
        ("", "invalid_json"),
        ("NaN", "invalid_json"),
        ('{"type": "response.create", "x": 1e999}', "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"type": "session.update", "session": {"type": "realtime", "instructions": "\\ud800"}}', "invalid_json"),
        ("[]", "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": "nope"}', "invalid_value"),
        ('{"type": "response.cancel", "bogus": 1}', "unknown_parameter"),
    ],
)
async def test_bad_text_gets_one_error_and_the_call_lives(caller: Any, mock: Any, text: str, code: str) -> None:
    caller.channel.send(text)
    error = await caller.next()
    assert (error["type"], error["error"]["code"]) == ("error", code)
    assert await is_alive(caller)
    [entry] = mock.journal.entries(valid=False)
    assert (entry.channel, entry.direction) == ("data-channel", "in")


async def test_a_binary_message_is_refused_and_the_call_lives(caller: Any) -> None:
    caller.channel.send(b'{"type": "response.create"}')
    error = (await caller.next())["error"]
    assert (error["code"], error["message"][:31]) == ("invalid_event", "Expected a text WebSocket messa")
    assert await is_alive(caller)


async def test_the_largest_message_of_a_browser_arrives(caller: Any) -> None:
    caller.channel.send(json.dumps({"type": "nope"}).ljust(262_144))
    assert (await caller.next())["error"]["code"] == "invalid_value"


@pytest.mark.parametrize("datagram", [b"", b"\0", b"\x16", b"\x80", b"\xff" * 1500, b"\0\1\0\0" + b"x" * 16])
async def test_a_stray_datagram_changes_nothing(caller: Any, datagram: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for line in caller.answer.splitlines():
            if line.startswith("a=candidate") and ":" not in line.split()[4]:
                sock.sendto(datagram, (line.split()[4], int(line.split()[5])))
    assert await is_alive(caller)


async def test_a_second_channel_is_ignored(caller: Any, mock: Any) -> None:
    first = caller.channel
    caller.open_channel("other")
    opened = asyncio.Event()
    caller.channel.on("open", lambda event: opened.set())
    async with asyncio.timeout(5):
        await opened.wait()
    caller.channel = first
    assert await is_alive(caller)
    assert "ignored: a second data channel, 'other'" in [entry.text for entry in mock.journal.entries(kind="note")]


class TestAClientWithASmallLimit:
    async def test_an_event_too_large_for_it_is_announced_by_an_error(self, new_caller: Any, mock: Any) -> None:
        caller = new_caller()
        caller.open_channel()
        await caller.dial(change=lambda sdp: sdp.replace("size:262144", "size:5000"))
        await caller.until("session.created")
        caller.send({"type": "session.update", "session": {"type": "realtime", "instructions": "x" * 6000}})
        error = (await caller.next())["error"]
        assert (error["type"], error["code"]) == ("server_error", "event_too_large")
        assert error["message"].startswith("An event of ")
        assert await is_alive(caller)

    async def test_the_event_is_journaled(self, new_caller: Any, mock: Any) -> None:
        caller = new_caller()
        caller.open_channel()
        await caller.dial(change=lambda sdp: sdp.replace("size:262144", "size:5000"))
        await caller.until("session.created")
        caller.send({"type": "session.update", "session": {"type": "realtime", "instructions": "x" * 6000}})
        await caller.next()
        entries = mock.journal.entries(mock.sessions[0].session_id)
        assert "session.updated" in [entry.type for entry in entries]
        [note] = [entry for entry in entries if entry.kind == "warning" and not entry.valid]
        assert note.error is not None
        assert note.error["code"] == "event_too_large"
        assert [entry.type for entry in entries if entry.direction == "in" and not entry.valid] == []

    async def test_errors_too_large_for_it_do_not_follow_each_other_for_ever(self, new_caller: Any, mock: Any) -> None:
        caller = new_caller()
        caller.open_channel()
        closed = asyncio.Event()
        await caller.dial(change=lambda sdp: sdp.replace("size:262144", "size:10"))
        caller.channel.on("open", lambda event: caller.channel.send("{}"))
        mock.journal.listen(lambda entry: closed.set() if entry.direction == "in" and not entry.valid else None)
        async with asyncio.timeout(5):
            await closed.wait()
        assert len([entry for entry in mock.journal.entries() if entry.type == "error"]) == 2

    async def test_zero_means_no_limit(self, new_caller: Any) -> None:
        caller = new_caller()
        caller.open_channel()
        await caller.dial(change=lambda sdp: sdp.replace("size:262144", "size:0"))
        await caller.until("session.created")
        caller.send({"type": "session.update", "session": {"type": "realtime", "instructions": "x" * 100_000}})
        assert (await caller.until("session.updated"))["session"]["instructions"] == "x" * 100_000


class TestALimitOfTheServers:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(port=0, max_event_bytes=50_000)

    @pytest.mark.parametrize("size", [50_001, 100_001, 250_000])
    async def test_a_larger_event_is_refused_once(self, caller: Any, mock: Any, size: int) -> None:
        caller.channel.send(json.dumps({"type": "nope"}).ljust(size))
        error = (await caller.next())["error"]
        assert error["code"] == "invalid_event"
        assert "Expected at most 50000 bytes" in error["message"]
        assert await is_alive(caller)
        assert len(mock.journal.entries(valid=False)) == 1

    async def test_an_event_of_just_that_size_is_not(self, caller: Any) -> None:
        caller.channel.send(json.dumps({"type": "nope"}).ljust(50_000))
        assert (await caller.next())["error"]["code"] == "invalid_value"


class RawCaller:
    """A caller on aiortc: it sends messages larger than libwebrtc can, and bytes that are no text."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel = self.pc.createDataChannel("oai-events")
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.channel.on("message", lambda text: self.events.put_nowait(json.loads(text)))

    async def dial(self, mock: Any, http: Any) -> None:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        url = f"{mock.base_url}/realtime/calls"
        async with http.post(url, data=self.pc.localDescription.sdp, headers=KEY) as response:
            answer = await response.text()
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        assert (await self.next())["type"] == "session.created"

    async def next(self, *, seconds: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            return await self.events.get()


@pytest.fixture
async def raw_caller(mock: Any, http: Any) -> Any:
    caller = RawCaller()
    await caller.dial(mock, http)
    yield caller
    await caller.pc.close()


async def test_text_that_is_no_utf8_is_refused_and_the_call_lives(raw_caller: Any) -> None:
    sctp = raw_caller.channel.transport
    await sctp._send(raw_caller.channel.id, WEBRTC_STRING, b'{"type": "\xff\xfe"}')
    assert (await raw_caller.next())["error"]["code"] == "invalid_json"
    raw_caller.channel.send('{"type": "input_audio_buffer.clear"}')
    assert (await raw_caller.next())["type"] == "input_audio_buffer.cleared"


async def test_events_up_to_16_mib_are_accepted(raw_caller: Any) -> None:
    raw_caller.channel.send(json.dumps({"type": "nope"}).ljust(16 * 2**20))
    assert (await raw_caller.next(seconds=60))["error"]["code"] == "invalid_value"


async def test_the_largest_audio_is_accepted(raw_caller: Any) -> None:
    append = json.dumps({"type": "input_audio_buffer.append", "audio": "A" * 4 * 2**20})
    raw_caller.channel.send(append)
    raw_caller.channel.send('{"type": "input_audio_buffer.commit"}')
    assert (await raw_caller.next(seconds=60))["type"] == "input_audio_buffer.committed"
