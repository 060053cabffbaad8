"""The page on independent servers: what its numbers say, and what its commands need."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("write_server_results", DOCS / "write_server_results.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_its_findings_say(script):
    findings = json.loads((DOCS / "results" / "servers.json").read_text(encoding="utf-8"))
    assert (DOCS / "results" / "servers.md").read_text(encoding="utf-8") == script.page(findings)


def test_every_row_was_run_and_starts_what_is_there(script):
    findings = json.loads((DOCS / "results" / "servers.json").read_text(encoding="utf-8"))
    assert sorted(findings) == sorted(script.ROWS)
    for row in script.ROWS.values():
        [file] = [word for word in row.start.split() if word.startswith("docs/")]
        assert (DOCS.parent / file).is_file()


def test_a_report_is_told_check_by_check(script):
    came = {"id": "RESP-001.completed", "verdict": "failed", "expected": "completed", "actual": "failed"}
    passed = {"id": "USE-001.x", "verdict": "passed"}
    cases = [{"title": "One", "checks": [came]}, {"title": "Two", "checks": [came, passed]}]
    told = script.condensed({"about": {}, "cases": cases})
    assert told["areas"] == {"RESP": {"failed": 2}, "USE": {"passed": 1}}
    assert [(one["case"], one["cases"]) for one in told["found"]] == [("One", 2)]
