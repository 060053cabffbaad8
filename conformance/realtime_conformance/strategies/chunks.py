"""The same events as a transport might deliver them: where they are cut, what arrives together, and when.

A data channel delivers messages whole, one event each. A WebSocket is a stream of bytes: its messages may be split into
fragments with a ping between them (RFC 6455, 5.4), and what one read returns ends anywhere, in the middle of a
character as well as behind ten frames.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from realtime_conformance.strategies.streams import Event, Stream, Transport, event_streams

MESSAGE_LIMIT = 65_536
"""Bytes that a peer accepts in one message where its description says nothing (RFC 8841, 6.1)."""

PING = b"\x89\x04ping"
"""A ping with 4 bytes, as the service sends one every 20 seconds (recorded)."""

TEXT, CONTINUATION, FINAL = 0x1, 0x0, 0x80


@dataclass(frozen=True, slots=True)
class Chunk:
    """What arrives at one moment: a message of a data channel, or what one read of a socket returns.

    `at` is seconds from when the connection was open.
    """

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events, and the chunks in which they arrive.

    Over `webrtc` each chunk is a message, the JSON of one event. Over `websocket` the chunks joined are the bytes of a
    server's frames behind the handshake, unmasked and uncompressed.
    """

    events: tuple[Event, ...]
    transport: Transport
    chunks: tuple[Chunk, ...]

    def __repr__(self) -> str:
        """How much of what; the events are in `events`."""
        return f"<{len(self.events)} events over {self.transport} in {len(self.chunks)} chunks>"


def wire_chunks(
    streams: st.SearchStrategy[Stream] | None = None,
    *,
    transport: Transport | None = None,
    message_limit: int = MESSAGE_LIMIT,
) -> st.SearchStrategy[Delivery]:
    """Streams with the cuts and the pauses of a transport.

    The first message may come seconds late, and then all that has been waiting comes at once.

    Args:
        streams: what is delivered; `event_streams()` of the transport by default.
        transport: this one alone; both by default.
        message_limit: bytes that a message of the data channel may have; a larger event does not arrive, and is not
            among the events of the delivery.
    """
    either: st.SearchStrategy[Transport] = st.sampled_from(["webrtc", "websocket"])
    chosen = either if transport is None else st.just(transport)
    return chosen.flatmap(
        lambda kind: _deliveries(event_streams(transport=kind) if streams is None else streams, kind, message_limit)
    )


@dataclass(frozen=True, slots=True)
class _Split:
    """Where a message is split, as a share of its bytes, and whether a ping comes between."""

    share: float
    pinged: bool


_WHOLE = _Split(0.0, pinged=False)
_SPLITS = st.builds(_Split, st.sampled_from([0.0, 0.1, 0.5]), pinged=st.booleans())
_READ_SIZES = st.sampled_from([None, 65_536, 1460, 97])
"""Bytes that one read returns at most: exactly a frame each, a large buffer, a TCP segment, very little."""

_LATE = st.sampled_from([0.0, 0.005, 2.5])
"""Seconds until the first message: none, as it was recorded, and a connection that was slow to open."""

_PAUSES = st.sampled_from([0.0, 0.02, 0.3])


@st.composite
def _deliveries(
    draw: st.DrawFn, streams: st.SearchStrategy[Stream], transport: Transport, message_limit: int
) -> Delivery:
    events = draw(streams)
    if transport == "webrtc":
        events = [event for event in events if len(_encoded(event)) <= message_limit]
        parts = [_encoded(event) for event in events]
    else:
        parts = draw(_reads(events))
    pauses = draw(st.lists(_PAUSES, max_size=8))
    return Delivery(tuple(events), transport, _timed(parts, draw(_LATE), pauses))


@st.composite
def _reads(draw: st.DrawFn, events: Stream) -> list[bytes]:
    """The bytes of the frames, cut as a socket may cut them."""
    splits = draw(st.lists(_SPLITS, max_size=8))
    frames = [
        _frames(_encoded(event), splits[number] if number < len(splits) else _WHOLE)
        for number, event in enumerate(events)
    ]
    size = draw(_READ_SIZES)
    if size is None:
        return frames
    data = b"".join(frames)
    cuts = sorted({*range(0, len(data), size), *draw(st.lists(st.integers(0, len(data)), max_size=16)), len(data)})
    return [data[start:end] for start, end in pairwise(cuts)]


def _frames(payload: bytes, split: _Split) -> bytes:
    """One text message in one frame, or in two."""
    at = int(len(payload) * split.share)
    if at == 0:
        return frame(payload, opcode=TEXT)
    first = frame(payload[:at], opcode=TEXT, final=False)
    return first + (PING if split.pinged else b"") + frame(payload[at:], opcode=CONTINUATION)


def _encoded(event: Event) -> bytes:
    """An event's JSON as a server sends it: UTF-8, without escapes, so that a cut can go through a character."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def frame(payload: bytes, *, opcode: int, final: bool = True) -> bytes:
    """A frame as a server sends it (RFC 6455, 5.2)."""
    length = len(payload)
    head = bytes([opcode | (FINAL if final else 0)])
    if length < 126:
        return head + bytes([length]) + payload
    if length < 1 << 16:
        return head + bytes([126]) + length.to_bytes(2, "big") + payload
    return head + bytes([127]) + length.to_bytes(8, "big") + payload


def _timed(parts: list[bytes], late: float, pauses: list[float]) -> tuple[Chunk, ...]:
    """Chunks from `late` on; after the pauses that were drawn they follow one another at once."""
    chunks, at = [], late
    for number, part in enumerate(parts):
        chunks.append(Chunk(round(at, 3), part))
        at += pauses[number] if number < len(pauses) else 0.0
    return tuple(chunks)
