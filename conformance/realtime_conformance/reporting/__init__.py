"""Reports in every form: each is a function of frozen `Report`s."""

from __future__ import annotations

from realtime_conformance.reporting.html import as_html
from realtime_conformance.reporting.json_file import ReportError, as_json, from_json
from realtime_conformance.reporting.junit import as_junit
from realtime_conformance.reporting.markdown import as_markdown

__all__ = ["ReportError", "as_html", "as_json", "as_junit", "as_markdown", "from_json"]
