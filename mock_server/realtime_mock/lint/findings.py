"""What a rule finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from realtime_mock.recording.entries import Entry

Severity = Literal["error", "warning", "hint"]
"""An error is what the service refuses; a warning is what harms, or would at another time; a hint may be meant so."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry, and what to change.

    `advice` is None where the API's own `error` tells what is known. `param` is the place in the event.
    """

    message: str
    advice: str | None = None
    param: str | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with its rule and its place."""

    rule: str
    severity: Severity
    entry: Entry
    fault: Fault

    def as_json(self, advice: str | None) -> dict[str, object]:
        """The finding for programs; `advice` is what to change."""
        entry = self.entry
        return {
            "rule": self.rule,
            "severity": self.severity,
            "place": entry.place,
            "session": entry.session,
            "at": entry.at,
            "after": entry.after,
            "event": entry.type or entry.kind,
            "param": self.fault.param,
            "message": self.fault.message,
            "advice": advice,
        }
