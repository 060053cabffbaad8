"""docs/reference/protocol-coverage.md is made of its data, names every event, and every test it names exists."""

from __future__ import annotations

import ast
import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.loader import parse_scenario

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT.parent / "shared" / "reference" / "protocol" / "errors.json"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "write_protocol_coverage.py"))


@pytest.fixture(scope="module")
def data(script) -> dict[str, Any]:
    return script["read"]()


def test_the_page_is_made_of_its_data(script):
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()


@pytest.mark.parametrize("side", ["client", "server"])
def test_every_event_type_is_listed_once(data, side):
    listed = [entry["event"] for entry in data[f"{side}_events"]]
    assert sorted(listed) == sorted(getattr(SchemaRegistry.bundled(), f"{side}_types"))


def test_the_protocol_has_eleven_client_and_forty_six_server_events(data):
    assert (len(data["client_events"]), len(data["server_events"])) == (11, 46)


def test_rules_are_named_once(data):
    names = [rule["rule"] for group in data["rules"] for rule in group["rules"]]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_every_entry_has_its_evidence_its_words_and_a_test(script, data):
    for entry in script["entries"](data):
        assert entry["evidence"] in ("SEEN", "SPEC", "UNSURE"), entry
        assert entry["says"].endswith("."), entry
        assert entry["tests"], entry
        assert "not yet" not in entry["says"].lower(), entry


def test_every_test_that_is_named_exists(script, data):
    known: dict[str, set[str]] = {}
    for entry in script["entries"](data):
        for test in entry["tests"]:
            path, _, name = test.partition("::")
            if path not in known:
                tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
                functions = ast.FunctionDef, ast.AsyncFunctionDef
                known[path] = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
            assert name in known[path], test


def test_the_example_of_the_page_does_what_it_says(opened, script):
    [example] = re.findall(r"^```yaml\n(.*?)^```$", script["HEAD"], re.DOTALL | re.MULTILINE)
    session = opened(scenario=parse_scenario(example))
    item = {"type": "message", "role": "user", "content": []}
    [wrong] = session.send("conversation.item.create", item={**item, "content": "Hello"})
    [nowhere] = session.send("conversation.item.create", item=item, previous_item_id="nowhere")
    assert wrong["error"]["message"] == "Invalid type, to my mind."
    assert nowhere["error"]["message"] == "There is no nowhere."


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue of captured errors is not here")
def test_every_code_of_a_live_session_is_listed(data):
    listed = {entry["error"] for entry in data["errors"]}
    at_connection = {"invalid_api_key", "missing_model", "beta_api_shape_disabled", "invalid_intent"}
    at_connection |= {"model_not_found", "insufficient_permissions", "ephemeral_token_already_used"}
    rows = [row for row in json.loads(CATALOGUE.read_text()) if row["channel"] != "http"]
    codes = {(row.get("error") or row["status_details"]["error"])["code"] for row in rows}
    assert codes - {None} - at_connection - listed == set()
