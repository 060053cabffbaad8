"""All responses of a session: one at a time on the default conversation, any number out of band."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_mock.api_error import ClientFault
from realtime_mock.core import errors
from realtime_mock.core.agenda import Performance
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.cues import Acts, perform_outside, refuse_where_told
from realtime_mock.core.effects import Effect, Remark
from realtime_mock.core.mcp_listing import list_new_servers
from realtime_mock.core.performer import Performer
from realtime_mock.core.planning import is_out_of_band, plan_response, visible_items
from realtime_mock.core.response import Response, ResponsePlan
from realtime_mock.core.situation import situation
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.interface import Situation
from realtime_mock.scenario.model import Fail, Turn

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
    on_completed: Callable[[float], None] = lambda after: None  # noqa: ARG005 - the default listens to nothing
    _active: dict[str, Under] = field(default_factory=dict)
    _primed: list[Turn] = field(default_factory=list)
    _made: int = 0
    _latest: tuple[list[ConversationItem], Performer] | None = None

    def prime(self, turn: Turn) -> None:
        """Keep an answer for the next response."""
        self._primed.append(turn)

    def active_id(self) -> str | None:
        """The id of the default conversation's active response, or None."""
        return next((under.performer.response.id for under in self._underway() if _is_default(under)), None)

    def create(self, event: Mapping[str, Any], *, asks_script: bool = True) -> Iterator[Effect]:
        """Start the response that a client (or the voice detector) asks for.

        A scripted turn that is no answer is performed as it stands, without a response around it. `asks_script` is
        False where the script has had its say.

        Raises:
            ClientFault: the default conversation has an active response; the input refers to nothing;
                or a script refuses.
        """
        given = event.get("response") or {}
        active_id = self.active_id()
        if active_id is not None and not is_out_of_band(given):
            raise errors.active_response(active_id)
        self.stage.mcp.check(given.get("tools"), path="response.tools")
        visible = visible_items(self.stage, given)
        asked = situation(self.stage, event, visible)
        turn = self._next_turn(event, asked) if asks_script else None
        acts = Acts(proceed=lambda _changes: self._create_late(event), respond=self.respond)
        if turn is not None:
            refuse_where_told(self.stage, turn, acts)
        if turn is not None and not turn.is_answer:
            self.stage.agenda.start(perform_outside(self.stage, turn, acts))
            return
        if turn is None and asks_script and (miss := self.stage.script.near_miss(event, asked)):
            yield Remark(miss)
        plan = plan_response(self.stage, given, visible, seen=self._seen())
        scripted = self._turn_for(plan, turn)
        self._made += 1
        performer = Performer(self.stage, Response(plan), scripted, on_completed=self.on_completed, number=self._made)
        yield performer.created()
        list_new_servers(self.stage, given.get("tools"))
        performance = self.stage.agenda.start(performer.perform())
        self._active[plan.id] = Under(performer, performance)
        if plan.conversation_id is not None:
            self._latest = (visible, performer)
            if given.get("input") is None and visible:
                self.stage.conversation.forget_before(visible[0])

    def respond(self) -> Iterator[Effect]:
        """Start a response that no client asked for. Where one is active, nothing happens.

        No client event is refused where it cannot start, so the refusal is an error of its own.
        """
        if self.active_id() is not None:
            return
        try:
            yield from self.create(AUTOMATIC)
        except ClientFault as fault:
            yield self.stage.events.error(fault.error)

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

    def _next_turn(self, event: Mapping[str, Any], asked: Callable[[], Situation]) -> Turn | None:
        return self._primed.pop(0) if self._primed else self.stage.script.on_event(event, asked)

    def _create_late(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        try:
            yield from self.create(event, asks_script=False)
        except ClientFault as fault:
            yield self.stage.events.error(fault.error, event_id=event.get("event_id"))

    def _turn_for(self, plan: ResponsePlan, scripted: Turn | None) -> Turn:
        """The scripted turn, else the default answer; a failure where too few tokens are left this minute."""
        stage = self.stage
        refusal = stage.budget.refusal(plan.prompt.total, model=stage.config.model, now=stage.agenda.now)
        if refusal is not None:
            return Turn((Fail(error=refusal),))
        return scripted or stage.script.answer(plan.request)

    def _seen(self) -> list[ConversationItem]:
        """What the default conversation's latest response had seen and made."""
        if self._latest is None:
            return []
        visible, performer = self._latest
        return [*visible, *performer.items.made]

    def _underway(self) -> list[Under]:
        """The active responses; those that have ended are forgotten."""
        self._active = {key: under for key, under in self._active.items() if under.performer.response.is_active}
        return list(self._active.values())


def _is_default(under: Under) -> bool:
    return under.performer.response.plan.conversation_id is not None
