"""Tests that run at once against one server do not disturb each other, whatever each of them breaks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .conftest import ENVIRONMENT

MANY = 200
WORKERS = 4

CROWD = """
from websockets.exceptions import ConnectionClosed, InvalidStatus

KINDS = ("refused", "twice", "marked", "closed")


@pytest.mark.parametrize("number", range(COUNT))
def test_alone(realtime_mock, number):
    kind = KINDS[number % len(KINDS)]
    rule = {"on": "response.create", "turns": [{"say": f"I am {number}."}]}
    realtime_mock.scenario({"scenario": f"number {number}", "rules": [rule]})
    realtime_mock.fault({
        "refused": {"on": "connect", "refuse": 503, "count": 1},
        "twice": {"on": "response.output_text.done", "duplicate": 2},
        "marked": {"on": "session.created", "extra_keys": {"number": number}},
        "closed": {"on": "response.done", "close": 4000 + number},
    }[kind])
    realtime_mock.expect("response.create", count=1)
    if kind == "refused":
        with pytest.raises(InvalidStatus, match="503"), dialled(realtime_mock):
            pass
    with dialled(realtime_mock) as client:
        created = client.until("session.created")
        client.send(type="response.create", response={"output_modalities": ["text"]})
        texts = []
        while (event := json.loads(client.socket.recv(timeout=30)))["type"] != "response.done":
            texts += [event["text"]] if event["type"] == "response.output_text.done" else []
        if kind == "closed":
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    client.socket.recv(timeout=30)
            assert closed.value.rcvd.code == 4000 + number
    assert texts == [f"I am {number}."] * (2 if kind == "twice" else 1)
    assert created.get("number") == (number if kind == "marked" else None)
    (session,) = realtime_mock.sessions
    assert {event.session_id for event in realtime_mock.events()} == {session.id}
"""


@pytest.fixture
def server() -> Iterator[str]:
    """One mock in a process of its own."""
    code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
    command = [
        sys.executable,
        "-c",
        code,
        "serve",
        "--port",
        "0",
        "--json",
        "--beta",
        "retired",
        "--log-level",
        "error",
    ]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.mark.timeout(120)
def test_two_hundred_tests_with_a_scenario_and_a_fault_each_share_one_server(run_pytest, server):
    pytest.importorskip("xdist")
    run = run_pytest(CROWD.replace("COUNT", str(MANY)), f"--numprocesses={WORKERS}", url=server, deadline=100)
    assert run.outcomes == {"passed": MANY}, run.output[-6000:]


@pytest.mark.timeout(120)
def test_without_a_server_each_worker_starts_one(run_pytest):
    pytest.importorskip("xdist")
    run = run_pytest(CROWD.replace("COUNT", "8"), "--numprocesses=2", url=None, deadline=100)
    assert run.outcomes == {"passed": 8}, run.output[-6000:]
