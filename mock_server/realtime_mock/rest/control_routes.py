"""The table of the control API: what its routes, its OpenAPI document and its reference page are made of."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_mock.rest.clock import ClockControl
from realtime_mock.rest.control import Control
from realtime_mock.rest.control_expectations import ExpectationControl
from realtime_mock.rest.control_faults import FaultControl
from realtime_mock.rest.control_journal import EVENT_STREAM, JSON_LINES, JournalControl
from realtime_mock.rest.control_sessions import SessionControl
from realtime_mock.rest.control_speech import SpeechControl
from realtime_mock.rest.lanes import LaneControl
from realtime_mock.rest.openapi import OpenApi
from realtime_mock.rest.operations import JSON, Body, Operation, Parameter
from realtime_mock.rest.questions import LANE, LIMIT, QUESTIONS
from realtime_mock.rest.sip import SipControl

_YAML = Body(media=("application/yaml", JSON))
_WAV = Body(media=("audio/wav",))
_TO_SET = Parameter("lane", "The lane that it is about, the default one without it; also as `X-Realtime-Mock-Lane`.")
_OF_SESSION = tuple(parameter for parameter in QUESTIONS if parameter.name != "session")
_NO_LANE = {404: "there is no such lane"}
_NO_SESSION = {404: "there is no such session"}
_NOT_LIVING = {404: "no such session lives"}
_NO_CALL = {404: "there is no such call"}
_BAD_QUESTION = {400: "a part of the query cannot be read", **_NO_LANE}
_BAD_BODY = {400: "the body cannot be read"}
_DIRECTION = Parameter("direction", "`in`, the default, or `out`.", {"enum": ["in", "out"]})
_TIMEOUT = Parameter("timeout", "Seconds to wait at most, 10 by default.", {"type": "number", "maximum": 600})
_COUNT = Parameter("count", "How many such entries are waited for, 1 by default.", {"type": "integer", "minimum": 1})
_LAST = Parameter("Last-Event-ID", "The `seq` behind which the stream begins.", where="header")


@dataclass(frozen=True, slots=True)
class Controls:
    """The handlers of the control API."""

    mock: Control
    lanes: LaneControl
    faults: FaultControl
    clock: ClockControl
    journal: JournalControl
    sessions: SessionControl
    expectations: ExpectationControl
    sip: SipControl
    speech: SpeechControl
    openapi: OpenApi


def operations(of: Controls) -> tuple[Operation, ...]:
    """Everything below `/_mock`."""
    return (*_mock(of), *_lanes(of), *_faults(of), *_sessions(of), *_journal(of), *_expectations(of), *_sip(of))


def _mock(of: Controls) -> tuple[Operation, ...]:
    mock, clock, section = of.mock, of.clock, "The mock"
    answered = Body("control.scenario.response")
    scenario_name = Parameter("name", "What errors call the scenario.")
    told = Body("control.clock.response")
    advanced = {400: "no number of seconds from 0 to 86400", 409: "the clock is real"}
    refused = {400: "it is no scenario; the message says where and why", **_NO_LANE}
    return (
        Operation("GET", "/_mock/health", mock.health, section, Body("control.health.response")),
        Operation("GET", "/_mock/openapi.json", of.openapi.show, section, Body()),
        Operation(
            "POST",
            "/_mock/reset",
            mock.reset,
            section,
            Body("control.reset.response"),
            parameters=(Parameter("lane", "Only this lane; also as the header `X-Realtime-Mock-Lane`."),),
            errors=_NO_LANE,
        ),
        Operation("GET", "/_mock/scenario", mock.scenario, section, answered, parameters=(_TO_SET,), errors=_NO_LANE),
        Operation(
            "PUT",
            "/_mock/scenario",
            mock.put_scenario,
            section,
            answered,
            body=_YAML,
            parameters=(_TO_SET, scenario_name),
            errors=refused,
        ),
        Operation("GET", "/_mock/clock", clock.show, section, told),
        Operation(
            "POST",
            "/_mock/clock",
            clock.advance,
            section,
            told,
            body=Body("control.clock.request"),
            errors=advanced,
        ),
        Operation(
            "POST",
            "/_mock/speech",
            of.speech.speak,
            section,
            _WAV,
            body=Body("control.speech.request"),
            errors={400: "the body cannot be read, or there is no such sound"},
        ),
    )


def _lanes(of: Controls) -> tuple[Operation, ...]:
    lanes, section = of.lanes, "Lanes"
    lane = Body("control.lane.response")
    refused = {400: "the body cannot be read", 409: "the name is taken, or cannot name a lane"}
    return (
        Operation("GET", "/_mock/lanes", lanes.list, section, Body("control.lanes.response")),
        Operation(
            "POST",
            "/_mock/lanes",
            lanes.open,
            section,
            lane,
            status=201,
            body=Body("lanes.request"),
            errors=refused,
        ),
        Operation("DELETE", "/_mock/lanes/{name}", lanes.close, section, lane, errors=_NO_LANE),
    )


def _faults(of: Controls) -> tuple[Operation, ...]:
    faults, section = of.faults, "Faults"
    told = Body("control.faults.response")
    lane = (_TO_SET,)
    refused = {400: "one of them is no fault; the message says where and why", **_NO_LANE}
    taken = {**refused, 409: "an id is taken"}
    unknown = {404: "there is no such fault, or lane"}
    path = "/_mock/faults"
    return (
        Operation("GET", path, faults.show, section, told, parameters=lane, errors=_NO_LANE),
        Operation("PUT", path, faults.put, section, told, body=_YAML, parameters=lane, errors=refused),
        Operation("POST", path, faults.add, section, told, status=201, body=_YAML, parameters=lane, errors=taken),
        Operation("DELETE", path, faults.stop_all, section, told, parameters=lane, errors=_NO_LANE),
        Operation("DELETE", f"{path}/{{id}}", faults.stop, section, told, parameters=lane, errors=unknown),
    )


def _sessions(of: Controls) -> tuple[Operation, ...]:
    mock, one, section = of.mock, of.sessions, "Sessions"
    path, lane = "/_mock/sessions/{id}", (LANE,)
    refused = {400: "the body cannot be read, or the event breaks its schema", **_NOT_LIVING}
    unheard = {400: "the body is no WAV and no text", **_NOT_LIVING}
    return (
        Operation(
            "GET",
            "/_mock/sessions",
            mock.sessions,
            section,
            Body("control.sessions.response"),
            parameters=lane,
            errors=_NO_LANE,
        ),
        Operation(
            "POST",
            f"{path}/events",
            one.inject,
            section,
            Body("control.events.response"),
            status=202,
            body=Body("control.events.request"),
            parameters=lane,
            errors=refused,
        ),
        Operation(
            "GET",
            f"{path}/audio",
            one.audio,
            section,
            _WAV,
            parameters=(*lane, _DIRECTION),
            errors={400: "the direction is none", **_NO_SESSION},
        ),
        Operation(
            "POST",
            f"{path}/audio",
            one.hear,
            section,
            Body("control.audio.response"),
            status=202,
            body=Body("control.audio.request", media=("audio/wav", JSON)),
            parameters=lane,
            errors=unheard,
        ),
        Operation(
            "POST",
            f"{path}/close",
            one.close,
            section,
            Body("control.close.response"),
            body=Body("control.close.request"),
            parameters=lane,
            errors={**_BAD_BODY, **_NOT_LIVING},
        ),
    )


def _journal(of: Controls) -> tuple[Operation, ...]:
    journal, section = of.journal, "The journal"
    told, waited = Body("control.journal.response"), Body("control.journal.wait.response")
    stream, lines = Body(media=(EVENT_STREAM,)), Body(media=(JSON_LINES,))
    bad = {**_BAD_QUESTION, **_NO_SESSION}
    whole, one = "/_mock/journal", "/_mock/sessions/{id}/journal"
    return tuple(
        Operation("GET", f"{path}{below}", handler, section, answer, parameters=(*questions, *more), errors=errors)
        for path, questions, errors in ((whole, QUESTIONS, _BAD_QUESTION), (one, _OF_SESSION, bad))
        for below, handler, answer, more in (
            ("", journal.show, told, (LIMIT,)),
            ("/wait", journal.wait, waited, (_COUNT, _TIMEOUT)),
            ("/stream", journal.stream, stream, (_LAST,)),
            ("/export", journal.export, lines, ()),
        )
    )


def _expectations(of: Controls) -> tuple[Operation, ...]:
    judge, section = of.expectations, "Expectations"
    refused = {400: "it is no list of expectations; the message says where and why", **_NO_LANE}
    return (
        Operation(
            "POST",
            "/_mock/verify",
            judge.verify,
            section,
            Body("control.verify.response"),
            body=_YAML,
            parameters=QUESTIONS,
            errors=refused,
        ),
        Operation(
            "GET",
            "/_mock/unmatched",
            judge.unmatched,
            section,
            Body("control.unmatched.response"),
            parameters=QUESTIONS,
            errors=_BAD_QUESTION,
        ),
    )


def _sip(of: Controls) -> tuple[Operation, ...]:
    sip, section = of.sip, "Telephone calls"
    call, said = Body("control.sip.call.response"), Body("sip.calls.request", media=(JSON, "multipart/form-data"))
    path = "/_mock/sip/calls"
    bad_or_none = {**_BAD_BODY, **_NO_CALL}
    not_now = {**bad_or_none, 409: "the call is not in a state for that"}
    return (
        Operation("GET", path, sip.list, section, Body("control.sip.calls.response")),
        Operation(
            "POST", path, sip.create, section, call, status=201, body=said, parameters=(_TO_SET,), errors=_BAD_BODY
        ),
        Operation("GET", f"{path}/{{id}}", sip.show, section, call, errors=_NO_CALL),
        Operation("GET", f"{path}/{{id}}/audio", sip.audio, section, _WAV, errors=_NO_CALL),
        Operation("POST", f"{path}/{{id}}/say", sip.say, section, call, body=said, errors=bad_or_none),
        Operation(
            "POST", f"{path}/{{id}}/dtmf", sip.dtmf, section, call, body=Body("sip.dtmf.request"), errors=not_now
        ),
        Operation("POST", f"{path}/{{id}}/hangup", sip.hangup, section, call, errors=not_now),
    )
