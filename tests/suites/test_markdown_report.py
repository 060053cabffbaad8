"""Markdown for a pull request or the summary of a job."""

from __future__ import annotations

from dataclasses import replace

from tests.suites.examples import FAILED, FAILING, FINE, report

from realtime_conformance.reporting import as_markdown


def test_it_tells_what_failed_with_the_events_around_it():
    text = as_markdown(report())
    assert "❌ 3 cases, 5 checks: 2 passed, 1 failed, 1 warned, 1 skipped." in text
    assert "| RESP | 1 | 1 | 1 |" in text
    assert "<code>RESP-001.status</code>: A response ends `completed`." in text
    assert "   2    0.500 <- response.done" in text


def test_known_failures_stand_apart_and_stale_ones_are_named():
    text = as_markdown(report(known={FAILED.id: "one day"}))
    assert "## What does not hold" not in text
    assert "- `RESP-001.status`: one day" in text
    assert "`RESP-001.status` passes: take it out" in as_markdown(report(FINE, known={FAILED.id: ""}))


def test_several_agents_are_a_matrix():
    text = as_markdown(report(), report(FINE, agent="mo|ck"))
    assert "| | gateway | mo\\|ck |" in text
    assert "| RESP-001 A response | ❌ 1/2 | ✅ 1/1 |" in text
    assert "| USE-001 Usage | ⚠️ 0/1 |  |" in text


def test_text_of_the_other_side_stays_text():
    text = as_markdown(report(replace(FAILING, title="<img src=x>")))
    assert "<img" not in text
