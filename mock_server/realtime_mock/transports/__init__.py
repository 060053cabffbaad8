"""Thin adapters between a wire and a session driver."""
