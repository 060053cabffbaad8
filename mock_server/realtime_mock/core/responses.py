"""All responses of a session: one at a time on the default conversation, any number out of band."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_mock.core import errors, usage
from realtime_mock.core.agenda import Performance
from realtime_mock.core.conversation import ConversationItem, item_as_created
from realtime_mock.core.defaults import is_second_generation
from realtime_mock.core.effects import Effect
from realtime_mock.core.performer import Performer, perform_outside
from realtime_mock.core.response import Response, ResponsePlan
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.model import ResponseRequest, Turn

AUTOMATIC: Mapping[str, Any] = {"type": "response.create"}
"""What a scenario's rules see when the voice detector asks for a response."""


@dataclass(slots=True)
class Under:
    """A response under way: who performs it, and its place on the agenda."""

    performer: Performer
    performance: Performance


@dataclass(slots=True)
class Responses:
    """Creates, cancels and remembers responses."""

    stage: Stage
    _active: dict[str, Under] = field(default_factory=dict)
    _primed: deque[Turn] = field(default_factory=deque)

    def prime(self, turn: Turn) -> None:
        """Keep an answer for the next response."""
        self._primed.append(turn)

    def active_id(self) -> str | None:
        """The id of the default conversation's active response, or None."""
        return next((under.performer.response.id for under in self._underway() if _is_default(under)), None)

    def create(self, event: Mapping[str, Any], session: Mapping[str, Any]) -> Iterator[Effect]:
        """Start the response that a client (or the voice detector) asks for.

        A scripted turn that is no answer is performed as it stands, without a response around it.

        Raises:
            ClientFault: the default conversation has an active response; the input refers to nothing;
                or a script refuses.
        """
        given = event.get("response") or {}
        in_conversation = given.get("conversation") != "none"
        active_id = self.active_id()
        if in_conversation and active_id is not None:
            raise errors.active_response(active_id)
        visible = self._visible_items(given)
        turn = self._primed.popleft() if self._primed else self.stage.script.on_event(event)
        if turn is not None and turn.refusal is not None:
            raise errors.scripted(turn.refusal)
        if turn is not None and not turn.is_answer:
            self.stage.agenda.start(perform_outside(self.stage, turn))
            return
        plan = self._plan(given, session, visible)
        performer = Performer(self.stage, Response(plan), turn or self.stage.script.answer(plan.request))
        yield performer.created()
        performance = self.stage.agenda.start(performer.perform())
        self._active[plan.id] = Under(performer, performance)

    def cancel(self, response_id: str | None, *, reason: str) -> Iterator[Effect]:
        """End a response: the one with this id, or the default conversation's.

        Raises:
            ClientFault: there is no such active response.
        """
        wanted = response_id or self.active_id()
        under = next((one for one in self._underway() if one.performer.response.id == wanted), None)
        if under is None:
            raise errors.cancel_not_active()
        self.stage.agenda.stop(under.performance)
        yield from under.performer.cancel(reason)

    def resume(self, response_id: str) -> None:
        """Let a response go on that waits for its playback to begin."""
        under = self._active.get(response_id)
        if under is not None:
            self.stage.agenda.resume(under.performance)

    def _underway(self) -> list[Under]:
        """The active responses; those that have ended are forgotten."""
        self._active = {key: under for key, under in self._active.items() if under.performer.response.is_active}
        return list(self._active.values())

    def _visible_items(self, given: Mapping[str, Any]) -> list[ConversationItem]:
        """The items a response sees: the conversation, or just its own `input`."""
        if given.get("input") is None:
            return list(self.stage.conversation)
        return [self._input_item(item) for item in given["input"]]

    def _input_item(self, given: Mapping[str, Any]) -> ConversationItem:
        if given["type"] != "item_reference":
            ids = self.stage.ids
            return ConversationItem(item_as_created(given, item_id=ids.item(), call_id=ids.function_call()))
        found = self.stage.conversation.find(given["id"])
        if found is None:
            raise errors.unknown_reference(given["id"])
        return found

    def _plan(
        self, given: Mapping[str, Any], session: Mapping[str, Any], visible: list[ConversationItem]
    ) -> ResponsePlan:
        """The session's settings, with the response's own over them."""
        request = _request(given, session, visible)
        output = session["audio"]["output"]
        own = (given.get("audio") or {}).get("output") or {}
        limit = given.get("max_output_tokens")
        prompt = usage.prompt_tokens(request.instructions, request.tools)
        for item in visible:
            prompt += usage.item_tokens(item.wire, audio_ms=item.audio_ms)
        return ResponsePlan(
            id=self.stage.ids.response(),
            conversation_id=None if given.get("conversation") == "none" else self.stage.conversation.id,
            output_modalities=request.output_modalities,
            max_output_tokens=session["max_output_tokens"] if limit is None else limit,
            audio_format=own.get("format") or output["format"],
            voice=own.get("voice") or output["voice"],
            speed=output["speed"],
            metadata=given.get("metadata"),
            request=request,
            prompt=prompt,
            is_second_generation=is_second_generation(session["model"]),
        )


def _is_default(under: Under) -> bool:
    return under.performer.response.plan.conversation_id is not None


def _request(given: Mapping[str, Any], session: Mapping[str, Any], visible: list[ConversationItem]) -> ResponseRequest:
    def chosen(key: str) -> Any:
        return session[key] if given.get(key) is None else given[key]

    return ResponseRequest(
        items=tuple(item.wire for item in visible),
        heard={item.id: item.heard for item in visible if item.heard},
        tools=tuple(chosen("tools")),
        tool_choice=chosen("tool_choice"),
        tool_choice_named=given.get("tool_choice") is not None,
        instructions=chosen("instructions"),
        output_modalities=tuple(chosen("output_modalities")),
        metadata=given.get("metadata"),
        instructions_named=given.get("instructions") is not None,
    )
