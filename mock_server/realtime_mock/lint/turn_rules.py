"""Rules about the order of what a client does: responses, cancels, truncations and the outputs of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_mock.lint.findings import Fault
from realtime_mock.lint.session import Session, is_out_of_band, length_ms
from realtime_mock.recording.entries import Entry


def create_during_response(entry: Entry, session: Session) -> Iterator[Fault]:
    """A second response while one is active: refused, and what it was to answer stays unanswered."""
    if _is_create(entry) and session.active and not session.cancelled:
        active = ", ".join(sorted(session.active))
        yield Fault(f"a response is active ({active})", "wait for response.done, or send response.cancel first")


def create_before_cancelled(entry: Entry, session: Session) -> Iterator[Fault]:
    """A response that is asked for between a cancel and the end of what it cancels."""
    if _is_create(entry) and session.active and session.cancelled:
        yield Fault("the cancelled response has not ended yet", "send response.create after its response.done")


def create_while_pending(entry: Entry, session: Session) -> Iterator[Fault]:
    """A response that is asked for while an earlier request has no answer yet."""
    if _is_create(entry) and session.asked and not session.active:
        yield Fault(
            "another response.create has no answer yet", "send one response.create, and wait for response.created"
        )


def cancel_without_response(entry: Entry, session: Session) -> Iterator[Fault]:
    """A cancel of nothing: an error event comes back, and does no harm."""
    if _is_sent(entry, "response.cancel") and not session.active and not session.asked:
        yield Fault("no response is active", "cancel between response.created and response.done; else ignore the error")


def truncate_beyond_audio(entry: Entry, session: Session) -> Iterator[Fault]:
    """A truncation behind the end of the audio that came."""
    item_id, end = entry.data.get("item_id"), entry.data.get("audio_end_ms")
    if not _is_sent(entry, "conversation.item.truncate") or not isinstance(end, int) or session.audio_is_cut:
        return
    size = session.heard_bytes.get(str(item_id))
    if size is None:
        return
    heard = length_ms(size, session.output_encoding)
    if end > heard:
        advice = "truncate at what was played, counted in samples of this item; never beyond what was received"
        yield Fault(f"{end} ms, and {heard:.0f} ms of audio have come", advice, "audio_end_ms")


def truncate_unknown_item(entry: Entry, session: Session) -> Iterator[Fault]:
    """A truncation of an item that was never announced, or is gone."""
    item_id = entry.data.get("item_id")
    if _is_sent(entry, "conversation.item.truncate") and isinstance(item_id, str) and item_id not in session.items:
        yield Fault(f"no item {item_id} has been announced", "name the item_id of the audio deltas", "item_id")


def truncate_silent_item(entry: Entry, session: Session) -> Iterator[Fault]:
    """A truncation of an item of which no audio has come yet, or ever: only speech can be truncated."""
    item_id = str(entry.data.get("item_id"))
    if not _is_sent(entry, "conversation.item.truncate") or item_id not in session.items or session.is_call:
        return
    if item_id not in session.heard_bytes:
        yield Fault(f"no audio of {item_id} has come", "truncate only what the assistant has begun to speak", "item_id")


def output_of_unknown_call(entry: Entry, session: Session) -> Iterator[Fault]:
    """The output of a call that nobody made."""
    call_id = _output_call_id(entry)
    if call_id is not None and call_id not in session.calls:
        yield Fault(
            f"no function call has the call_id '{call_id}'", "take the call_id of the function call", "item.call_id"
        )


def output_twice(entry: Entry, session: Session) -> Iterator[Fault]:
    """A second output of the same call."""
    call_id = _output_call_id(entry)
    if call_id is not None and call_id in session.outputs:
        yield Fault(f"the call '{call_id}' has an output already", "send one output for each call", "item.call_id")


def create_before_all_outputs(entry: Entry, session: Session) -> Iterator[Fault]:
    """A response that is asked for while calls of the same response have no output: the model answers too early."""
    if not _is_create(entry) or session.unanswered_output is None:
        return
    answered = _output_call_id(session.unanswered_output)
    response_id = session.calls.get(answered or "")
    missing = [call for call, of in session.calls.items() if of == response_id and call not in session.outputs]
    if response_id and missing:
        advice = "send the outputs of all calls of a response, and then one response.create"
        yield Fault(f"the calls {', '.join(missing)} of the same response have no output yet", advice)


def output_without_create(entry: Entry, session: Session) -> Iterator[Fault]:
    """The output of a function that no `response.create` follows: the assistant stays silent.

    Asked when all has passed.
    """
    if entry is session.unanswered_output:
        yield Fault("no response.create follows this output", "send response.create: nothing is said of it otherwise")


def voice_after_audio(entry: Entry, session: Session) -> Iterator[Fault]:
    """Another voice once the assistant has spoken: refused, with the whole update."""
    wanted = _voice(entry.data.get("session"))
    if not _is_sent(entry, "session.update") or not session.has_spoken or wanted is None:
        return
    if wanted != _voice(session.snapshot):
        yield Fault(
            "the assistant has spoken already", "set the voice before the first answer", "session.audio.output.voice"
        )


def _is_sent(entry: Entry, kind: str) -> bool:
    return entry.direction == "sent" and entry.type == kind


def _is_create(entry: Entry) -> bool:
    return _is_sent(entry, "response.create") and not is_out_of_band(entry.data)


def _output_call_id(entry: Entry) -> str | None:
    item = entry.data.get("item") if _is_sent(entry, "conversation.item.create") else None
    if not isinstance(item, Mapping) or item.get("type") != "function_call_output":
        return None
    call_id = item.get("call_id")
    return call_id if isinstance(call_id, str) else None


def _voice(session: object) -> Any:
    value: object = session
    for key in ("audio", "output", "voice"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if value is not None or not isinstance(session, Mapping) else session.get("voice")
