"""Hypothesis strategies for the events of the Realtime API."""

from realtime_conformance.strategies.checks import check_rejects_invalid, check_round_trip, check_tolerates_unknown
from realtime_conformance.strategies.events import (
    client_events,
    invalid_client_events,
    items,
    responses,
    server_events,
    sessions,
)
from realtime_conformance.strategies.mutations import Mutation

__all__ = [
    "Mutation",
    "check_rejects_invalid",
    "check_round_trip",
    "check_tolerates_unknown",
    "client_events",
    "invalid_client_events",
    "items",
    "responses",
    "server_events",
    "sessions",
]
