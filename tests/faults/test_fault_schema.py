"""The schemas of faults say what the reader says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from realtime_mock._resources import schemas_dir
from realtime_mock.faults.connection_words import CONNECTION_WORDS
from realtime_mock.faults.event_words import EVENT_WORDS
from realtime_mock.faults.reading import WORDS
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.document import ScenarioError, read_document

ROOT = Path(__file__).resolve().parents[2]
REQUEST: dict[str, Any] = json.loads((schemas_dir() / "http" / "faults.request.json").read_text(encoding="utf-8"))
SCENARIO: dict[str, Any] = json.loads((schemas_dir() / "scenario.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(REQUEST)
BESIDE = {"on", "probability", "count", "nth", "id"}

GOOD = [
    *("drop: {}", "drop:", "drop: true", "delay: 500ms", "delay: 2", "delay: {from: 1s, to: 2s}", "duplicate: 2"),
    *(
        "reorder: 3",
        "reorder: {passes: 2, within: 5s}",
        "unknown_type: {}",
        "unknown_type: a.b",
        "extra_keys: {a: {b: 1}}",
    ),
    *(
        "missing_keys: [a, b.c]",
        "missing_keys: a",
        "null_ids: {}",
        "wrong_ids: [item_id]",
        "malformed: {}",
        "malformed: ''",
    ),
    *("oversize: 300000", "refuse: true", "refuse: 503", "refuse: rate_limit", "refuse: {status: 503, retry_after: 2}"),
    *("answer: {fault: quota, headers: {X: a}, error: {code: null, message: m}}", "hang: 5s", "hang: 1\nrefuse: 503"),
    *("close: 1006", "close: credit", "close: {}", "on: connect\nclose: {code: 1011, reason: r, after: 3s}"),
    *(
        "on: response.done\nclose: {code: 0, when: during, error: {type: t}}",
        "on: response.done\nreset: {when: instead}",
    ),
    *(
        "on: response.done\nhalf_open: {after: 1}",
        "on: {connect: call}\nreset:",
        "on: {path: /x, method: get}\nrefuse: 401",
    ),
    *("on: client\ndrop:", "on: {item: {type: message}}\ndrop:", "on: response.audio.delta\ndrop:", "on: {}\ndrop:"),
    *("drop:\nprobability: 0.5\ncount: 1\nnth: 2\nid: a.b-c", "rtp_loss: 3", "rtp_loss: {burst: 2, direction: in}"),
    *(
        "rtp_reorder:",
        "rtp_duplicate: 2",
        "rtp_jitter: 40ms",
        "rtp_gap: {for: 1s}",
        "rtp_silence: 1",
        "channel_stall: 1s",
    ),
    *(
        "on: response.done\nchannel_close: {after: 1s}",
        "channel_late: 2s",
        "session_created: at_once",
        "on: connect\nvanish: 3s",
    ),
    *("clock_skew: -300s", "clock_skew: 5", "secret_expires: 1s", "session_expires: 30"),
]
BAD = [
    *(
        "drp: {}",
        "drop: 1",
        "drop: {a: 1}",
        "delay: soon",
        "delay: -1",
        "delay: {from: 1s}",
        "duplicate: 1",
        "duplicate: 101",
    ),
    *("reorder: 0", "reorder: {pases: 1}", "unknown_type: 1", "unknown_type: ''", "extra_keys: a", "missing_keys: [1]"),
    *(
        "null_ids: {a: 1}",
        "malformed: 1",
        "oversize: 0",
        "oversize: {}",
        "refuse: 200",
        "refuse: limit",
        "refuse: false",
    ),
    *("refuse: {status: 600}", "refuse: {after: 1s}", "answer: {error: {cod: x}}", "hang: soon", "close: 65536"),
    *(
        "close: {code: x}",
        "on: response.done\nclose: {when: now}",
        "reset: 1",
        "half_open: {a: 1}",
        "on: nowhere\ndrop:",
    ),
    *("drop:\nprobability: 2", "drop:\ncount: 0", "drop:\nnth: x", "drop:\nid: a b", "drop:\non: 3", "rtp_loss: 0"),
    *(
        "rtp_duplicate: 1",
        "rtp_jitter: {up: 1s}",
        "rtp_gap: {for: 1s, direction: up}",
        "channel_late: {}",
        "vanish: soon",
    ),
    *("session_created: late", "clock_skew: {}", "secret_expires: never", "3", "[]"),
]


def is_described(text: str) -> bool:
    return VALIDATOR.is_valid({"faults": [read_document(text, "faults").plain()]})


def is_read(read: Any, text: str) -> bool:
    try:
        read(f"- {text}".replace("\n", "\n  "))
    except ScenarioError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_what_the_schema_describes_is_read(read, text):
    assert (is_described(text), is_read(read, text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_what_the_schema_refuses_is_not_read(read, text):
    assert (is_described(text), is_read(read, text)) == (False, False)


def test_every_word_is_described():
    assert set(REQUEST["$defs"]["fault"]["properties"]) == {*WORDS, *BESIDE}


def test_every_event_type_may_be_named():
    named, registry = REQUEST["$defs"]["fault"]["properties"]["on"]["oneOf"][0]["enum"], SchemaRegistry.bundled()
    dialects = [registry.dialect(name) for name in ("ga", "beta")]
    assert set(named) == {
        *("connect", "client", "server"),
        *(kind for known in dialects for kind in (*known.client_types, *known.server_types)),
    }


def test_a_scenario_has_the_same_faults_as_the_control_api():
    faults = {key: part for key, part in SCENARIO["$defs"].items() if key.startswith("fault")}
    assert faults == {key: part for key, part in REQUEST["$defs"].items() if key != "faults"}
    assert SCENARIO["properties"]["faults"]["items"] == REQUEST["$defs"]["faults"]["items"]


def test_a_scenario_with_faults_fits_its_schema():
    text = "scenario: x\nfaults:\n  - on: connect\n    refuse: {status: 503}\n    count: 2\n"
    jsonschema.Draft202012Validator(SCENARIO).validate(yaml.safe_load(text.replace("on:", "'on':")))


def test_the_page_names_every_word_of_events_and_connections_and_its_examples_are_read(read):
    page = (ROOT / "docs" / "reference" / "faults.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    examples = [text for row in rows for text in re.findall(r"`([a-z_]+: [^`]+)`", row)]
    assert all(read(f"- {example}") for example in examples)
    named = {example.split(":")[0] for example in examples} | set(re.findall(r"`(answer)` is another word", page))
    assert named == {*EVENT_WORDS, *CONNECTION_WORDS}
