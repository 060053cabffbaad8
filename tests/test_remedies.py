"""Errors come with what to do about them."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.core import errors
from realtime_mock.remedies import remedy
from realtime_mock.rest.calls import UNKNOWN_CALL
from realtime_mock.transports.sdp import INVALID_OFFER, TRUNCATED_OFFER
from realtime_mock.wire import BINARY_FRAME, event_too_large


def test_a_beta_key_is_told_its_place_in_the_ga_session() -> None:
    error = {"code": "unknown_parameter", "param": "session.voice"}
    assert remedy(error) == "the GA API wants it at `session.audio.output.voice`"


def test_an_unknown_key_elsewhere_gets_the_general_advice() -> None:
    advice = remedy({"code": "unknown_parameter", "param": "item.voice"})
    assert advice == "remove the key, or check how it is spelled: the service discards the whole event"


def test_a_missing_session_type_is_named() -> None:
    error = {"code": "missing_required_parameter", "param": "session.type"}
    assert remedy(error) == 'say which session it is: `"type": "realtime"` or `"type": "transcription"`'


def test_every_limit_has_the_same_remedy() -> None:
    codes = ("integer_below_min_value", "decimal_above_max_value", "string_above_max_length")
    assert {remedy({"code": code}) for code in codes} == {"keep the value within the limit named"}


def test_values_are_named_only_where_the_message_names_them() -> None:
    named = {"code": "invalid_value", "message": "Invalid value: 'x'. Supported values are: 'a' and 'b'."}
    assert remedy(named) == "use one of the values named"
    assert remedy(errors.invalid_audio().error.as_json()) != remedy(named)
    assert remedy({"code": "invalid_value", "message": "Duplicate server_label 'a' in tools."}) is None


@pytest.mark.parametrize(
    "error",
    [
        BINARY_FRAME,
        INVALID_OFFER,
        TRUNCATED_OFFER,
        UNKNOWN_CALL,
        event_too_large(2, 1),
        errors.unknown_previous_item("item_1").error,
        errors.delete_unknown_item("item_1").error,
        errors.retrieve_unknown_item("item_1").error,
        errors.truncate_unknown_item("item_1").error,
        errors.truncate_not_audio().error,
        errors.truncate_too_long(100, 200).error,
        errors.wrong_session_type("transcription", "realtime").error,
        ApiError("Missing bearer or basic authentication in header"),
    ],
)
def test_each_refusal_of_a_session_has_a_remedy(error: ApiError) -> None:
    assert remedy(error.as_json()) is not None


def test_what_is_too_large_is_not_told_to_be_an_event() -> None:
    assert remedy(event_too_large(2, 1).as_json()) == "send less in one message: audio in pieces of 100 ms, say"


def test_an_error_of_which_nothing_is_known_has_no_remedy() -> None:
    assert remedy({"code": None, "message": "Busy."}) is None
    assert remedy({"code": "novel"}) is None


def test_a_message_that_holds_its_remedy_gets_no_other():
    message = "scenario:4:27: the file 'a.wav' cannot be found from here; write it as data:audio/wav;base64,..."
    assert remedy({"code": "invalid_scenario", "message": message}) is None
