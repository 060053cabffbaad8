"""A local mock of the OpenAI Realtime API: no key, no network, no model, the same answers each time."""

__version__ = "0.1.0"
