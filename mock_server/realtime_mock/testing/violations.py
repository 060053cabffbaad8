"""Which refusals mean that a client does not speak the API, and which that it only came at a bad moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime_mock.testing.journal import JournalEntry


def breaks_schema(entry: JournalEntry) -> bool:
    """Whether the refused event breaks its schema in each dialect.

    A `response.create` during a response and whatever a scenario refuses do not: those are refused for the moment at
    which they came.
    """
    if entry.event is None:
        return True
    # The registry compiles its validators: only a test with a refused event pays for that.
    from realtime_mock.registry import DIALECTS, SchemaRegistry  # noqa: PLC0415

    registry = SchemaRegistry.bundled()
    is_call = entry.channel in {"data-channel", "sideband"}
    errors = (
        registry.dialect(name).first_error(entry.event, transport="webrtc" if is_call else "websocket")
        for name in DIALECTS
    )
    told = {**(entry.error or {})}
    return any(error is not None and error.as_json().items() <= told.items() for error in errors)
