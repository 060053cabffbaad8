"""Whatever a client sends is answered with one error; the connection lives; one entry tells of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json

import pytest

from realtime_mock.transports.websocket import MAX_FRAME_BYTES, max_event_bytes

INVALID_JSON = {
    "words": "hello",
    "nothing": "",
    "NaN": '{"type": "session.update", "session": NaN}',
    "a number beyond doubles": '{"type": "x", "a": 1e999}',
    "a lone surrogate": '{"type": "x", "a": "\\ud800"}',
    "deep nesting": '{"a":' * 100_000,
    "deep nesting, closed": '{"type":"x","a":' + "[" * 500 + "]" * 500 + "}",
}

INVALID_EVENTS = {
    "no type": ({"event_id": "mine"}, "invalid_event", None),
    "a list": ([], "invalid_event", None),
    "null": (None, "invalid_event", None),
    "an unknown type": ({"type": "nope", "event_id": "mine"}, "invalid_value", "type"),
    "a type that is no string": ({"type": 7}, "invalid_type", "type"),
    "an unknown field": (
        {"type": "session.update", "session": {"type": "realtime", "bogus": 1}},
        "unknown_parameter",
        "session.bogus",
    ),
    "a missing field": ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
    "a wrong type": ({"type": "input_audio_buffer.append", "audio": 7}, "invalid_type", "audio"),
    "bad base64": ({"type": "input_audio_buffer.append", "audio": "*"}, "invalid_value", "audio.audio"),
    "a huge number": (
        {"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 10**400},
        "invalid_json",
        None,
    ),
}


async def refusal(client):
    event = await client.receive()
    assert event["type"] == "error", event
    return event["error"]


def entries(mock):
    """The errors of the invalid entries; each must be a client's event."""
    invalid = mock.journal.entries(valid=False)
    assert all((entry.direction, entry.kind) == ("in", "event") for entry in invalid)
    return [entry.error for entry in invalid]


@pytest.mark.parametrize("text", INVALID_JSON.values(), ids=INVALID_JSON.keys())
async def test_what_is_not_json_is_answered_with_one_error(client, mock, text):
    await client.send(text)

    error = await refusal(client)
    assert (error["type"], error["code"], error["param"], error["event_id"]) == (
        "invalid_request_error",
        "invalid_json",
        None,
        None,
    )
    assert error["message"].startswith("Invalid event: failed to parse JSON value. ")
    assert await client.is_alive()
    assert entries(mock) == [{key: error[key] for key in ("type", "code", "message", "param")}]


@pytest.mark.parametrize("event, code, param", INVALID_EVENTS.values(), ids=INVALID_EVENTS.keys())
async def test_an_invalid_event_is_answered_with_one_error(client, mock, event, code, param):
    await client.send(event)

    error = await refusal(client)
    assert (error["code"], error["param"]) == (code, param)
    assert error["event_id"] == (event.get("event_id") if isinstance(event, dict) else None)
    assert await client.is_alive()
    assert [entry["code"] for entry in entries(mock)] == [code]


async def test_a_binary_frame_is_answered_with_the_recorded_error(client, mock):
    await client.socket.send_bytes(b"\0\1\2")

    error = await refusal(client)
    assert (error["code"], error["message"]) == (
        "invalid_event",
        "Expected a text WebSocket message; binary frames are not supported.",
    )
    assert await client.is_alive()
    assert mock.journal.entries(valid=False)[0].text == "binary frame of 3 bytes"


async def test_text_that_is_no_utf8_is_answered_with_one_error(client, mock):
    await client.socket.send_frame(b'{"type":"\xff"}', 1)

    assert (await refusal(client))["code"] == "invalid_json"
    assert await client.is_alive()
    assert len(entries(mock)) == 1


async def test_of_a_repeated_key_the_last_one_counts(client, mock):
    await client.send('{"type":"nope","type":"input_audio_buffer.clear"}')

    assert (await client.receive())["type"] == "input_audio_buffer.cleared"
    assert entries(mock) == []


async def test_an_oversized_event_is_answered_with_one_error(client, mock, settings):
    limit = max_event_bytes(settings.max_event_bytes)
    await client.send("x" * (limit + 1))

    error = await refusal(client)
    assert (error["code"], error["message"]) == (
        "invalid_event",
        f"Invalid event: message too large. Expected at most {limit} bytes, but got {limit + 1} bytes instead.",
    )
    assert await client.is_alive()
    (entry,) = mock.journal.entries(valid=False)
    assert len(entry.text) == 4096


async def test_a_frame_beyond_reading_ends_the_session_with_one_entry(client, mock, ended):
    with contextlib.suppress(ConnectionError):
        await client.send("x" * (MAX_FRAME_BYTES + 1))

    await ended()
    (entry,) = mock.journal.entries(valid=False)
    assert (entry.direction, entry.text, entry.error["code"]) == ("in", "frame that was not read", "invalid_event")


async def test_a_frame_that_breaks_the_websocket_protocol_closes_with_1002(client, mock, ended):
    await client.socket.send_frame(b"", 3)
    closing = await client.socket.receive(timeout=5)

    assert closing.data == 1002
    await ended()
    assert [error["code"] for error in entries(mock)] == ["invalid_event"]


async def test_fifteen_mebibytes_of_audio_in_one_append_are_taken(client, mock):
    audio = base64.b64encode(bytes(15 * 2**20)).decode()
    no_detection = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
    await client.send({"type": "session.update", "session": no_detection})
    assert (await client.receive())["type"] == "session.updated"

    await client.send({"type": "input_audio_buffer.append", "audio": audio})
    await client.send({"type": "input_audio_buffer.commit"})

    assert (await client.receive())["type"] == "input_audio_buffer.committed"
    assert entries(mock) == []


async def test_nothing_is_left_behind(http, mock):
    before = asyncio.all_tasks()
    async with http.ws_connect("/v1/realtime?model=gpt-realtime", headers={"Authorization": "Bearer x"}) as socket:
        for text in ("{", json.dumps({"type": "nope"}), "[]"):
            await socket.send_str(text)
        await socket.send_bytes(b"")
        kinds = [(await socket.receive_json(timeout=5))["type"] for _ in range(5)]
        serving = asyncio.all_tasks() - before
    _, left = await asyncio.wait(serving, timeout=5)

    assert kinds == ["session.created", "error", "error", "error", "error"]
    assert (left, mock.sessions) == (set(), ())
