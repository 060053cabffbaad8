"""How a turn becomes a response: the one place that knows the order of `response.*` events.

The order is that of 26 recorded GA sessions. `perform` is a generator of beats; whatever is open when it is
interrupted is closed by `cancel` in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, assert_never

from realtime_mock.audio.markers import markers
from realtime_mock.core.agenda import Beat, Hold, Pause
from realtime_mock.core.cues import filled, plain_step
from realtime_mock.core.effects import Effect, EndAudio, PlayAudio, SendEvent
from realtime_mock.core.limits import fitting_text
from realtime_mock.core.mcp_call import LiveCall
from realtime_mock.core.output_audio import AudioDelta, timeline
from realtime_mock.core.output_items import OpenItem, OutputItems
from realtime_mock.core.pieces import pieces
from realtime_mock.core.response import Response
from realtime_mock.core.speech import SAMPLE_RATE, Speech
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.model import (
    Call,
    Close,
    Emit,
    Error,
    Fail,
    McpCall,
    Proceed,
    Respond,
    Say,
    Step,
    Turn,
    Wait,
)

PLAYOUT_PATIENCE = 5.0
"""Seconds a response waits for its playback to begin before it ends without it."""

RATE_LIMITS_DELAY = 0.03
"""`rate_limits.updated` follows `response.done` after 30 to 45 ms (recorded; the documents say otherwise)."""

MCP_CALL_LATENCY = 0.2
"""Seconds that a call of an MCP tool takes where no script says it: our own choice."""

_TEXT_PIECE_SECONDS = 0.2


class Performer:
    """Performs one turn as one response."""

    def __init__(self, stage: Stage, response: Response, turn: Turn, *, on_completed: Callable[[float], None]) -> None:
        self._stage = stage
        self.response = response
        self._turn = turn
        self._on_completed = on_completed
        self.items = OutputItems(stage, response)
        self._has_audio = False
        self._is_cut = False

    def created(self) -> SendEvent:
        """The event that opens the response."""
        return self._stage.events.make("response.created", response=self.response.snapshot())

    def perform(self) -> Generator[Beat, None, None]:
        """Everything after `response.created`, with the pauses between."""
        for number, step in enumerate(self._turn.steps):
            yield Pause(step.after)
            match step:
                case Say():
                    yield from self._message(step, self._turn.steps[number + 1 :])
                case Call():
                    yield from self._function_call(step)
                case McpCall():
                    yield from self._mcp_call(step)
                case Fail():
                    yield from self._fail(step)
                    return
                case Emit() | Error() | Close() | Wait():
                    yield from plain_step(self._stage, step, cause=self._turn.cause)
                case Proceed() | Respond():
                    raise ValueError(f"{step!r} has no place in a response")
                case _:
                    assert_never(step)
            if self._is_cut:
                break
        yield from self.items.close("completed")
        if self._is_cut:
            self.response.fire("cut short", reason="max_output_tokens")
        else:
            self.response.fire("complete")
        yield from self._done()
        self._tell_when_heard()
        yield Pause(self._stage.options.latency(RATE_LIMITS_DELAY))
        yield self._rate_limits()

    def cancel(self, reason: str) -> Iterator[Effect]:
        """Close whatever is open and end the response `cancelled`."""
        yield from self.items.close("incomplete")
        self.response.fire("cancel", reason=reason)
        yield from self._done()

    def _tell_when_heard(self) -> None:
        """On a WebSocket the answer is taken to be heard when its audio's time has passed; a speaker reports."""
        if self.response.plan.conversation_id is not None and not self._has_audio:
            seconds = sum(item.audio_ms for item in self.items.made) / 1000
            self._on_completed(seconds)

    def _message(self, step: Say, later: Sequence[Step]) -> Iterator[Beat]:
        wire: dict[str, Any] = {"type": "message", "status": "in_progress", "role": "assistant", "content": []}
        if self.response.plan.is_second_generation:
            calls_later = any(isinstance(other, Call | McpCall) for other in later)
            wire["phase"] = step.phase or ("commentary" if calls_later else "final_answer")
        opened = self.items.begin(wire)
        yield from self.items.added(opened)
        opened.part = "audio" if self.response.plan.speaks else "text"
        empty = {"type": "audio", "transcript": ""} if opened.part == "audio" else {"type": "text", "text": ""}
        yield self.items.item_event("response.content_part.added", opened, content_index=0, part=empty)
        yield Pause(step.hesitates)
        if opened.part == "audio":
            yield from self._speak(opened, step)
        else:
            yield from self._write(opened, step.text)
        yield from self._end_item(closes_late=self._closes_late(step, later))

    def _closes_late(self, step: Say, later: Sequence[Step]) -> bool:
        """A gpt-realtime-2.x message ends only behind the content of the item that follows it (recorded)."""
        if step.closes_late is not None:
            return step.closes_late
        return self.response.plan.is_second_generation and any(isinstance(other, Say | Call) for other in later)

    def _write(self, opened: OpenItem, text: str) -> Iterator[Beat]:
        for piece in pieces(self._within_limit(text)):
            yield self.items.delta("response.output_text.delta", opened, piece, content_index=0)
            yield Pause(self._stage.options.paced(_TEXT_PIECE_SECONDS))

    def _speak(self, opened: OpenItem, step: Say) -> Iterator[Beat]:
        """Transcript and audio interleave, the transcript ahead; on a call the audio goes to the speaker at once."""
        plan, options = self.response.plan, self._stage.options
        speech = self._speech(step)
        kept = self._within_limit(step.text, speech_ms=speech.duration * 1000)
        if kept != step.text:
            speech = speech.beginning(len(kept) / len(step.text))
        plays = options.plays_audio and bool(speech.pcm) and self._stage.playback.takes(self.response.id)
        if plays:
            self._has_audio = True
            opened.item.audio = speech.pcm
            self._stage.playback.queue(self.response.id, opened.item)
            yield PlayAudio(self.response.id, speech)
        at = 0.0
        audio_format = plan.audio_format if options.transport == "websocket" else None
        for due, part in timeline(kept, speech, audio_format=audio_format, transcript=step.transcript):
            yield Pause(options.paced(due - at))
            at = due
            if isinstance(part, AudioDelta):
                opened.item.audio += part.pcm
                yield self.items.item_event("response.output_audio.delta", opened, content_index=0, delta=part.delta)
            else:
                yield self.items.delta("response.output_audio_transcript.delta", opened, part, content_index=0)
        if plays and self._stage.playback.starts_next(self.response.id):
            yield Hold(PLAYOUT_PATIENCE)

    def _speech(self, step: Say) -> Speech:
        if step.sound == "markers":
            return Speech(step.text, markers(len(step.text.split()), rate=SAMPLE_RATE))
        plan = self.response.plan
        return self._stage.voice.speak(step.text, voice=voice_name(plan.voice), speed=plan.speed)

    def _function_call(self, call: Call) -> Iterator[Beat]:
        """The events that end a call leave back to back: clients answer from any of them."""
        call_id = call.call_id or self._stage.ids.function_call()
        wire = {"type": "function_call", "status": "in_progress", "name": call.name, "call_id": call_id}
        opened = self.items.begin({**wire, "arguments": ""})
        yield from self.items.added(opened)
        for piece in pieces(self._within_limit(call.arguments)):
            yield self.items.delta("response.function_call_arguments.delta", opened, piece, call_id=call_id)
            yield Pause(self._stage.options.paced(_TEXT_PIECE_SECONDS))
        yield from self._end_item(closes_late=bool(call.closes_late))

    def _mcp_call(self, step: McpCall) -> Iterator[Beat]:
        """The call is made in this response, unless the client must approve: then it has to wait."""
        wire = {"type": "mcp_call", "server_label": step.server_label, "name": step.name}
        opened = self.items.begin({**wire, "arguments": ""})
        yield from self.items.added(opened)
        for piece in pieces(self._within_limit(step.arguments)):
            yield self.items.delta("response.mcp_call_arguments.delta", opened, piece)
            yield Pause(self._stage.options.paced(_TEXT_PIECE_SECONDS))
        if self._is_cut:
            yield from self.items.close("incomplete")
            return
        yield self.items.mcp_arguments_done(opened)
        opened.call = self._live_call(step, opened)
        if self._stage.mcp.needs_approval(step, tools=self.response.plan.request.tools):
            yield from self._ask_approval(step, opened.call)
        else:
            yield from opened.call.run()
            yield from self.items.close("completed")

    def _live_call(self, step: McpCall, opened: OpenItem) -> LiveCall:
        seconds = self._stage.options.latency(MCP_CALL_LATENCY) if step.takes is None else step.takes
        conversation = None if self.response.plan.conversation_id is None else self._stage.conversation
        return LiveCall(step, opened.item, opened.index, seconds, self._stage.events, conversation)

    def _ask_approval(self, step: McpCall, call: LiveCall) -> Iterator[Effect]:
        """Close the call as it is, and ask with an item of its own."""
        call.ask()
        yield from self.items.close("completed")
        wire = {"type": "mcp_approval_request", "server_label": step.server_label, "name": step.name}
        request = self.items.begin({**wire, "arguments": step.arguments})
        self._stage.mcp.wait_for_answer(request.item.id, call)
        yield from self.items.added(request)
        yield from self.items.close("completed")

    def _within_limit(self, text: str, *, speech_ms: float = 0.0) -> str:
        """As much of the text as `max_output_tokens` lets through; the response ends behind a cut."""
        left = self.response.tokens_left() - self.items.unsettled()
        kept = fitting_text(text, tokens_left=left, speech_ms=speech_ms)
        self._is_cut = kept != text
        return kept

    def _fail(self, step: Fail) -> Iterator[Effect]:
        yield from self.items.close("incomplete")
        known = self._stage.recall.known(self._turn.cause)
        error = None if step.error is None else filled(step.error, known)
        self.response.fire("fail" if step.status == "failed" else "cut short", reason=step.reason, error=error)
        yield from self._done()

    def _end_item(self, *, closes_late: bool) -> Iterator[Effect]:
        """The newest item has all its content."""
        if self._is_cut:
            yield from self.items.close("incomplete")
        elif not closes_late:
            yield from self.items.close("completed")

    def _done(self) -> Iterator[Effect]:
        done = self._stage.events.make("response.done", response=self.response.snapshot())
        self._stage.budget.spend(done.event["response"]["usage"]["total_tokens"], self._stage.agenda.now)
        yield done
        if self._has_audio:
            yield EndAudio(self.response.id)

    def _rate_limits(self) -> SendEvent:
        stage = self._stage
        return self._stage.events.make("rate_limits.updated", rate_limits=stage.budget.report(stage.agenda.now))


def voice_name(voice: object) -> str:
    """The name of a voice, or the id of a custom one."""
    return str(voice["id"]) if isinstance(voice, dict) else str(voice)
