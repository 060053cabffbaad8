"""`realtime-mock serve --session-lifetime` and `--tokens-per-minute`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

DEADLINE = 20.0


async def test_serve_limits_a_session_as_it_is_told(start: Any) -> None:
    options = ("--clock", "virtual", "--pace", 0, "--session-lifetime", 120, "--tokens-per-minute", 40_000)
    process = await start("serve", "--port", 0, "--json", *options)
    async with asyncio.timeout(DEADLINE):
        url = json.loads(await process.stdout.readline())["base_url"]
    async with (
        aiohttp.ClientSession(url.removesuffix("/v1"), headers={"Authorization": "Bearer sk-test"}) as http,
        http.ws_connect("/v1/realtime?model=gpt-realtime") as socket,
    ):
        await socket.send_json({"type": "response.create", "response": {"output_modalities": ["text"]}})
        while (event := await socket.receive_json(timeout=DEADLINE))["type"] != "rate_limits.updated":
            pass
        await http.post("/_mock/clock", json={"advance": 120})
        expired = await socket.receive_json(timeout=DEADLINE)
        closed = await socket.receive(timeout=DEADLINE)
    assert event["rate_limits"][0]["limit"] == 40_000
    assert expired["error"]["message"] == "Your session hit the maximum duration of 2 minutes."
    assert closed.data == 1001


def test_limits_that_allow_nothing_are_refused(invoke: Any) -> None:
    assert invoke("serve", "--session-lifetime", 0).exit_code == 2
    assert invoke("serve", "--tokens-per-minute", 0).exit_code == 2
