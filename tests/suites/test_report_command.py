"""`realtime-conformance report` puts reports side by side, and `list` shows what there is."""

from __future__ import annotations

import pytest
from tests.suites.examples import FINE, report

from realtime_conformance.reporting import as_json


@pytest.fixture
def files(tmp_path):
    for name, found in {"a": report(), "b": report(FINE, agent="mock")}.items():
        (tmp_path / f"{name}.json").write_text(as_json(found), encoding="utf-8")
    return tmp_path / "a.json", tmp_path / "b.json"


def test_two_reports_are_one_page_and_one_table(invoke, files, tmp_path):
    html, markdown = tmp_path / "both.html", tmp_path / "both.md"
    assert invoke("report", *files, "--html", html, "--markdown", markdown).exit_code == 0
    assert "gateway" in html.read_text("utf-8")
    assert "| | gateway | mock |" in markdown.read_text("utf-8")


def test_without_a_file_to_write_the_matrix_is_printed(invoke, files):
    done = invoke("report", *files)
    assert done.exit_code == 0
    assert done.stdout.startswith("case")


def test_two_reports_of_one_agent_are_told_apart(invoke, files):
    done = invoke("report", files[0], files[0])
    assert done.stdout.split("\n")[0].split() == ["case", "gateway", "(1)", "gateway", "(2)"]


def test_a_file_that_is_no_report_is_named(invoke, tmp_path):
    (tmp_path / "other.json").write_text("[]")
    for name, why in {"other.json": "no report of a suite", "none.json": "cannot be read"}.items():
        done = invoke("report", tmp_path / name)
        assert done.exit_code == 2
        assert why in done.stderr
        assert name in done.stderr


def test_the_list_has_every_case_and_on_demand_every_check(invoke):
    assert "RESP-002  A response is cancelled, " in invoke("list").stdout
    assert "RESP-002.reason  MUST  A response that" in invoke("list", "RESP-002").stdout
    assert "RESP-002.reason" not in invoke("list", "RESP").stdout
    assert "RESP-002.reason" in invoke("list", "RESP", "--checks").stdout


def test_the_list_names_what_a_server_may_not_claim(invoke):
    assert "webrtc " in invoke("list", "--capabilities").stdout


def test_an_unknown_id_is_a_mistake(invoke):
    done = invoke("list", "NONE")
    assert done.exit_code == 2
    assert "NONE names no area" in done.stderr
