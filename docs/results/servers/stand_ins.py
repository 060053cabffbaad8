"""Stands in for models: recognition, a language model and speech, over the HTTP API that servers ask them by.

Everybody says the same question, and every answer is of the same few sentences, so that a server needs no weights.
"""

from __future__ import annotations

import json
import math
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

QUESTION = "What is the weather in Paris?"
SHORT = "Hello. It is sunny in Paris today."
STORY = "There was a lighthouse by the sea. An old keeper lived in it with his cat. One night a storm came up. " * 3
RATE = 24_000
SECONDS_PER_LETTER = 0.06
PACE = 4.0
"""Seconds of speech made per second."""

PORTION = 9_600
"""Bytes of speech sent at once."""


def serve() -> str:
    """Answer on a free port of this machine until the process ends; give the base URL, up to and with `/v1`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIns)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def speech(text: str) -> bytes:
    """Something as loud and as long as speech: 24 kHz, 16-bit PCM."""
    count = int(RATE * SECONDS_PER_LETTER * len(text))
    swell = (0.7 + 0.3 * math.sin(2 * math.pi * 4 * at / RATE) for at in range(count))
    wave = (int(9_000 * loud * math.sin(2 * math.pi * 300 * at / RATE)) for at, loud in enumerate(swell))
    return struct.pack(f"<{count}h", *wave)


class StandIns(BaseHTTPRequestHandler):
    """One request to a model."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer as the model would."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/audio/transcriptions"):
            self._answer("application/json", json.dumps({"text": QUESTION}).encode())
        elif self.path.endswith("/audio/speech"):
            self._speak(speech(json.loads(body)["input"]))
        else:
            self._complete(json.loads(body))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _speak(self, pcm: bytes) -> None:
        """Send speech faster than it plays, but not at once, as a model would."""
        self._begin("audio/pcm", len(pcm))
        for start in range(0, len(pcm), PORTION):
            self.wfile.write(pcm[start : start + PORTION])
            time.sleep(len(pcm[start : start + PORTION]) / (RATE * 2 * PACE))

    def _complete(self, asked: dict[str, Any]) -> None:
        choices = list(_choices(asked))
        usage = _usage(asked, len(choices))
        if not asked.get("stream"):
            message = {"role": "assistant", "content": "".join(each.get("content") or "" for each, _ in choices)}
            whole = {"message": message, "finish_reason": "stop"}
            self._answer("application/json", _chunk(whole, "chat.completion", usage))
            return
        kind = "chat.completion.chunk"
        chunks = (_chunk({"delta": delta, "finish_reason": end}, kind, usage) for delta, end in choices)
        lines = b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks)
        self._answer("text/event-stream", lines + b"data: [DONE]\n\n")

    def _answer(self, content_type: str, body: bytes) -> None:
        self._begin(content_type, len(body))
        self.wfile.write(body)

    def _begin(self, content_type: str, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()


def _choices(asked: dict[str, Any]) -> Any:
    """The pieces of an answer, each with why it is the last, if it is: a call where one is asked for, else words."""
    choice, tools = asked.get("tool_choice"), asked.get("tools") or []
    named = choice["function"]["name"] if isinstance(choice, dict) else None
    if named is None and choice == "required" and tools:
        named = tools[0]["function"]["name"]
    if named is not None and asked["messages"][-1].get("role") != "tool":
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": named, "arguments": "{}"}}
        yield {"role": "assistant", "tool_calls": [call]}, "tool_calls"
        return
    wants_story = "story" in json.dumps(asked["messages"][-2:])
    for word in (STORY if wants_story else SHORT).split():
        yield {"role": "assistant", "content": word + " "}, None
    yield {}, "stop"


def _usage(asked: dict[str, Any], made: int) -> dict[str, int]:
    """Tokens by the letter, so that a longer conversation costs more."""
    given = len(json.dumps(asked["messages"])) // 4
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}


def _chunk(choice: dict[str, Any], kind: str, usage: dict[str, int]) -> bytes:
    whole = {"id": "1", "object": kind, "created": 0, "model": "none", "choices": [{"index": 0, **choice}]}
    return json.dumps({**whole, "usage": usage}).encode()
