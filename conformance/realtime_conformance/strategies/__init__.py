"""Hypothesis strategies for the events of the Realtime API, one by one and in whole conversations."""

from realtime_conformance.strategies.breakage import BrokenStream, broken_streams
from realtime_conformance.strategies.checks import check_rejects_invalid, check_round_trip, check_tolerates_unknown
from realtime_conformance.strategies.chunks import Chunk, Delivery, wire_chunks
from realtime_conformance.strategies.client_view import ClientView
from realtime_conformance.strategies.events import (
    client_events,
    invalid_client_events,
    items,
    responses,
    server_events,
    sessions,
)
from realtime_conformance.strategies.machine import ClientMachine
from realtime_conformance.strategies.mutations import Mutation
from realtime_conformance.strategies.reducers import check_reducer
from realtime_conformance.strategies.scripts import ClientScript, Hear, Send, Wait, client_scripts, play
from realtime_conformance.strategies.streams import Conversation, conversations, event_streams

__all__ = [
    "BrokenStream",
    "Chunk",
    "ClientMachine",
    "ClientScript",
    "ClientView",
    "Conversation",
    "Delivery",
    "Hear",
    "Mutation",
    "Send",
    "Wait",
    "broken_streams",
    "check_reducer",
    "check_rejects_invalid",
    "check_round_trip",
    "check_tolerates_unknown",
    "client_events",
    "client_scripts",
    "conversations",
    "event_streams",
    "invalid_client_events",
    "items",
    "play",
    "responses",
    "server_events",
    "sessions",
    "wire_chunks",
]
