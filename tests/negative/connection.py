"""Servers that open, refuse or end connections wrongly, by the check that each trips."""

from dataclasses import replace
from typing import Any

from tests.negative.breaking import Breakage, Negative, Wrapped, add, become, change, drop, every, repeat

from realtime_conformance.targets.base import Answer, Ended, Opening, Refused, Silence


def refuses_over_http(_opening: Opening) -> Opening:
    raise Refused(Answer(401, {}, b""))


def closes(code: int | None = None, reason: str | None = None) -> Any:
    def ended(end: Ended) -> Ended:
        return Ended(end.code if code is None else code, end.reason if reason is None else reason)

    return ended


def refusal(case_id: str, *, accepted: dict[str, Any], follows: tuple[str, ...] = ()) -> dict[str, Negative]:
    """The negatives of a case whose attempt is refused; with `accepted` for its opening it would not be."""
    told = ("one-error", "code", *follows, "close-code", "close-reason")
    return {
        f"{case_id}.refused": Negative(opening=lambda opening: replace(opening, **accepted), follows=told),
        f"{case_id}.upgraded": Negative(opening=refuses_over_http, follows=told),
        f"{case_id}.one-error": Negative(repeat("error")),
        f"{case_id}.code": Negative(change("error", error__code="no_such_code")),
        f"{case_id}.close-code": Negative(ended=closes(code=1008)),
        f"{case_id}.close-reason": Negative(ended=closes(reason="Goodbye.")),
    }


def with_event_id(event_id: str) -> Breakage:
    """Every event has the same id."""
    return lambda: lambda event: [{**event, "event_id": event_id}]


class NoPong(Wrapped):
    """A connection whose PINGs are not answered."""

    async def ping(self, within: float) -> None:
        raise Silence("no PONG came")


class WithoutSubprotocol(Wrapped):
    """A WebSocket for which no subprotocol was chosen."""

    subprotocol = None


class EndsOn(Wrapped):
    """A connection that ends where a message comes for which `is_fatal`."""

    def __init__(self, connection: Any, is_fatal: Any) -> None:
        super().__init__(connection)
        self._is_fatal = is_fatal
        self._is_over = False

    async def send(self, message: Any) -> None:
        self._is_over = self._is_over or self._is_fatal(message)
        await self._connection.send(message)

    async def receive(self, within: float) -> Any:
        if self._is_over:
            raise Ended(1007)
        return await self._connection.receive(within)


def ends_after_pong(connection: Any) -> Any:
    class EndsAfterPong(EndsOn):
        async def ping(self, within: float) -> None:
            self._is_over = True
            await self._connection.ping(within)

    return EndsAfterPong(connection, lambda _message: False)


OTHER_ITEM = {"type": "conversation.item.added", "item": {"id": "item_x", "type": "message"}}
STALE = {"type": "response.output_text.delta", "response_id": "resp_x", "delta": "stale"}
UPDATED = {"type": "session.updated", "event_id": "event_x", "session": {"type": "realtime"}}

NEGATIVES = {
    "CONN-001.created-comes-first": Negative(
        lambda: lambda event: [UPDATED, event] if event["type"] == "session.created" else [event]
    ),
    "CONN-001.event-has-an-id": Negative(change("session.created", event_id="")),
    "CONN-001.created-comes-once": Negative(repeat("session.created")),
    **refusal("CONN-002", accepted={"key": "sk-conformance"}),
    **refusal("CONN-003", accepted={"key": "sk-conformance"}),
    **refusal("CONN-004", accepted={"model": "gpt-realtime"}, follows=("names-the-model",)),
    "CONN-004.names-the-model": Negative(change("error", error__message="No.")),
    **refusal("CONN-005", accepted={"query": {"model": "gpt-realtime"}}),
    **refusal("CONN-006", accepted={"headers": {}}),
    **refusal("CONN-007", accepted={"query": {"model": "gpt-realtime"}}),
    "CONN-008.chooses-realtime": Negative(connection=WithoutSubprotocol),
    "CONN-008.opens": Negative(change("session.created", type="session.updated")),
    "CONN-009.refused": Negative(opening=lambda opening: replace(opening, key="sk-conformance")),
    "CONN-010.refused": Negative(drop("error"), follows=("code", "type")),
    "CONN-010.code": Negative(change("error", error__code="invalid_event")),
    "CONN-010.type": Negative(change("error", error__type="server_error")),
    "CONN-010.goes-on": Negative(become("session.updated", lambda _event: [], nth=3)),
    "CONN-011.refused": Negative(drop("error"), follows=("type",)),
    "CONN-011.type": Negative(change("error", error__type="server_error")),
    "CONN-011.goes-on": Negative(become("session.updated", lambda _event: [], nth=8)),
    "CONN-012.refused": Negative(
        connection=lambda connection: EndsOn(connection, lambda message: isinstance(message, bytes)),
        follows=("code", "type", "goes-on"),
    ),
    "CONN-012.code": Negative(change("error", error__code="invalid_json")),
    "CONN-012.type": Negative(change("error", error__type="server_error")),
    "CONN-012.goes-on": Negative(become("session.updated", lambda _event: [], nth=2)),
    "CONN-013.taken": Negative(change("input_audio_buffer.committed", type="error", error={"message": "Too large."})),
    "CONN-014.pong": Negative(connection=NoPong, follows=("goes-on",)),
    "CONN-014.goes-on": Negative(connection=ends_after_pong),
    "CONN-015.item-is-unknown-elsewhere": Negative(change("error", type="conversation.item.retrieved")),
    "CONN-015.no-events-elsewhere": Negative(add(OTHER_ITEM, after="session.created")),
    "CONN-015.event-ids-differ": Negative(with_event_id("event_1")),
    "CONN-016.nothing-left-over": Negative(add(STALE, after="session.updated")),
    "CONN-016.answers": Negative(change("response.done", response__status="failed")),
    "CONN-016.response-is-its-own": Negative(
        every(change("response.created", response__id="resp_1"), change("response.done", response__id="resp_1"))
    ),
}
