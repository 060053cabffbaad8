"""The page of what real clients do is what its generator writes, and a row of it is what is found today."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def writer():
    return runpy.run_path(str(DOCS / "write_client_results.py"))


@pytest.fixture(scope="module")
def results():
    return json.loads((DOCS / "results" / "clients.json").read_text(encoding="utf-8"))


def test_the_page_is_what_its_generator_writes(writer, results):
    assert (DOCS / "results" / "clients.md").read_text(encoding="utf-8") == writer["page"](results)


def test_every_row_was_run_over_every_case(writer, results):
    cases = [case.id for case in writer["CASES"] if not case.slow]
    assert {name: list(row["cases"]) for name, row in results.items()} == dict.fromkeys(writer["ROWS"], cases)


def test_the_table_of_capabilities_is_what_the_suite_knows():
    written = runpy.run_path(str(DOCS / "write_driver_reference.py"))["written"]
    page = (DOCS / "reference" / "driver.md").read_text(encoding="utf-8")
    assert written(page) == page


def installed(row, libraries):
    """Install what a row needs; skip where that cannot be had."""
    command = row.install(str(libraries))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=500)
    if done.returncode != 0:
        pytest.skip(f"cannot install {row.requirement}: {done.stderr[-300:]}")


@pytest.mark.clients
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["openai-python", "openai-node", "agents-realtime", "pipecat"])
async def test_a_client_does_what_the_page_says(writer, results, tmp_path, monkeypatch, name):
    row = writer["ROWS"][name]
    installed(row, tmp_path)
    monkeypatch.chdir(DOCS.parent)
    found = await writer["found"](row, str(tmp_path))
    assert failures(found) == failures(results[name])


@pytest.mark.clients
@pytest.mark.quick
@pytest.mark.timeout(300)
async def test_the_page_of_chromium_holds_a_conversation(writer):
    words = [sys.executable, str(DOCS.parent / writer["DRIVERS"] / "browser.py")]
    driver = await writer["describe"](writer["Command"](words))
    plan = writer["client_plan"](driver, wanted=["CONV-001", "CALL-007"], scale=3)
    assert [(result.id, result.verdict.value) async for result in writer["run"](plan)] == [
        ("CONV-001", "passed"),
        ("CALL-007", "passed"),
    ]


def failures(row):
    """The cases in which something fails, whatever follows from it in which words."""
    return {case: told["verdict"] for case, told in row["cases"].items() if told["failed"]}
