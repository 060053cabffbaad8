"""`--beta`: `serve` serves beta clients and `run` refuses them, unless told otherwise."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import pytest

Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]

CLIENT = """
import asyncio, os, sys
import aiohttp

async def main(events):
    headers = {"Authorization": "Bearer sk-mock", "OpenAI-Beta": "realtime=v1"}
    url = os.environ["OPENAI_BASE_URL"] + "/realtime?model=gpt-4o-realtime-preview"
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.ws_connect(url) as socket:
            print((await socket.receive_json(timeout=10))["type"])
            for event in events:
                await socket.send_str(event)
                print((await socket.receive_json(timeout=10))["type"])

asyncio.run(main(sys.argv[1:]))
"""

FLAT = {"type": "session.update", "session": {"voice": "echo", "temperature": 0.9}}
NESTED = {"type": "session.update", "session": {"type": "realtime"}}


async def run_client(start: Start, *options: str, event: object = None) -> tuple[int, list[str], str]:
    sent = [] if event is None else [json.dumps(event)]
    process = await start("run", *options, "--", sys.executable, "-c", CLIENT, *sent)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().split(), err.decode()


async def test_run_refuses_beta_clients(start: Start) -> None:
    _, received, _ = await run_client(start)
    assert received == ["error"]


async def test_run_serves_beta_clients_where_asked_to(start: Start) -> None:
    status, received, err = await run_client(start, "--beta", "serve", event=FLAT)
    assert (status, received) == (0, ["session.created", "session.updated"])
    assert "the service retired it on 2026-05-12" in err


@pytest.mark.parametrize("event", [NESTED, {**FLAT, "session": {"temperature": 9}}], ids=["of-ga", "out-of-range"])
async def test_run_fails_where_a_beta_event_breaks_the_beta_schema(start: Start, event: object) -> None:
    status, received, err = await run_client(start, "--beta", "serve", event=event)
    assert (status, received) == (1, ["session.created", "error"])
    assert "refused session.update" in err


async def test_run_forgives_what_is_refused_for_another_reason(start: Start) -> None:
    status, received, _ = await run_client(start, "--beta", "serve", event={"type": "response.cancel"})
    assert (status, received) == (0, ["session.created", "error"])


@pytest.mark.parametrize("options, first", [((), "session.created"), (("--beta", "retired"), "error")])
async def test_serve_serves_beta_clients_unless_told_not_to(start: Start, options: tuple[str, ...], first: str) -> None:
    server = await start("serve", "--port", "0", "--json", *options)
    async with asyncio.timeout(30):
        assert server.stdout is not None
        base_url = json.loads(await server.stdout.readline())["base_url"]
        code = f"import os; os.environ['OPENAI_BASE_URL'] = {base_url!r}\n{CLIENT}"
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        out, _ = await client.communicate()
    server.terminate()
    assert out.decode().split() == [first]
