"""What a client of the beta receives of a session: its events through the codec that the mock serves the beta with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from realtime_mock.core.ids import IdFactory
from realtime_mock.dialects import BetaDialect
from realtime_mock.registry import SchemaRegistry
from realtime_mock.settings import Settings

Event = dict[str, Any]


def in_beta(events: Iterable[Event], *, transport: Literal["websocket", "webrtc"], seed: int = 0) -> list[Event]:
    """Every event that a beta client gets for those of a session, in order; each fits its beta schema.

    Raises:
        AssertionError: one does not.
    """
    codec = BetaDialect(
        SchemaRegistry.bundled(),
        transport=transport,
        new_event_id=IdFactory(seed, 2).event,
        tokens_per_minute=Settings().tokens_per_minute,
    )
    sent = [each for event in events for each in codec.encode(event)]
    for event in sent:
        error = codec.first_server_error(event)
        if error is not None:
            raise AssertionError(f"{event['type']} breaks its schema: {error}\n{event}")
    return sent
