"""Servers that refuse in the wrong way, by the check that each trips."""

from tests.negative.breaking import Negative, become, change, drop, follow, lose

UPDATED = {"type": "session.updated", "event_id": "x", "session": {"type": "realtime"}}

ROWS = {
    "ERR-003": "of-a-session inside-a-session beta-modalities beta-voice beta-format beta-temperature of-an-item "
    "of-a-response of-an-event",
    "ERR-004": "session session-type item item-type part-text item-id truncate-end tool-name audio",
    "ERR-005": "session-type modalities tool-choice detector noise delay role part conversation",
    "ERR-006": "session instructions tools content metadata item-id",
    "ERR-007": "rate no-tokens too-many-tokens idle-timeout speed slowness ratio",
    "ERR-008": "description metadata event-id",
}
"""The wrong events of the cases that try many, in their order."""


def table(case, slugs):
    """A server that gives one error another code; one that lets the first event pass; one that does what it refuses."""
    for nth, slug in enumerate(slugs, 1):
        yield f"{case}.{slug}", Negative(change("error", error__code="other", nth=nth))
    yield f"{case}.each-refused", Negative(become("error", lambda _: [], nth=1), follows=(slugs[0],))
    yield f"{case}.nothing-else", Negative(follow("error", UPDATED, nth=1))


def words(nth):
    return Negative(change("error", error__message="No.", nth=nth))


NEGATIVES = {
    **{check: negative for case, slugs in ROWS.items() for check, negative in table(case, slugs.split())},
    "ERR-001.type-and-message": Negative(change("error", error__message="", nth=1)),
    "ERR-001.names-the-event": Negative(change("error", error__event_id=None)),
    "ERR-001.all-keys": Negative(lose("error", "error__param", nth=2)),
    "ERR-001.no-name-to-give": Negative(change("error", error__event_id="my_event_1")),
    "ERR-001.type": Negative(change("error", error__type="server_error")),
    "ERR-002.refused": Negative(
        become("error", lambda _: [], nth=1), follows=("code", "lists-the-types", "names-the-event")
    ),
    "ERR-002.code": Negative(change("error", error__param=None, nth=1)),
    "ERR-002.lists-the-types": Negative(words(1).events),
    "ERR-002.names-the-event": Negative(change("error", error__event_id=None, nth=1)),
    "ERR-002.typeless-refused": Negative(become("error", lambda _: [], nth=2), follows=("typeless-code",)),
    "ERR-002.typeless-code": Negative(change("error", error__code=None, nth=2)),
    "ERR-002.session-lives": Negative(change("session.updated", session={}, nth=2)),
    "ERR-009.unknown-key": words(1),
    "ERR-009.missing-key": words(2),
    "ERR-009.number": words(3),
    "ERR-009.text": words(4),
    "ERR-009.value": words(5),
    "ERR-010.one-each": Negative(become("error", lambda event: [event, event], nth=20), follows=("by-name-in-order",)),
    "ERR-010.by-name-in-order": Negative(change("error", error__event_id=None, nth=3)),
    "ERR-010.nothing-else": Negative(follow("error", UPDATED, nth=1)),
    "ERR-010.answers-afterwards": Negative(change("response.done", response__status="failed")),
    "ERR-011.answered": Negative(change("error", error__event_id=None)),
    "ERR-011.response-completes": Negative(change("response.done", response__status="failed")),
    "ERR-013.refused-on-a-websocket-only": Negative(drop("error")),
    "ERR-012.refused": Negative(drop("error"), follows=("code", "message")),
    "ERR-012.code": Negative(change("error", error__code=None)),
    "ERR-012.message": words(1),
    "ERR-012.stays": Negative(change("session.updated", session__type="transcription", nth=2)),
}
