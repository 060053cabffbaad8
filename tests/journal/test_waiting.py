"""Waiting for entries: whom an entry is shown to, and readers that are too slow."""

from __future__ import annotations

import asyncio

import pytest

from realtime_mock.journal import Journal, Query, SessionJournal, waiting
from realtime_mock.journal.waiting import Overrun, Watch


@pytest.fixture
def journal() -> Journal:
    return Journal()


async def test_an_entry_is_shown_to_those_who_ask_for_its_lane_alone(journal, monkeypatch):
    watch = Watch(journal)
    waits = [
        asyncio.create_task(watch.wait_for(Query(lane=f"lane-{number % 200}"), count=1, seconds=5))
        for number in range(200)
    ]
    everything = asyncio.create_task(watch.wait_for(Query(), count=1, seconds=5))
    await asyncio.sleep(0)
    asked = []
    takes = Query.takes
    monkeypatch.setattr(Query, "takes", lambda self, entry: asked.append(self.lane) or takes(self, entry))

    SessionJournal(journal, "sess_7", lane="lane-7").noted("x")

    assert [entry.lane for entry in await waits[7]] == ["lane-7"]
    assert [entry.lane for entry in await everything] == ["lane-7"]
    assert asked == ["lane-7", None]
    watch.close()
    assert [await wait for wait in waits if wait is not waits[7]] == [[]] * 199
    assert watch.watchers == 0


async def test_a_reader_who_is_far_too_slow_is_told(journal, monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST_BACKLOG", 3)
    session = SessionJournal(journal, "sess_1")
    stream = Watch(journal).stream(Query(), beat=5)
    session.noted("0")
    first = await anext(stream)
    for number in range(1, 6):
        session.noted(str(number))

    rest = []
    with pytest.raises(Overrun):
        rest.extend([entry.text async for entry in stream])

    assert first is not None
    assert first.text == "0"


async def test_a_stream_shows_that_it_lives_while_nothing_passes(journal):
    stream = Watch(journal).stream(Query(), beat=0.01)

    assert await asyncio.wait_for(anext(stream), 5) is None
    await stream.aclose()


async def test_while_nobody_waits_no_entry_is_looked_at(journal):
    watch = Watch(journal)
    assert journal._listeners == ()
    wait = asyncio.create_task(watch.wait_for(Query(), count=1, seconds=5))
    await asyncio.sleep(0)
    assert len(journal._listeners) == 1
    SessionJournal(journal, "sess_1").noted("x")
    assert len(await wait) == 1
    assert journal._listeners == ()
