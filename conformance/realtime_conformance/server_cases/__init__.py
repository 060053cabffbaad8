"""What a server has to do: one module for each area of the protocol."""

from __future__ import annotations

from realtime_conformance.case import Case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import response

CASES: tuple[Case[Server], ...] = (*response.CASES,)
"""All of them, in the order in which they run."""
