"""What a server has to do: one module for each area of the protocol."""

from __future__ import annotations

from realtime_conformance.case import Case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import cancelling, items, out_of_band, response, session

CASES: tuple[Case[Server], ...] = (*session.CASES, *items.CASES, *response.CASES, *cancelling.CASES, *out_of_band.CASES)
"""All of them, in the order in which they run."""
