"""docs/how-to/answer-a-telephone-call.md: its application answers a call of the mock's."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from realtime_mock.audio.pcm import dbfs
from realtime_mock.audio.wav import decode_wav
from realtime_mock.clock import VirtualClock
from realtime_mock.core.speech import Speech
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "answer-a-telephone-call.md"
DEADLINE = 20.0


class PlainVoice:
    """A second of a constant."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 24_000)


def application() -> dict[str, Any]:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "phone"}
    exec(compile(code, "phone.py", "exec"), names)
    return names


async def test_the_application_of_the_page_answers_a_call(monkeypatch, unused_tcp_port):
    settings = Settings(port=0, webhook_url=f"http://127.0.0.1:{unused_tcp_port}/webhook")
    async with asyncio.timeout(DEADLINE), RealtimeMock(settings, voice=PlainVoice(), clock=VirtualClock()) as mock:
        for name, value in (("BASE_URL", mock.base_url), ("API_KEY", "sk-mock")):
            monkeypatch.setenv(f"OPENAI_{name}", value)
        monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", settings.webhook_secret)
        runner = web.AppRunner(application()["new_app"]())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
        async with aiohttp.ClientSession(mock.base_url.removesuffix("/v1")) as http:
            call = await called(http)
            heard = await audio(http, call["id"])
        await runner.cleanup()
    assert call["state"] == "ended"
    assert dbfs(heard) > -40


async def called(http: aiohttp.ClientSession) -> dict[str, Any]:
    """Ring, and let time pass until the application has hung up."""
    async with http.post("/_mock/sip/calls", json={}) as response:
        call: dict[str, Any] = await response.json()
    assert call["webhook"]["status"] == 200
    while call["state"] != "ended":
        await http.post("/_mock/clock", json={"advance": 0.1})
        async with http.get(f"/_mock/sip/calls/{call['id']}") as response:
            call = await response.json()
    return call


async def audio(http: aiohttp.ClientSession, call_id: str) -> bytes:
    async with http.get(f"/_mock/sip/calls/{call_id}/audio") as response:
        return decode_wav(await response.read(), name="heard")[0]


def test_the_secret_of_the_page_is_the_default():
    assert f"OPENAI_WEBHOOK_SECRET={Settings().webhook_secret}" in PAGE.read_text(encoding="utf-8")
