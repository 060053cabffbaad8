"""What the protocol allows: the schemas, and the one error that names what an event does wrong."""

from realtime_mock.registry.schema_registry import DIALECTS, DialectName, SchemaRegistry, Transport

__all__ = ["DIALECTS", "DialectName", "SchemaRegistry", "Transport"]
