"""`realtime-mock serve --fault` and `run --fault`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

DEADLINE = 20.0
CLIENT = """
import asyncio, os, aiohttp

async def main():
    url = os.environ["OPENAI_BASE_URL"] + "/realtime?model=gpt-realtime"
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(url, headers={"Authorization": "Bearer sk-mock"}) as socket:
            await socket.receive_json()
            await socket.send_json({"type": "input_audio_buffer.clear"})
            print((await socket.receive_json())["type"])

asyncio.run(main())
"""


async def test_serve_has_faults_from_the_start_and_tells_of_each(start: Any) -> None:
    faults = ("--fault", "on: connect, refuse: 503, count: 1", "--fault", "on: session.created, close: 1011")
    process = await start("serve", "--port", 0, *faults)
    async with asyncio.timeout(DEADLINE):
        url = (await process.stdout.readline()).decode().split()[-1]
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as http:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await http.ws_connect(f"{url}/realtime?model=gpt-realtime")
        async with http.ws_connect(f"{url}/realtime?model=gpt-realtime") as socket:
            assert (await socket.receive_json(timeout=DEADLINE))["type"] == "session.created"
            assert (await socket.receive(timeout=DEADLINE)).data == 1011
    process.terminate()
    async with asyncio.timeout(DEADLINE):
        printed = (await process.stdout.read()).decode()
    assert "  fault refuse: GET /v1/realtime\n" in printed
    assert "  fault close: session.created\n" in printed


def test_what_a_fault_spoils_does_not_fail_a_run(invoke: Any) -> None:
    fault = "on: input_audio_buffer.clear, malformed: {}"
    result = invoke("run", "--fault", fault, "--", sys.executable, "-c", CLIENT)
    assert result.exit_code == 0, result.output


def test_faults_may_stand_in_a_file(invoke: Any, tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("faults:\n  - on: connect\n    dorp: {}\n")
    result = invoke("run", "--fault", f"@{tmp_path}/faults.yaml", "--", "true")
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {tmp_path}/faults.yaml:3:5: unknown key 'dorp' of a fault; did you mean 'drop'?\n",
    )


@pytest.mark.parametrize(
    "options, message",
    [
        (
            ("on: response.dune, drop: {}",),
            "--fault:1:5: 'on' cannot be 'response.dune'; did you mean 'response.done'?",
        ),
        (("drop: {}, id: a", "drop: {}, id: a"), "--fault: two faults have the id 'a'; change one"),
        (("@nowhere.yaml",), "nowhere.yaml: the file cannot be read: No such file or directory; check the path"),
    ],
)
def test_a_wrong_fault_ends_the_command_with_a_remedy(invoke: Any, options: tuple[str, ...], message: str) -> None:
    given = [word for option in options for word in ("--fault", option)]
    result = invoke("serve", "--port", 0, *given)
    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")


async def test_faults_of_the_command_line_are_seen_by_the_control_api(start: Any) -> None:
    process = await start("serve", "--port", 0, "--json", "--fault", "on: response.done, drop: {}")
    async with asyncio.timeout(DEADLINE):
        url = json.loads(await process.stdout.readline())["base_url"]
    async with aiohttp.ClientSession() as http, http.get(url.removesuffix("/v1") + "/_mock/faults") as response:
        (fault,) = (await response.json())["faults"]
    assert fault == {"on": "response.done", "drop": {}, "id": "fault_1", "seen": 0, "happened": 0}
