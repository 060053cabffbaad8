"""Steps with their placeholders filled in, at the moment when they are performed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from realtime_mock.scenario.model import Call, McpCall, McpError, Say
from realtime_mock.scenario.placeholders import fill_json, fill_text

Spoken = TypeVar("Spoken", Say, Call, McpCall)


def filled_step(step: Spoken, known: Mapping[str, object]) -> Spoken:
    """The step as it is performed now; `known` is what placeholders stand for."""
    match step:
        case Say():
            return replace(step, text=fill_text(step.text, known))
        case Call():
            return replace(
                step,
                name=fill_text(step.name, known),
                arguments=fill_json(step.arguments, known),
                call_id=None if step.call_id is None else fill_text(step.call_id, known) or None,
            )
        case McpCall():
            return replace(
                step,
                server_label=fill_text(step.server_label, known),
                name=fill_text(step.name, known),
                arguments=fill_json(step.arguments, known),
                output=fill_json(step.output, known),
                error=None if step.error is None else _filled_error(step.error, known),
            )


def _filled_error(error: McpError, known: Mapping[str, object]) -> McpError:
    return replace(error, message=fill_text(error.message, known))
