"""A fault that was made in Python is written as it would have been read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from realtime_mock.faults import connection_kinds as connection
from realtime_mock.faults import event_kinds as event
from realtime_mock.faults.answers import NAMED_ANSWERS, NAMED_CLOSES
from realtime_mock.faults.model import Fault, OnConnect, OnEvent, OnRequest
from realtime_mock.faults.writing import written
from realtime_mock.scenario.document import ScenarioError
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.writer import write_scenario

DONE = OnEvent({"type": "response.done"}, "server")
TEXTS = [
    *(
        "drop:",
        "delay: 500ms",
        "delay: {from: 1s, to: 2s}",
        "duplicate: 3",
        "reorder: {passes: 2, within: 5s}",
        "reorder:",
    ),
    *(
        "unknown_type:",
        "unknown_type: a",
        "extra_keys: {a: {b: 1}}",
        "missing_keys: [a, b.c]",
        "missing_keys:",
        "null_ids:",
    ),
    *(
        "wrong_ids: [item_id]",
        "malformed:",
        "malformed: '{'",
        "oversize: 300",
        "refuse: true",
        "refuse: 503",
        "hang: 5s",
    ),
    *("refuse: {status: 418, error: {code: null}, headers: {X: a}}", "close: 1006", "close: credit", "hang: 2\nreset:"),
    *("on: connect\nclose: {code: 1012, after: 3s}", "on: response.done\nclose: {code: 1, reason: r, when: during}"),
    *(
        "on: {connect: call}\nreset:",
        "on: response.done\nhalf_open: {when: before, after: 1s}",
        "on: {path: /x}\nrefuse: 401",
    ),
    *("on: client\ndrop:", "on: {item: {}}\ndrop:", "drop:\nprobability: 0.5\ncount: 1\nnth: 2\nid: a"),
    *("rtp_loss: {burst: 2, direction: in}", "rtp_reorder: 2", "rtp_duplicate: 3", "rtp_jitter: 40ms", "rtp_gap: 1s"),
    *("rtp_silence: {for: 1s, direction: in}", "channel_stall: 2s", "on: connect\nchannel_close: {after: 1s}"),
    *("channel_late: 1s", "session_created: at_once", "session_created: 2s", "on: response.done\nvanish:"),
    *("on: response.done\nvanish: {for: 1s, after: 2s}", "clock_skew: -5s", "secret_expires: 1s", "session_expires: 9"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_reads_as_the_same_fault(read, text):
    (fault,) = read(f"- {text}".replace("\n", "\n  "))
    assert read(json.dumps(written(replace(fault, given={})))) == (fault,)


@pytest.mark.parametrize(
    "fault, text",
    [
        (Fault(event.Drop(), DONE), {"on": {"type": "response.done"}, "drop": {}}),
        (Fault(event.Drop(), OnEvent(side="client"), count=2), {"on": "client", "drop": {}, "count": 2}),
        (Fault(connection.Reset(), OnConnect("websocket")), {"on": {"connect": "websocket"}, "reset": {}}),
        (Fault(connection.Close(1006), DONE), {"on": {"type": "response.done"}, "close": {"code": 1006, "reason": ""}}),
    ],
)
def test_a_fault_is_written_with_no_more_than_it_needs(fault, text):
    assert written(fault) == text


def test_what_was_read_is_written_as_it_stood(read):
    (fault,) = read("on: connect, refuse: rate_limit")
    assert written(fault) == {"on": "connect", "refuse": "rate_limit"}


def test_python_has_faults_as_values_mappings_or_texts(read):
    mapping = {"on": "connect", "refuse": {"status": 503}, "count": 2}
    scenario = Scenario("shaky", faults=[Fault(event.Drop(), DONE), mapping, "on: response.done, close: 1006"])
    assert scenario.faults == (
        Fault(event.Drop(), DONE),
        *read(json.dumps(mapping)),
        Fault(connection.Close(1006), DONE),
    )


def test_a_mapping_that_is_no_fault_is_refused_with_its_number():
    with pytest.raises(ScenarioError, match="fault 2:1:2: unknown key 'dorp' of a fault; did you mean 'drop'"):
        Scenario("shaky", faults=["drop:", {"dorp": {}}])


def test_a_scenario_with_faults_of_python_is_written_and_read_again():
    refusal = Fault(connection.Refuse(NAMED_ANSWERS["unavailable"]), OnRequest("/v1/realtime", "GET"), count=2)
    credit = NAMED_CLOSES["credit"]
    close = Fault(connection.Close(credit.code, "no money", credit.error), DONE)
    scenario = Scenario("shaky", faults=[refusal, close])
    assert parse_scenario(write_scenario(scenario)).faults == scenario.faults
