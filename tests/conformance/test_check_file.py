"""The passive checks over recordings, lists of messages and journals."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from realtime_conformance.check_file import check
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.targets.websocket import Place, WebSocketTarget
from realtime_conformance.verdicts import Verdict
from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import upstream_at
from realtime_mock.recording.reading import NotALog, read_log
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

RECORDINGS = Path(__file__).parents[3] / "shared" / "reference" / "recordings"
GA = sorted(RECORDINGS.glob("pydantic-ai__*.json"))
KEY_FRAMES = RECORDINGS / "ga-idle-timeout-2026-keyframes.json"
NOT_HERE = "the recordings of the service are not here"


def unmet(report):
    """The checks that do not pass, by the case of each."""
    return [(case.id, one.id) for case in report.cases for one in case.checks if one.verdict is not Verdict.PASSED]


@pytest.mark.parametrize("path", GA or [None], ids=lambda path: path.stem if path else "none")
def test_a_recorded_session_of_the_service_passes_every_check(path):
    if path is None:
        pytest.skip(NOT_HERE)
    report = check(read_log(path.read_text(), path.name))
    assert (report.suite, report.agent) == ("check", path.name)
    assert report.counts[Verdict.PASSED] == 20
    assert unmet(report) == []


def test_recorded_key_frames_pass_every_check():
    if not KEY_FRAMES.is_file():
        pytest.skip(NOT_HERE)
    frames = json.loads(KEY_FRAMES.read_text())["frames"]
    # The others only tell of an event what it was.
    whole = [frame["data"] for frame in frames if "event_id" in frame["data"]]
    assert unmet(check(read_log(json.dumps(whole), "key frames"))) == []


def listed(*events):
    return json.dumps([{"kind": "message", "direction": "received", "data": event} for event in events])


async def conversation():
    """What a server sends in a written turn."""
    server = Server(VirtualTarget())
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        await session.respond()
        return list(session.events)


async def test_a_finding_tells_its_event():
    events = await conversation()
    at = next(at for at, event in enumerate(events) if event["type"] == "response.output_text.done")
    events[at] = {**events[at], "text": "Something else"}
    report = check(read_log(listed(*events), "list"))
    assert unmet(report) == [("SESSION-001", "WIRE-002.deltas-add-up"), ("SESSION-001", "WIRE-002.finals-agree")]
    found = {one.id: one.evidence for one in report.cases[0].checks}
    assert found["WIRE-002.deltas-add-up"].at == at
    assert "do not add up to 'Something else'" in found["WIRE-002.deltas-add-up"].actual


async def test_an_event_that_breaks_its_schema_does_not_end_the_judgement():
    first, *events = await conversation()
    del first["event_id"]
    events[-1] = {**events[-1], "event_id": events[-2]["event_id"]}
    report = check(read_log(listed(first, *events), "list"))
    assert [one for _, one in unmet(report)] == ["WIRE-001.schema", "WIRE-002.ids-are-unique"]


async def talk(base_url):
    """Two connections, one after the other."""
    async with aiohttp.ClientSession() as client:
        server = Server(WebSocketTarget(Place.of(base_url), frozenset(), client))
        for _ in range(2):
            async with server.session(**TEXT) as session:
                await session.write("Say hello.")
                await session.respond()


async def test_each_connection_of_a_journal_is_a_case_of_its_own():
    async with RealtimeMock(Settings(port=0)) as mock:
        await talk(mock.base_url)
        text = b"".join(mock.journal.jsonl()).decode()
    report = check(read_log(text, "journal.jsonl"))
    assert [case.id for case in report.cases] == ["SESSION-001", "SESSION-002"]
    assert {case.title.partition("_")[0] for case in report.cases} == {"connection sess"}
    assert unmet(report) == []


async def test_a_recording_tells_where_it_comes_from(tmp_path):
    async with RealtimeMock(Settings(port=0)) as mock, RecordingProxy(upstream_at(mock.base_url), tmp_path) as proxy:
        await talk(proxy.origin)
    report = check(read_log(proxy.path.read_text(), proxy.path.name, folder=tmp_path))
    assert (len(report.cases), unmet(report)) == (2, [])
    assert sorted(report.about) == ["file", "recorded by", "upstream"]
    assert report.started


def test_what_a_server_never_spoke_in_is_refused():
    sent = json.dumps([{"kind": "message", "direction": "sent", "data": {"type": "response.create"}}])
    with pytest.raises(NotALog, match=r"list\.json: it holds nothing that a server sent"):
        check(read_log(sent, "list.json"))
