"""`realtime-mock serve --api-key` and `--webhook-secret`."""

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


def test_a_webhook_secret_that_is_no_base64_is_refused(invoke: Any) -> None:
    result = invoke("serve", "--port", 0, "--webhook-url", "http://127.0.0.1:9/", "--webhook-secret", "whsec_!")
    assert result.exit_code == 1
    assert "no base64" in result.output
