"""`/_mock/verify` and `/_mock/unmatched`: whether the client did what a test expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Entry, Query
from realtime_mock.lanes import Lane
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.control import as_answer
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.questions import question
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import ScenarioError, read_document
from realtime_mock.scenario.expect import read_expectations
from realtime_mock.scenario.expectation import Expectation
from realtime_mock.scenario.expectations import judge
from realtime_mock.scenario.script import NO_RULE
from realtime_mock.sessions import SessionFactory

_NAME = "expectations"
"""What stands for a file in errors."""


class ExpectationControl:
    """Judges what clients did by a test's expectations and by the rules of its scenario."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._journal = sessions.journal

    async def verify(self, request: web.Request) -> web.Response:
        """`POST /_mock/verify`: whether what passed meets these expectations.

        The body is `{"expect": [...]}`, in YAML or JSON, as in a scenario; without one those of the lane's scenario are
        meant. Each of those that are not met is told with how often its event occurred and what came nearest.
        """
        raw = await read_body(request)
        expectations = _read(raw) if raw.strip() else _of_scenario(request[LANE])
        unmet = judge(expectations, self._journal.find(question(request)))
        return as_answer({"met": not unmet, "unmet": [verdict.as_json() for verdict in unmet]})

    async def unmatched(self, request: web.Request) -> web.Response:
        """`GET /_mock/unmatched`: the responses that no rule of the scenario took, each with the rule nearest to it.

        The default assistant has answered them. `event` is the newest event of the client's before.
        """
        query = replace(question(request), kinds=frozenset())
        return as_answer({"unmatched": list(self._unmatched(query))})

    def _unmatched(self, query: Query) -> Iterator[dict[str, Any]]:
        newest: dict[str | None, Entry] = {}
        for entry in self._journal.find(query):
            if entry.kind == "event" and entry.direction == "in":
                newest[entry.session_id] = entry
            elif entry.kind == "note" and entry.text.startswith(NO_RULE):
                cause = newest.get(entry.session_id)
                yield {
                    "seq": entry.seq,
                    "session_id": entry.session_id,
                    "why": entry.text,
                    "event": None if cause is None else cause.event,
                }


def _of_scenario(lane: Lane) -> tuple[Expectation, ...]:
    return () if lane.scenario is None else lane.scenario.expect


def _read(raw: bytes) -> tuple[Expectation, ...]:
    try:
        document = read_document(raw.decode(), _NAME)
        given = fields.mapping(document, what="the body", allowed=("expect",), required=("expect",))
        return read_expectations(given["expect"])
    except UnicodeDecodeError as error:
        raise HttpFault(400, ApiError(f"{_NAME}: not UTF-8: {error}", code="invalid_expectation")) from None
    except ScenarioError as error:
        raise HttpFault(400, ApiError(str(error), code="invalid_expectation")) from None
