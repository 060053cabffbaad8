"""`realtime-mock serve --api-key`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

DEADLINE = 20.0


async def test_serve_accepts_the_keys_it_is_given_and_no_other(start: Any) -> None:
    process = await start("serve", "--port", 0, "--json", "--api-key", "sk-one", "--api-key", "sk-two")
    async with asyncio.timeout(DEADLINE):
        url = json.loads(await process.stdout.readline())["base_url"]
    statuses = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE)) as http:
        for key in ("sk-one", "sk-two", "sk-three"):
            headers = {"Authorization": f"Bearer {key}"}
            async with http.post(f"{url}/realtime/client_secrets", headers=headers) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 401]
