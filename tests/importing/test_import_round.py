"""Record a mock, import the recording, serve it: the same client hears the same."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from click.testing import CliRunner

from realtime_mock.cli import main
from realtime_mock.core.speech import Speech
from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import upstream_at
from realtime_mock.scenario.loader import load_scenario, parse_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 20.0
KEY = {"Authorization": "Bearer sk-test-0123456789"}

SCENARIO = """
scenario: original
rules:
  - on: {function_output: {name: get_weather}}
    turns:
      - say: "It is $function_output.output and costs $$5."
  - on: {user_text: {contains: fail}}
    turns:
      - fail: {code: rate_limit_exceeded, message: "Slow down."}
  - on: {user_text: {contains: docs}}
    turns:
      - mcp: {server_label: docs, name: search, arguments: {q: x}, output: "three pages"}
      - say: "Three pages."
  - on: {speech: any}
    turns:
      - - say: "Let me see."
        - call: {name: get_weather, arguments: {city: Paris}}
  - on: response.create
    turns:
      - say: "Hello!"
transcripts:
  - {text: "What is the weather like?", after: 50ms}
mcp:
  docs: {tools: [search]}
"""


class PlainVoice:
    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 240 * len(text))


class Visitor:
    """A client that does the same each time, and keeps what it is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.heard: list[tuple[str, ...]] = []

    async def visit(self) -> None:
        await self._until("session.created")
        server_vad = {"type": "server_vad", "silence_duration_ms": 200}
        given = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": server_vad}}
        tools = [
            {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example", "require_approval": "never"}
        ]
        await self._send("session.update", session={"type": "realtime", "audio": given, "tools": tools})
        await self._until("mcp_list_tools.completed")
        await self._ask(None)
        await self._speak()
        await self._until("response.done", "conversation.item.input_audio_transcription.completed")
        call_id = next(entry[3] for entry in self.heard if entry[0] == "call")
        output = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
        await self._send("conversation.item.create", item=output)
        await self._ask(None)
        await self._ask("please fail")
        await self._ask("search the docs")

    async def _ask(self, text: str | None) -> None:
        if text is not None:
            content = [{"type": "input_text", "text": text}]
            await self._send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await self._send("response.create")
        await self._until("response.done")

    async def _speak(self) -> None:
        tone = (np.sin(np.arange(12_000) * 0.06) * 12_000).astype("<i2").tobytes()
        for pcm in (tone, bytes(24_000)):
            await self._send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._socket.send_str(json.dumps({"type": kind, **fields}))

    async def _until(self, *kinds: str) -> None:
        missing = set(kinds)
        while missing:
            event = await self._socket.receive_json(timeout=DEADLINE)
            self._keep(event)
            missing.discard(event["type"])

    def _keep(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "response.output_audio_transcript.done":
                self.heard.append(("said", event["transcript"]))
            case "response.function_call_arguments.done":
                self.heard.append(("call", event["name"], event["arguments"], event["call_id"]))
            case "conversation.item.input_audio_transcription.completed":
                self.heard.append(("user", event["transcript"]))
            case "response.mcp_call_arguments.done":
                self.heard.append(("mcp", event["arguments"]))
            case "response.done":
                error = (event["response"]["status_details"] or {}).get("error") or {}
                self.heard.append(("done", event["response"]["status"], error.get("code"), error.get("message")))
            case "error":
                self.heard.append(("error", event["error"]["message"]))

    @property
    def told(self) -> list[tuple[str, ...]]:
        """What was heard, without ids; transcripts come when they come, so all is sorted."""
        return sorted((entry[:3] if entry[0] == "call" else entry for entry in self.heard), key=repr)


async def visit(scenario: Scenario, folder: Path | None = None) -> Visitor:
    """One visit to a mock, through a recording proxy where there is a folder for it."""
    async with RealtimeMock(Settings(port=0, pace=0), scenario, voice=PlainVoice()) as mock:
        if folder is None:
            return await visit_at(mock.base_url)
        async with RecordingProxy(upstream_at(mock.base_url), folder) as proxy:
            return await visit_at(f"{proxy.origin}/v1")


async def visit_at(base_url: str) -> Visitor:
    async with (
        asyncio.timeout(60),
        aiohttp.ClientSession(headers=KEY) as http,
        http.ws_connect(f"{base_url}/realtime?model=gpt-realtime", max_msg_size=0) as socket,
    ):
        visitor = Visitor(socket)
        await visitor.visit()
        return visitor


async def test_the_same_client_hears_the_same_from_an_imported_recording(tmp_path: Path):
    original = await visit(parse_scenario(SCENARIO), tmp_path)
    output = tmp_path / "imported.yaml"
    result = CliRunner().invoke(main, ["import", str(tmp_path / "recording.jsonl"), "-o", str(output)])
    assert (result.exit_code, result.stderr) == (0, "")
    again = await visit(load_scenario(output))
    assert ("said", "It is sunny and costs $5.") in original.told
    assert ("user", "What is the weather like?") in original.told
    assert ("done", "failed", "rate_limit_exceeded", "Slow down.") in original.told
    assert again.told == original.told


def test_a_file_that_is_there_is_kept(tmp_path: Path):
    output = tmp_path / "mine.yaml"
    output.write_text("mine")
    recording = Path(__file__).parents[1] / "replay" / "tool-round.json"
    result = CliRunner().invoke(main, ["import", str(recording), "-o", str(output)])
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert output.read_text() == "mine"


def test_without_a_file_the_scenario_is_printed():
    recording = Path(__file__).parents[1] / "replay" / "tool-round.json"
    result = CliRunner().invoke(main, ["import", str(recording), "--name", "weather"])
    assert result.exit_code == 0
    assert parse_scenario(result.stdout).name == "weather"


@pytest.mark.parametrize("text", ["", "[]", "{}", "no"])
def test_what_is_no_recording_is_refused(text: str):
    result = CliRunner().invoke(main, ["import", "-"], input=text)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: <stdin>: ")
