"""Faults as they are written: what each word means, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.faults import connection_kinds as connection
from realtime_mock.faults import event_kinds as event
from realtime_mock.faults.answers import NAMED_ANSWERS, NAMED_CLOSES
from realtime_mock.faults.model import Always, Fault, OnConnect, OnEvent, OnRequest
from realtime_mock.scenario.document import ScenarioError

DONE = OnEvent({"type": "response.done"}, "server")


@pytest.mark.parametrize(
    "text, kind",
    [
        ("drop: {}", event.Drop()),
        ("drop:", event.Drop()),
        ("delay: 500ms", event.Delay(0.5, 0.5)),
        ("delay: {from: 100ms, to: 2}", event.Delay(0.1, 2.0)),
        ("duplicate: 3", event.Duplicate(3)),
        ("duplicate: {}", event.Duplicate(2)),
        ("reorder: 3", event.Reorder(3)),
        ("reorder: {passes: 2, within: 5s}", event.Reorder(2, 5.0)),
        ("unknown_type: {}", event.UnknownType()),
        ("unknown_type: response.thought", event.UnknownType("response.thought")),
        ("extra_keys: {x: 1, response: {y: [2]}}", event.ExtraKeys({"x": 1, "response": {"y": [2]}})),
        ("missing_keys: [delta, item.id]", event.MissingKeys(("delta", "item.id"))),
        ("missing_keys: delta", event.MissingKeys(("delta",))),
        ("null_ids: {}", event.NullIds()),
        ("wrong_ids: [item_id]", event.WrongIds(("item_id",))),
        ("malformed: {}", event.Malformed()),
        ("malformed: '{'", event.Malformed("{")),
        ("oversize: 300000", event.Oversize(300000)),
    ],
)
def test_a_word_for_an_event_becomes_its_kind(read, text, kind):
    assert read(f"on: response.done\n{text}") == (Fault(kind, DONE),)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("refuse: true", connection.Refuse(None)),
        ("refuse: 403", connection.Refuse(NAMED_ANSWERS["forbidden"])),
        ("refuse: rate_limit", connection.Refuse(NAMED_ANSWERS["rate_limit"])),
        ("refuse: 429", connection.Refuse(NAMED_ANSWERS["rate_limit"])),
        ("hang: 5s", connection.Hang(5.0)),
        ("close: 1011", connection.Close(1011)),
        ("close: {}", connection.Close(1011)),
        ("close: {code: 4000, reason: gone, after: 3s}", connection.Close(4000, "gone", after=3.0)),
        (
            "close: credit",
            connection.Close(4000, "insufficient_quota.credit_balance_exhausted", NAMED_CLOSES["credit"].error),
        ),
        ("reset: {}", connection.Reset()),
        ("half_open: {after: 2}", connection.HalfOpen(after=2.0)),
        ("reset: {}\nhang: 2", connection.Reset(hang=2.0)),
    ],
)
def test_a_word_for_a_connection_becomes_its_kind(read, text, kind):
    assert read(f"on: connect\n{text}") == (Fault(kind, OnConnect()),)


def test_a_refusal_may_have_words_of_its_own(read):
    (fault,) = read("refuse: {status: 503, retry_after: 2, error: {code: busy, param: null}}")
    answer = fault.kind.answer
    assert (answer.status, answer.headers) == (503, {"Retry-After": "2"})
    assert answer.error == ApiError(NAMED_ANSWERS["unavailable"].error.message, "busy", None, "server_error")


def test_a_request_is_closed_the_way_the_service_refuses(read):
    (fault,) = read("{close: {code: 4001}}")
    assert (fault.kind.code, fault.kind.error, fault.kind.reason) == (
        4001,
        NAMED_CLOSES["server_error"].error,
        "server_error",
    )


@pytest.mark.parametrize(
    "on, trigger",
    [
        ("response.done", DONE),
        ("{type: response.done, response: {status: failed}}", None),
        ("{type: session.update}", OnEvent({"type": "session.update"}, "client")),
        ("response.audio.delta", OnEvent({"type": "response.audio.delta"}, "server")),
        ("{item: {type: message}}", OnEvent({"item": {"type": "message"}})),
        ("client", OnEvent(side="client")),
        ("server", OnEvent(side="server")),
        ("{}", Always()),
    ],
)
def test_events_are_named_by_type_by_pattern_or_by_side(read, on, trigger):
    (fault,) = read(f"{{on: {on}, drop: {{}}}}")
    wanted = trigger or OnEvent({"type": "response.done", "response": {"status": "failed"}}, "server")
    assert fault.on == wanted


@pytest.mark.parametrize(
    "on, trigger",
    [
        ("connect", OnConnect()),
        ("{connect: call}", OnConnect("call")),
        ("{path: /v1/realtime/calls}", OnRequest("/v1/realtime/calls")),
        ("{method: post}", OnRequest(method="POST")),
    ],
)
def test_connections_and_requests_are_named(read, on, trigger):
    (fault,) = read(f"{{on: {on}, refuse: 503}}")
    assert fault.on == trigger


def test_what_was_asked_for_before_means_what_it_meant(read):
    (fault,) = read('{"on": {"path": "/v1/x", "nth": 2}, "hang": 30, "answer": {"fault": "quota"}}')
    assert fault == Fault(connection.Refuse(NAMED_ANSWERS["quota"], hang=30.0), OnRequest("/v1/x"), nth=2)


def test_how_often_is_read(read):
    (fault,) = read("drop: {}\nprobability: 0.3\ncount: 2\nnth: 4\nid: lossy")
    assert (fault.probability, fault.count, fault.nth, fault.id) == (0.3, 2, 4, "lossy")


@pytest.mark.parametrize(
    "text", ["[{drop: {}}, {malformed: {}}]", "faults: [{drop: {}}, {malformed: {}}]", "- drop:\n- malformed:\n"]
)
def test_several_faults_are_a_list(read, text):
    assert [fault.kind for fault in read(text)] == [event.Drop(), event.Malformed()]


def test_a_line_needs_no_braces(read):
    assert read("on: response.done, close: 1006, nth: 2") == (Fault(connection.Close(1006), DONE, nth=2),)


@pytest.mark.parametrize(
    "text, message",
    [
        ("{on: response.done, drp: {}}", "faults:1:21: unknown key 'drp' of a fault; did you mean 'drop'?"),
        ("on: response.done, drp: {}", "faults:1:20: unknown key 'drp' of a fault; did you mean 'drop'?"),
        ("on: response.dun\ndrop: {}", "faults:1:5: 'on' cannot be 'response.dun'; did you mean 'response.done'?"),
        ("{on: {type: session.updated2}, drop: {}}", "the type of an event cannot be 'session.updated2'; did you"),
        ("{id: x}", "faults:1:1: a fault says nothing that goes wrong; use one of: drop, delay, "),
        ("drop:\ndelay: 1s", "faults:2:1: a fault is of one kind; make 'delay' a fault of its own"),
        ("{on: connect, drop: {}}", "faults:1:6: 'drop' cannot happen on that; name an event type there"),
        ("{on: response.done, refuse: 503}", "'refuse' cannot happen on that; write 'connect' there, or a 'path'"),
        ("{on: {connect: phone}, reset: {}}", "'connect' cannot be 'phone'; use one of: websocket, sideband, call"),
        ("{on: {path: /x, typ: a}, reset: {}}", "unknown key 'typ' in 'on' of a request"),
        ("{drop: {x: 1}}", "'drop' has no settings; write 'drop: {}'"),
        ("{delay: soon}", "'delay' must be a duration, not 'soon'; write 120ms, 1.5s, or 2 for seconds"),
        ("{delay: {from: 2s, to: 1s}}", "'to' of 'delay' is less than 'from'; swap them"),
        ("{duplicate: 1}", "'duplicate' must be between 2 and 100 times that the event arrives; change the number"),
        ("{reorder: {pases: 2}}", "unknown key 'pases' in 'reorder'; did you mean 'passes'?"),
        ("{on: session.update, oversize: 9}", "an event of the client cannot be made longer; use 'oversize' on"),
        ("{refuse: 200}", "'status' must be between 400 and 599; write the status of an error"),
        ("{refuse: {retry_after: 0.5}}", "'retry_after' must be whole seconds; HTTP has no fractions there"),
        ("{refuse: {headers: {Content-Length: '1'}}}", "faults:1:21: no such header can be set: 'Content-Length'"),
        ("{refuse: rate_limits}", "'refuse' cannot be 'rate_limits'; did you mean 'rate_limit'?"),
        ("{close: {code: 70000}}", "'code' must be between 0 and 65535; a close frame has two bytes for it"),
        ("{on: connect, close: {when: before}}", "'when' tells where in an event; remove it, or name an event"),
        ("{on: session.update, reset: {when: during}}", "an event of the client has no 'during' for the mock; write"),
        ("{hang: 1, drop: {}}", "'hang' cannot stand beside 'drop'; make it a fault of its own"),
        ("{on: response.done, close: 1006, hang: 1}", "an event cannot hang; write 'delay', or 'after' inside of"),
        ("{on: {type: response.done, response: {id: {$regx: a}}}, drop: {}}", "faults:1:51: unknown operator '$regx'"),
        ("{drop: {}, probability: 30}", "'probability' must be a number between 0 and 1; write 0.3 for three in ten"),
        ("{drop: {}, count: 0}", "'count' counts from 1; write 1 for the first"),
        ("{on: {path: /x, nth: 1}, hang: 1, nth: 2}", "'nth' is given twice; keep one"),
        ("{drop: {}, id: a b}", "'id' must be up to 64 letters, digits, '-', '_' and '.'; change it"),
        ("[{drop: {}, id: a}, {drop: {}, id: a}]", "faults:1:21: another fault has the id 'a' too; change one"),
        ("[drop]", "a fault must be a mapping, not text; write 'key: value' pairs"),
    ],
)
def test_a_wrong_fault_is_refused_with_its_place_and_a_remedy(read, text, message):
    with pytest.raises(ScenarioError) as refused:
        read(text)
    assert message in str(refused.value)
