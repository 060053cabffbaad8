"""SchemaRegistry: is this event allowed, and if not, what would the service say?"""

from __future__ import annotations

from functools import cache
from typing import Literal

import jsonschema_rs

from realtime_mock._resources import schemas_dir
from realtime_mock.api_error import ApiError
from realtime_mock.registry import messages
from realtime_mock.registry.first_error import first_error
from realtime_mock.registry.store import Schema, SchemaStore

Transport = Literal["websocket", "webrtc"]
DialectName = Literal["ga", "beta"]
DIALECTS: tuple[DialectName, ...] = ("ga", "beta")

# The session arrives as a form part of its own; that its name begins the param is UNSURE.
_BODY_PATHS = {"calls.session": "session"}


class SchemaRegistry:
    """Judges the events of one dialect, and HTTP bodies, against a set of schemas.

    A compiled validator (jsonschema-rs) decides; only what it refuses is searched for the fault to
    name. Validators are compiled when first needed and kept. Nothing JSON can carry makes it raise.
    """

    def __init__(self, store: SchemaStore, *, dialect: DialectName = "ga") -> None:
        self._store = store
        self._dialect = dialect
        self._resources = jsonschema_rs.Registry(list(store.by_id.items()))
        self._others: dict[DialectName, SchemaRegistry] = {dialect: self}
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._expanded: dict[str, Schema] = {}
        types = store.by_name[f"{dialect}/components/event-types"]["$defs"]
        self._listed: dict[Transport, tuple[str, ...]] = {
            "websocket": tuple(types["websocket"]["enum"]),
            "webrtc": tuple(types["webrtc"]["enum"]),
        }
        known = set(store.names(f"{dialect}/client/"))
        self._accepted = {name: frozenset(known.intersection(listed)) for name, listed in self._listed.items()}
        self.client_types: tuple[str, ...] = tuple(name for name in self._listed["webrtc"] if name in known)
        """Types of the events a client may send, in the order in which the service lists them."""
        self.server_types: tuple[str, ...] = store.names(f"{dialect}/server/")
        """Types of the events a server may send, in alphabetical order."""

    @classmethod
    def bundled(cls) -> SchemaRegistry:
        """The schemas of this package, for GA. They never change, so every caller gets the same registry."""
        return _bundled()

    def dialect(self, name: DialectName) -> SchemaRegistry:
        """The registry for the events of a dialect, over the same schemas."""
        if name not in self._others:
            self._others[name] = SchemaRegistry(self._store, dialect=name)
        return self._others[name]

    def first_error(self, event: object, *, transport: Transport = "websocket") -> ApiError | None:
        """What the service says of a client event, or None if it takes it."""
        if not isinstance(event, dict):
            return messages.not_an_object(event)
        if "type" not in event:
            return messages.missing_type()
        kind = event["type"]
        if not isinstance(kind, str):
            return messages.wrong_type("type", "a string", kind)
        if kind not in self._accepted[transport]:
            # UNSURE for the two listed types of other session families, which are refused alike here.
            return messages.unsupported_value("type", kind, self._listed[transport])
        return self._first_error(f"{self._dialect}/client/{kind}", event)

    def first_server_error(self, event: object) -> str | None:
        """What is wrong with a server event, in a sentence for developers, or None."""
        kind = event.get("type") if isinstance(event, dict) else None
        name = f"{self._dialect}/server/{kind}"
        if not isinstance(kind, str) or name not in self._store.by_name:
            return f"no server event has the type {messages.clean(repr(kind))}"
        error = self._first_error(name, event)
        return f"{kind}: {error.message}" if error else None

    def event_schema(self, kind: str) -> Schema | None:
        """The schema of the events of this type, with what it refers to put in place; None for no known type."""
        names = (f"{self._dialect}/{side}/{kind}" for side in ("client", "server"))
        return next((self._schema(name) for name in names if name in self._store.by_name), None)

    def first_body_error(self, name: str, body: object) -> ApiError | None:
        """What the service says of an HTTP body, by the name of its file, such as `client_secrets.request`.

        Raises:
            KeyError: no body has that name.
        """
        if not isinstance(body, dict):
            return messages.not_an_object(body)
        return self._first_error(f"http/{name}", body, path=_BODY_PATHS.get(name, ""))

    def _first_error(self, name: str, value: object, *, path: str = "") -> ApiError | None:
        try:
            if self._validator(name).is_valid(value):
                return None
        except ValueError:
            # Python's json lets lone surrogates in, which the validator cannot read: the search alone decides.
            return first_error(self._schema(name), value, path=path)
        return first_error(self._schema(name), value, path=path) or messages.unexplained()

    def _schema(self, name: str) -> Schema:
        if name not in self._expanded:
            self._expanded[name] = self._store.expanded(name)
        return self._expanded[name]

    def _validator(self, name: str) -> jsonschema_rs.Validator:
        if name not in self._validators:
            schema = self._store.by_name[name]
            self._validators[name] = jsonschema_rs.Draft202012Validator(
                schema, registry=self._resources, base_uri=schema["$id"], offline=True
            )
        return self._validators[name]


@cache
def _bundled() -> SchemaRegistry:
    return SchemaRegistry(SchemaStore.read(schemas_dir(), below=("ga", "beta", "http")))
