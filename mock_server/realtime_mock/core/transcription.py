"""Input transcription: what the service writes down of what it heard.

A script says what the user "said"; without one it is the known phrase that was heard, and without that the transcript
says that there was speech and how long it was, so that a client's handling of transcripts can be exercised. The deltas
begin with a space that the transcript lacks (recorded in five of six).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.core import usage
from realtime_mock.core.agenda import Beat, Pause, Performance
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.cues import filled
from realtime_mock.core.effects import SendEvent
from realtime_mock.core.pieces import pieces
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.model import Transcript

LATENCY = 0.3
"""Seconds from commit to the first delta. Recorded: 0.48 to 0.76 s to `completed`, often during the answer."""

SECONDS_PER_PIECE = 0.25
"""How fast a model that transcribes during speech writes."""

LIVE_MODELS = ("gpt-live-transcribe", "gpt-realtime-whisper")
"""Models that send deltas while the user speaks, with the final item id (recorded); all others after the commit."""

DIARIZE_MODEL = "gpt-4o-transcribe-diarize"
LOGPROBS = "item.input_audio_transcription.logprobs"
_LOGPROB = -0.01
_PREFIX = "conversation.item.input_audio_transcription"


def default_text(heard: float) -> str:
    """What is written for so many seconds of speech where no script says it; nothing for silence."""
    return f"[speech, {heard:.1f} s]" if heard > 0 else ""


def spoken_text(scripted: Transcript | None, item: ConversationItem) -> str:
    """What the user says in a turn: what the script has, else what was heard of it."""
    text = scripted.text if scripted else None
    if text is None:
        text = item.words
    return default_text(item.heard) if text is None else text


class Transcription:
    """The transcription of one turn of the user, from its beginning to its one final event."""

    def __init__(self, stage: Stage, item_id: str, settings: Mapping[str, Any]) -> None:
        self._stage = stage
        self._place = {"item_id": item_id, "content_index": 0}
        self._model = str(settings.get("model") or "")
        self._languages = settings.get("languages") or ()
        self._scripted = stage.script.transcript() or Transcript()
        self._sent: list[str] = []
        self._live: Performance | None = None

    def speech_started(self) -> None:
        """A model that listens along begins to write, if it is told what."""
        scripted = self._scripted
        if self._model in LIVE_MODELS and scripted.text and not scripted.error and not scripted.never:
            self._live = self._stage.agenda.start(self._while_speaking(scripted.text))

    def discard(self) -> None:
        """The turn was thrown away."""
        if self._live is not None:
            self._stage.agenda.stop(self._live)

    def committed(self, item: ConversationItem, *, seconds: float) -> None:
        """The turn is an item now: the rest of the transcript follows, or the failure, or nothing.

        `seconds` is the audio that is billed.
        """
        self.discard()
        text = spoken_text(self._scripted, item)
        self._stage.recall.hear(text)
        if not self._scripted.never:
            self._stage.agenda.start(self._after_commit(text, seconds))

    def _while_speaking(self, text: str) -> Generator[Beat, None, None]:
        for piece in pieces(_with_space(text)):
            yield Pause(SECONDS_PER_PIECE)
            yield self._delta(piece)

    def _after_commit(self, text: str, seconds: float) -> Generator[Beat, None, None]:
        after = self._scripted.after
        yield Pause(self._stage.options.latency(LATENCY) if after is None else after)
        if self._scripted.error is not None:
            yield self._failed(self._scripted.error)
            return
        for piece in pieces(_with_space(text))[len(self._sent) :]:
            yield self._delta(piece)
        if self._model == DIARIZE_MODEL and text:
            yield self._segment(text, seconds)
        yield self._completed(text, seconds)

    def _delta(self, piece: str) -> SendEvent:
        self._sent.append(piece)
        return self._stage.events.deltas(f"{_PREFIX}.delta", **self._place, **self._logprobs([piece]))(piece)

    def _completed(self, text: str, seconds: float) -> SendEvent:
        cost = usage.transcription_usage(self._model, seconds=seconds, transcript=text)
        fields = {**self._place, "transcript": text, "usage": cost, **self._logprobs(self._sent)}
        if self._languages:
            fields["languages"] = [{"code": code} for code in self._languages]
        return self._stage.events.make(f"{_PREFIX}.completed", **fields)

    def _segment(self, text: str, seconds: float) -> SendEvent:
        """One segment of one speaker: the documented fields; how the service cuts them is UNSURE."""
        fields = {**self._place, "text": text, "id": "seg_0001", "speaker": "spk_1", "start": 0.0, "end": seconds}
        return self._stage.events.make(f"{_PREFIX}.segment", **fields)

    def _failed(self, error: ApiError) -> SendEvent:
        """This error object has no `event_id` (recorded). Its text may name the item with a placeholder."""
        known = {**self._stage.recall.known(), "item": {"id": self._place["item_id"]}}
        return self._stage.events.make(f"{_PREFIX}.failed", **self._place, error=filled(error, known).as_json())

    def _logprobs(self, tokens: list[str]) -> dict[str, Any]:
        if LOGPROBS not in (self._stage.config.session.get("include") or ()):
            return {}
        entries = [{"token": token, "logprob": _LOGPROB, "bytes": list(token.encode())} for token in tokens]
        return {"logprobs": entries}


def _with_space(text: str) -> str:
    return f" {text}" if text else ""
