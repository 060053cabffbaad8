"""`realtime-conformance client`: the suite against a client, through its driver."""

import json
import shlex
import sys

import pytest

REFERENCE = f"{shlex.quote(sys.executable)} -m realtime_conformance.reference"
PROGRAM = """
import os

if os.environ["REALTIME_EXERCISE"] == "describe":
    print('{"driver": "mine", "version": "2", "can": ["websocket", "converse"]}')
else:
    raise SystemExit(7)
"""


@pytest.fixture
def driver(tmp_path):
    """A driver that says what it is, and dies when it is told to do something."""
    file = tmp_path / "driver.py"
    file.write_text(PROGRAM)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(file))}"


def test_a_good_client_passes(invoke, tmp_path):
    result = invoke("client", "--command", REFERENCE, "CONV-001", "--json", tmp_path / "report.json")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["suite"], report["as_expected"]) == ("client", True)


def test_a_client_that_does_nothing_fails(invoke, driver):
    result = invoke("client", "--command", driver, "CONV-001.writes", "LIFE", "--timeout-scale", "0.5")
    assert result.exit_code == 1
    assert "FAILED CONV-001.writes" in result.output
    assert "it ended with status 7" in result.output


def test_what_the_driver_does_not_claim_is_skipped(invoke, driver):
    result = invoke("client", "--command", driver, "TOOLS")
    assert (result.exit_code, "nothing was checked" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--command", "no-such-driver"), "cannot start 'no-such-driver'"),
        (("--command", "node 'driver"), "the command cannot be read"),
        (("--command", f"{shlex.quote(sys.executable)} -c pass"), "the driver did not say what it is"),
    ],
)
def test_a_driver_that_cannot_be_used_is_told_so(invoke, arguments, told):
    result = invoke("client", *arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output


def test_a_capability_that_there_is_not_is_told_so(invoke, driver):
    result = invoke("client", "--command", driver, "--without", "flying")
    assert (result.exit_code, "there is no capability flying" in result.output) == (2, True)


def test_the_cases_of_clients_are_listed(invoke):
    assert "SURV-005.tells  SHOULD" in invoke("list", "SURV-005").output


def test_what_a_client_may_claim_is_listed(invoke):
    assert "a client that places a call" in invoke("list", "--capabilities").output
