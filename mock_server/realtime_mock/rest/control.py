"""`/_mock/...`: the mock as a whole, its scenarios, and how everything begins anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
from aiohttp import web

from realtime_mock import __version__
from realtime_mock.api_error import ApiError
from realtime_mock.faults.model import Fault
from realtime_mock.lanes import Lane
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.faults import FaultyRequests
from realtime_mock.rest.lanes import LANE, named_lane
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.sessions import SessionFactory, SessionRecord
from realtime_mock.wire import printable


class Disk(Protocol):
    """Where the journal is kept on disk."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def error(self) -> OSError | None:
        """Why nothing more is written."""
        ...


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What the default lane was started with."""

    scenario: Scenario | None
    faults: tuple[Fault, ...]


class Control:
    """The control API over one mock; `disk` tells where its journal is kept on disk, if anywhere."""

    def __init__(self, sessions: SessionFactory, faulty: FaultyRequests, *, disk: Callable[[], Disk | None]) -> None:
        self._disk = disk
        self._sessions = sessions
        self._faulty = faulty
        default = sessions.lanes.default
        self._beginning = _Beginning(default.scenario, default.faults.set.faults)

    async def health(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/health`: the mock is up.

        `journal` is the file on disk, with why nothing more is written where the disk failed; null without one.
        """
        body = {"status": "ok", "version": __version__, "sessions": len(self._sessions.live)}
        return as_answer({**body, "journal": self._journal_file()})

    async def reset(self, request: web.Request) -> web.Response:
        """`POST /_mock/reset`: everything, or a named lane, is as it was at the start.

        Its sessions are closed with the code 1001, its faults stopped, its journal and its scenario forgotten; the
        default lane plays what the mock was started with. Lanes stay open, and client secrets and keys good.
        """
        name = named_lane(request)
        lanes = [lane for lane in self._sessions.lanes if name in (None, lane.name)]
        closed = [driver for driver in self._sessions.live if name in (None, driver.lane)]
        for driver in closed:
            driver.close(code=1001, reason="the mock was reset")
        for lane in lanes:
            self._begin_anew(lane)
        self._faulty.release(name)
        self._sessions.journal.forget(name)
        return as_answer({"lanes": [lane.name for lane in lanes], "sessions_closed": len(closed)})

    async def scenario(self, request: web.Request) -> web.Response:
        """`GET /_mock/scenario`: what new sessions of the lane play, null for the default assistant.

        `text` is what was put; null for a scenario given at the start.
        """
        lane = request[LANE]
        name = None if lane.scenario is None else lane.scenario.name
        return as_answer({"scenario": name, "text": lane.scenario_text})

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
        self._sessions.ears.prepare(lane.scenario)
        lane.scenario_text = text
        return await self.scenario(request)

    async def sessions(self, request: web.Request) -> web.Response:
        """`GET /_mock/sessions`: every session, or a named lane's, oldest first, with a snapshot if it lives."""
        lane = named_lane(request)
        live = {driver.session_id: driver.session.snapshot() for driver in self._sessions.live}
        records = (record for record in self._sessions.records if lane in (None, record.lane))
        return as_answer({"sessions": [_described(record, live) for record in records]})

    def _begin_anew(self, lane: Lane) -> None:
        is_default = lane is self._sessions.lanes.default
        lane.scenario = self._beginning.scenario if is_default else None
        lane.scenario_text = None
        lane.faults.begin_anew(self._beginning.faults if is_default else ())

    def _journal_file(self) -> dict[str, Any] | None:
        disk = self._disk()
        if disk is None:
            return None
        return {"file": str(disk.path), "error": None if disk.error is None else str(disk.error)}


def as_answer(body: dict[str, Any], *, status: int = 200) -> web.Response:
    """The JSON of a body."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _described(record: SessionRecord, live: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {**asdict(record), "snapshot": live.get(record.id)}
