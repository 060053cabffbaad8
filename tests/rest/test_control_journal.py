"""The journal over HTTP: asked for, waited for, streamed and exported."""

from __future__ import annotations

import asyncio
import json

import pytest

from realtime_mock.journal import SessionJournal
from realtime_mock.journal.waiting import Watch

DEADLINE = 5.0


async def get(http, path, **query):
    async with http.get(path, params=query) as response:
        return response.status, await response.json()


@pytest.fixture
def journal(mock):
    """Two lanes of one session each."""
    for lane in ("a", "b"):
        mock.factory.lanes.open(lane)
        session = SessionJournal(mock.journal, f"sess_{lane}", lane=lane)
        session.sent('{"type":"session.created"}', "websocket", None)
        session.received('{"type":"response.create","response":{"metadata":{"n":"1"}}}', "websocket", None)
    return mock.journal


def watchers(mock):
    """How many wait for entries of a mock's journal."""
    listening = [listener.__self__ for listener in mock.journal._listeners]
    return sum(each.watchers for each in listening if isinstance(each, Watch))


async def listened_to(mock):
    """Until somebody waits for an entry."""
    async with asyncio.timeout(DEADLINE):
        while not watchers(mock):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


def numbers(answer):
    return [entry["seq"] for entry in answer["entries"]]


@pytest.mark.parametrize(
    "query, found",
    [
        ({"kind": "event"}, [1, 2, 3, 4]),
        ({"kind": "event", "lane": "b"}, [3, 4]),
        ({"session": "sess_a"}, [1, 2]),
        ({"type": "response.create,session.created", "after": 2, "limit": 1}, [3]),
        ({"direction": "in", "kind": "event"}, [2, 4]),
        ({"channel": "websocket", "valid": "false"}, []),
        ({"pattern": '{"response":{"metadata":{"n":{"$any":true}}}}', "lane": "a"}, [2]),
    ],
)
async def test_the_journal_is_asked_by_query(http, journal, query, found):
    status, answer = await get(http, "/_mock/journal", **query)

    assert (status, numbers(answer)) == (200, found)


async def test_what_came_since_is_found_behind_the_newest(http, journal):
    _, first = await get(http, "/_mock/journal", kind="event")
    SessionJournal(journal, "sess_a", lane="a").noted("new")
    _, second = await get(http, "/_mock/journal", after=first["newest"], kind="note")

    assert [entry["text"] for entry in second["entries"]] == ["new"]


@pytest.mark.parametrize(
    "query, param, remedy",
    [
        ({"kind": "evnt"}, "kind", "did you mean 'event'?"),
        ({"direction": "up"}, "direction", "in or out"),
        ({"after": "-1"}, "after", "from 0 on"),
        ({"limit": "0"}, "limit", "from 1 on"),
        ({"channel": "ws"}, "channel", "use one of: websocket, data-channel"),
        ({"channel": "datachannel"}, "channel", "did you mean 'data-channel'?"),
        ({"patern": "{}"}, "patern", "did you mean 'pattern'?"),
        ({"timeout": "1"}, "timeout", "use one of: lane, session, kind"),
        ({"pattern": "{"}, "pattern", "not JSON"),
        ({"pattern": '{"a":{"$regx":"x"}}'}, "pattern", "$regex"),
    ],
)
async def test_a_question_that_cannot_be_read_is_a_400_with_a_remedy(http, query, param, remedy):
    status, answer = await get(http, "/_mock/journal", **query)

    assert (status, answer["error"]["param"]) == (400, param)
    assert remedy in answer["error"]["message"]


async def test_a_wait_ends_with_what_has_passed_already(http, journal):
    _, answer = await get(http, "/_mock/journal/wait", type="response.create", lane="a")

    assert (answer["met"], numbers(answer)) == (True, [2])


async def test_a_wait_ends_when_it_comes(http, mock, journal):
    path = "/_mock/journal/wait"
    asked = asyncio.create_task(get(http, path, type="response.create", lane="a", count=2, timeout=DEADLINE))
    await listened_to(mock)
    SessionJournal(journal, "sess_b", lane="b").received('{"type":"response.create"}', "websocket", None)
    SessionJournal(journal, "sess_a", lane="a").received('{"type":"response.create"}', "websocket", None)

    _, answer = await asked
    assert (answer["met"], [entry["lane"] for entry in answer["entries"]]) == (True, ["a", "a"])
    assert watchers(mock) == 0


async def test_a_wait_that_is_over_tells_what_came_nearest(http, journal):
    pattern = json.dumps({"type": "response.create", "response": {"metadata": {"n": "2"}}})
    _, answer = await get(http, "/_mock/journal/wait", pattern=pattern, session="sess_a", timeout=0)

    assert (answer["met"], answer["entries"]) == (False, [])
    assert answer["nearest"].startswith("entry 2: response.metadata.n")


async def test_a_wait_does_not_hold_the_end_of_the_mock_up(mock, http):
    asked = asyncio.create_task(get(http, "/_mock/journal/wait", kind="fault", timeout=600))
    await listened_to(mock)
    async with asyncio.timeout(DEADLINE):
        await mock.__aexit__(None, None, None)
        assert (await asked)[1]["met"] is False


async def next_event(response):
    """The fields of the next Server-Sent Event; comments are passed over."""
    async with asyncio.timeout(DEADLINE):
        while True:
            lines = (await response.content.readuntil(b"\n\n")).decode().strip().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
            if fields:
                return int(fields["id"]), json.loads(fields["data"])


async def test_a_stream_tells_each_entry_as_it_is_made(http, journal):
    async with http.get("/_mock/journal/stream", params={"lane": "a", "kind": "note"}) as response:
        await response.content.readuntil(b"\n\n")
        SessionJournal(journal, "sess_b", lane="b").noted("of another lane")
        SessionJournal(journal, "sess_a", lane="a").noted("new")
        seq, entry = await next_event(response)

    assert response.headers["Content-Type"] == "text/event-stream"
    assert (seq, entry["seq"], entry["text"]) == (7, 7, "new")


async def test_a_stream_goes_on_behind_the_last_event_that_was_read(http, journal):
    path = "/_mock/sessions/sess_a/journal/stream"
    async with http.get(path, headers={"Last-Event-ID": "1"}) as response:
        assert (await next_event(response))[0] == 2


async def test_a_stream_whose_reader_went_leaves_nothing_behind(http, mock, journal):
    async with http.get("/_mock/journal/stream") as response:
        await response.content.readuntil(b"\n\n")
        response.close()
    async with asyncio.timeout(DEADLINE):
        while watchers(mock):
            SessionJournal(journal, "sess_a", lane="a").noted("x")
            await asyncio.sleep(0.01)


async def test_an_export_has_one_line_for_each_entry(http, journal):
    async with http.get("/_mock/journal/export", params={"lane": "b"}) as response:
        lines = (await response.text()).splitlines()

    assert [json.loads(line)["seq"] for line in lines] == [3, 4]


@pytest.mark.parametrize("below", ["", "/wait", "/stream", "/export"])
async def test_the_journal_of_a_session_that_never_was_is_a_404(http, below):
    status, answer = await get(http, f"/_mock/sessions/sess_none/journal{below}")

    assert (status, answer["error"]["code"]) == (404, "session_not_found")
