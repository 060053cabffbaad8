"""Driver for WebRTC in Chromium, through Playwright: `python browser.py`.

The page `browser.mjs` places the call, and holds the conversation of `conversation.mjs`. What fails is the browser's,
unless it is about the order of what is sent.
"""

import asyncio
import functools
import http.server
import json
import os
import shutil
import sys
import threading
from pathlib import Path

from playwright.async_api import Error, async_playwright

HERE = Path(__file__).resolve().parent
PAGE = '<!doctype html><title>A call</title><script type="module" src="browser.mjs"></script>'
FLAGS = (
    "--no-sandbox",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
CAN = [
    *("webrtc", "converse", "speak", "tools", "interrupt", "interrupt-early", "interrupt-by-voice", "long"),
    *("text-output", "transcribes"),
    *("reports-answers", "reports-audio", "reports-user", "reports-calls", "reports-errors", "reports-closes"),
]


def write(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def chromium():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise SystemExit("there is no Chromium here: apt install chromium")
    return path


class Site(http.server.SimpleHTTPRequestHandler):
    """The page, its modules, and what the user says."""

    extensions_map = {  # noqa: RUF012 - as its base has it
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def do_GET(self):
        if self.path == "/":
            self.answer(PAGE.encode(), "text/html")
        elif self.path == "/question.wav":
            self.answer(Path(os.environ["REALTIME_AUDIO"]).read_bytes(), "audio/wav")
        else:
            super().do_GET()

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def task():
    told = {name.removeprefix("REALTIME_").lower(): value for name, value in os.environ.items()}
    return {
        "exercise": told["exercise"],
        "baseUrl": os.environ["OPENAI_BASE_URL"],
        "key": os.environ["OPENAI_API_KEY"],
        "model": told["model"],
        "instructions": told["instructions"],
        "texts": json.loads(told["texts"]),
        "turns": int(told["turns"]),
        "modality": told["modality"],
        "tools": json.loads(told["tools"]),
        "output": told["function_output"],
        "interruptBy": told["interrupt_by"],
        "interruptAt": told["interrupt_at"],
        "interruptAfter": float(told["interrupt_after"]),
    }


async def main():
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, directory=HERE))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if os.environ["REALTIME_EXERCISE"] == "describe":
            write({"driver": "Chromium, WebRTC", "version": browser.version, "can": CAN})
        else:
            await perform(browser, f"http://127.0.0.1:{site.server_address[1]}/")
        await browser.close()
    site.shutdown()


async def perform(browser, url):
    page = await browser.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(f"{error}"))
    await page.expose_function("report", lambda kind, what: write({"report": kind, **what}))
    await page.goto(url)
    await page.wait_for_function("window.perform !== undefined")
    try:
        await page.evaluate("task => perform(task)", task())
    except Error as error:
        failures.append(error)
    if failures:
        raise SystemExit("\n".join(map(str, failures)))


asyncio.run(main())
