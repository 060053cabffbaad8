"""`realtime-conformance server`: what it says of a good server, a broken one, and of none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from threading import Event
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web

from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import serve_in_thread
from realtime_mock.settings import Settings

CORE = ("server", "--url", "core:")
BROKEN = "RESP-001.item-and-part-open-and-close"


@pytest.fixture(scope="module")
def broken_url():
    """The address of a server that never says that a content part is done."""
    scenario = parse_scenario("{scenario: broken, faults: [{on: response.content_part.done, drop: {}}]}")
    with serve_in_thread(scenario=scenario) as mock:
        yield mock.base_url


def test_the_mock_passes(invoke, mock_url):
    done = invoke("server", "--url", mock_url, "RESP-001", "RESP-002")
    assert done.exit_code == 0, done.output
    assert "failed" not in done.stdout.splitlines()[-1]


def test_the_core_passes_as_a_session_and_as_a_call(invoke):
    assert invoke(*CORE, "RESP").exit_code == 0
    assert invoke(*CORE, "--transport", "webrtc", "RESP").exit_code == 0


def test_without_a_url_the_environment_names_the_server_and_its_key(invoke):
    with serve_in_thread(Settings(port=0, api_keys=("sk-right",))) as mock:
        right = {"OPENAI_BASE_URL": mock.base_url, "OPENAI_API_KEY": "sk-right"}
        assert invoke("server", "RESP-001", **right).exit_code == 0
        # A key that was not given for this server is not shown to it.
        refused = invoke("server", "--url", mock.base_url, "RESP-001", OPENAI_API_KEY="sk-right")
    assert refused.exit_code == 2
    assert "begins with an error: Incorrect API key" in refused.stderr
    assert "Look at --api-key" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("server",), "say which server: --url http://HOST:PORT"),
        (("server", "--url", "ftp://there"), "is no URL of a server"),
        ((*CORE, "RESP-999"), "RESP-999 names no area, case or check"),
        ((*CORE, "--without", "vda"), "there is no capability vda"),
        ((*CORE, "--requirements", "ga-1999"), "there is no requirement set ga-1999"),
        ((*CORE, "--baseline", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_mistakes_of_the_user_are_told_without_a_traceback(invoke, arguments, why):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert why in done.stderr
    assert "Traceback" not in done.output


def test_where_nothing_listens_it_says_what_to_do(invoke, unused_tcp_port):
    done = invoke("server", "--url", f"http://127.0.0.1:{unused_tcp_port}")
    assert done.exit_code == 2
    assert "Is the server running, and is this its address?" in done.stderr


def test_a_failure_is_shown_with_its_claim_and_its_first_difference(invoke, broken_url):
    done = invoke("server", "--url", broken_url, BROKEN)
    assert done.exit_code == 1
    assert f"FAILED {BROKEN}  A text response goes through its steps" in done.stdout
    assert 'differs   at [2]: "response.content_part.done" expected, "response.output_item.done" came' in done.stdout
    assert "<- response.done {" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 case, 1 check: 1 failed in ")


def test_a_baseline_makes_it_expected(invoke, broken_url, tmp_path):
    known = tmp_path / "known.yaml"
    assert invoke("server", "--url", broken_url, BROKEN, "--write-baseline", known).exit_code == 1
    done = invoke("server", "--url", broken_url, BROKEN, "--baseline", known)
    assert done.exit_code == 0
    assert "1 of them known" in done.stdout


def test_a_stale_entry_fails_the_run(invoke, tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text(f"- check: {BROKEN}\n")
    done = invoke(*CORE, "RESP-001", "--baseline", known)
    assert done.exit_code == 1
    assert f"{BROKEN} passes: take it out of the baseline" in done.stdout


def test_a_strict_run_and_every_form_of_report(invoke, broken_url, tmp_path):
    forms = {name: tmp_path / "out" / f"report.{name}" for name in ("json", "junit", "markdown", "html")}
    options = [word for name, path in forms.items() for word in (f"--{name}", path)]
    assert invoke("server", "--url", broken_url, BROKEN, "--name", "gateway", *options).exit_code == 1
    assert json.loads(forms["json"].read_text("utf-8"))["agent"] == "gateway"
    assert ET.fromstring(forms["junit"].read_text("utf-8")).get("failures") == "1"
    assert BROKEN in forms["markdown"].read_text("utf-8")
    assert BROKEN in forms["html"].read_text("utf-8")


@pytest.mark.parametrize(("seed", "first"), [(0, "RESP-001"), (1, "RESP-002")])
def test_a_seed_decides_the_order_and_changes_nothing_else(invoke, seed, first):
    done = invoke(*CORE, "RESP-001", "RESP-002", "--jobs", 1, "--seed", seed)
    assert done.exit_code == 0
    ran = [line.split()[1] for line in done.stderr.splitlines() if line.startswith(" passed")]
    assert ran[0] == first
    assert sorted(ran) == ["RESP-001", "RESP-002"]


def test_what_is_not_claimed_is_skipped(invoke):
    done = invoke(*CORE, "--without", "audio, vad", "RESP-001")
    assert done.exit_code == 0


class Wedged:
    """A server that takes every WebSocket, and says nothing but `session.created` on the first of them."""

    def __init__(self, *, greetings):
        self.greetings = greetings
        self.connections = 0

    async def take(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        if self.connections <= self.greetings:
            await socket.send_json({"type": "session.created", "event_id": "event_1", "session": {}})
        async for _ in socket:
            pass
        return socket

    @contextlib.asynccontextmanager
    async def served(self):
        app = web.Application()
        app.router.add_get("/v1/realtime", self.take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()


async def test_a_server_that_says_nothing_is_found_out_at_once(start):
    async with Wedged(greetings=0).served() as url, asyncio.timeout(30):
        process = await start("server", "--url", url, "--timeout-scale", "0.02")
        _, told = await process.communicate()
    assert process.returncode == 2
    assert "takes connections, but nothing came" in told.decode()
    assert "gets more time by --timeout-scale" in told.decode()


async def test_a_server_that_falls_silent_costs_one_case_its_time(start, tmp_path):
    """It is asked twice when the first case has ended: by the second, which gets nothing, and whether it is there."""
    found = tmp_path / "report.json"
    server = Wedged(greetings=2)
    async with server.served() as url, asyncio.timeout(60):
        process = await start("server", "--url", url, "--timeout-scale", "0.02", "--jobs", 1, "RESP", "--json", found)
        await process.communicate()
    assert process.returncode == 1
    assert server.connections == 1 + 1 + 2
    cases = json.loads(found.read_text("utf-8"))["cases"]
    told = [case["checks"][0]["actual"].split(":")[0] for case in cases]
    assert told.count("no session.updated came") == 1
    assert told.count("no session.created came") == 1
    assert sum(reason.startswith("the subject is gone since RESP-") for reason in told) == len(cases) - 2


async def test_a_server_that_answers_no_handshake_is_found_out_at_once(start):
    async def hold(reader, _writer):
        await reader.read()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await start("server", "--url", f"http://127.0.0.1:{port}", "--timeout-scale", "0.02")
        async with asyncio.timeout(30):
            _, told = await process.communicate()
    assert process.returncode == 2
    assert "no connection was opened within" in told.decode()


async def test_ctrl_c_leaves_a_partial_report(start, tmp_path):
    """The mock falls silent at what the second case writes, so that this one waits when the signal comes."""
    lost = "{type: conversation.item.create, item: {content: [{text: {$regex: lighthouse}}]}}"
    mute = parse_scenario(f"{{scenario: mute, faults: [{{on: {lost}, half_open: {{}}}}]}}")
    with serve_in_thread(scenario=mute) as mock:
        waiting = Event()
        mock.journal.listen(lambda entry: waiting.set() if "lighthouse" in entry.text else None)
        found = tmp_path / "report.json"
        process = await start("server", "--url", mock.base_url, "RESP-001", "RESP-002", "--jobs", 1, "--json", found)
        async with asyncio.timeout(30):
            await asyncio.to_thread(waiting.wait, 20)
            process.send_signal(signal.SIGINT)
            out, told = await process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told.decode()
    assert "interrupted, 1 case did not run" in out.decode()
    assert json.loads(found.read_text("utf-8"))["missing"] == ["RESP-002"]
