"""Errors come with what to do about them."""

from __future__ import annotations

from realtime_mock.cli.remedies import remedy


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


def test_an_error_of_which_nothing_is_known_has_no_remedy() -> None:
    assert remedy({"code": None, "message": "Busy."}) is None
    assert remedy({"code": "novel"}) is None
