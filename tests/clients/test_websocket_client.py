"""The package `websocket-client`, as the guide to WebSockets names it, holds a text turn."""

import json
from typing import Any

import pytest

from realtime_mock.server import serve_in_thread
from realtime_mock.settings import Settings

websocket = pytest.importorskip("websocket", reason="the package websocket-client is not installed")


def until(socket: Any, event_type: str) -> dict[str, Any]:
    while (event := json.loads(socket.recv()))["type"] != event_type:
        pass
    return event


@pytest.mark.parametrize(("beta", "done"), [(False, "response.output_text.done"), (True, "response.text.done")])
def test_a_text_turn(beta: bool, done: str) -> None:
    headers = ["Authorization: Bearer sk-test", *(["OpenAI-Beta: realtime=v1"] if beta else [])]
    with serve_in_thread(Settings(port=0, beta="serve")) as mock:
        url = f"{mock.base_url.replace('http', 'ws')}/realtime?model=gpt-realtime"
        socket = websocket.create_connection(url, header=headers, timeout=10)
        until(socket, "session.created")
        response = {"modalities": ["text"]} if beta else {"output_modalities": ["text"]}
        socket.send(json.dumps({"type": "response.create", "response": response}))
        assert until(socket, done)["text"]
        socket.close()
