"""Turn taking: what the user says becomes items, asks for responses and interrupts them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_mock.api_error import ClientFault
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.effects import Effect, Listen
from realtime_mock.core.hearing import NOTHING, Heard, Span
from realtime_mock.core.idle import NUDGE, IdleTimer
from realtime_mock.core.input_audio import InputAudioBuffer, TurnEnded, TurnStarted, Utterance
from realtime_mock.core.output_items import copy_of
from realtime_mock.core.responses import AUTOMATIC, Responses
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.core.stage import Stage
from realtime_mock.core.transcription import Transcription, spoken_text


@dataclass(slots=True)
class _Unheard:
    """A turn whose words are being found out, and what waits for them.

    `transcribe` writes down what is heard; `answers` tells that a response follows by itself. `rest` are the signals
    of the audio behind the turn, for the `turn_detection` that was in force.
    """

    item: ConversationItem
    transcribe: Callable[[], None] | None
    answers: bool = False
    rest: Iterator[TurnStarted | TurnEnded] = field(default_factory=lambda: iter(()))
    turn_detection: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Turns:
    """The user's side of the conversation.

    `_item_id` is that of the turn being spoken or recorded; `_spoken` counts the turns in which there was speech.
    `_unheard` is the turn whose words are not known yet.
    """

    stage: Stage
    responses: Responses
    buffer: InputAudioBuffer = field(default_factory=InputAudioBuffer)
    _item_id: str | None = None
    _spoken: int = 0
    _transcription: Transcription | None = None
    _unheard: _Unheard | None = None
    _idle: IdleTimer = field(init=False)

    def __post_init__(self) -> None:
        self._idle = IdleTimer(self.stage.agenda, timed_out=self._timed_out, listened_ms=lambda: self.buffer.clock_ms)
        self.responses.on_completed = self.await_user

    def append(self, audio: str) -> Iterator[Effect]:
        """Take the base64 audio of an `append`, in the session's input format."""
        pcm = self.buffer.decode(audio, self.stage.config.audio_input["format"])
        yield from self.listen(pcm)

    def listen(self, pcm: bytes, lost: Sequence[Span] = ()) -> Iterator[Effect]:
        """Take 24 kHz PCM, from whatever wire it came; `lost` are samples that fill what never arrived."""
        turn_detection = self.stage.config.audio_input["turn_detection"]
        yield from self._follow(self.buffer.append(pcm, turn_detection, lost=lost), turn_detection)

    def understood(self, item_id: str, heard: Heard) -> Iterator[Effect]:
        """The words of a turn are known, or it is known that they are none: what waited for them goes on."""
        turn = self._unheard
        if turn is None or turn.item.id != item_id:
            return
        self._unheard = None
        turn.item.said = heard
        if heard.says is not None:
            self.stage.recall.understand(heard.says)
        if turn.transcribe is not None:
            turn.transcribe()
        if turn.answers:
            yield from self._respond()
        yield from self._follow(turn.rest, turn.turn_detection)

    def give_up(self) -> Iterator[Effect]:
        """Go on without the words that nobody has told yet."""
        while self._unheard is not None:
            yield from self.understood(self._unheard.item.id, NOTHING)

    def commit(self) -> Iterator[Effect]:
        """Make an item of what is in the buffer; no response follows by itself."""
        utterance = self.buffer.commit()
        yield from self._committed(utterance)

    def await_user(self, after: float) -> None:
        """The assistant will have finished speaking in `after` seconds: from then on silence counts."""
        if self._item_id is not None:
            return
        timeout_ms = self._idle_timeout_ms()
        if timeout_ms is not None:
            self._idle.start(after=after, timeout=timeout_ms / 1000)

    def clear(self) -> None:
        """Throw away what is in the buffer."""
        self._idle.stop()
        self.buffer.clear()
        self._item_id = None
        if self._transcription is not None:
            self._transcription.discard()
            self._transcription = None

    def added(self, item: ConversationItem, previous_id: str | None) -> Iterator[Effect]:
        """The two events of an item that is complete at once: equal but for their type (recorded)."""
        if item.heard:
            self._spoken += 1
            item.spoken_turn = self._spoken
        for event_type in ("conversation.item.added", "conversation.item.done"):
            yield self.stage.events.make(event_type, previous_item_id=previous_id, item=copy_of(item.wire))

    def hear_item(self, item: ConversationItem) -> Iterator[Effect]:
        """Ask for the words of an item that a client made."""
        if item.heard and self.stage.options.hears:
            self._unheard = _Unheard(item, transcribe=None)
            yield Listen(item.id, bytes(item.audio))

    def with_audio(self, item: ConversationItem, given: Mapping[str, Any]) -> ConversationItem:
        """An item that a client made, with the audio that its content carried."""
        audio_format = self.stage.config.audio_input["format"]
        for part in given.get("content") or ():
            if part["type"] == "input_audio":
                item.audio += InputAudioBuffer().decode(part.get("audio") or "", audio_format)
        item.heard = len(item.audio) / (SAMPLE_RATE * 2)
        return item

    def _idle_timeout_ms(self) -> int | None:
        detection = self.stage.config.audio_input["turn_detection"] or {}
        timeout_ms: int | None = detection.get("idle_timeout_ms")
        return timeout_ms

    def _timed_out(self, silent_from_ms: int) -> Iterator[Effect]:
        """Nobody spoke: the silence is committed behind a system item that says so, and answered (recorded)."""
        if self.responses.active_id() is not None or self._idle_timeout_ms() is None:
            return
        item_id = self.stage.ids.item()
        silence = self.buffer.take_silence(silent_from_ms)
        yield self.stage.events.make(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=silent_from_ms,
            audio_end_ms=self.buffer.clock_ms,
            item_id=item_id,
        )
        content = [{"type": "input_text", "text": NUDGE}]
        wire = {"id": self.stage.ids.item(), "type": "message", "status": "completed", "role": "system"}
        nudge = ConversationItem({**wire, "content": content})
        yield from self.added(nudge, self.stage.conversation.append(nudge))
        self._item_id = item_id
        yield from self._committed(silence)
        yield from self._respond()

    def _started(self, audio_start_ms: int, turn_detection: Mapping[str, Any]) -> Iterator[Effect]:
        self._idle.stop()
        self._item_id = self.stage.ids.item()
        yield self.stage.events.make(
            "input_audio_buffer.speech_started", audio_start_ms=audio_start_ms, item_id=self._item_id
        )
        if turn_detection.get("interrupt_response") is not False and self.responses.active_id() is not None:
            yield from self.responses.cancel(None, reason="turn_detected")
        self._transcription = self._new_transcription(self._item_id)
        if self._transcription is not None:
            self._transcription.speech_started()
        # Playback stops when the user speaks, even with `interrupt_response: false` (observed live, 2026).
        yield from self.stage.playback.clear(truncates=True)

    def _ended(self, audio_end_ms: int, utterance: Utterance) -> Iterator[Effect]:
        yield self.stage.events.make(
            "input_audio_buffer.speech_stopped", audio_end_ms=audio_end_ms, item_id=self._item_id
        )
        yield from self._committed(utterance)
        wants_response = self.stage.config.audio_input["turn_detection"].get("create_response") is not False
        if not self.stage.config.is_transcription and wants_response:
            yield from self._respond()

    def _respond(self) -> Iterator[Effect]:
        """The automatic response, once the words are known that it answers.

        No client event asked for it, so a script's refusal is an error of its own.
        """
        if self._unheard is not None:
            self._unheard.answers = True
            return
        if self.responses.active_id() is not None:
            return
        try:
            yield from self.responses.create(AUTOMATIC)
        except ClientFault as fault:
            yield self.stage.events.error(fault.error)

    def _committed(self, utterance: Utterance) -> Iterator[Effect]:
        item_id = self._item_id or self.stage.ids.item()
        self._item_id = None
        content = [{"type": "input_audio", "transcript": None}]
        wire = {"id": item_id, "type": "message", "status": "completed", "role": "user", "content": content}
        item = ConversationItem(wire, audio=utterance.pcm, heard=utterance.heard)
        previous = self.stage.conversation.append(item)
        yield self.stage.events.make("input_audio_buffer.committed", previous_item_id=previous, item_id=item_id)
        yield from self.added(item, previous)
        transcription = self._transcription or self._new_transcription(item_id)
        self._transcription = None
        if not (item.heard and self.stage.options.hears):
            self._transcribe(item, transcription, utterance.billed)
            return
        self._unheard = _Unheard(item, lambda: self._transcribe(item, transcription, utterance.billed))
        yield Listen(item_id, utterance.pcm, utterance.lost)

    def _transcribe(self, item: ConversationItem, transcription: Transcription | None, billed: float) -> None:
        """Write down what was said, where the session asks for it; a script knows it in any case."""
        if transcription is None:
            self.stage.recall.hear(spoken_text(self.stage.script.transcript(), item))
        else:
            transcription.committed(item, seconds=billed)

    def _follow(
        self, signals: Iterator[TurnStarted | TurnEnded], turn_detection: Mapping[str, Any] | None
    ) -> Iterator[Effect]:
        """Do what the detector says, up to a turn whose words have to be known first."""
        for signal in signals:
            match signal:
                case TurnStarted(audio_start_ms):
                    yield from self._started(audio_start_ms, turn_detection or {})
                case TurnEnded(audio_end_ms, utterance):
                    yield from self._ended(audio_end_ms, utterance)
            if self._unheard is not None:
                self._unheard.rest, self._unheard.turn_detection = signals, turn_detection
                return

    def _new_transcription(self, item_id: str) -> Transcription | None:
        settings = self.stage.config.audio_input["transcription"]
        return None if settings is None else Transcription(self.stage, item_id, settings)
