"""Which lane a request is in, and the control API that opens and closes lanes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.lanes import DEFAULT_LANE, KEY_PREFIX, Lane, LaneRefused, Lanes
from realtime_mock.rest.auth import key_of
from realtime_mock.rest.bodies import checked_json
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.secret_store import SecretStore
from realtime_mock.scenario import fields
from realtime_mock.scenario.loader import ScenarioError, bundled_scenarios, load_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.sessions import SessionFactory
from realtime_mock.wire import printable

LANE = web.RequestKey("lane", Lane)
"""Under which a request carries its lane; one that names a scenario carries a copy that plays it."""

LANE_HEADER = "X-Realtime-Mock-Lane"
SCENARIO_HEADER = "X-Realtime-Mock-Scenario"


class LaneControl:
    """Finds the lane of every request; opens and closes lanes."""

    def __init__(self, sessions: SessionFactory, secrets: SecretStore) -> None:
        self._sessions = sessions
        self._lanes: Lanes = sessions.lanes
        self._secrets = secrets
        self._loaded: dict[str, Scenario] = {}

    def find(self, request: web.Request) -> None:
        """Let a request carry its lane.

        Raises:
            HttpFault: 404, there is no such lane, or no such scenario.
        """
        lane = self._lane(request)
        request[LANE] = lane if request.path.startswith("/_mock/") else self._with_scenario(request, lane)

    async def open(self, request: web.Request) -> web.Response:
        """`POST /_mock/lanes` with `{"name": ...}` or nothing: a new lane; the answer holds its key."""
        body = await checked_json(request, self._sessions.registry, "lanes.request")
        try:
            lane = self._lanes.open(body.get("name"))
        except LaneRefused as error:
            raise HttpFault(409, ApiError(f"{error}.", code="lane_refused", param="name")) from None
        return web.json_response(_described(lane), status=201)

    async def list(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/lanes`: those that are open, the default one first."""
        return web.json_response({"lanes": [_described(lane) for lane in self._lanes]})

    async def close(self, request: web.Request) -> web.Response:
        """`DELETE /_mock/lanes/{name}`: end its sessions and forget it."""
        name = request.match_info["name"]
        lane = self._lanes.close(name)
        if lane is None:
            raise HttpFault(404, _unknown(name))
        for driver in self._sessions.live:
            if driver.lane == name:
                driver.close(code=1001, reason="the lane was closed")
        return web.json_response(_described(lane))

    def _lane(self, request: web.Request) -> Lane:
        name = self._name(request)
        lane = self._lanes.find(name)
        if lane is None:
            raise HttpFault(404, _unknown(name))
        return lane

    def _name(self, request: web.Request) -> str:
        """The lane that the request names, else that of its key."""
        named = named_lane(request)
        if named is not None:
            return named
        key = key_of(request) or ""
        secret = self._secrets.find(key)
        if secret is not None:
            return secret.lane
        return key.removeprefix(KEY_PREFIX) if key.startswith(KEY_PREFIX) else DEFAULT_LANE

    def _with_scenario(self, request: web.Request, lane: Lane) -> Lane:
        name = request.query.get("scenario", request.headers.get(SCENARIO_HEADER))
        if name is None:
            return lane
        bundled = bundled_scenarios()
        if name not in bundled:
            remedy = fields.suggest(name, sorted(bundled))
            message = f"There is no bundled scenario '{printable(name)}'; {remedy}"
            raise HttpFault(404, ApiError(message, code="scenario_not_found", param="scenario"))
        try:
            if name not in self._loaded:
                self._loaded[name] = load_scenario(bundled[name], registry=self._sessions.registry)
        except ScenarioError as error:
            raise HttpFault(500, ApiError(str(error), type="server_error")) from None
        return replace(lane, scenario=self._loaded[name])


def named_lane(request: web.Request) -> str | None:
    """The lane that a request names in so many words, by query or header; a key names none."""
    return request.query.get("lane", request.headers.get(LANE_HEADER))


def _described(lane: Lane) -> dict[str, Any]:
    scenario = None if lane.scenario is None else lane.scenario.name
    return {"lane": lane.name, "api_key": lane.api_key, "scenario": scenario}


def _unknown(name: str) -> ApiError:
    message = f"There is no lane '{printable(name)}'. Open it first: POST /_mock/lanes with its name."
    return ApiError(message, code="lane_not_found", param="lane")
