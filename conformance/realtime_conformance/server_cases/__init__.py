"""What a server has to do: one module for each area of the protocol."""

from __future__ import annotations

from realtime_conformance.case import Case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import (
    cancelling,
    errors,
    items,
    mcp,
    out_of_band,
    response,
    session,
    tools,
    usage,
)

CASES: tuple[Case[Server], ...] = (
    *session.CASES,
    *items.CASES,
    *response.CASES,
    *cancelling.CASES,
    *out_of_band.CASES,
    *tools.CASES,
    *mcp.CASES,
    *errors.CASES,
    *usage.CASES,
)
"""All of them, in the order in which they run."""
