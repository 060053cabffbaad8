"""The code samples of five public documents, to the letter, as `docs/clients/samples.md` lists them.

`api.openai.com` is the mock for them: by name in Chromium, and by one preloaded module in Node.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings
from realtime_mock.tls import local_certificate, public_key_hash

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "reference" / "seeds"
DEADLINE = 40.0

pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not SEEDS.is_dir(), reason="the documents are not here"),
]

# The mock under the service's name, a free port in place of 3000, and the key that one sample leaves undefined.
PRELOAD = """
const tls = require("node:tls");
const http = require("node:http");
const connect = tls.connect;
tls.connect = (options, ...rest) =>
  connect({ ...options, host: "127.0.0.1", port: process.env.MOCK_PORT, servername: "api.openai.com" }, ...rest);
const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function () {
  return listen.call(this, 0, "127.0.0.1", () => console.log(`port ${this.address().port}`));
};
globalThis.apiKey = process.env.OPENAI_API_KEY;
"""

PAGE = """<!doctype html><title>sample</title><script type="module">
const audioElement = { current: null };
const apiKey = "sk-mock";
%s
</script>"""


def document(number: int) -> str:
    (path,) = SEEDS.glob(f"{number:03}_*.txt")
    return path.read_text(encoding="utf-8")


def block(number: int, words: str) -> str:
    """The fenced sample of a document that holds these words."""
    (found,) = [text for text in re.findall(r"```\w+[^\n]*\n(.*?)```", document(number), re.DOTALL) if words in text]
    return found


def between(number: int, first: str, last: str) -> str:
    """The sample of a document without fences that starts and ends with these words."""
    text = document(number)
    start = text.index(first)
    return text[start : text.index(last, start) + len(last)]


@contextlib.asynccontextmanager
async def service(directory: Path, beta: Literal["serve", "retired"]) -> AsyncIterator[RealtimeMock]:
    tls = local_certificate(directory / "tls")
    async with RealtimeMock(Settings(port=0, tls=tls, beta=beta)) as mock:
        yield mock


@contextlib.asynccontextmanager
async def node(desk: Any, mock: RealtimeMock, sample: str) -> AsyncIterator[asyncio.StreamReader]:
    """The sample, as it runs, by what it prints."""
    desk.install("npm install express ws")
    (desk.directory / "preload.cjs").write_text(PRELOAD)
    (desk.directory / "sample.mjs").write_text(sample)
    own = {
        "MOCK_PORT": mock.base_url.removesuffix("/v1").rpartition(":")[2],
        "NODE_EXTRA_CA_CERTS": str(mock.settings.tls.authority),
        "OPENAI_API_KEY": "sk-mock",
    }
    process = await asyncio.create_subprocess_exec(
        *("node", "--require", "./preload.cjs", "sample.mjs"),
        cwd=desk.directory,
        env=desk.environment | own,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def printed(words: str, output: asyncio.StreamReader) -> str:
    """The first line with these words."""
    async with asyncio.timeout(DEADLINE):
        while words not in (line := (await output.readline()).decode()):
            assert line, f"the output ended before {words!r}"
    return line


@contextlib.asynccontextmanager
async def site(sample: str, port: int | None) -> AsyncIterator[str]:
    """A page with the sample; `/session` and `/token` are passed on to the application server."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE % sample, content_type="text/html")

    async def pass_on(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name == "Content-Type"}
        url = f"http://127.0.0.1:{port}{request.path}"
        body = await request.read()
        async with http.request(request.method, url, data=body, headers=headers) as response:
            return web.Response(body=await response.read(), status=response.status, content_type=response.content_type)

    application = web.Application()
    application.router.add_get("/", page)
    application.router.add_route("*", "/{path}", pass_on)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as http:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await runner.cleanup()


async def answered(mock: RealtimeMock) -> dict[str, Any]:
    """The first response that is done."""
    done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def watch(entry: Any) -> None:
        if entry.kind == "event" and entry.event.get("type") == "response.done" and not done.done():
            done.set_result(entry.event["response"])

    stop = mock.journal.listen(watch)
    try:
        async with asyncio.timeout(DEADLINE):
            return await done
    finally:
        stop()


async def call(open_browser: Any, mock: RealtimeMock, url: str) -> dict[str, Any]:
    """Open the page where `api.openai.com` is the mock, speak, and give the answer."""
    port = mock.base_url.removesuffix("/v1").rpartition(":")[2]
    browser = await open_browser(
        f"--host-resolver-rules=MAP api.openai.com:443 127.0.0.1:{port}",
        f"--ignore-certificate-errors-spki-list={public_key_hash(mock.settings.tls.certificate)}",
    )
    done = asyncio.create_task(answered(mock))
    await browser.goto(url)
    return await done


@pytest.mark.parametrize(("server", "path"), [("fd.set(", '"/session"'), ("client_secrets", '"/token"')])
async def test_the_webrtc_guide(desk: Any, tmp_path: Path, open_browser: Any, server: str, path: str) -> None:
    page = block(1, f"await fetch({path}")
    async with service(tmp_path, "retired") as mock, node(desk, mock, block(1, server)) as output:
        port = int((await printed("port ", output)).split()[1])
        async with site(page, port) as url:
            response = await call(open_browser, mock, url)
    assert response["status"] == "completed"
    assert response["audio"]["output"]["voice"] == "marin"


async def test_the_event_of_the_webrtc_guide(desk: Any, tmp_path: Path, open_browser: Any) -> None:
    events = block(1, "hello there!").replace('const dc = pc.createDataChannel("oai-events");', "")
    sample = re.sub(r"dc\.send\(.*\);", lambda sent: f'dc.addEventListener("open", () => {sent[0][:-1]});', events)
    page = block(1, 'await fetch("/session"') + sample
    async with service(tmp_path, "retired") as mock, node(desk, mock, block(1, "fd.set(")) as output:
        port = int((await printed("port ", output)).split()[1])
        async with site(page, port) as url:
            await call(open_browser, mock, url)
        (message,) = mock.journal.entries(kind="event", direction="in")
    assert (message.event["type"], message.valid) == ("conversation.item.create", True)


async def test_the_beta_guide(desk: Any, tmp_path: Path, open_browser: Any) -> None:
    page = between(2, "async function init() {", "\ninit();")
    server = between(2, "import express from", "app.listen(3000);")
    async with service(tmp_path, "serve") as mock, node(desk, mock, server) as output:
        port = int((await printed("port ", output)).split()[1])
        async with site(page, port) as url:
            response = await call(open_browser, mock, url)
    assert (response["status"], response["voice"]) == ("completed", "verse")


async def test_the_call_of_the_summary(tmp_path: Path, open_browser: Any) -> None:
    async with service(tmp_path, "serve") as mock, site(block(3, "/v1/realtime/connect"), None) as url:
        assert (await call(open_browser, mock, url))["status"] == "completed"


@pytest.mark.parametrize(("beta", "first"), [("serve", "session.created"), ("retired", "beta_api_shape_disabled")])
async def test_the_ws_module(desk: Any, tmp_path: Path, beta: Literal["serve", "retired"], first: str) -> None:
    sample = between(2, 'import WebSocket from "ws";', "console.log(JSON.parse(message.toString()));\n});")
    async with service(tmp_path, beta) as mock, node(desk, mock, sample) as output:
        await printed("Connected to server.", output)
        await printed(first, output)


IMAGE = {"type": "input_image", "image": {"url": "data:image/jpeg;base64,..."}}
MESSAGE = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What do you see?"}, IMAGE]}
TOOL = {"type": "mcp", "server_label": "filesystem", "server_url": "mcp://localhost:3000"}
FLAT = {"voice": "alloy", "input_audio_format": "pcm16", "temperature": 0.8, "max_response_output_tokens": 4096}
REFUSED = [
    ("serve", {"type": "conversation.item.create", "item": MESSAGE}, "item.content[1].type"),
    ("serve", {"type": "session.update", "session": {"tools": [TOOL]}}, "session.tools[0].server_label"),
    ("retired", {"type": "conversation.item.create", "item": MESSAGE}, "item.content[1].image"),
    ("retired", {"type": "session.update", "session": FLAT}, "session.type"),
]


@pytest.mark.parametrize(("beta", "event", "param"), REFUSED)
async def test_what_the_summary_has_wrong(beta: Literal["serve", "retired"], event: object, param: str) -> None:
    """Refused in the beta dialect, and in the one that followed it."""
    headers = {"Authorization": "Bearer sk-mock"} | ({"OpenAI-Beta": "realtime=v1"} if beta == "serve" else {})
    async with (
        asyncio.timeout(DEADLINE),
        RealtimeMock(Settings(port=0, beta=beta)) as mock,
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{mock.base_url}/realtime?model=gpt-realtime") as socket,
    ):
        await socket.receive_json()
        await socket.send_json(event)
        refusal = await socket.receive_json()
    assert (refusal["type"], refusal["error"]["param"]) == ("error", param)


PIPECAT = """
import ast, asyncio, os
from pipecat.frames.frames import EndFrame, InputImageRawFrame, LLMContextFrame, TTSStoppedFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner

OpenAIRealtimeLLMService.__init__.__kwdefaults__["base_url"] = os.environ["MOCK_URL"]
names = {}


async def run(file):
    code = compile(open(file).read(), file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if (waiting := eval(code, names)) is not None:
        await waiting


class Listener(FrameProcessor):
    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSStoppedFrame):
            stopped.set()
        await self.push_frame(frame, direction)


async def talk():
    await names["task"].queue_frame(LLMContextFrame(LLMContext([{"role": "user", "content": "Good morning."}])))
    await stopped.wait()
    await names["task"].queue_frame(InputImageRawFrame(image=bytes(64 * 64 * 3), size=(64, 64), format="RGB"))
    await run("update.py")
    while "Now speak in Spanish." not in str(names["llm"]._settings):
        await asyncio.sleep(0.01)
    await names["task"].queue_frame(EndFrame())


async def main():
    global stopped
    stopped = asyncio.Event()
    await run("sample.py")
    await run("handlers.py")
    names["task"] = PipelineWorker(Pipeline([names["llm"], Listener()]), enable_rtvi=False)
    runner = WorkerRunner()
    await runner.add_workers(names["task"])
    await asyncio.gather(runner.run(), talk())


asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('model="gpt-realtime-1.5",\n)', "absent"),
        ("turn_detection=SemanticTurnDetection", {"type": "semantic_vad", "eagerness": "medium"}),
        ("turn_detection=False", None),
    ],
)
async def test_the_settings_of_pipecat(desk: Any, words: str, expected: object) -> None:
    desk.install("python3 -m pip install 'pipecat-ai[openai]'")
    sample = block(4, words)
    if "import" not in sample:
        # The imports of the sample before it.
        sample = re.search(r"from pipecat.*?\n\)\n", block(4, "SemanticTurnDetection,"), re.DOTALL)[0] + sample
    files = {"sample.py": "import os\n" + sample, "update.py": block(4, "LLMUpdateSettingsFrame("), "talk.py": PIPECAT}
    files["handlers.py"] = block(4, "New conversation item")
    for name, text in files.items():
        # Where the class has gone since.
        moved = text.replace("services.openai.realtime import", "services.openai.realtime.llm import")
        (desk.directory / name).write_text(moved)
    async with RealtimeMock(Settings(port=0)) as mock:
        url = f"{mock.base_url.replace('http', 'ws', 1)}/realtime"
        desk.environment |= {"OPENAI_API_KEY": "sk-mock", "MOCK_URL": url}
        printed = await desk.run("python talk.py")
        entries = mock.journal.entries(kind="event", direction="in")
    assert [(entry.text, entry.error) for entry in entries if not entry.valid] == []
    updates = [entry.event["session"] for entry in entries if entry.event["type"] == "session.update"]
    assert updates[0].get("audio", {}).get("input", {}).get("turn_detection", "absent") == expected
    assert (updates[-1]["instructions"], updates[-1]["max_output_tokens"]) == ("Now speak in Spanish.", 2048)
    assert "input_image" in str([entry.event for entry in entries])
    assert "New conversation item: " in printed
