"""Each kind of fault reaches a client, and is absent where it is not asked for."""

from __future__ import annotations

import json

import pytest


def types_of(events):
    return [event["type"] for event in events]


async def test_without_faults_nothing_is_touched(connect, mock, struck):
    client = await connect()
    await client.answer()
    assert struck() == []
    assert {entry.fault for entry in mock.journal.entries()} == {None}


async def test_a_dropped_event_does_not_reach_the_client_and_nothing_else_is_missing(connect, put, struck):
    healthy = types_of(await (await connect()).answer())
    await put("on: response.output_text.done, drop: {}")
    client = await connect()
    faulty = types_of(await client.answer())
    assert faulty == [kind for kind in healthy if kind != "response.output_text.done"]
    assert struck() == ["drop"]


async def test_only_as_many_as_the_count_go_missing(connect, put):
    healthy = types_of(await (await connect()).answer())
    await put("on: response.output_text.delta, drop: {}, count: 1")
    faulty = types_of(await (await connect()).answer())
    assert faulty.count("response.output_text.delta") == healthy.count("response.output_text.delta") - 1


async def test_a_duplicate_comes_twice(connect, put):
    await put("on: response.created, duplicate: 2")
    events = await (await connect()).answer()
    first, second = [event for event in events if event["type"] == "response.created"]
    assert first == second


async def test_a_reordered_event_comes_after_those_that_follow_it(connect, put):
    healthy = types_of(await (await connect()).answer())
    await put("on: response.created, reorder: 2")
    faulty = types_of(await (await connect()).answer())
    assert healthy[:3] == [faulty[2], *faulty[:2]]
    assert healthy[3:] == faulty[3:]


@pytest.mark.parametrize(
    "fault, change",
    [
        ("unknown_type: response.imagined", lambda event: event | {"type": "response.imagined"}),
        ("extra_keys: {surprise: 1}", lambda event: event | {"surprise": 1}),
        ("missing_keys: event_id", lambda event: {key: event[key] for key in event if key != "event_id"}),
        ("null_ids: event_id", lambda event: event | {"event_id": None}),
    ],
)
async def test_an_event_is_changed_and_the_journal_has_both(connect, put, mock, fault, change):
    await put(f"on: input_audio_buffer.cleared, {fault}")
    changed = await (await connect()).echo()
    (told,) = mock.journal.entries(kind="fault")
    assert changed == change(told.event["event"])
    sent = [entry for entry in mock.journal.entries(kind="event") if entry.fault]
    assert [(entry.event, entry.fault, entry.valid) for entry in sent] == [(changed, told.fault, True)]


async def test_wrong_ids_are_of_the_right_shape(connect, put):
    await put("on: response.created, wrong_ids: id")
    created, *_, done = await (await connect()).answer()
    wrong, right = created["response"]["id"], done["response"]["id"]
    assert (wrong[:5], len(wrong), wrong == right) == (right[:5], len(right), False)


async def test_malformed_text_is_no_json(connect, put):
    await put("on: input_audio_buffer.cleared, malformed: {}")
    client = await connect()
    with pytest.raises(json.JSONDecodeError):
        await client.echo()
    await put("[]")
    assert (await client.echo())["type"] == "input_audio_buffer.cleared"


async def test_an_oversize_event_is_as_large_as_asked(connect, put):
    await put("on: input_audio_buffer.cleared, oversize: 300000")
    client = await connect()
    assert (await client.echo())["type"] == "input_audio_buffer.cleared"
    assert len(client.texts[-1].encode()) == 300_000


async def test_a_clients_event_may_be_lost_on_its_way_in(connect, put, mock):
    await put("on: input_audio_buffer.clear, drop: {}, nth: 1")
    client = await connect()
    await client.send({"type": "input_audio_buffer.clear", "event_id": "lost"})
    await client.send({"type": "input_audio_buffer.clear", "event_id": "kept"})
    await client.receive()
    entries = mock.journal.entries(kind="event", direction="in")
    assert [(entry.event["event_id"], entry.fault) for entry in entries] == [("lost", "drop"), ("kept", None)]
    assert len(mock.journal.entries(kind="event", direction="out")) == 2


async def test_a_clients_event_may_arrive_twice(connect, put):
    await put("on: input_audio_buffer.clear, duplicate: 2")
    client = await connect()
    first = await client.echo()
    assert (first["type"], (await client.receive())["type"]) == ("input_audio_buffer.cleared",) * 2


async def test_a_clients_event_may_arrive_broken(connect, put, mock):
    await put("on: input_audio_buffer.clear, malformed: {}")
    error = (await (await connect()).echo())["error"]
    assert error["code"] == "invalid_json"
    (entry,) = mock.journal.entries(kind="event", direction="in")
    assert (entry.fault, entry.valid) == ("malformed", False)


async def test_a_clients_events_may_change_places(connect, put):
    await put("on: response.create, reorder: 1")
    client = await connect()
    await client.ask()
    assert (await client.echo())["type"] == "input_audio_buffer.cleared"
    assert (await client.receive())["type"] == "response.created"


async def test_what_was_lost_is_told_from_what_was_never_sent(connect, put, mock):
    await put("on: response.done, drop: {}")
    client = await connect()
    await client.ask()
    await client.receive_until("response.output_item.done")
    assert (await client.receive())["type"] == "rate_limits.updated"
    lost = [entry for entry in mock.journal.entries(kind="event") if entry.type == "response.done"]
    assert [(entry.channel, entry.fault) for entry in lost] == [("none", "drop")]


@pytest.mark.parametrize("name", ["response.text.delta", "response.output_text.delta"])
async def test_a_beta_client_meets_faults_by_either_name(connect, put, name):
    client = await connect(OpenAI_Beta="realtime=v1")
    await client.send({"type": "session.update", "session": {"modalities": ["text"]}})
    await client.receive()
    await put(f"on: {name}, drop: {{}}")
    await client.send({"type": "response.create"})
    kinds = types_of(await client.receive_until("response.done"))
    assert "response.text.done" in kinds
    assert "response.text.delta" not in kinds


async def test_a_beta_client_gets_its_own_shape_changed(connect, put):
    await put("on: session.created, extra_keys: {session: {surprise: 1}}")
    client = await connect(opens=False, OpenAI_Beta="realtime=v1")
    session = (await client.receive())["session"]
    assert (session["surprise"], "modalities" in session) == (1, True)


async def test_faults_change_while_a_session_is_open(connect, put):
    client = await connect()
    assert "event_id" in await client.echo()
    await put("missing_keys: event_id")
    assert "event_id" not in await client.echo()
    await put("[]")
    assert "event_id" in await client.echo()
