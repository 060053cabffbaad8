"""One Realtime session as a pure state machine.

Events, audio, the speaker's reports and time go in; effects come out, to be performed in order. The same inputs
give the same outputs, ids included, and nothing a client sends raises. `now` is seconds on any clock that never
goes backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, cast

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.core import errors
from realtime_mock.core.agenda import Agenda, Beat, Pause
from realtime_mock.core.config import Configuration
from realtime_mock.core.conversation import Conversation, ConversationItem, item_as_created
from realtime_mock.core.cues import Acts, Prompter, perform_outside, refuse_where_told
from realtime_mock.core.defaults import is_transcription_model
from realtime_mock.core.effects import Effect, Hangup, PlayoutReport, PlayoutStarted, SendEvent
from realtime_mock.core.events import EventFactory
from realtime_mock.core.hearing import Heard, Span
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.input_audio import InputAudioBuffer
from realtime_mock.core.limits import TokenBudget
from realtime_mock.core.mcp import McpServers
from realtime_mock.core.mcp_listing import list_new_servers
from realtime_mock.core.playback import Playback
from realtime_mock.core.responses import Responses
from realtime_mock.core.situation import situation
from realtime_mock.core.speech import Voice
from realtime_mock.core.stage import SessionOptions, Stage
from realtime_mock.core.turns import Turns
from realtime_mock.core.vad import Detector
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.interface import Script

__all__ = ["Session", "SessionOptions"]


class Session:
    """The state of one session, whatever wire it is on.

    `detector` finds the turns in the input audio; by default it is the energy detector.
    """

    def __init__(
        self,
        *,
        options: SessionOptions,
        config: Mapping[str, Any],
        ids: IdFactory,
        registry: SchemaRegistry,
        script: Script,
        voice: Voice,
        detector: Detector | None = None,
    ) -> None:
        events = EventFactory(ids)
        self._config = Configuration(config)
        self._registry = registry
        self._stage = Stage(
            options=options,
            config=self._config,
            budget=TokenBudget(options.limits.tokens_per_minute),
            ids=ids,
            events=events,
            conversation=Conversation(ids.conversation()),
            agenda=Agenda(),
            playback=Playback(events),
            mcp=McpServers(),
            script=script,
            voice=voice,
        )
        self._responses = Responses(self._stage)
        self._turns = Turns(self._stage, self._responses, InputAudioBuffer(detector))
        self._prompter = Prompter(self._stage, prime=self._responses.prime, respond=self._responses.respond)
        self._closed = False

    @property
    def id(self) -> str:
        """The session's id."""
        session_id: str = self._config.session["id"]
        return session_id

    @property
    def listens(self) -> bool:
        """Whether somebody listens for turns: audio is only kept otherwise, until a client commits it."""
        return self._config.audio_input["turn_detection"] is not None

    def open(self, now: float) -> list[Effect]:
        """Begin: `session.created` is the first event on every channel that was there from the start."""
        return self._input(now, self._open)

    def receive_event(self, event: object, now: float) -> list[Effect]:
        """Take one client event, decoded from JSON; an invalid one gets exactly one `error` and changes nothing."""
        return self._input(now, lambda: chain(self._turns.give_up(), self._receive(event)))

    def receive_audio(self, pcm: bytes, now: float, *, lost: Sequence[Span] = ()) -> list[Effect]:
        """Take audio of a call's microphone: 24 kHz, 16-bit, mono; `lost` are samples that fill what never arrived."""
        return self._input(now, lambda: chain(self._turns.give_up(), self._turns.listen(pcm, lost)))

    def receive_hearing(self, item_id: str, heard: Heard, now: float) -> list[Effect]:
        """Take what the utterance of a `Listen` says: what depends on it goes on.

        An event or audio that comes before it is taken as if nothing had been understood.
        """
        return self._input(now, lambda: self._turns.understood(item_id, heard))

    def receive_playout(self, report: PlayoutReport, now: float) -> list[Effect]:
        """Take a report of the call's speaker."""
        return self._input(now, lambda: self._play_out(report))

    def refuse(self, error: ApiError, now: float, *, event_id: str | None = None) -> list[Effect]:
        """Refuse something that never became an event: a frame that is not JSON, or too large, or binary."""
        return self._input(now, lambda: iter([self._stage.events.error(error, event_id=event_id, refusal=True)]))

    @property
    def has_more(self) -> bool:
        """Whether more is due at the time of the last input: `handle_timer`, at that same time, gives it."""
        due = self._stage.agenda.next_due()
        return due is not None and due <= self._stage.agenda.now

    def next_timer(self) -> float | None:
        """When `handle_timer` wants to be called, or None."""
        return self._stage.agenda.next_due()

    def handle_timer(self, now: float) -> list[Effect]:
        """Do what is due by now."""
        if self._closed:
            return []
        return self._effects(islice(self._stage.agenda.run(now), self._stage.options.portion))

    def close(self, now: float) -> list[Effect]:  # noqa: ARG002 - every input of the contract takes the time
        """End the session: nothing comes out of it any more."""
        self._end()
        return []

    def snapshot(self) -> dict[str, Any]:
        """What an observer may know: the session object, the items, the active response."""
        return {
            "session": self._config.session,
            "items": [item.wire for item in self._stage.conversation],
            "active_response_id": self._responses.active_id(),
            "closed": self._closed,
        }

    def _input(self, now: float, work: Callable[[], Iterator[Effect]]) -> list[Effect]:
        """Every input goes the same way: what is overdue, then the input, then what it made due."""
        if self._closed:
            return []
        agenda, portion = self._stage.agenda, self._stage.options.portion
        made = chain(agenda.run(now), work())
        # Where portions are asked for, what the input made due is the next one, and the answer itself leaves before it.
        return self._effects(made if portion else chain(made, agenda.run(now)))

    def _effects(self, made: Iterator[Effect]) -> list[Effect]:
        effects: list[Effect] = []
        for own in made:
            if not self._prompter.heeds(own):
                effects.append(own)
                continue
            for effect in self._prompter.pass_on(own):
                effects.append(effect)
                if isinstance(effect, Hangup):
                    self._end()
                    return effects
        return effects

    def _end(self) -> None:
        self._closed = True
        self._stage.agenda.clear()

    def _open(self) -> Iterator[Effect]:
        limits = self._stage.options.limits
        if limits.lifetime is not None:
            self._stage.agenda.start(self._expire(limits.lifetime, after=limits.ends_after))
        yield self._stage.events.make("session.created", session=self._config.session)
        list_new_servers(self._stage, self._config.session.get("tools"))

    def _expire(self, lifetime: float, *, after: float | None) -> Generator[Beat, None, None]:
        """An `error`, then the close, whose reason is the same text (recorded)."""
        yield Pause(lifetime if after is None else after)
        error = errors.session_expired(lifetime)
        yield self._stage.events.error(error)
        yield Hangup(1001, error.message)

    def _receive(self, event: object) -> Iterator[Effect]:
        error = self._registry.first_error(event, transport=self._stage.options.transport)
        if error is not None:
            yield self._refusal(event, error)
            return
        try:
            yield from self._handle(cast("dict[str, Any]", event))
        except ClientFault as fault:
            yield self._refusal(event, fault.error)._replace(scripted=fault.scripted)

    def _handle(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        """Let the script see the event, then do what it says. A `response.create` asks the script itself."""
        handler = _HANDLERS[event["type"]]
        if event["type"] == "response.create":
            yield from handler(self, event)
            return
        turn = self._stage.script.on_event(event, situation(self._stage, event))
        acts = Acts(proceed=lambda _changes: self._handle_late(handler, event), respond=self._responses.respond)
        if turn is not None:
            refuse_where_told(self._stage, turn, acts)
        if turn is None or not turn.instead:
            yield from handler(self, event)
        if turn is None:
            return
        if turn.is_answer:
            self._responses.prime(turn)
            return
        self._stage.agenda.start(perform_outside(self._stage, turn, acts))

    def _handle_late(self, handler: Handler, event: Mapping[str, Any]) -> Iterator[Effect]:
        """Take a client's event when a script lets it proceed. By now its refusal may fall on another event's time."""
        try:
            yield from handler(self, event)
        except ClientFault as fault:
            yield self._stage.events.error(fault.error, event_id=event.get("event_id"))

    def _refusal(self, event: object, error: ApiError) -> SendEvent:
        event_id = event.get("event_id") if isinstance(event, dict) else None
        return self._stage.events.error(error, event_id=event_id if isinstance(event_id, str) else None, refusal=True)

    def _update(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        tools = event["session"].get("tools")
        self._stage.mcp.check(tools, path="session.tools")
        if event["session"]["type"] == "transcription" and is_transcription_model(self._config.model):
            error = errors.transcription_model(self._config.model)
            yield self._refusal(event, error)
            yield Hangup(4000, f"{error.type}.{error.code}")
            return
        self._config.update(event["session"], has_spoken=self._stage.conversation.has_assistant_audio())
        self._stage.mcp.redefine(tools)
        yield self._stage.events.make("session.updated", session=self._config.session)
        list_new_servers(self._stage, tools)

    def _create_item(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        given = event["item"]
        conversation, ids = self._stage.conversation, self._stage.ids
        if given["type"] == "function_call_output" and not conversation.has_call(given["call_id"]):
            raise errors.unknown_tool_call(given["call_id"])
        if given["type"] == "mcp_approval_response":
            self._stage.mcp.check_answer(given)
        wire = item_as_created(given, item_id=ids.item(), call_id=ids.function_call())
        item = self._turns.with_audio(ConversationItem(wire), given)
        previous = conversation.insert(item, after=event.get("previous_item_id"))
        yield from self._turns.added(item, previous)
        yield from self._turns.hear_item(item)
        if given["type"] == "mcp_approval_response":
            self._stage.agenda.start(self._stage.mcp.answered(given))

    def _delete_item(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        item = self._find(event["item_id"], errors.delete_unknown_item)
        self._stage.conversation.remove(item)
        yield self._stage.events.make("conversation.item.deleted", item_id=item.id)

    def _retrieve_item(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        item = self._find(event["item_id"], errors.retrieve_unknown_item)
        yield self._stage.events.make("conversation.item.retrieved", item=item.with_audio())

    def _truncate_item(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        item = self._find(event["item_id"], errors.truncate_unknown_item)
        end_ms = event["audio_end_ms"]
        if not item.is_assistant_audio:
            raise errors.truncate_not_audio()
        if end_ms > item.audio_ms:
            raise errors.truncate_too_long(item.audio_ms, end_ms)
        item.truncate(end_ms)
        fields = {key: event[key] for key in ("item_id", "content_index", "audio_end_ms")}
        yield self._stage.events.make("conversation.item.truncated", **fields)

    def _find(self, item_id: str, fault: Callable[[str], ClientFault]) -> ConversationItem:
        item = self._stage.conversation.find(item_id)
        if item is None:
            raise fault(item_id)
        return item

    def _append(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        """The API sends no confirmation of an append."""
        yield from self._turns.append(event["audio"])

    def _commit(self, _event: Mapping[str, Any]) -> Iterator[Effect]:
        yield from self._turns.commit()

    def _clear_input(self, _event: Mapping[str, Any]) -> Iterator[Effect]:
        self._turns.clear()
        yield self._stage.events.make("input_audio_buffer.cleared")

    def _clear_output(self, _event: Mapping[str, Any]) -> Iterator[Effect]:
        """The speaker reports what it dropped; where nothing plays, nothing is said (UNSURE)."""
        yield from self._stage.playback.clear(truncates=False)

    def _create_response(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        if self._config.is_transcription:
            raise errors.no_responses(event["type"])
        yield from self._responses.create(event)

    def _cancel_response(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        yield from self._responses.cancel(event.get("response_id"), reason="client_cancelled")

    def _play_out(self, report: PlayoutReport) -> Iterator[Effect]:
        yield from self._stage.playback.receive(report)
        if isinstance(report, PlayoutStarted):
            self._responses.resume(report.response_id)
        else:
            self._turns.await_user(0.0)


Handler = Callable[[Session, Mapping[str, Any]], Iterator[Effect]]

# ruff: noqa: SLF001 - the table belongs to the class, and is made once for all sessions
_HANDLERS: Mapping[str, Handler] = {
    "session.update": Session._update,
    "conversation.item.create": Session._create_item,
    "conversation.item.delete": Session._delete_item,
    "conversation.item.retrieve": Session._retrieve_item,
    "conversation.item.truncate": Session._truncate_item,
    "input_audio_buffer.append": Session._append,
    "input_audio_buffer.commit": Session._commit,
    "input_audio_buffer.clear": Session._clear_input,
    "output_audio_buffer.clear": Session._clear_output,
    "response.create": Session._create_response,
    "response.cancel": Session._cancel_response,
}
