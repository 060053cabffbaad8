"""One connection as its client could know it, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.recording.audio_files import PCM, Encoding, encoding_of
from realtime_mock.recording.entries import AUDIO_FIELDS, Entry

APPEND = "input_audio_buffer.append"
AUDIO_DELTAS = frozenset(AUDIO_FIELDS) - {APPEND}

_CALL_CHANNELS = frozenset({"data-channel", "sideband", "call"})
_CUT_BYTES = 33
"""Published recordings keep so many bytes of each piece of audio (44 characters of base64)."""


@dataclass(slots=True)
class Session:
    """What the client could know when the next entry comes.

    `is_call` tells that the audio goes by WebRTC or by telephone.
    `active` are the responses of the default conversation that have been created and are not done; `asked` are the
    creates without an answer yet, by `event_id`; `cancelled` tells that a cancel waits for its `response.done`.
    `heard_bytes` is the audio received, by item; `appended_bytes` what was appended since the buffer was last emptied.
    `calls` are the functions that were called, by `call_id`, with the response that called them; `outputs` the ids of
    those whose output the client has sent. `schema_errors` are what the schemas say of the entry at hand.
    """

    audio_is_cut: bool = False
    is_beta: bool = False
    is_call: bool = False
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    active: set[str] = field(default_factory=set)
    asked: list[str | None] = field(default_factory=list)
    cancelled: bool = False
    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    heard_bytes: dict[str, int] = field(default_factory=dict)
    appended_bytes: int = 0
    appended: list[tuple[float, int]] = field(default_factory=list)
    has_spoken: bool = False
    calls: dict[str, str] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    unanswered_output: Entry | None = None
    schema_errors: tuple[ApiError, ...] = ()

    @property
    def input_encoding(self) -> Encoding:
        """How the session takes audio; 24 kHz PCM before it is known."""
        return encoding_of(self.snapshot, "sent") if self.snapshot else PCM

    @property
    def output_encoding(self) -> Encoding:
        """How the session sends audio."""
        return encoding_of(self.snapshot, "received") if self.snapshot else PCM

    @property
    def detects_turns(self) -> bool:
        """Whether the service commits by itself. It does unless it is told otherwise."""
        detection = self.snapshot.get("turn_detection", _detection(self.snapshot))
        return detection is not None

    def advance(self, entry: Entry) -> None:
        """Let the entry have happened."""
        if entry.kind != "message":
            return
        table = _SENT if entry.direction == "sent" else _RECEIVED
        act = table.get(entry.type)
        if act is not None:
            act(self, entry)


def follow(entries: Sequence[Entry]) -> Session:
    """A session that is about to begin, with what only the whole of it tells."""
    sizes = [audio_bytes(entry) for entry in entries if entry.type in AUDIO_FIELDS and entry.audio is None]
    return Session(
        audio_is_cut=bool(sizes) and max(sizes) <= _CUT_BYTES,
        is_beta=any(_is_beta(entry) for entry in entries),
        is_call=any(map(_is_of_call, entries)),
    )


def audio_bytes(entry: Entry) -> int:
    """How much audio an event carries, also where it was taken out of it."""
    if entry.audio is not None:
        return entry.audio.bytes
    text = entry.data.get(AUDIO_FIELDS.get(entry.type, ""))
    # Base64 tells its length without being decoded: an hour of audio is many events.
    return len(text) // 4 * 3 - text[-2:].count("=") if isinstance(text, str) else 0


def length_ms(size: int, encoding: Encoding) -> float:
    """How long so many bytes sound."""
    return size * 1000 / (encoding.rate * encoding.bits // 8)


def _detection(snapshot: Mapping[str, Any]) -> object:
    """The `turn_detection` of a session object; something that is not None where it does not tell."""
    value: object = snapshot
    for key in ("audio", "input"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value.get("turn_detection", True) if isinstance(value, Mapping) else True


def _is_of_call(entry: Entry) -> bool:
    """Whether only a call, or a sideband of one, has such an entry: its audio is then in no event."""
    if entry.kind == "open":
        return "call_id=" in str(entry.data.get("path"))
    plays = entry.direction == "received" and entry.type.startswith("output_audio_buffer.")
    return plays or entry.channel in _CALL_CHANNELS


def _is_beta(entry: Entry) -> bool:
    session = entry.data.get("session") if entry.direction == "received" and entry.kind == "message" else None
    return isinstance(session, Mapping) and ("modalities" in session or "input_audio_format" in session)


def _text(value: object, *path: str) -> str:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _see_session(session: Session, entry: Entry) -> None:
    given = entry.data.get("session")
    if isinstance(given, Mapping):
        session.snapshot = given


def _see_item(session: Session, entry: Entry) -> None:
    item = entry.data.get("item")
    if isinstance(item, Mapping):
        session.items[_text(item, "id")] = item
        if item.get("type") == "function_call":
            session.calls.setdefault(_text(item, "call_id"), _text(entry.data, "response_id"))


def _forget_item(session: Session, entry: Entry) -> None:
    session.items.pop(_text(entry.data, "item_id"), None)


def _begin_response(session: Session, entry: Entry) -> None:
    response = entry.data.get("response")
    del session.asked[:1]
    session.unanswered_output = None
    # The beta's responses name no conversation; GA's say null where they are outside of it.
    if isinstance(response, Mapping) and response.get("conversation_id", "") is not None:
        session.active.add(_text(response, "id"))


def _end_response(session: Session, entry: Entry) -> None:
    session.active.discard(_text(entry.data, "response", "id"))
    session.cancelled = session.cancelled and bool(session.active)


def _refuse(session: Session, entry: Entry) -> None:
    named, code = _text(entry.data, "error", "event_id") or None, _text(entry.data, "error", "code")
    if named in session.asked:
        session.asked.remove(named)
    elif named is None and code == "conversation_already_has_active_response":
        # It names no event (reported), and can be about nothing but a create.
        del session.asked[:1]
    if code == "response_cancel_not_active":
        session.cancelled = False


def _hear(session: Session, entry: Entry) -> None:
    item_id = _text(entry.data, "item_id")
    session.heard_bytes[item_id] = session.heard_bytes.get(item_id, 0) + audio_bytes(entry)
    session.has_spoken = True


def _empty_buffer(session: Session, _entry: Entry) -> None:
    session.appended_bytes = 0


def _append(session: Session, entry: Entry) -> None:
    size = audio_bytes(entry)
    session.appended_bytes += size
    if entry.after is not None or entry.at is not None:
        session.appended.append((entry.after if entry.after is not None else entry.at or 0.0, size))


def _ask(session: Session, entry: Entry) -> None:
    session.unanswered_output = None
    # A journal tells at once that an event was refused; elsewhere an error event does, later.
    if not is_out_of_band(entry.data) and entry.error is None:
        session.asked.append(_text(entry.data, "event_id") or None)


def _cancel(session: Session, _entry: Entry) -> None:
    session.cancelled = bool(session.active)


def _send_item(session: Session, entry: Entry) -> None:
    item = entry.data.get("item")
    if isinstance(item, Mapping) and item.get("type") == "function_call_output":
        session.outputs.add(_text(item, "call_id"))
        session.unanswered_output = entry


def is_out_of_band(create: Mapping[str, Any]) -> bool:
    """Whether a `response.create` asks for a response outside the conversation, which disturbs no other."""
    return _text(create, "response", "conversation") == "none"


Act = Callable[[Session, Entry], None]

_SENT: Mapping[str, Act] = {
    APPEND: _append,
    "input_audio_buffer.clear": _empty_buffer,
    "input_audio_buffer.commit": _empty_buffer,
    "conversation.item.create": _send_item,
    "response.create": _ask,
    "response.cancel": _cancel,
}
_RECEIVED: Mapping[str, Act] = {
    "session.created": _see_session,
    "session.updated": _see_session,
    "conversation.item.added": _see_item,
    "conversation.item.done": _see_item,
    "conversation.item.created": _see_item,
    "conversation.item.deleted": _forget_item,
    "response.output_item.added": _see_item,
    "response.output_item.done": _see_item,
    "response.created": _begin_response,
    "response.done": _end_response,
    "input_audio_buffer.committed": _empty_buffer,
    "error": _refuse,
    **dict.fromkeys(AUDIO_DELTAS, _hear),
}
