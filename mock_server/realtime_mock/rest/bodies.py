"""Reading a request's body, whatever it holds."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.errors import HttpFault
from realtime_mock.wire import parse_json

BODY_TIMEOUT = 20.0
"""Seconds within which a body has to arrive."""


async def read_body(request: web.Request) -> bytes:
    """The whole body.

    Raises:
        HttpFault: 400 where its encoding is broken, 408 where it does not arrive.
        web.HTTPRequestEntityTooLarge: it is over the limit.
    """
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await request.read()
    except TimeoutError:
        raise HttpFault(408, ApiError("The request body did not arrive in time.")) from None
    except web.RequestPayloadError as error:
        raise HttpFault(400, ApiError(f"The request body could not be read: {error}")) from None


async def checked_json(request: web.Request, registry: SchemaRegistry, name: str) -> dict[str, Any]:
    """The JSON object of a body, valid by the schema of that name. No body is an empty object.

    Raises:
        HttpFault: as `read_body`, or 400 with the one error found.
    """
    raw = await read_body(request)
    try:
        body = parse_json(raw) if raw.strip() else {}
    except ValueError as error:
        raise HttpFault(400, ApiError(f"We could not parse the JSON body of your request. {error}")) from None
    fault = registry.first_body_error(name, body)
    if fault is not None:
        raise HttpFault(400, fault)
    if not isinstance(body, dict):
        raise HttpFault(400, ApiError("The request body must be a JSON object.", code="invalid_type"))
    return body
