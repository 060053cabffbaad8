"""Chunks joined are the events again, read by a WebSocket implementation that is not ours; cuts go anywhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from realtime_conformance.strategies import Chunk, wire_chunks

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def read(chunks):
    """The messages that a WebSocket client reads of the chunks, and how many pings came among them."""
    protocol = ClientProtocol(parse_uri("ws://mock/"), state=State.OPEN, max_size=None)
    for chunk in chunks:
        protocol.receive_data(chunk.data)
    messages, pings = [], 0
    for frame in protocol.events_received():
        if frame.opcode is Opcode.PING:
            pings += 1
        elif frame.opcode is Opcode.TEXT:
            messages.append(bytes(frame.data))
        else:
            messages[-1] += bytes(frame.data)
    return [json.loads(message) for message in messages], pings


@settings(SETTINGS, max_examples=40)
@given(wire_chunks(transport="websocket"))
def test_the_bytes_of_a_websocket_are_the_events(delivery):
    assert read(delivery.chunks)[0] == list(delivery.events)
    times = [chunk.at for chunk in delivery.chunks]
    assert times == sorted(times)
    assert all(chunk.data for chunk in delivery.chunks)


@settings(SETTINGS, max_examples=40)
@given(wire_chunks(transport="webrtc"))
def test_each_message_of_a_data_channel_is_an_event(delivery):
    assert [json.loads(chunk.data) for chunk in delivery.chunks] == list(delivery.events)


STREAM = [{"type": "one", "delta": "ééééééééé"}, {"type": "two", "delta": "x" * 500}, {"type": "three"}]


def cuts_a_character(delivery):
    """Between the two bytes of an é."""
    return any(chunk.data[-1:] == b"\xc3" for chunk in delivery.chunks)


SHOWN = {
    "a cut inside a character": cuts_a_character,
    "two events in one read": lambda delivery: len(delivery.chunks) < len(delivery.events),
    "an event in many reads": lambda delivery: len(delivery.chunks) > 3 * len(delivery.events),
    "a late first message": lambda delivery: delivery.chunks[0].at > 1,
    "a ping inside a message": lambda delivery: read(delivery.chunks)[1] > 0,
    "a cut inside the head of a frame": lambda delivery: len(delivery.chunks[0].data) == 1,
}


@pytest.mark.parametrize("name", SHOWN)
def test_deliveries_show_it(name):
    find(
        wire_chunks(st.just(STREAM), transport="websocket"), SHOWN[name], settings=settings(SETTINGS, max_examples=1000)
    )


def test_an_event_that_is_too_large_does_not_arrive():
    stream = [{"type": "small"}, {"type": "large", "text": "x" * 400}]
    delivery = find(
        wire_chunks(st.just(stream), transport="webrtc", message_limit=300), lambda _: True, settings=SETTINGS
    )
    assert delivery.events == ({"type": "small"},)
    assert delivery.chunks == (Chunk(0.0, b'{"type":"small"}'),)


def test_the_simplest_delivery_is_one_chunk_for_each_event():
    stream = [{"type": "one"}, {"type": "two"}]
    delivery = find(wire_chunks(st.just(stream), transport="websocket"), lambda _: True, settings=SETTINGS)
    assert delivery.chunks == (Chunk(0.0, b'\x81\x0e{"type":"one"}'), Chunk(0.0, b'\x81\x0e{"type":"two"}'))
