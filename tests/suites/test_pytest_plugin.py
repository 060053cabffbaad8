"""`pytest --realtime-target URL`: each case of the server suite is an item."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from xml.etree import ElementTree as ET

import pytest

from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import serve_in_thread

from .conftest import SOURCES

BROKEN = "RESP-001.item-and-part-open-and-close"
PLUGIN = () if entry_points(group="pytest11", name="realtime_conformance") else ("realtime_conformance.pytest_plugin",)
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


@pytest.fixture
def desk(tmp_path):
    """A project with a test of its own."""
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    return tmp_path


@pytest.fixture
def run(desk, monkeypatch, capsys):
    """Runs pytest in that project, within this process, and gives what it printed and its exit status."""
    monkeypatch.chdir(desk)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    # Those would act on the process, which is this run's.
    apart = ("no:cacheprovider", "no:faulthandler", "no:timeout", "no:xdist")

    def run(*arguments):
        options = [word for name in (*apart, *PLUGIN) for word in ("-p", name)]
        status = pytest.main(["--capture=no", "--import-mode=importlib", *options, *map(str, arguments)])
        written = capsys.readouterr()
        return written.out + written.err, status

    return run


@pytest.fixture(scope="module")
def broken_url():
    """The address of a server that never says that a content part is done."""
    scenario = parse_scenario("{scenario: broken, faults: [{on: response.content_part.done, drop: {}}]}")
    with serve_in_thread(scenario=scenario) as mock:
        yield mock.base_url


def items(text):
    return re.findall(r"^(\S+) (?:PASSED|FAILED|XFAIL|SKIPPED)", text, re.MULTILINE)


def test_each_case_is_an_item_and_its_id_is_the_cases(run):
    text, status = run("-v", "--realtime-target", "core:", "RESP-001", "RESP-002.reason")
    assert items(text) == ["RESP-001", "RESP-002"]
    assert status == 0


def test_a_path_adds_the_tests_there(run):
    text, _ = run("-v", "--realtime-target", "core:", "RESP-001", "test_own.py")
    assert items(text) == ["test_own.py::test_own", "RESP-001"]


def test_without_the_option_nothing_is_added(run):
    assert items(run("-v")[0]) == ["test_own.py::test_own"]


def test_cases_are_found_by_words_of_their_titles(run):
    text, _ = run("-v", "--realtime-target", "core:", "RESP-001", "RESP-002", "-k", "RESP and cancelled")
    assert items(text) == ["RESP-002"]


def test_workers_share_the_cases(desk, mock_url):
    plugin = [word for name in PLUGIN for word in ("-p", name)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "REALTIME_"))}
    command = [
        sys.executable,
        "-m",
        "pytest",
        *plugin,
        "-n",
        "2",
        "--realtime-target",
        mock_url,
        "RESP-001",
        "RESP-002",
    ]
    environment = clean | {"PYTHONPATH": SOURCES}
    done = subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_failure_is_shown_as_the_command_shows_it(run, broken_url, desk):
    text, status = run("--realtime-target", broken_url, BROKEN, "--junit-xml", "found.xml")
    assert status == 1
    assert f"FAILED {BROKEN}" in text
    assert 'differs   at [2]: "response.content_part.done" expected' in text
    assert "Traceback" not in text
    [test] = ET.parse(desk / "found.xml").getroot().iter("testcase")
    assert test.get("name") == "RESP-001"


def test_a_known_failure_is_an_expected_one(run, broken_url, desk):
    (desk / "known.yaml").write_text(f"- {{check: {BROKEN}, reason: one day}}\n")
    text, status = run("-rx", "--realtime-target", broken_url, BROKEN, "--realtime-baseline", "known.yaml")
    assert status == 0
    assert f"XFAIL RESP-001 - {BROKEN} one day" in text


def test_a_stale_entry_fails_its_case(run, desk):
    (desk / "known.yaml").write_text(f"- {BROKEN}\n")
    text, status = run("--realtime-target", "core:", "RESP-001", "--realtime-baseline", "known.yaml")
    assert status == 1
    assert f"{BROKEN}: passes, take it out of the baseline" in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("http://127.0.0.1:9",), "Is the server running, and is this its address?"),
        (("core:", "RESP-999"), "RESP-999 names no area, case or check"),
        (("core:", "--realtime-without", "vda"), "there is no capability vda"),
        (("core:", "--realtime-baseline", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_mistakes_are_told_before_anything_runs(run, arguments, why):
    text, status = run("--realtime-target", *arguments)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert why in text
    assert "Traceback" not in text
