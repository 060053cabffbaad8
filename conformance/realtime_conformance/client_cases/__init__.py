"""What a client has to do, to survive, and never to send: one module for each area."""

from __future__ import annotations

from realtime_conformance.case import Case
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.client_cases import (
    call,
    connection,
    conversation,
    interruption,
    size,
    speech,
    survival,
    tools,
)

CASES: tuple[Case[ClientUnderTest], ...] = (
    *conversation.CASES,
    *survival.CASES,
    *speech.CASES,
    *tools.CASES,
    *interruption.CASES,
    *connection.CASES,
    *size.CASES,
    *call.CASES,
)
"""All of them, in the order in which they run."""
