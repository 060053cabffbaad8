"""`realtime-mock lint`: what it prints, and with which status it ends; on recordings and journals of real sessions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner, Result

from realtime_mock.cli import main
from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import upstream_at
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

BETA = Path(__file__).parents[3] / "shared/reference/recordings/beta-webrtc-2025-02-semantic-kernel.json"
DEADLINE = 20.0
URL = "/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test-0123456789"}


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["lint", *map(str, arguments)], input=stdin)


def entries(*events: dict[str, Any]) -> str:
    return json.dumps([{"kind": "message", "direction": "sent", "data": event} for event in events])


def test_an_error_ends_with_1_and_says_what_to_change():
    result = run("-", stdin=entries({"type": "session.update", "session": {"type": "realtime", "voice": "alloy"}}))
    assert result.exit_code == 1
    finding, summary = result.stdout.splitlines()
    assert finding == (
        "<stdin>: entry 0: error [flat-key] session.update: Unknown parameter: 'session.voice'. "
        "| change: the GA API wants it at `session.audio.output.voice`"
    )
    assert summary == "<stdin>: 1 entries, 1 error, 0 warnings, 0 hints"


def test_warnings_alone_end_with_0():
    result = run("-", stdin=entries({"type": "response.cancel"}))
    assert (result.exit_code, "0 errors, 1 warning" in result.stdout) == (0, True)


def test_what_is_found_again_is_counted_in_one_line():
    event = {"type": "response.create", "response": {"modalities": ["text"]}}
    lines = run("-", stdin=entries(event, event, event)).stdout.splitlines()
    flat = [line for line in lines if "[flat-key]" in line]
    assert len(flat) == 1
    assert "(3 times)" in flat[0]


def test_json_holds_every_finding_for_programs():
    event = {"type": "session.update", "session": {"type": "realtime", "voice": "alloy"}}
    document = json.loads(run("-", "--json", stdin=entries(event, event)).stdout)
    assert document["counts"] == {"error": 2, "warning": 0, "hint": 0}
    assert document["findings"][1] == {
        "rule": "flat-key",
        "severity": "error",
        "place": "entry 1",
        "session": "1",
        "at": None,
        "after": None,
        "event": "session.update",
        "param": "session.voice",
        "message": "Unknown parameter: 'session.voice'.",
        "advice": "the GA API wants it at `session.audio.output.voice`",
    }


@pytest.mark.parametrize("text", ["", "no", "[]", "{}"])
def test_what_cannot_be_read_ends_with_2(text: str):
    result = run("-", stdin=text)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: <stdin>: ")


def test_a_recorded_session_of_the_beta_is_found_to_be_one():
    if not BETA.is_file():
        pytest.skip("the recordings of the service are not here")
    result = run(BETA)
    assert result.exit_code == 1
    assert "[beta-session] session.created" in result.stdout


RECORDED = sorted(BETA.parent.glob("pydantic*.json"))


@pytest.mark.parametrize("path", RECORDED or [None], ids=lambda path: path.stem if path else "none")
def test_a_client_that_the_service_served_well_has_no_findings(path: Path | None):
    if path is None:
        pytest.skip("the recordings of the service are not here")
    result = run(path)
    assert (result.exit_code, "0 errors, 0 warnings, 0 hints" in result.stdout) == (0, True), result.stdout


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0, pace=1)) as mock:
        yield mock


async def misbehave(origin: str) -> None:
    """A client that does six things wrong, each of which the mock refuses."""
    async with (
        aiohttp.ClientSession(origin, headers=KEY) as http,
        http.ws_connect(URL, max_msg_size=0) as socket,
        asyncio.timeout(DEADLINE),
    ):

        async def send(kind: str, **fields: Any) -> None:
            await socket.send_str(json.dumps({"type": kind, **fields}))

        async def until(kind: str) -> dict[str, Any]:
            while (event := await socket.receive_json())["type"] != kind:
                pass
            found: dict[str, Any] = event
            return found

        await send("session.update", session={"modalities": ["text"]})
        await send("input_audio_buffer.commit")
        await send("response.cancel")
        for _ in range(3):
            await until("error")
        await send("response.create")
        item_id = (await until("response.output_audio.delta"))["item_id"]
        await send("response.create", event_id="second")
        await send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=3_600_000)
        await send("conversation.item.create", item={"type": "function_call_output", "call_id": "nope", "output": "x"})
        for _ in range(3):
            await until("error")


EXPECTED = [
    "flat-key",
    "missing-session-type",
    "commit-empty",
    "cancel-without-response",
    "create-during-response",
    "truncate-beyond-audio",
    "output-of-unknown-call",
]


def rules(result: Result) -> list[str]:
    return [finding["rule"] for finding in json.loads(result.stdout)["findings"] if finding["severity"] != "hint"]


async def test_a_journal_shows_what_was_wrong(mock, tmp_path: Path):
    await misbehave(mock.base_url.removesuffix("/v1"))
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(mock.journal.jsonl()))
    result = run(path, "--json")
    assert result.exit_code == 1
    assert rules(result) == EXPECTED


async def test_a_recording_shows_the_same(mock, tmp_path: Path):
    async with RecordingProxy(upstream_at(mock.base_url), tmp_path) as proxy:
        await misbehave(proxy.origin)
    result = run(proxy.path, "--json", "--session", "1")
    assert result.exit_code == 1
    assert rules(result) == EXPECTED


async def test_a_beta_client_is_found_in_a_recording(mock, tmp_path: Path):
    async with RecordingProxy(upstream_at(mock.base_url), tmp_path) as proxy:
        headers = {**KEY, "OpenAI-Beta": "realtime=v1"}
        async with (
            aiohttp.ClientSession(proxy.origin, headers=headers) as http,
            http.ws_connect(URL) as socket,
            asyncio.timeout(DEADLINE),
        ):
            await socket.receive()
    found = rules(run(proxy.path, "--json"))
    assert found[0] == "beta-header"
