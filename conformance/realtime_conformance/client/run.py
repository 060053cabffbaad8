"""One exercise of a client as a value: what passed, what its user was told, how it ended."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_conformance.transcript import Direction, Event, Passage

PROGRAM = "program"
"""The channel of what the driver reports, and of how it ended."""

_BYTES_PER_SECOND = {"audio/pcm": 48_000, "audio/pcmu": 8_000, "audio/pcma": 8_000}


@dataclass(frozen=True, slots=True)
class Moment:
    """One event, and when it passed: its number among the passages, and its time in seconds."""

    number: int
    at: float
    channel: str
    event: Event

    def __getitem__(self, key: str) -> Any:
        """A field of the event."""
        return self.event[key]

    @property
    def session(self) -> str:
        """The session that it belongs to."""
        return session_of(self.channel)


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one exercise.

    `passages` are seen from the suite: `received` is what the client sent. `status` is the exit status of the driver,
    None where its time was over. `errors` is the end of what it wrote to its error stream.
    """

    passages: tuple[Passage, ...]
    status: int | None
    errors: str = ""

    @property
    def ended(self) -> bool:
        """Whether the driver came to its end by itself, and in order."""
        return self.status == 0

    def sent(self, *kinds: str, session: str | None = None) -> list[Moment]:
        """The client's events of these types, or all; of one session, or of all."""
        return self._moments("received", kinds, session)

    def came(self, *kinds: str, session: str | None = None) -> list[Moment]:
        """The events of these types, or all, that left for the client."""
        return self._moments("sent", kinds, session)

    @property
    def sessions(self) -> list[str]:
        """The sessions, by their ids, in the order of their beginnings."""
        named = (session_of(one.channel) for one in self.passages)
        return list(dict.fromkeys(name for name in named if name))

    @property
    def attempts(self) -> list[Passage]:
        """Every attempt to connect, over HTTP: upgrades, and offers of calls."""
        attempts = ("GET", "/v1/realtime"), ("POST", "/v1/realtime/calls")
        return [passage for passage in self._http() if _asked(passage.data) in attempts]

    def posts(self, path: str) -> list[Passage]:
        """What was posted to this path."""
        return [passage for passage in self._http() if _asked(passage.data) == ("POST", path)]

    def reports(self, kind: str) -> list[Mapping[str, Any]]:
        """What the driver reported of this kind."""
        told = (one.data for one in self.passages if one.channel == PROGRAM)
        return [data for data in told if isinstance(data, dict) and data.get("report") == kind]

    @property
    def answers(self) -> list[str]:
        """What the user read of each answer, as the driver reports it."""
        return [str(report.get("text", "")) for report in self.reports("answer")]

    @property
    def failures(self) -> list[str]:
        """What the user was told of failures and of a lost connection."""
        told = self.reports("error") + self.reports("closed")
        return [str(report.get("message", report.get("reason", ""))) for report in told]

    @property
    def seconds_heard(self) -> float:
        """How much the user was given to hear in all, as the driver reports it."""
        return sum(float(report.get("seconds", 0)) for report in self.reports("heard"))

    @property
    def user_items(self) -> list[Moment]:
        """The user messages that the client created."""
        created = self.sent("conversation.item.create")
        return [moment for moment in created if moment["item"].get("role") == "user"]

    @property
    def outputs(self) -> list[Moment]:
        """The outputs of functions that the client sent."""
        created = self.sent("conversation.item.create")
        return [moment for moment in created if moment["item"].get("type") == "function_call_output"]

    @property
    def written(self) -> list[str]:
        """The texts of those user messages, in order."""
        return [text_of(moment["item"]) for moment in self.user_items]

    def done(self, status: str = "completed") -> list[Moment]:
        """The responses that ended with this status."""
        ended = self.came("response.done")
        return [moment for moment in ended if moment["response"].get("status") == status]

    @property
    def said(self) -> list[str]:
        """What each completed response said; one that only called functions said nothing and is left out."""
        return [text for moment in self.done() if (text := said_in(moment["response"]))]

    def answer_to(self, text: str) -> Moment | None:
        """The first response that was completed and said something after this text was written."""
        created = self.sent("conversation.item.create")
        written = next((moment for moment in created if text_of(moment["item"]) == text), None)
        if written is None:
            return None
        later = (moment for moment in self.done() if moment.number > written.number)
        return next((moment for moment in later if said_in(moment["response"])), None)

    def audio_seconds(self, *, before: int | None = None, response: str | None = None) -> float:
        """How much speech left in events: in all, before the passage with this number, or of one response."""
        deltas = self.came("response.output_audio.delta")
        rate = _BYTES_PER_SECOND[self._output_format()]
        counted = (
            size_of(one["delta"])
            for one in deltas
            if (before is None or one.number < before) and (response is None or one["response_id"] == response)
        )
        return sum(counted) / rate

    @property
    def speech_seconds(self) -> float:
        """How much speech left in all, in events or by what calls played of it, as the mock measured it."""
        return sum(self.speech().values())

    def speech(self) -> Mapping[str, float]:
        """How many seconds of speech left, by response."""
        told = [one.data for one in self.passages if one.direction == "sent" and isinstance(one.data, dict)]
        measured = [data for data in told if "ms" in data and "response_id" in data]
        # On a call less may have been played than was made.
        return {str(data["response_id"]): float(data.get("played_ms", data["ms"]) or 0) / 1000 for data in measured}

    def _moments(self, direction: Direction, kinds: tuple[str, ...], session: str | None) -> list[Moment]:
        return [
            Moment(number, one.at, one.channel, one.data)
            for number, one in enumerate(self.passages)
            if one.direction == direction
            and is_event(one)
            and isinstance(one.data, dict)
            and (not kinds or one.data["type"] in kinds)
            and (session is None or session_of(one.channel) == session)
        ]

    def _http(self) -> Iterator[Any]:
        told = (one for one in self.passages if one.channel == "http" and isinstance(one.data, dict))
        return (one for one in told if isinstance(one.data, dict) and "path" in one.data)

    def _output_format(self) -> str:
        sessions = self.came("session.created", "session.updated")
        audio = sessions[-1]["session"].get("audio", {}) if sessions else {}
        kind = (audio.get("output", {}).get("format") or {}).get("type", "audio/pcm")
        return kind if kind in _BYTES_PER_SECOND else "audio/pcm"


def session_of(channel: str) -> str:
    """The session that a channel belongs to; empty for one that belongs to none."""
    return channel.partition(" ")[2]


def is_event(passage: Passage) -> bool:
    """Whether this is an event that passed between the mock and the client."""
    data = passage.data
    passed = passage.channel.partition(" ")[0] in ("websocket", "data-channel")
    return passed and isinstance(data, dict) and isinstance(data.get("type"), str)


def text_of(item: Mapping[str, Any]) -> str:
    """What is written in an item."""
    return "".join(str(part.get("text", "")) for part in item.get("content", ()))


def said_in(response: Mapping[str, Any]) -> str:
    """What a response says, in speech or in writing."""
    parts = [part for item in response.get("output", ()) for part in item.get("content", ())]
    return " ".join(text for part in parts if (text := part.get("text") or part.get("transcript") or ""))


def size_of(audio: str) -> int:
    """How many bytes a piece of base64 holds."""
    return len(base64.b64decode(audio))


def _asked(exchange: Mapping[str, Any]) -> tuple[str, str]:
    return exchange["method"], exchange["path"]
