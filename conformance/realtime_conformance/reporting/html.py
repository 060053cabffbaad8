"""Reports as one HTML page that needs nothing else: a matrix of cases by agents, each cell opening to its journal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files

from realtime_conformance.report import Report
from realtime_conformance.reporting.failures import channel_labels
from realtime_conformance.reporting.json_file import Document, document
from realtime_conformance.reporting.values import first_difference


def as_html(reports: Sequence[Report]) -> str:
    """The page. Its data stands in it as JSON, which a script of its own shows; nothing is fetched."""
    folder = files("realtime_conformance.reporting") / "page"
    page = (folder / "page.html").read_text("utf-8")
    for name in ("page.css", "page.js"):
        page = page.replace(f"/* {name} */\n", (folder / name).read_text("utf-8"))
    return page.replace("/* data */", _data(reports))


def _data(reports: Iterable[Report]) -> str:
    documents = [_for_readers(report) for report in reports]
    claims = {check: one for found in documents for one in found.pop("requirements") for check in one["checks"]}
    text = json.dumps({"reports": documents, "claims": claims}, separators=(",", ":"))
    # The end of the script's element must not stand in what a server sent.
    return text.replace("<", "\\u003c")


def _for_readers(report: Report) -> Document:
    """The document of a report, each failure with the first place where it differs, and names for channels."""
    found = document(report)
    for case, written in zip(report.cases, found["cases"], strict=True):
        written["channels"] = channel_labels(case.transcript)
    for check in (check for case in found["cases"] for check in case["checks"] if "expected" in check):
        difference = first_difference(check["expected"], check["actual"])
        if difference.path:
            check["differs"] = {
                "path": difference.path,
                "expected": difference.expected,
                "actual": difference.actual,
            }
    return found
