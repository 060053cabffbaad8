"""What becomes of one event, kind by kind."""

from __future__ import annotations

import json

import pytest

from realtime_mock.chance import Chance
from realtime_mock.faults.changes import Delivery, applies, deliveries
from realtime_mock.faults.event_kinds import (
    Delay,
    Drop,
    Duplicate,
    EventKind,
    ExtraKeys,
    Malformed,
    MissingKeys,
    NullIds,
    Oversize,
    Reorder,
    UnknownType,
    WrongIds,
)
from realtime_mock.wire import event_text

EVENT = {
    "type": "response.output_item.done",
    "event_id": "event_Ab12",
    "response_id": "resp_Cd34",
    "item": {"id": "item_Ef56", "content": [{"type": "output_text", "text": "Hi."}], "previous_item_id": None},
}
TEXT = event_text(EVENT)


def changed(kind: EventKind, seed: int = 0) -> object:
    (delivery,) = deliveries(kind, EVENT, TEXT, Chance(seed))
    return json.loads(delivery.text)


def test_a_dropped_event_does_not_arrive():
    assert deliveries(Drop(), EVENT, TEXT, Chance(0)) == ()


def test_a_delayed_event_arrives_later():
    assert deliveries(Delay(0.5, 0.5), EVENT, TEXT, Chance(0)) == (Delivery(TEXT, delay=0.5),)


def test_a_delay_between_two_bounds_goes_by_the_seed():
    delays = [deliveries(Delay(1, 3), EVENT, TEXT, Chance(seed))[0].delay for seed in range(50)]
    assert len(set(delays)) == 50
    assert 1 <= min(delays) < 1.5
    assert 2.5 < max(delays) <= 3
    assert deliveries(Delay(1, 3), EVENT, TEXT, Chance(7)) == deliveries(Delay(1, 3), EVENT, TEXT, Chance(7))


def test_a_duplicate_arrives_as_often_as_asked():
    assert deliveries(Duplicate(3), EVENT, TEXT, Chance(0)) == (Delivery(TEXT),) * 3


def test_a_reordered_event_lets_others_pass():
    assert deliveries(Reorder(2, 5.0), EVENT, TEXT, Chance(0)) == (Delivery(TEXT, passes=2, within=5.0),)


@pytest.mark.parametrize(
    "name, kind", [(None, "response.output_item.done.unknown"), ("response.mood", "response.mood")]
)
def test_a_type_becomes_unknown(name, kind):
    assert changed(UnknownType(name)) == {**EVENT, "type": kind}


def test_extra_keys_join_those_that_are_there():
    assert changed(ExtraKeys({"x": 1, "item": {"y": [2]}})) == {**EVENT, "x": 1, "item": {**EVENT["item"], "y": [2]}}


def test_keys_go_missing_at_any_depth():
    expected = {**EVENT, "item": {"id": "item_Ef56", "content": [{"type": "output_text"}]}}
    del expected["event_id"]
    paths = ("event_id", "item.content[0].text", "item.previous_item_id", "item.nothing")
    assert changed(MissingKeys(paths)) == expected


def test_the_seed_picks_a_key_to_go_missing_and_never_the_type():
    missing = {next(iter(set(EVENT) - set(changed(MissingKeys(), seed)))) for seed in range(30)}
    assert missing == {"event_id", "response_id", "item"}


def test_ids_become_null():
    assert changed(NullIds()) == {
        **EVENT,
        "event_id": None,
        "response_id": None,
        "item": {**EVENT["item"], "id": None},
    }


def test_ids_that_are_named_become_null_and_no_others():
    assert changed(NullIds(("response_id",))) == {**EVENT, "response_id": None}


def test_wrong_ids_have_the_shape_of_the_right_ones():
    wrong = changed(WrongIds(("id", "response_id")))
    assert wrong["event_id"] == EVENT["event_id"]
    assert wrong["response_id"] != EVENT["response_id"]
    assert (wrong["response_id"][:5], len(wrong["response_id"])) == ("resp_", 9)
    assert (wrong["item"]["id"][:5], wrong["item"]["id"] != "item_Ef56") == ("item_", True)


@pytest.mark.parametrize("given, text", [(None, TEXT[: len(TEXT) // 2]), ("{", "{")])
def test_malformed_text_is_no_json(given, text):
    assert deliveries(Malformed(given), EVENT, TEXT, Chance(0)) == (Delivery(text),)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_an_oversize_event_is_as_long_as_asked_and_has_all_it_had():
    (delivery,) = deliveries(Oversize(300_000), EVENT, TEXT, Chance(0))
    assert len(delivery.text.encode()) == 300_000
    assert {key: value for key, value in json.loads(delivery.text).items() if key != "padding"} == EVENT


@pytest.mark.parametrize("kind", [MissingKeys(("delta",)), NullIds(("call_id",)), WrongIds(("previous_item_id",))])
def test_a_kind_does_not_apply_where_it_finds_nothing_to_change(kind):
    assert not applies(kind, EVENT)
    assert applies(MissingKeys(("item.id",)), EVENT)


def test_the_event_itself_stays_as_it_was():
    for kind in (ExtraKeys({"item": {"y": 1}}), MissingKeys(("item.id",)), NullIds(), WrongIds()):
        deliveries(kind, EVENT, TEXT, Chance(0))
    assert event_text(EVENT) == TEXT
