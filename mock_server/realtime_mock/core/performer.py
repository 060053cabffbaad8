"""How a turn becomes a response: the one place that knows the order of `response.*` events.

The order is that of 26 recorded GA sessions. `perform` is a generator of beats; whatever is open when it is
interrupted is closed by `cancel` in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any, assert_never

from realtime_mock.audio.markers import markers
from realtime_mock.core.agenda import Beat, Hold, Pause
from realtime_mock.core.cues import filled, plain_step
from realtime_mock.core.effects import Effect, EndAudio, PlayAudio, SendEvent
from realtime_mock.core.jitter import jittered
from realtime_mock.core.limits import fitting_text
from realtime_mock.core.mcp_call import LiveCall
from realtime_mock.core.messages import Message, fitting, with_messages
from realtime_mock.core.output_audio import AudioDelta, timeline
from realtime_mock.core.output_items import OpenItem, OutputItems
from realtime_mock.core.pieces import pieces
from realtime_mock.core.recall import written_text
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
    Silence,
    Turn,
    Wait,
)
from realtime_mock.scenario.templates import Spoken, filled_step

PLAYOUT_PATIENCE = 5.0
"""Seconds a response waits for its playback to begin before it ends without it."""

RATE_LIMITS_DELAY = 0.03
"""`rate_limits.updated` follows `response.done` after 30 to 45 ms (recorded; the documents say otherwise)."""

MCP_CALL_LATENCY = 0.2
"""Seconds that a call of an MCP tool takes where no script says it: our own choice."""

_TEXT_PIECE_SECONDS = 0.2


class Performer:
    """Performs one turn as one response, the `number`-th of its session."""

    def __init__(
        self, stage: Stage, response: Response, turn: Turn, *, on_completed: Callable[[float], None], number: int = 0
    ) -> None:
        self._stage = stage
        self.response = response
        self._turn = turn
        self._on_completed = on_completed
        self._number = number
        self.items = OutputItems(stage, response)
        self._has_audio = False
        self._is_cut = False

    def created(self) -> SendEvent:
        """The event that opens the response."""
        return self._stage.events.make("response.created", response=self.response.snapshot())

    def perform(self) -> Generator[Beat, None, None]:
        """Everything after `response.created`, with the pauses between, as regular as the scenario wants it."""
        options = self._stage.options
        if not options.timing.jitter:
            return self._beats()
        return jittered(self._beats(), chance=options.chance.at("jitter", self._number), most=options.timing.jitter)

    def cancel(self, reason: str) -> Iterator[Effect]:
        """Close whatever is open and end the response `cancelled`."""
        yield from self.items.close("incomplete")
        self.response.fire("cancel", reason=reason)
        yield from self._done()

    def _beats(self) -> Generator[Beat, None, None]:
        yield Pause(self._stage.options.timing.latency)
        for step in with_messages(self._turn.steps):
            yield Pause(step.after)
            match step:
                case Message():
                    yield from self._message(replace(step, say=self._filled(step.say)))
                case Call():
                    yield from self._function_call(self._filled(step))
                case McpCall():
                    yield from self._mcp_call(self._filled(step))
                case Fail():
                    yield from self._fail(step)
                case Emit() | Error() | Close() | Wait():
                    yield from plain_step(self._stage, step, turn=self._turn)
                case Say() | Silence() | Proceed() | Respond():
                    raise ValueError(f"{step!r} has no place in a response")
                case _:
                    assert_never(step)
            if self._is_cut:
                break
        if self.response.is_active:
            yield from self._complete()

    def _complete(self) -> Iterator[Beat]:
        yield from self.items.close("completed")
        if self._is_cut:
            self.response.fire("cut short", reason="max_output_tokens")
        else:
            self.response.fire("complete")
        yield from self._done()
        self._tell_when_heard()
        yield Pause(self._stage.options.latency(RATE_LIMITS_DELAY))
        yield self._rate_limits()

    def _filled(self, step: Spoken) -> Spoken:
        """A scenario's step with its placeholders filled in. Where no rule spoke, a dollar sign is a dollar sign."""
        if self._turn.cause is None:
            return step
        known = dict(self._stage.recall.known(self._turn))
        # A response may have an input of its own; where it has not, this is the conversation's.
        request = self.response.plan.request
        users = (item for item in request.items if item.get("role") == "user")
        texts = [written_text(item) or request.words.get(item.get("id", "")) for item in users]
        return filled_step(step, {**known, "user_text": next(filter(None, reversed(texts)), known.get("user_text"))})

    def _tell_when_heard(self) -> None:
        """On a WebSocket the answer is taken to be heard when its audio's time has passed; a speaker reports."""
        if self.response.plan.conversation_id is not None and not self._has_audio:
            seconds = sum(item.audio_ms for item in self.items.made) / 1000
            self._on_completed(seconds)

    def _message(self, message: Message) -> Iterator[Beat]:
        step = message.say
        if message.is_silent and not self.response.plan.speaks:
            yield Pause(self._stage.options.paced(message.before))
            return
        wire: dict[str, Any] = {"type": "message", "status": "in_progress", "role": "assistant", "content": []}
        if self.response.plan.is_second_generation:
            calls_later = any(isinstance(other, Call | McpCall) for other in message.later)
            wire["phase"] = step.phase or ("commentary" if calls_later else "final_answer")
        opened = self.items.begin(wire)
        yield from self.items.added(opened)
        opened.part = "audio" if self.response.plan.speaks else "text"
        empty = {"type": "audio", "transcript": ""} if opened.part == "audio" else {"type": "text", "text": ""}
        yield self.items.item_event("response.content_part.added", opened, content_index=0, part=empty)
        yield Pause(step.hesitates)
        if opened.part == "audio":
            yield from self._speak(opened, message)
        else:
            yield from self._write(opened, message)
        yield from self._end_item(closes_late=self._closes_late(message))

    def _closes_late(self, message: Message) -> bool:
        """A gpt-realtime-2.x message ends only behind the content of the item that follows it (recorded).

        One that a failure cuts off is not whole, so it ends with its response.
        """
        if message.say.closes_late is not None:
            return message.say.closes_late
        content = (step for step in message.later if isinstance(step, Say | Silence | Call | McpCall | Fail))
        if isinstance(next(content, None), Fail):
            return True
        followed = any(isinstance(other, Say | Silence | Call) for other in message.later)
        return self.response.plan.is_second_generation and followed

    def _write(self, opened: OpenItem, message: Message) -> Iterator[Beat]:
        """Silence in a text is nothing but time."""
        options = self._stage.options
        yield Pause(options.paced(message.before, pace=message.say.pace))
        pause = Pause(options.paced(_TEXT_PIECE_SECONDS, pace=message.say.pace))
        delta = self.items.deltas("response.output_text.delta", opened, content_index=0)
        for piece in pieces(self._within_limit(message.say.text)):
            yield delta(piece)
            yield pause
        yield Pause(0.0 if self._is_cut else options.paced(message.behind, pace=message.say.pace))

    def _speak(self, opened: OpenItem, message: Message) -> Iterator[Beat]:
        """Transcript and audio interleave, the transcript ahead; on a call the audio goes to the speaker at once."""
        plan, options, step = self.response.plan, self._stage.options, message.say
        kept, speech = fitting(message, self._speech(step), tokens_left=self._tokens_left())
        self._is_cut = (kept, speech.before, speech.behind) != (step.text, message.before, message.behind)
        plays = options.plays_audio and bool(speech.pcm) and self._stage.playback.takes(self.response.id)
        if plays:
            self._has_audio = True
            opened.item.audio = speech.pcm
            self._stage.playback.queue(self.response.id, opened.item)
            yield PlayAudio(self.response.id, speech)
        at = 0.0
        audio_format = plan.audio_format if options.transport == "websocket" else None
        transcript = self.items.deltas("response.output_audio_transcript.delta", opened, content_index=0)
        for due, part in timeline(kept, speech, audio_format=audio_format, transcript=step.transcript):
            yield Pause(options.paced(due - at, pace=step.pace))
            at = due
            if isinstance(part, AudioDelta):
                opened.item.audio += part.pcm
                yield self.items.item_event("response.output_audio.delta", opened, content_index=0, delta=part.delta)
            else:
                yield transcript(part)
        if plays and self._stage.playback.starts_next(self.response.id):
            yield Hold(PLAYOUT_PATIENCE)

    def _speech(self, step: Say) -> Speech:
        if step.audio is not None:
            return Speech(step.text, step.audio.pcm)
        if step.sound == "markers":
            return Speech(step.text, markers(len(step.text.split()), rate=SAMPLE_RATE))
        plan = self.response.plan
        return self._stage.voice.speak(step.text, voice=step.voice or voice_name(plan.voice), speed=plan.speed)

    def _function_call(self, call: Call) -> Iterator[Beat]:
        """The events that end a call leave back to back: clients answer from any of them."""
        call_id = call.call_id or self._stage.ids.function_call()
        wire = {"type": "function_call", "status": "in_progress", "name": call.name, "call_id": call_id}
        opened = self.items.begin({**wire, "arguments": ""})
        yield from self.items.added(opened)
        delta = self.items.deltas("response.function_call_arguments.delta", opened, call_id=call_id)
        for piece in pieces(self._within_limit(call.arguments)):
            yield delta(piece)
            yield Pause(self._stage.options.paced(_TEXT_PIECE_SECONDS))
        yield from self._end_item(closes_late=bool(call.closes_late))

    def _mcp_call(self, step: McpCall) -> Iterator[Beat]:
        """The call is made in this response, unless the client must approve: then it has to wait."""
        wire = {"type": "mcp_call", "server_label": step.server_label, "name": step.name}
        opened = self.items.begin({**wire, "arguments": ""})
        yield from self.items.added(opened)
        delta = self.items.deltas("response.mcp_call_arguments.delta", opened)
        for piece in pieces(self._within_limit(step.arguments)):
            yield delta(piece)
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

    def _within_limit(self, text: str) -> str:
        """As much of the text as `max_output_tokens` lets through; the response ends behind a cut."""
        kept = fitting_text(text, tokens_left=self._tokens_left())
        self._is_cut = kept != text
        return kept

    def _tokens_left(self) -> float:
        return self.response.tokens_left() - self.items.unsettled()

    def _fail(self, step: Fail) -> Iterator[Effect]:
        yield from self.items.close("incomplete")
        known = self._stage.recall.known(self._turn)
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
