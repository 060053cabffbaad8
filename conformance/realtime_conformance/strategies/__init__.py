"""Hypothesis strategies for the events of the Realtime API."""

from realtime_conformance.strategies.events import client_events, items, responses, server_events, sessions

__all__ = ["client_events", "items", "responses", "server_events", "sessions"]
