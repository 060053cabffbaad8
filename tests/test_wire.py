"""Events as text: what is JSON, what is not, and that nothing raises anything but a client's fault."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.wire import MAX_DEPTH, event_text, event_too_large, parse_event, printable

NOT_JSON = {
    "nothing": "",
    "words": "hello",
    "half an object": '{"type": "response.create"',
    "two values": "{} {}",
    "NaN": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "a number beyond doubles": '{"a": 1e999}',
    "a lone surrogate": '{"a": "\\ud800"}',
    "a control character": '{"a": "\x01"}',
    "bytes that are no UTF-8": b'{"a": "\xff"}',
    "a comment": "{} // no",
    "brackets without end": "[" * 100_000,
    "too deep": "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "too deep in objects": '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
}


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_one_client_fault(text):
    with pytest.raises(ClientFault) as fault:
        parse_event(text)

    error = fault.value.error
    assert (error.type, error.code, error.param) == ("invalid_request_error", "invalid_json", None)
    assert error.message.startswith("Invalid event: failed to parse JSON value. ")


def test_of_a_repeated_key_the_last_one_counts():
    assert parse_event('{"type": "a", "type": "b"}') == {"type": "b"}


def test_the_deepest_event_accepted_can_be_written_again():
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH

    assert event_text({"a": parse_event(deepest)}) == '{"a":' + deepest + "}"


def test_many_brackets_side_by_side_are_not_deep():
    assert parse_event("[" + "[]," * 1000 + "[]]") == [[]] * 1001


@given(st.text() | st.binary())
def test_no_text_raises_anything_else(text):
    with contextlib.suppress(ClientFault):
        parse_event(text)


@pytest.mark.parametrize(
    "event, text",
    [
        ({"type": "error", "message": "é"}, '{"type":"error","message":"é"}'),
        ({"a": 2**70}, '{"a":1180591620717411303424}'),
        ({"a": "\ud800"}, '{"a":"\\ud800"}'),
    ],
)
def test_whatever_a_scenario_emits_becomes_text(event, text):
    assert event_text(event) == text


def test_a_refused_text_is_cut_and_made_printable():
    assert printable(b"\xff" + b"a" * 9000) == "\ufffd" + "a" * 4095
    assert printable("\ud800" + "a" * 9000) == "?" + "a" * 4095


def test_an_event_too_large_names_both_sizes():
    assert event_too_large(9, 8) == ApiError(
        "Invalid event: message too large. Expected at most 8 bytes, but got 9 bytes instead.", code="invalid_event"
    )
