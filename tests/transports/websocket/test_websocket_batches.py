"""Events that wait together leave together, framed as RFC 6455 has it."""

from __future__ import annotations

import aiohttp
import pytest

from realtime_mock.transports.severing import text_frame


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_the_length_of_a_frame_is_written_in_the_shortest_form(size, head):
    assert text_frame("x" * size) == head + b"x" * size


def test_a_frame_counts_bytes_and_not_characters():
    assert text_frame("é") == b"\x81\x02\xc3\xa9"


async def test_a_burst_of_events_arrives_in_order_and_whole(mock):
    url = f"{mock.base_url}/realtime?model=gpt-realtime"
    text = " ".join(f"word-{number}" for number in range(500))
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers={"Authorization": "Bearer sk-mock"}, max_msg_size=0) as socket,
    ):
        part = {"type": "input_text", "text": text}
        item = {"type": "message", "role": "user", "content": [part]}
        for _ in range(200):
            await socket.send_json({"type": "conversation.item.create", "item": item})
        events = [await socket.receive_json(timeout=10) for _ in range(1 + 2 * 200)]
    assert {event["item"]["content"][0]["text"] for event in events[1:]} == {text}
    assert [event["type"] for event in events[1:3]] == ["conversation.item.added", "conversation.item.done"]
    assert len({event["event_id"] for event in events}) == len(events)
