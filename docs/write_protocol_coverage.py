"""Writes docs/reference/protocol-coverage.md from the data beside it: `python docs/write_protocol_coverage.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "reference"
DATA = FOLDER / "protocol-coverage.yaml"
PAGE = FOLDER / "protocol-coverage.md"
HEAD = """\
# What of the protocol is held by which test

Made from `protocol-coverage.yaml` by `python docs/write_protocol_coverage.py`. Files are those below `tests`.

The evidence for each entry is one of these:

| tag | what it rests on |
| --- | --- |
| SEEN | recordings of the service |
| SPEC | the service's public documents, or the types of the official SDK |
| UNSURE | neither: it is hearsay or our own guess |

## Words that were never captured

Where an error is UNSURE, its words are ours. A scenario sets others, for any error of a session and on every wire:

```yaml
scenario: my own words
rules:
  - on: {type: error, error: {code: invalid_type}}
    instead: true
    turns:
      - proceed: {error: {message: "Invalid type, to my mind."}}
  - on: {type: conversation.item.create, previous_item_id: nowhere}
    turns:
      - error: {code: item_create_invalid_previous_item_id, message: "There is no $event.previous_item_id."}
```

The first rule changes what the mock is about to say; the second answers an event in its place.
[The scenario format](scenario-format.md) says more.
"""


def page() -> str:
    """The whole page."""
    data = read()
    return "\n".join(
        [
            HEAD,
            _section("Client events", "event", data["client_events"]),
            _section("Server events", "event", data["server_events"]),
            *(_section(group["about"], "rule", group["rules"]) for group in data["rules"]),
            _section("Errors", "error", data["errors"]),
        ]
    )


def read() -> dict[str, Any]:
    """The data: `client_events`, `server_events`, `rules` by what they are about, `errors`."""
    data: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return data


def entries(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Every entry of every table."""
    rules = [rule for group in data["rules"] for rule in group["rules"]]
    return [*data["client_events"], *data["server_events"], *rules, *data["errors"]]


def _section(title: str, name: str, rows: list[dict[str, Any]]) -> str:
    lines = [f"| `{row[name]}` | {row['evidence']} | {row['says']} | {_tests(row)} |" for row in rows]
    return "\n".join(
        [f"## {title}", "", f"| {name} | evidence | what it does | held by |", "| --- " * 4 + "|", *lines, ""]
    )


def _tests(row: dict[str, Any]) -> str:
    return "<br>".join(f"`{test}`" for test in row["tests"])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
