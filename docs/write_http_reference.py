"""Writes docs/reference/http.md from the data beside it and the schemas: `python docs/write_http_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from realtime_mock._resources import schemas_dir
from realtime_mock.faults.answers import NAMED_ANSWERS, NAMED_CLOSES
from realtime_mock.registry.store import SchemaStore

FOLDER = Path(__file__).parent / "reference"
DATA = FOLDER / "http.yaml"
PAGE = FOLDER / "http.md"
HEAD = """\
# The HTTP API

Made from `http.yaml` and `schemas/http` by `python docs/write_http_reference.py`. Every row of a table of answers is
sent to the mock by the tests.

Paths below `/v1` want a key: `Authorization: Bearer KEY`, or `api-key: KEY`. By default any that looks like one will
do; `serve --api-key` names those that do. Each of these paths also answers below `/openai/v1`, and takes several
slashes for one. Headers that mean nothing here are passed over. Paths below `/_mock` are the mock's own, want no key,
and are not for web pages.

Every error has the body `{"error": {"message", "type", "param", "code"}}`. `type` is `invalid_request_error` where
nothing else is said. Every answer but 101 has an `X-Request-Id`.
"""
FAULTS = """\
## Answers and closes of faults

What a [fault](faults.md) answers a request with by `refuse` or `answer`, and how it closes a WebSocket, where it names
one of these.
"""


def read() -> dict[str, Any]:
    """The data."""
    data: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return data


def page() -> str:
    """The whole page."""
    data = read()
    store = SchemaStore.read(schemas_dir(), below=("ga", "beta", "http"))
    parts = [HEAD, "## Errors of every path\n", *_answers(data["everywhere"])]
    for entry in data["paths"]:
        parts += _section(entry, store)
    return "\n".join([*parts, FAULTS, *_named()])


def _section(entry: Mapping[str, Any], store: SchemaStore) -> Iterator[str]:
    yield f"## `{entry['method']} {entry['path']}`\n\n{entry['does'].strip()}\n"
    rows = dict(entry.get("parameters", {}))
    if "body" in entry:
        schema = store.expanded(f"http/{entry['body']}")
        named = schema.get("properties", {})
        rows |= {name: "body. " + _described(part) for name, part in named.items()}
    if rows:
        yield "| parameter | in | means |\n|---|---|---|"
        for name, text in rows.items():
            where, _, means = text.partition(". ")
            yield f"| `{name}` | {where} | {means} |"
        yield ""
    yield from _answers(entry["answers"])


def _described(schema: Mapping[str, Any]) -> str:
    """The description of a property, or of the first of its alternatives that has one."""
    if "description" in schema:
        return str(schema["description"])
    return next((_described(part) for part in schema.get("oneOf", ()) if "description" in part), "")


def _answers(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    closes = any("close" in row for row in rows)
    yield "| status | code |" + (" close |" if closes else "") + " when |"
    yield "|---|---|" + ("---|" if closes else "") + "---|"
    for row in rows:
        close = f" {row.get('close', '')} |" if closes else ""
        yield f"| {row['status']} | {_code(row)} |{close} {row['when']} |"
    yield ""


def _code(row: Mapping[str, Any]) -> str:
    if row["code"] is not None:
        return f"`{row['code']}`"
    return "null" if "close" in row or (row["status"] != "any" and row["status"] >= 400) else ""


def _named() -> Iterator[str]:
    yield "| `answer` | status | type | code |\n|---|---|---|---|"
    for name, answer in NAMED_ANSWERS.items():
        yield f"| `{name}` | {answer.status} | `{answer.error.type}` | {_or_null(answer.error.code)} |"
    yield "\n| `close` | code of the close | type | code |\n|---|---|---|---|"
    for name, close in NAMED_CLOSES.items():
        yield f"| `{name}` | {close.code} | `{close.error.type}` | {_or_null(close.error.code)} |"
    yield ""


def _or_null(code: str | None) -> str:
    return "null" if code is None else f"`{code}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
