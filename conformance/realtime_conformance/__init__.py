"""Conformance suites for clients and servers of the OpenAI Realtime API."""

__version__ = "0.1.0"
