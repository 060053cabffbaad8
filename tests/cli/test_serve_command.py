"""`realtime-mock serve` says where it is, tells what passes, and stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import Result

Invoke = Callable[..., Result]
Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]


@contextlib.asynccontextmanager
async def connection(url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as http,
        http.ws_connect(f"{url}/realtime?model=gpt-realtime") as client,
    ):
        yield client


async def line_of(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(20):
        return (await stream.readline()).decode().rstrip("\n")


async def line_with(words: str, stream: asyncio.StreamReader | None) -> str:
    """The first line that holds these words."""
    while words not in (line := await line_of(stream)):
        assert line, f"the output ended before {words!r}"
    return line


async def rest_of(process: Process) -> tuple[int, str, str]:
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def ready(start: Start, *options: object) -> tuple[Process, str]:
    process = await start("serve", "--port", 0, "--json", *options)
    announcement: dict[str, Any] = json.loads(await line_of(process.stdout))
    assert set(announcement) == {"ready", "base_url"}
    return process, announcement["base_url"]


async def test_json_prints_one_line_and_nothing_else_on_standard_output(start: Start) -> None:
    process, url = await ready(start)
    async with connection(url) as client:
        await client.receive_json(timeout=10)
    process.send_signal(signal.SIGTERM)
    assert (await rest_of(process))[:2] == (0, "")


async def test_it_says_what_to_paste_for_the_sdks(start: Start) -> None:
    process = await start("serve", "--port", 0)
    url = (await line_of(process.stdout)).rpartition(" ")[2]
    assert await line_of(process.stdout) == f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY=sk-mock"


async def test_a_connection_a_turn_a_refusal_and_the_close_are_lines(start: Start) -> None:
    process, url = await ready(start)
    async with connection(url) as client:
        await line_with("connected by WebSocket: gpt-realtime", process.stderr)
        await client.send_json({"type": "session.update", "session": {"type": "realtime", "voice": "ash"}})
        refused = await line_with("refused session.update", process.stderr)
        await client.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        await line_with("assistant (completed):", process.stderr)
    await line_with("session closed", process.stderr)
    assert refused.partition("  ")[2] == (
        "refused session.update | param session.voice | unknown_parameter: Unknown parameter: 'session.voice'."
        " | remedy: the GA API wants it at `session.audio.output.voice`"
    )


async def test_ctrl_c_closes_the_connections_and_ends_with_success(start: Start) -> None:
    process, url = await ready(start)
    async with connection(url) as client:
        await client.receive_json(timeout=10)
        process.send_signal(signal.SIGINT)
        closing = await client.receive(timeout=10)
    assert closing.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING}
    code, _, err = await rest_of(process)
    assert code == 0
    assert "Traceback" not in err


async def test_a_taken_port_is_a_one_line_error(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        process = await start("serve", "--port", port)
        assert await rest_of(process) == (
            2,
            "",
            f"realtime-mock: port {port} on 127.0.0.1 is taken; choose another, or 0 for a free one\n",
        )


async def test_an_address_of_another_machine_is_a_one_line_error(start: Start) -> None:
    process = await start("serve", "--host", "192.0.2.1", "--port", 0)
    code, out, err = await rest_of(process)
    assert (code, out, err.count("\n")) == (2, "", 1)


async def test_an_address_for_calls_that_is_of_another_machine_is_named_once(start: Start) -> None:
    process = await start("serve", "--rtc-host", "192.0.2.1", "--port", 0)
    assert await rest_of(process) == (
        2,
        "",
        "realtime-mock: cannot listen on 192.0.2.1; choose addresses of this machine with --rtc-host\n",
    )


async def test_a_scenario_speaks(start: Start, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("scenario: s\nrules:\n  - on: {type: response.create}\n    turns:\n      - say: Ahoy.\n")
    process, url = await ready(start, "--scenario", scenario)
    async with connection(url) as client:
        await client.send_json({"type": "response.create"})
        line = await line_with("assistant", process.stderr)
    assert line.partition("  ")[2] == 'assistant (completed): "Ahoy."'


def test_a_wrong_scenario_ends_it_before_it_listens(invoke: Invoke, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("scenario: s\nrule: []\n")
    result = invoke("serve", "--port", 0, "--scenario", scenario)
    assert result.exit_code == 1
    assert f"{scenario}:2" in result.output


@pytest.mark.parametrize("options", [("--port", "-1"), ("--port", "65536"), ("--pace", "-1"), ("--log-level", "loud")])
def test_a_wrong_option_is_a_wrong_use(invoke: Invoke, options: tuple[str, str]) -> None:
    assert invoke("serve", *options).exit_code == 2
