"""The GitHub Action: action.yml hands everything to a script, and the script is what these tests run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import SOURCES

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "conformance" / "action.sh"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the script speaks to bash")


def test_every_step_is_the_script():
    assert [step["run"] for step in STEPS] == [
        'bash "$ACTION/conformance/action.sh" install',
        'bash "$ACTION/conformance/action.sh" run',
    ]


def test_the_script_gets_every_input():
    given = {name for value in STEPS[1]["env"].values() for name in re.findall(r"inputs\.([\w-]+)", value)}
    assert given == set(ACTION["inputs"])


def test_the_script_asks_for_nothing_that_it_is_not_given():
    text = SCRIPT.read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{?([A-Z_]+)", text)) - {"PLACE", "RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"}
    assert asked <= {name for step in STEPS for name in step["env"]}


@pytest.fixture
def act(tmp_path):
    """Runs the script's `run` as the action does, with what an input is by default, and gives what came of it."""
    program = tmp_path / "temp" / "realtime-conformance" / "bin" / "realtime-conformance"
    program.parent.mkdir(parents=True)
    code = "from realtime_conformance.cli import main; main(prog_name='realtime-conformance')"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n')
    program.chmod(0o755)
    defaults = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}

    def act(**inputs):
        given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
        names = {name: re.findall(r"inputs\.([\w-]+)", value) for name, value in STEPS[1]["env"].items()}
        environment = {name: given[found[0]] for name, found in names.items() if found}
        environment |= {"RUNNER_TEMP": str(tmp_path / "temp"), "PYTHONPATH": SOURCES, "ACTION": str(ROOT)}
        environment |= {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        return subprocess.run(
            ["bash", str(SCRIPT), "run"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=100,
        )

    return act


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_it_starts_a_server_runs_the_suite_and_leaves_reports(act, port, tmp_path):
    code = "from realtime_mock.cli import main; main()"
    serve = f'exec {shlex.quote(sys.executable)} -c "{code}" serve --port {port}'
    done = act(
        mode="server", url=f"http://127.0.0.1:{port}", start=serve, ids="RESP-001 RESP-002", options="--strict --jobs 2"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in (tmp_path / "realtime-conformance").iterdir()} >= {
        *("report.html", "report.json", "report.md", "report.xml", "server.log")
    }
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "reports=realtime-conformance\n"
    assert "# Realtime conformance of http://127.0.0.1" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    about = json.loads((tmp_path / "realtime-conformance" / "report.json").read_text("utf-8"))["about"]
    assert (about["ids"], about["jobs"]) == ("RESP-001 RESP-002", "2")
    # It was ended with the suite.
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        pass


def test_a_server_that_does_not_start_shows_its_log(act, port):
    done = act(mode="server", url=f"http://127.0.0.1:{port}", start="echo no model; exit 3", wait="0.1")
    assert done.returncode == 2
    assert done.stdout.endswith("The last lines of the server's log:\nno model\n")
    assert "Is the server running" in done.stderr


def test_a_failure_fails_the_step_and_is_in_the_summary(act, tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text("- RESP-001.completed\n")
    done = act(mode="server", url="core:", ids="RESP-001", baseline="known.yaml")
    assert done.returncode == 1
    assert "`RESP-001.completed` passes" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text("utf-8")


def test_an_unknown_mode_is_a_mistake(act):
    done = act(mode="both")
    assert done.returncode == 2
    assert "::error::mode is server or client, not 'both'" in done.stdout


@pytest.mark.clone
@pytest.mark.timeout(600)
def test_the_install_step_installs_the_command(tmp_path):
    environment = {**os.environ, "ACTION": str(ROOT), "RUNNER_TEMP": str(tmp_path)}
    subprocess.run(["bash", str(SCRIPT), "install"], env=environment, check=True, timeout=500)
    command = [tmp_path / "realtime-conformance" / "bin" / "realtime-conformance", "list", "--capabilities"]
    assert "webrtc" in subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
