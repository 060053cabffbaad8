"""A serializer that keeps everything passes; each fault seeded into a copy of it is found within 200 events."""

from __future__ import annotations

import copy
import json
import re

import pytest

from realtime_conformance.strategies import (
    check_rejects_invalid,
    check_round_trip,
    check_tolerates_unknown,
    client_events,
    server_events,
)
from realtime_conformance.strategies.schemas import event_types
from realtime_mock.registry import SchemaRegistry

REGISTRY = SchemaRegistry.bundled()


def encode(event):
    return event


def walked(change):
    """A decoder that does something to every object inside an event."""

    def inside(value):
        if isinstance(value, dict):
            return change({key: inside(member) for key, member in value.items()})
        return [inside(member) for member in value] if isinstance(value, list) else value

    return inside


def drops_a_field(thing):
    return {key: value for key, value in thing.items() if key != "status"}


def renames(thing):
    return {("itemId" if key == "item_id" else key): value for key, value in thing.items()}


def loses_precision(thing):
    return {
        key: float(f"{value:.6g}") if isinstance(value, int | float) and not isinstance(value, bool) else value
        for key, value in thing.items()
    }


def reorders_content(thing):
    return {
        key: value[::-1] if key in ("content", "output") and isinstance(value, list) else value
        for key, value in thing.items()
    }


def drops_nulls(thing):
    return {key: value for key, value in thing.items() if value is not None}


def cuts_surrogates(thing):
    return {
        key: "".join(letter for letter in value if ord(letter) < 0x10000) if isinstance(value, str) else value
        for key, value in thing.items()
    }


@pytest.mark.parametrize(
    "fault", [drops_a_field, renames, loses_precision, reorders_content, drops_nulls, cuts_surrogates]
)
def test_a_seeded_fault_is_found(fault):
    with pytest.raises(AssertionError, match="the smallest event"):
        check_round_trip(encode, walked(fault))


def test_a_serializer_without_a_fault_passes():
    check_round_trip(json.loads, json.dumps)
    check_round_trip(encode, copy.deepcopy, events=client_events())


def test_the_message_shows_place_smallest_event_and_schema():
    with pytest.raises(AssertionError) as caught:
        check_round_trip(encode, walked(drops_a_field))
    what, event, schema = str(caught.value).splitlines()
    assert what.endswith("status' was lost")
    assert "status" in event.removeprefix("  the smallest event: ")
    assert schema.startswith("  its schema: schemas/ga/components/server/")
    assert schema.endswith("/properties/status")


@pytest.mark.parametrize(
    ("events", "lost", "rule"),
    [
        (client_events(types=["response.cancel"]), "response_id", "ga/client/response.cancel.json"),
        (server_events(types=["response.text.done"], dialect="beta"), "text", "beta/server/response.text.done.json"),
    ],
)
def test_the_message_names_the_schema_of_whatever_events_were_tried(events, lost, rule):
    def decode(event):
        return {key: value for key, value in event.items() if key != lost}

    with pytest.raises(AssertionError, match=re.escape(f"its schema: schemas/{rule}#/properties/{lost}")):
        check_round_trip(encode, decode, events=events)


def test_an_error_while_decoding_is_a_finding():
    def decode(event):
        raise KeyError(event["type"])

    with pytest.raises(AssertionError, match="raised KeyError"):
        check_round_trip(encode, decode)


def test_a_decoder_that_knows_the_types_of_today_alone_is_found():
    def decode(event):
        if event["type"] not in event_types("server"):
            raise ValueError(event["type"])
        return event

    with pytest.raises(AssertionError, match="decoding raised ValueError"):
        check_tolerates_unknown(decode)


def test_a_decoder_that_refuses_new_fields_is_found():
    known = {"type", "event_id", "error"}

    def decode(event):
        if event["type"] == "error" and set(event) - known:
            raise TypeError("unexpected keyword argument")
        return event

    with pytest.raises(AssertionError, match="unexpected keyword argument"):
        check_tolerates_unknown(decode, events=server_events(types=["error"], unknown_fields=True))


def test_a_decoder_that_takes_whatever_comes_passes():
    check_tolerates_unknown(copy.deepcopy)


def test_a_validator_that_checks_everything_passes():
    check_rejects_invalid(lambda event: REGISTRY.first_error(event, transport="webrtc") is None)


def test_a_validator_that_accepts_an_unknown_enumeration_is_found():
    def validate(event):
        error = REGISTRY.first_error(event, transport="webrtc")
        return error is None or error.message.startswith("Invalid value")

    with pytest.raises(AssertionError, match=r"bad_member at .* breaks 'enum'") as caught:
        check_rejects_invalid(validate)
    assert "its schema: schemas/ga/c" in str(caught.value)


def test_a_validator_that_raises_refuses():
    def validate(event):
        if REGISTRY.first_error(event, transport="webrtc") is not None:
            raise ValueError

    check_rejects_invalid(validate)
