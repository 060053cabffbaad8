"""Writes docs/reference/control.md from the control API's own description: `python docs/write_control_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from realtime_mock.rest.openapi import OPENAPI
from realtime_mock.server import RealtimeMock

PAGE = Path(__file__).parent / "reference" / "control.md"
HEAD = """\
# The control API

Made from the mock's own description of it by `python docs/write_control_reference.py`; a running mock gives the same as
OpenAPI 3.1 at `/_mock/openapi.json`.

Everything a test does with a mock goes through these paths, from whatever language: the pytest plugin does no more.

## Who may use it

A page on the web must not drive a developer's mock. So a request below `/_mock` is refused with 403 where

- its `Host` is a name other than `localhost`, one below `.localhost`, the `--host` that the mock listens on, or a
  `--control-host NAME`. Addresses are never refused: only a name can be made to lead elsewhere;
- it has an `Origin` that is neither the mock's own nor a `--control-origin ORIGIN`;
- a browser says by `Sec-Fetch-Site` that another site's page made it.

curl, `fetch` in Node, and test runners send none of these, and are let in. With `--control-token TOKEN`, or
REALTIME_MOCK_CONTROL_TOKEN in the environment, every request needs `Authorization: Bearer TOKEN` or
`X-Realtime-Mock-Token: TOKEN`, else it is answered with 401. Paths below `/v1` stay open to pages of any origin, as the
service's are. In a network of containers, allow the name by which others reach the mock: `--control-host mock`.

## Lanes

Tests that share one mock each open a lane, and name it in every request: `?lane=NAME`, or the header
`X-Realtime-Mock-Lane: NAME`. Without it, what asks is about the whole mock, and what sets is about the default lane.

## Errors

Every error has the body `{"error": {"message", "type", "param", "code"}}`; the message says what to do.
"""


def page() -> str:
    """The whole page."""
    document = RealtimeMock()._runner.app[OPENAPI].document()  # noqa: SLF001 - the routes need no server that runs
    parts = [HEAD]
    for tag in document["tags"]:
        parts.append(f"## {tag['name']}\n")
        for path, of_path in document["paths"].items():
            parts += [
                "\n".join(_section(method.upper(), path, operation, document))
                for method, operation in of_path.items()
                if operation["tags"] == [tag["name"]]
            ]
    return "\n".join(parts)


def _section(method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    yield f"### `{method} {path}`\n\n{operation['summary']}\n"
    if "description" in operation:
        yield operation["description"] + "\n"
    rows = [row for parameter in operation["parameters"] for row in _parameter(parameter)]
    rows += _fields(operation.get("requestBody", {}), "body", document)
    if rows:
        yield "| parameter | in | means |\n|---|---|---|"
        yield from rows
        yield ""
    (status, success), *refusals = operation["responses"].items()
    answers = _fields(success, "answer", document)
    if answers:
        yield f"| answer, {status} | means |\n|---|---|"
        yield from (row.replace("| answer |", "|") for row in answers)
        yield ""
    else:
        yield f"Answer, {status}: {' or '.join(f'`{media}`' for media in success['content'])}.\n"
    told = [f"{code}: {refusal['description'].rstrip('.')}" for code, refusal in refusals if code not in ("401", "403")]
    if told:
        yield "Refused with " + "; ".join(f"{text[:5]}{text[5:6].lower()}{text[6:]}" for text in told) + ".\n"


def _parameter(parameter: Mapping[str, Any]) -> Iterator[str]:
    yield f"| `{parameter['name']}` | {parameter['in']} | {parameter['description']} |"


def _fields(holder: Mapping[str, Any], where: str, document: Mapping[str, Any]) -> list[str]:
    """A row for each field of a JSON body; one row for a body of another kind."""
    content = holder.get("content", {})
    rows = [f"| | {where} | `{media}` |" for media, body in content.items() if not body and where == "body"]
    for body in content.values():
        if "schema" in body:
            name = body["schema"]["$ref"].rpartition("/")[2]
            fields = document["components"]["schemas"][name].get("properties", {})
            return rows + [f"| `{key}` | {where} | {_described(field)} |" for key, field in fields.items()]
    return rows


def _described(field: Mapping[str, Any]) -> str:
    """The description of a field, and of those inside it."""
    text = str(field.get("description", ""))
    inside = field.get("items", field).get("properties")
    if not isinstance(inside, Mapping) or field.get("type") != "array":
        return text
    return text + " Each has " + ", ".join(f"`{name}`" for name in inside) + "."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
