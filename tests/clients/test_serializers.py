"""The page of what libraries do with events is what its generator writes, and a row of it is what is found today."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def writer():
    return runpy.run_path(str(DOCS / "write_serializer_results.py"))


@pytest.fixture(scope="module")
def results():
    return json.loads((DOCS / "results" / "serializers.json").read_text(encoding="utf-8"))


def test_the_page_is_what_its_generator_writes(writer, results):
    assert (DOCS / "results" / "serializers.md").read_text(encoding="utf-8") == writer["page"](results)


def test_every_row_was_run(writer, results):
    assert sorted(results) == sorted(writer["ROWS"])


@pytest.mark.clients
@pytest.mark.quick
@pytest.mark.timeout(400)
def test_openai_python_does_what_the_page_says(writer, results, tmp_path):
    row = writer["ROWS"]["openai-python"]
    python = tmp_path / row.directory / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True, timeout=100)
    install = [python, "-m", "pip", "install", "-q", row.requirement]
    done = subprocess.run(install, capture_output=True, text=True, timeout=200)
    if done.returncode != 0:
        pytest.skip(f"cannot install {row.requirement}: {done.stderr[-300:]}")
    assert writer["run"]("openai-python", str(tmp_path)) == results["openai-python"]
