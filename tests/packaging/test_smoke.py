"""An installation works: every command starts, a real call is answered, no data file was lost.

These tests read no file of the checkout: they run against the built wheel, from an empty directory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from importlib.metadata import entry_points
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from realtime_conformance.cli import main as conformance
from realtime_mock._resources import fixtures_dir, schemas_dir
from realtime_mock.scenario.loader import load_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

pytestmark = [pytest.mark.smoke, pytest.mark.timeout(60)]


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True, timeout=50)


def test_the_demo_hears_an_answer(tmp_path: Path) -> None:
    result = command("demo", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["answer.wav"]
    with wave.open(str(tmp_path / "answer.wav")) as answer:
        assert (answer.getsampwidth(), answer.getnchannels()) == (2, 1)
        assert answer.getnframes() > answer.getframerate()


async def test_a_text_turn_over_websocket_is_answered() -> None:
    async with (
        RealtimeMock(Settings(port=0)) as mock,
        aiohttp.ClientSession(headers={"Authorization": "Bearer sk-smoke"}) as http,
        http.ws_connect(f"{mock.base_url}/realtime?model=gpt-realtime") as socket,
    ):
        content = [{"type": "input_text", "text": "Good morning"}]
        item = {"type": "message", "role": "user", "content": content}
        await socket.send_json({"type": "conversation.item.create", "item": item})
        await socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        done = await first(socket, "response.output_text.done")
    assert "Good morning" in done["text"]


def test_the_distribution_is_a_pytest_plugin(request: pytest.FixtureRequest) -> None:
    installed = entry_points(group="pytest11", name="realtime_mock")
    if not installed:
        pytest.skip("nothing is installed: the sources are on the path")
    assert request.config.pluginmanager.get_plugin("realtime_mock") is installed["realtime_mock"].load()
    assert request.getfixturevalue("realtime_mock").sessions == []


async def first(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, str]:
    """The first event of this type."""
    while True:
        event: dict[str, str] = await socket.receive_json(timeout=10)
        if event["type"] == kind:
            return event


@pytest.mark.parametrize(("side", "count"), [("client", 11), ("server", 46)])
def test_every_event_has_its_schema(side: str, count: int) -> None:
    files = list((schemas_dir() / "ga" / side).iterdir())
    names = {json.loads(path.read_text(encoding="utf-8"))["$id"].rpartition("/")[2] for path in files}
    assert names == {path.name for path in files}
    assert len(files) == count


def test_the_shipped_scenarios_load() -> None:
    paths = sorted((fixtures_dir() / "scenarios").glob("*.yaml"))
    assert [load_scenario(path).name for path in paths]


def test_the_shipped_sound_is_there() -> None:
    assert (fixtures_dir() / "audio" / "question.wav").is_file()


def test_the_suite_comes_with_its_requirements_and_its_page(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    command = ["server", "--url", "core:", "--requirements", "ga-2026-11", "--html", str(page), "RESP-001"]
    done = CliRunner().invoke(conformance, command)
    assert done.exit_code == 0, done.output
    assert "RESP-001.completed" in page.read_text(encoding="utf-8")
