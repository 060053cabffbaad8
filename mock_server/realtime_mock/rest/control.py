"""`/_mock/...`: what a test asks the mock itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from aiohttp import web

from realtime_mock import __version__
from realtime_mock.api_error import ApiError
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE, named_lane
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.sessions import SessionFactory, SessionRecord
from realtime_mock.wire import printable


class Control:
    """The control API over one mock's sessions."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions

    async def health(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/health`: the mock is up."""
        return _json({"status": "ok", "version": __version__, "sessions": len(self._sessions.live)})

    async def scenario(self, request: web.Request) -> web.Response:
        """`GET /_mock/scenario`: what new sessions of the lane play, null for the default assistant.

        `text` is what was put; null for a scenario given at the start.
        """
        lane = request[LANE]
        name = None if lane.scenario is None else lane.scenario.name
        return _json({"scenario": name, "text": lane.scenario_text})

    async def put_scenario(self, request: web.Request) -> web.Response:
        """`PUT /_mock/scenario`: a scenario in YAML or JSON, for the sessions of the lane that open from now on."""
        raw = await read_body(request)
        lane = request[LANE]
        try:
            text = raw.decode()
            lane.scenario = parse_scenario(text, printable(request.query.get("name", "scenario")))
        except UnicodeDecodeError as error:
            raise HttpFault(400, ApiError(f"scenario: not UTF-8: {error}", code="invalid_scenario")) from None
        except ScenarioError as error:
            raise HttpFault(400, ApiError(str(error), code="invalid_scenario")) from None
        lane.scenario_text = text
        return await self.scenario(request)

    async def sessions(self, request: web.Request) -> web.Response:
        """`GET /_mock/sessions`: every session, or a named lane's, oldest first, with a snapshot if it lives."""
        lane = named_lane(request)
        live = {driver.session_id: driver.session.snapshot() for driver in self._sessions.live}
        records = (record for record in self._sessions.records if lane in (None, record.lane))
        return _json({"sessions": [_described(record, live) for record in records]})

    async def journal(self, request: web.Request) -> web.Response:
        """`GET /_mock/sessions/{id}/journal`: the session's journal entries, oldest first."""
        session_id = request.match_info["id"]
        entries = self._sessions.journal.entries(session_id)
        if not entries and all(record.id != session_id for record in self._sessions.records):
            raise HttpFault(404, ApiError("No session of this id.", code="session_not_found"))
        return _json({"entries": [entry.as_json() for entry in entries]})


def _described(record: SessionRecord, live: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {**asdict(record), "snapshot": live.get(record.id)}


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")
