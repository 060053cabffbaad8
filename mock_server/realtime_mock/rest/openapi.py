"""The OpenAPI document of the control API, made from the table of its operations and from the schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from realtime_mock import __version__
from realtime_mock._resources import schemas_dir
from realtime_mock.registry.store import SchemaStore
from realtime_mock.rest.operations import JSON, Body, Operation

_ERROR = "error"
_ALWAYS = {
    401: "the mock wants its token (`serve --control-token`)",
    403: "the request comes from a page, or for a host, that is not allowed",
}
_ABOUT = (
    "How tests set a mock, look at it and act on it. It is for the developer's side only: requests for a foreign host, "
    "and from pages of another origin, are refused unless `serve --control-host` or `--control-origin` allow them."
)
_PATH_PARAMETERS = {
    "name": "The lane's name.",
    "faults/{id}": "The fault's id.",
    "sessions/{id}": "The session's id.",
    "calls/{id}": "The call's id.",
}


class OpenApi:
    """Shows the document, which is made when it is first asked for."""

    def __init__(self) -> None:
        self.operations: tuple[Operation, ...] = ()
        self._document: dict[str, Any] | None = None

    async def show(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/openapi.json`: this document, OpenAPI 3.1."""
        return web.json_response(self.document())

    def document(self) -> dict[str, Any]:
        """The document."""
        if self._document is None:
            self._document = document(self.operations)
        return self._document


OPENAPI = web.AppKey("openapi", OpenApi)
"""Under which the application keeps it."""


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these operations."""
    listed = tuple(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control API of realtime-mock", "version": __version__, "description": _ABOUT},
        "tags": [{"name": section} for section in dict.fromkeys(operation.section for operation in listed)],
        "paths": paths,
        "components": {"schemas": _schemas(listed), "securitySchemes": _SECURITY},
        "security": [{}, {"token": []}, {"tokenHeader": []}],
    }


_SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "tokenHeader": {"type": "apiKey", "in": "header", "name": "X-Realtime-Mock-Token"},
}


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.section],
        "summary": operation.summary,
        **({"description": operation.details} if operation.details else {}),
        "parameters": [*_path_parameters(operation), *_parameters(operation)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {"content": _content(operation.body)}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    found = re.findall(r"(?:(\w+)/)?\{(\w+)\}", operation.path)
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_PARAMETERS.get(f"{before}/{{{name}}}", _PATH_PARAMETERS.get(name, "")),
            "schema": {"type": "string"},
        }
        for before, name in found
    ]


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "in": each.where, "description": each.description, "schema": dict(each.schema)}
        for each in operation.parameters
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    success = {"description": "What was asked for.", "content": _content(operation.answer)}
    refused = {
        str(status): {"description": f"{why[:1].upper()}{why[1:]}.", "content": _content(Body(_ERROR))}
        for status, why in sorted({**_ALWAYS, **operation.errors}.items())
    }
    return {str(operation.status): success, **refused}


def _content(body: Body) -> dict[str, Any]:
    return {media: _of_media(body, media) for media in body.media}


def _of_media(body: Body, media: str) -> dict[str, Any]:
    # A stream, a WAV file and YAML are described by their type alone.
    if body.schema is None or media not in (JSON, "multipart/form-data"):
        return {}
    return {"schema": {"$ref": f"#/components/schemas/{body.schema}"}}


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    store = SchemaStore.read(schemas_dir(), below=("ga", "beta", "http"))
    bodies = [body for each in operations for body in (each.body, each.answer) if body is not None]
    names = sorted({_ERROR, *(body.schema for body in bodies if body.schema is not None)})
    return {name: _bare(store.expanded(f"http/{name}")) for name in names}


def _bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema inside a document that says itself where it stands."""
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
