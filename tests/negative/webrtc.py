"""Servers that get calls wrong, by the check that each trips."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.negative.breaking import Breakage, Negative, Wrapped, add, become, change, drop

from realtime_conformance.targets.base import Answer, Ended, Request, Silence, Sound

STARTED, STOPPED, CLEARED = (f"output_audio_buffer.{step}" for step in ("started", "stopped", "cleared"))
DONE, CREATED = "response.done", "response.created"
COMMITTED, TRUNCATED = "input_audio_buffer.committed", "conversation.item.truncated"
PLAYED = {"type": STARTED, "response_id": "resp_x"}


def sdp(changed: Callable[[str], str]) -> Negative:
    """The SDP answer is another."""

    def broken(request: Request, answer: Answer) -> Answer:
        if not request.path.endswith("/calls"):
            return answer
        return replace(answer, body=changed(answer.text).encode())

    return Negative(answers=broken)


def without_lines(*beginnings: str) -> Negative:
    kept = lambda text: [line for line in text.splitlines() if not line.startswith(beginnings)]  # noqa: E731
    return sdp(lambda text: "\r\n".join([*kept(text), ""]))


def swapped_sections(text: str) -> str:
    first, audio, channel = text.split("m=")
    return f"{first}m={channel}m={audio}"


def following(negative: Negative, *follows: str) -> Negative:
    return replace(negative, follows=follows)


def deaf(_sounds: Sequence[Sound]) -> Sequence[Sound]:
    return []


def all_loud(sounds: Sequence[Sound]) -> Sequence[Sound]:
    return [replace(sound, level=-20.0) for sound in sounds]


def ten_times(sounds: Sequence[Sound]) -> Sequence[Sound]:
    """What is heard lasts ten times as long as it should."""
    return [replace(sound, seconds=sound.seconds * 10) for sound in sounds]


def loud_in_the_end(sounds: Sequence[Sound]) -> Sequence[Sound]:
    return [*sounds[:-1], *all_loud(sounds[-1:])]


class AsBytes(Wrapped):
    """A data channel whose messages are binary."""

    async def receive(self, within: float) -> bytes:
        message = await self._connection.receive(within)
        return message.encode() if isinstance(message, str) else message


class InPieces(Wrapped):
    """A data channel whose second message comes in two."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._number, self._rest = 0, ""

    async def receive(self, within: float) -> str:
        if self._rest:
            rest, self._rest = self._rest, ""
            return rest
        message = await self._connection.receive(within)
        self._number += 1
        if self._number < 2:
            return message
        self._rest = message[20:]
        return message[:20]


class StaysOpen(Wrapped):
    """A call that does not end when it is hung up."""

    async def receive(self, within: float) -> Any:
        try:
            return await self._connection.receive(within)
        except Ended:
            raise Silence("nothing came") from None


class KeepsPlaying(Wrapped):
    """A call that confirms a clear and goes on speaking."""

    @property
    def heard(self) -> Sequence[Sound]:
        return all_loud(self._connection.heard)


def from_the_start(kind: str, *, before: str) -> Breakage:
    """Events of this type come before another type, where they should come after."""

    def new() -> Any:
        made = []

        def changed(event: dict[str, Any]) -> list[dict[str, Any]]:
            if event["type"] == before and not made:
                made.append(True)
                response_id = event.get("response_id") or event["response"]["id"]
                return [{"type": kind, "event_id": "event_early", "response_id": response_id}, event]
            return [] if event["type"] == kind else [event]

        return changed

    return new


NEGATIVES = {
    "RTC-001.ends-its-last-line": sdp(str.rstrip),
    "RTC-001.sections-as-offered": following(sdp(swapped_sections), "mids-as-offered"),
    "RTC-001.mids-as-offered": sdp(lambda text: text.replace("a=mid:1", "a=mid:data")),
    "RTC-001.bundled": without_lines("a=group:BUNDLE"),
    "RTC-001.speaks-opus": following(
        sdp(lambda text: text.replace("opus/48000/2", "G722/8000")), "opus-keeps-its-number"
    ),
    "RTC-001.opus-keeps-its-number": sdp(lambda text: text.replace("111", "96")),
    "RTC-001.speaks-and-hears": sdp(lambda text: text.replace("a=sendrecv", "a=sendonly")),
    "RTC-001.muxes-rtcp": without_lines("a=rtcp-mux"),
    "RTC-001.role-is-chosen": sdp(lambda text: text.replace("a=setup:passive", "a=setup:actpass")),
    "RTC-001.has-a-fingerprint": without_lines("a=fingerprint"),
    "RTC-001.has-ice-credentials": without_lines("a=ice-pwd"),
    "RTC-001.has-candidates": without_lines("a=candidate"),
    "RTC-001.has-an-sctp-port": without_lines("a=sctp-port"),
    "RTC-001.takes-large-messages": sdp(
        lambda text: text.replace("a=max-message-size:1", "a=max-message-size:16384\r\na=x:1")
    ),
    "RTC-002.created-comes-first": Negative(
        become("session.created", lambda event: [{**event, "type": "session.updated"}, event])
    ),
    "RTC-002.messages-are-text": Negative(connection=AsBytes),
    "RTC-002.one-event-each": Negative(connection=InPieces),
    "RTC-002.named-as-the-call": Negative(change("session.created", session__id="sess_x")),
    "RTC-003.names-the-response": Negative(change(STOPPED, response_id="resp_x")),
    "RTC-003.starts-after-its-part": Negative(from_the_start(STARTED, before="response.output_item.added")),
    "RTC-003.stops-after-done": Negative(from_the_start(STOPPED, before=DONE)),
    "RTC-003.speech-is-heard": Negative(heard=deaf, follows=("pace",)),
    "RTC-003.pace": Negative(heard=ten_times),
    "RTC-003.quiet-in-the-end": Negative(heard=loud_in_the_end),
    "RTC-003.no-audio-events": Negative(add({"type": "response.output_audio.delta", "delta": ""}, after=STARTED)),
    "RTC-004.turn-is-found": Negative(drop(COMMITTED), follows=("length", "is-answered")),
    "RTC-004.length": Negative(change("input_audio_buffer.speech_stopped", audio_end_ms=lambda ms: ms * 6)),
    "RTC-004.is-answered": Negative(heard=deaf),
    "RTC-005.is-playing": Negative(heard=deaf),
    "RTC-005.confirmed": Negative(drop(CLEARED), follows=("names-the-response",)),
    "RTC-005.names-the-response": Negative(change(CLEARED, response_id="resp_x")),
    "RTC-005.falls-silent": Negative(connection=KeepsPlaying),
    "RTC-005.is-not-stopped-too": Negative(add({"type": STOPPED, "response_id": "resp_x"}, after=CLEARED)),
    "RTC-006.is-cleared": Negative(drop(CLEARED)),
    "RTC-006.is-truncated": Negative(drop(TRUNCATED), follows=("truncates-its-item", "where-it-was-heard")),
    "RTC-006.truncates-its-item": Negative(change(TRUNCATED, item_id="item_x")),
    "RTC-006.where-it-was-heard": Negative(change(TRUNCATED, audio_end_ms=60_000)),
    "RTC-006.falls-silent": Negative(connection=KeepsPlaying),
    "RTC-007.is-text": Negative(change(DONE, response__output__0__content__0__type="output_audio")),
    "RTC-007.nothing-is-played": Negative(add(PLAYED, after=DONE)),
    "RTC-008.status": Negative(
        answers=lambda request, answer: replace(answer, status=202) if request.path.endswith("/hangup") else answer
    ),
    "RTC-008.channel-closes": Negative(connection=StaysOpen),
    "RTC-009.taken": Negative(
        change("session.updated", nth=1, type="error", error={}, session={}),
        follows=("comes-back-whole",),
    ),
    "RTC-010.session-as-asked": Negative(change("session.created", session__instructions="")),
    "RTC-009.comes-back-whole": Negative(change("session.updated", session__tools=lambda tools: tools[:10])),
}
