"""What a server has to do: one module for each area of the protocol."""

from __future__ import annotations

from realtime_conformance.case import Case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import (
    cancelling,
    connection,
    errors,
    http,
    input_audio,
    interruption,
    items,
    mcp,
    out_of_band,
    response,
    session,
    sideband,
    tools,
    usage,
    webrtc,
)

CASES: tuple[Case[Server], ...] = (
    *connection.CASES,
    *http.CASES,
    *session.CASES,
    *items.CASES,
    *response.CASES,
    *cancelling.CASES,
    *out_of_band.CASES,
    *tools.CASES,
    *mcp.CASES,
    *errors.CASES,
    *usage.CASES,
    *input_audio.CASES,
    *interruption.CASES,
    *webrtc.CASES,
    *sideband.CASES,
)
"""All of them, in the order in which they run."""
