"""The HTML page as a file; what it does in a browser is tried in tests/browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tests.suites.examples import FAILED, FAILING, FINE, WARNED, report

from realtime_conformance.reporting import as_html
from realtime_conformance.transcript import Passage


def data_of(page):
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_it_holds_every_report_and_what_each_check_claims():
    data = data_of(as_html([report(), report(FINE, agent="mock")]))
    assert [found["agent"] for found in data["reports"]] == ["gateway", "mock"]
    assert data["claims"][FAILED.id]["text"] == "A response ends `completed`."
    checks = {check["id"]: check for case in data["reports"][0]["cases"] for check in case["checks"]}
    assert checks[WARNED.id]["differs"] == {"path": ".total", "expected": "3", "actual": "4"}


def test_it_needs_nothing_else():
    page = as_html([report()])
    assert "/* page" not in page
    assert re.findall(r"""(?:src|href)=|url\(|@import""", page) == []


def test_what_a_server_sends_ends_no_element():
    evil = Passage(0.0, "1", "received", {"type": "x", "text": "</script><script>alert(1)</script>"})
    page = as_html([report(replace(FAILING, transcript=(evil,)))])
    assert "<script>alert" not in page
    assert data_of(page)["reports"][0]["cases"][0]["transcript"][0]["data"] == evil.data
