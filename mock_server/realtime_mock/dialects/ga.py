"""The GA dialect, which is the session's own: everything passes as it is."""

from __future__ import annotations

from typing import Any

from realtime_mock.registry import SchemaRegistry


class GaDialect:
    """Passes events both ways. What a client sends is judged by the session itself."""

    notice: str | None = None

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry

    def decode(self, event: object) -> object:
        """The event itself."""
        return event

    def encode(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """The event itself."""
        return [event]

    def first_server_error(self, event: object) -> str | None:
        """How the event breaks its GA schema, or None."""
        return self._registry.first_server_error(event)
