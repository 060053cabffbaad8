"""Conformance suites for clients and servers of the OpenAI Realtime API."""
