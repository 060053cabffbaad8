"""The file of known failures: what it may say, and what is said of mistakes in it."""

from __future__ import annotations

import pytest
from tests.suites.examples import FAILED, FINE, WARNED, report

from realtime_conformance.baseline import BaselineError, as_baseline, read_baseline

CHECKS = ["RESP-001.status", "RESP-001.once", "USE-001.sum"]


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "known.yaml"
        path.write_text(text, encoding="utf-8")
        return read_baseline(path, CHECKS)

    return read


def test_an_entry_is_an_id_with_or_without_a_reason(read):
    assert read(
        "- RESP-001.once\n- check: USE-001.sum\n  reason: https://example.org/1\n- {check: RESP-001.status}\n"
    ) == {
        "RESP-001.once": "",
        "USE-001.sum": "https://example.org/1",
        "RESP-001.status": "",
    }


@pytest.mark.parametrize("text", ["", "[]", "# nothing\n"])
def test_it_may_be_empty(read, text):
    assert read(text) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "- RESP-001.once\n- RESP-001.statsu\n",
            r"known.yaml:2: there is no check RESP-001.statsu; did you mean RESP-001.status\?",
        ),
        ("- RESP-001\n", "known.yaml:1: there is no check RESP-001; an entry is the id of one check"),
        ("- RESP-001.once\n- RESP-001.once\n", "known.yaml:2: RESP-001.once stands twice"),
        ("- {check: RESP-001.once, why: x}\n", "known.yaml:1: there is no key why"),
        ("- {reason: x}\n", "known.yaml:1: must be the id of a check"),
        ("RESP-001.once: x\n", "must be a list"),
        ("- [\n", "no YAML"),
    ],
)
def test_mistakes_are_named(read, text, why):
    with pytest.raises(BaselineError, match=why):
        read(text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BaselineError, match="cannot be read"):
        read_baseline(tmp_path / "none.yaml", CHECKS)


def test_what_is_written_is_read_again_and_reasons_are_kept(read):
    found = report(known={WARNED.id: "they know"})
    assert read(as_baseline(found)) == {FAILED.id: "", WARNED.id: "they know"}


def test_a_strict_run_writes_what_should_hold_too(read):
    assert set(read(as_baseline(report(is_strict=True)))) == {FAILED.id, WARNED.id}
    assert set(read(as_baseline(report()))) == {FAILED.id}


def test_what_is_stale_is_not_written(read):
    assert read(as_baseline(report(FINE, known={FAILED.id: ""}))) == {}
