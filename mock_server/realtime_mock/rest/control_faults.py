"""`/_mock/faults`: what goes wrong in a lane, from now on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.faults.model import Fault
from realtime_mock.faults.reading import parse_text, read_any
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.faults import FaultyRequests
from realtime_mock.rest.lanes import LANE
from realtime_mock.scenario.document import Node, Place, ScenarioError
from realtime_mock.wire import printable

_NAME = "faults"
"""What stands for a file in errors."""


class FaultControl:
    """The control API over the faults of lanes: that of the request, else the default one."""

    def __init__(self, requests: FaultyRequests, registry: SchemaRegistry) -> None:
        self._requests = requests
        self._registry = registry

    async def show(self, request: web.Request) -> web.Response:
        """`GET /_mock/faults`: those in force, with how often each has happened."""
        return web.json_response({"faults": request[LANE].faults.set.shown()})

    async def put(self, request: web.Request) -> web.Response:
        """`PUT /_mock/faults`: from now on these happen, and no others; what hangs is let go."""
        faults = await self._read(request)
        request[LANE].faults.set.replace(faults)
        self._requests.release(request[LANE].name)
        return await self.show(request)

    async def add(self, request: web.Request) -> web.Response:
        """`POST /_mock/faults`: these happen as well; the answer has their ids."""
        faults = await self._read(request)
        in_force = request[LANE].faults.set
        try:
            ids = in_force.add(faults)
        except ValueError as error:
            raise HttpFault(409, ApiError(f"{error}.", code="fault_refused", param="id")) from None
        return web.json_response({"ids": ids, "faults": in_force.shown()}, status=201)

    async def stop_all(self, request: web.Request) -> web.Response:
        """`DELETE /_mock/faults`: nothing goes wrong any more; what hangs is let go."""
        request[LANE].faults.set.replace(())
        self._requests.release(request[LANE].name)
        return await self.show(request)

    async def stop(self, request: web.Request) -> web.Response:
        """`DELETE /_mock/faults/{id}`: one of them happens no more."""
        fault_id = request.match_info["id"]
        if not request[LANE].faults.set.stop(fault_id):
            message = f"No fault '{printable(fault_id)}' is in force. GET /_mock/faults lists those that are."
            raise HttpFault(404, ApiError(message, code="fault_not_found", param="id"))
        self._requests.release(request[LANE].name)
        return await self.show(request)

    async def _read(self, request: web.Request) -> tuple[Fault, ...]:
        """The faults in a body, YAML or JSON."""
        raw = await read_body(request)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise HttpFault(400, ApiError(f"faults: not UTF-8: {error}", code="invalid_fault")) from None
        if not text.strip():
            message = 'The body is empty; write {"faults": [...]}, with [] for none.'
            raise HttpFault(400, ApiError(message, code="invalid_fault"))
        root = None
        try:
            root = parse_text(text, _NAME)
            return read_any(root, self._registry)
        except ScenarioError as error:
            raise HttpFault(400, ApiError(str(error), code="invalid_fault", param=_param(str(error), root))) from None


def _param(message: str, root: Node | None) -> str | None:
    """The path of what stands at the place that an error names.

    A block mapping begins where its first key does: there the key is meant if the message quotes it.
    """
    found = re.match(rf"{_NAME}:(\d+):(\d+): ", message)
    if found is None or root is None:
        return None
    paths = list(_paths(root, Place(_NAME, int(found[1]), int(found[2]))))
    quoted = [path for path in paths if f"'{path.rpartition('.')[2]}'" in message]
    return next(iter([*quoted, *paths]), None) or None


def _paths(node: Node, place: Place, path: str = "") -> Iterator[str]:
    """The paths of the keys and values that begin at a place, outermost first."""
    if node.place == place:
        yield path
    if isinstance(node.value, tuple):
        for number, inner in enumerate(node.value):
            yield from _paths(inner, place, f"{path}[{number}]")
    elif isinstance(node.value, Mapping):
        for key, inner in node.value.items():
            below = f"{path}.{key}" if path else key
            if node.keys[key] == place:
                yield below
            yield from _paths(inner, place, below)
