"""What several cases do: a user speaks, and an assistant speaks long enough to be interrupted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from realtime_conformance.checks import Unreached
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, entries, item_id, number, of_type, text
from realtime_conformance.targets.base import Silence
from realtime_conformance.transcript import Event

VAD: dict[str, Any] = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 400}
STORY = (
    "Tell me a long story, and tell it slowly, in at least twenty sentences: about a lighthouse, a storm, a cat, and "
    "the old keeper who lives there."
)


SLOWLY = 0.5
LONGEST_ANSWER = 30.0
"""Seconds that an answer may play."""


def listening(**fields: Any) -> dict[str, Any]:
    """The `audio` of a session that finds turns by `server_vad`; keywords change its `turn_detection`."""
    return {"input": {"turn_detection": {**VAD, **fields}}}


MANUAL: dict[str, Any] = {"input": {"turn_detection": None}}
"""The `audio` of a session whose client says where turns end."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one thing that the user said; empty where it did not come.

    `start` is the number of the first event after `started`, among those of the dialogue.
    """

    start: int
    started: Event
    stopped: Event
    committed: Event
    added: Event
    done: Event

    @property
    def item_ids(self) -> list[str]:
        """The id of the item that each of its events names."""
        return [item_id(event) for event in (self.started, self.stopped, self.committed, self.added, self.done)]

    @property
    def length_ms(self) -> int:
        """From where it started to where it stopped."""
        return number(self.stopped, "audio_end_ms") - number(self.started, "audio_start_ms")


async def turn_of(session: Dialogue) -> Turn:
    """Read up to the item of what the user says, where the server finds its end.

    What comes besides is read too: look for it by `Dialogue.after`.

    Raises:
        Unreached: it was not found, or not committed.
    """
    started = await session.until("input_audio_buffer.speech_started")
    start = len(session.events)
    stopped = await session.after(start, "input_audio_buffer.speech_stopped")
    committed = await session.after(start, "input_audio_buffer.committed")
    added, done = await given_item(session, start)
    return Turn(start, started, stopped, committed, added, done)


async def given_item(session: Dialogue, start: int) -> tuple[Event, Event]:
    """How an item that no response made is added and done, from event number `start` on; empty where it is not."""
    found: list[Event] = []
    for kind in ("conversation.item.added", "conversation.item.done"):
        event: Event = {}
        with suppress(Silence):
            event = await session.after(start, kind, where=_is_given, within=session.patience / 2)
        found.append(event)
    return found[0], found[1]


async def begin_story(session: Dialogue) -> Event:
    """Have the assistant begin to speak at length; give `response.created` once it has begun to.

    It is to speak slowly, so that there is time to interrupt it; a server that cannot may say so.
    """
    await session.send("session.update", session={"type": "realtime", "audio": {"output": {"speed": SLOWLY}}})
    await session.until("session.updated", "error")
    await session.write(STORY)
    await session.send("response.create", response={"instructions": STORY})
    created = await session.until("response.created")
    await session.until("response.output_audio_transcript.delta", "response.output_audio.delta")
    return created


async def played(session: Dialogue) -> Event:
    """Read up to the end of what a call's user hears, in the time that it takes."""
    return await session.until("output_audio_buffer.stopped", within=LONGEST_ANSWER + session.patience)


async def said_item(session: Dialogue, text: str) -> Event:
    """Have the assistant say something; give the item.

    Raises:
        Unreached: it made no message.
    """
    await session.write(text)
    events = await session.respond()
    messages = [item for item in entries(events[-1], "response.output") if at(item, "type") == "message"]
    if not messages:
        raise Unreached(f"the response made no message: {at(events[-1], 'response')}")
    return dict(messages[0])


def reason_of(done: Mapping[str, Any]) -> object:
    """Why a response ended as it did, None where it says nothing."""
    return at(done, "response.status_details.reason")


def error_of(event: Event) -> Event:
    """What an `error` event says, empty where that is no object."""
    error = event.get("error")
    return error if isinstance(error, dict) else {}


def audio_of(events: Iterable[Event]) -> bytes:
    """The audio of a response's deltas, put together."""
    return b"".join(_decoded(text(event, "delta")) for event in of_type(events, "response.output_audio.delta"))


def _decoded(delta: str) -> bytes:
    try:
        return base64.b64decode(delta, validate=True)
    except binascii.Error:
        return b""


def _is_given(event: Event) -> bool:
    return bool(at(event, "item.role") != "assistant")
