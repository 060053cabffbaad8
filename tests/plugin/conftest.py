"""A mock in a thread, a client, and pytest runs of their own over test files."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

import realtime_mock
from realtime_mock.server import serve_in_thread
from realtime_mock.settings import Settings
from realtime_mock.testing import MockView

SOURCES = str(Path(realtime_mock.__file__).parent.parent)
DEADLINE = 10.0

# Where `CI` is set, pytest shows messages whole in its summary, and so twice.
_OF_THIS_RUN = ("PYTEST_", "REALTIME_MOCK_", "CI", "BUILD_NUMBER")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THIS_RUN)} | {
    "PYTHONPATH": SOURCES,
    "COLUMNS": "200",
}
"""Of the processes that these tests start."""

CLIENT = """
import contextlib
import json

import pytest
from websockets.sync.client import connect


class Client:
    def __init__(self, socket):
        self.socket = socket

    def send(self, **event):
        self.socket.send(json.dumps(event))

    def until(self, kind):
        while (event := json.loads(self.socket.recv(timeout=10)))["type"] != kind:
            assert event["type"] != "session.closed"
        return event

    def ask(self):
        self.send(type="response.create", response={"output_modalities": ["text"]})
        return self.until("response.output_text.done")["text"]


@contextlib.contextmanager
def dialled(mock):
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    with connect(f"{mock.ws_url}?model=gpt-realtime", additional_headers=headers, max_queue=None) as socket:
        yield Client(socket)
"""
"""What the test files of these tests begin with."""


class Client:
    """A WebSocket client that sends and reads events."""

    def __init__(self, connection: ClientConnection) -> None:
        self._socket = connection

    def send(self, **event: Any) -> None:
        self._socket.send(json.dumps(event))

    def until(self, kind: str) -> dict[str, Any]:
        while (event := json.loads(self._socket.recv(timeout=DEADLINE)))["type"] != kind:
            pass
        return event

    def ask(self) -> str:
        """What the assistant answers, in writing."""
        self.send(type="response.create", response={"output_modalities": ["text"]})
        return self.until("response.output_text.done")["text"]


@contextmanager
def dialled(view: MockView, *, key: str | None = None) -> Iterator[Client]:
    headers = {"Authorization": f"Bearer {key or view.api_key}"}
    with connect(f"{view.ws_url}?model=gpt-realtime", additional_headers=headers, max_queue=None) as socket:
        yield Client(socket)


@pytest.fixture(scope="session")
def mock_url() -> Iterator[str]:
    with serve_in_thread(Settings(port=0, pace=0)) as mock:
        yield mock.base_url


@pytest.fixture
def view(mock_url: str, tmp_path: Path) -> Iterator[MockView]:
    """A view that is not judged: tests judge it."""
    from realtime_mock.testing.control import ControlApi
    from realtime_mock.testing.lane import new_view

    view = new_view(ControlApi(mock_url), directory=tmp_path)
    yield view
    view.close()


@pytest.fixture
def client(view: MockView) -> Iterator[Client]:
    with dialled(view) as client:
        yield client


@dataclass(frozen=True)
class Run:
    """How a run of pytest ended."""

    output: str
    errors: str

    @property
    def outcomes(self) -> dict[str, int]:
        """The counts of the last line, such as {"passed": 1}."""
        last = self.output.strip().splitlines()[-1]
        return {
            word.rstrip("s"): int(count)
            for count, word in re.findall(r"(\d+) (passed|failed|errors?|skipped|xfailed)", last)
        }


@pytest.fixture
def run_pytest(tmp_path: Path, mock_url: str) -> Callable[..., Run]:
    """Runs pytest over a test file, in a process of its own, against the mock of these tests."""

    def run(code: str, *options: str, url: str | None = mock_url, deadline: float = 60.0, **files: str) -> Run:
        (tmp_path / "test_it.py").write_text(CLIENT + textwrap.dedent(code), encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(textwrap.dedent(text), encoding="utf-8")
        environment = ENVIRONMENT if url is None else {**ENVIRONMENT, "REALTIME_MOCK_URL": url}
        command = [sys.executable, "-m", "pytest", *plugin(), "-p", "no:cacheprovider", "-q", *options, "test_it.py"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=deadline)
        return Run(done.stdout, done.stderr)

    return run


def plugin() -> list[str]:
    """The option that loads the plugin where no installed distribution does."""
    installed = entry_points(group="pytest11", name="realtime_mock")
    return [] if installed else ["-p", "realtime_mock.pytest_plugin"]


@pytest.fixture
def free_port() -> int:
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
