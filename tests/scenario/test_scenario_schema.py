"""The schema that editors use says the same as the loader."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import loader
from realtime_mock.scenario.document import read_document

SCHEMA: dict[str, Any] = json.loads((schemas_dir() / "scenario.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def is_loaded(text: str) -> bool:
    try:
        loader.parse_scenario(text)
    except loader.ScenarioError:
        return False
    return True


def is_described(text: str) -> bool:
    return VALIDATOR.is_valid(read_document(text, "scenario.yaml").plain())


def with_turn(turn: str) -> str:
    return f"scenario: x\nrules:\n  - on: response.create\n    turns:\n      - {turn}"


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", loader.bundled_scenarios())
def test_every_bundled_scenario_fits(name: str):
    text = loader.bundled_scenarios()[name].read_text(encoding="utf-8")
    VALIDATOR.validate(read_document(text, name).plain())
    assert loader.parse_scenario(text).name == name


GOOD = [
    "say: Hi",
    "{say: Hi, after: 120ms}",
    "{say: Hi, after: 0}",
    "[{say: Hi}, {call: {name: f}}]",
    "call: {name: f, arguments: {a: 1}, call_id: c}",
    "call: {name: f, arguments: '{'}",
    "emit: {type: input_audio_buffer.cleared}",
    "wait: 1.5s",
    "error: {message: No., type: t, code: c, param: p}",
    "fail: {}",
    "fail: {code: c, message: m, type: t, status: failed}",
    "fail: {status: incomplete, reason: content_filter}",
    "close: 1011",
    "close: {}",
    "{close: {code: 3000, reason: Bye.}, after: 1s}",
    "say: {text: Hi, hesitates: 1s, transcript: early, sound: markers}",
    "{emit: {type: nope}, invalid: true}",
    "{emit: {}, invalid: true, after: 1s}",
    "respond: {}",
    "silence: 1.5s",
    "[{silence: 2}, {say: Hi}]",
    "say: {text: Hi, voice: cedar, pace: 0.5}",
    "say: {text: Hi, voice: voice_1, sound: voice}",
    "say: $user_text",
    "call: {name: $item.name, arguments: {a: $call.arguments.a}, call_id: $call.call_id}",
]
BAD = [
    "sya: Hi",
    "say: 42",
    "say: ''",
    "say:",
    "Hi",
    "[]",
    "{}",
    "after: 1s",
    "{say: Hi, after: 5m}",
    "{say: Hi, after: -1}",
    "{say: Hi, wait: 1s}",
    "{say: Hi, aftr: 1s}",
    "{wait: 1s, after: 1s}",
    "wait: 100000",
    "wait: true",
    "call: f",
    "call: {}",
    "call: {name: f, arguments: [1]}",
    "call: {name: f, extra: 1}",
    "call: {name: 3}",
    "emit: {}",
    "emit: {type: nope}",
    "error: {code: c}",
    "error: {message: m, extra: 1}",
    "fail:",
    "fail: {status: cancelled}",
    "fail: {reason: content_filter}",
    "fail: {status: incomplete, code: c}",
    "fail: {status: incomplete, reason: tired}",
    "close: 1006",
    "close: 2000",
    "close: '1011'",
    "close: 1011.5",
    "close: {code: 1000, why: x}",
    "[[{say: Hi}]]",
    "say: {hesitates: 1s}",
    "say: {text: Hi, sound: music}",
    "{say: Hi, invalid: true}",
    "{emit: {type: nope}, invalid: false}",
    "{emit: {}, invalid: 1}",
    "respond: now",
    "respond: {now: true}",
    "proceed: 1",
    "silence: long",
    "{silence: 1s, after: 1s}",
    "say: {text: Hi, voice: loud}",
    "say: {text: Hi, pace: -1}",
    "say: {text: Hi, pace: fast}",
    "say: {text: Hi, voice: ash, sound: markers}",
    "say: {text: Hi, audio: hi.wav, voice: ash}",
]


@pytest.mark.parametrize("turn", GOOD)
def test_both_accept(turn: str):
    assert (is_loaded(with_turn(turn)), is_described(with_turn(turn))) == (True, True)


@pytest.mark.parametrize("turn", BAD)
def test_both_refuse(turn: str):
    assert (is_loaded(with_turn(turn)), is_described(with_turn(turn))) == (False, False)


RULES = [
    "[]",
    "rules: []",
    "scenario: x",
    "scenario: x\nrules: []",
    "scenario: x\nrules: [1]",
    "scenario: ''\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\nextra: 1\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\ntiming: {}\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\ntiming: {pace: true}\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\ntiming: {latency: soon}\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\ndescription: 3\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}}]",
    "scenario: x\nrules: [{turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, turns: []}]",
    "scenario: x\nrules: [{on: {}, turns: {say: Hi}}]",
    "scenario: x\nrules: [{on: [], turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: nope, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {type: nope}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {type: 3}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, once: 1, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, nth: 0, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, nth: 1, turns: [{say: Hi}, {say: Ho}]}]",
    "scenario: x\nrules: [{on: {}, nth: 1}]",
    "scenario: x\nrules: [{on: {}, instead: false}]",
    "scenario: x\nrules: [{on: {item: {type: {$gt: a}}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {item: {$contain: a}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {item: {$any: true, type: message}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {user_text: 3}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {user_text: {}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {user_text: {contain: a}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {speech: some}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {speech: {turn: 0}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {speech: {longer_than: long}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: 3}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: ''}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: []}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: {file: hi.wav}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: {says: Hi, file: hi.wav, speed: 1}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: [{says: Hi, speed: 9}]}, turns: [{say: Hi}]}]",
    "scenario: x\nphrases: Hi",
    "scenario: x\nphrases: [{says: Hi, voice: nobody}]",
    "scenario: x\nbeacon: 1",
    "scenario: x\nrules: [{on: {function_output: {}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {function_output: {nam: f}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, state: '', turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, order: shuffled, turns: [{say: Hi}]}]",
    "scenario: x\nseed: 1.5\nrules: [{on: {}, turns: [{say: Hi}]}]",
    "scenario: x\nexpect: []",
    "scenario: x\nexpect: [1]",
    "scenario: x\nexpect: [{type: response.create, count: 2}]",
    "scenario: x\nexpect: [{event: response.create, counts: 2}]",
    "scenario: x\nexpect: [{event: response.create, count: -1}]",
    "scenario: x\nexpect: [{event: response.create, count: 1, at_most: 2}]",
    "scenario: x\nexpect: [{event: response.create, in_order: [response.create, response.cancel]}]",
    "scenario: x\nexpect: [{in_order: [response.create]}]",
    "scenario: x\nexpect: [{event: response.create, within: soon}]",
    "scenario: x\nexpect: [{event: response.create, from: me}]",
    "scenario: x\ntranscripts: []",
    "scenario: x\ntranscripts: [1]",
    "scenario: x\ntranscripts: [{}]",
    "scenario: x\ntranscripts: [{never: true, text: Hi}]",
    "scenario: x\ntranscripts: [{fail: {}, text: Hi}]",
    "scenario: x\ntranscripts: [{fail: {code: ''}}]",
    "scenario: x\ntranscripts: [{after: 1m}]",
]


@pytest.mark.parametrize("text", RULES)
def test_both_refuse_a_scenario(text: str):
    assert (is_loaded(text), is_described(text)) == (False, False)


WHOLE = [
    "scenario: x\ntranscripts: [Hi, '', {text: ''}, {after: 1s}, {fail: {}, after: 1s}, {never: true}]",
    "scenario: x\nrules: [{on: session.created, instead: true}]",
    "scenario: x\nrules: [{on: session.created, instead: true, turns: [{proceed: {session: {x: 1}}}]}]",
    "scenario: x\nrules: [{on: {type: error}, nth: 3, turns: [{close: 1000}]}]",
    "scenario: x\nrules: [{on: session.update, instead: true, turns: [[{wait: 1}, {proceed: {}}]]}]",
    "scenario: x\nrules: [{on: {user_text: Hi}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {user_text: {contains: a, regex: b}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {user_text: {$any: true}, session: {model: x}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {speech: any}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {speech: {turn: 2, longer_than: 1.5s, shorter_than: 9}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: Hi}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: [Hi, {says: Ho, voice: cedar, speed: 0.5}]}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {heard: {says: unknown}}, turns: [{say: Hi}]}]",
    "scenario: x\nphrases: [Hi]\nrules: [{on: {heard: unknown}, turns: [{say: Hi}]}]",
    "scenario: x\nphrases: [Hi, {says: Ho, voice: voice_1}]",
    "scenario: x\nbeacon: true\nrules: [{on: {heard: any}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {function_output: any}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {function_output: {name: f, call_id: c, output: {a: [1]}}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {type: {$in: [error]}}, turns: [{close: 1000}]}]",
    "scenario: x\nrules: [{on: {$not: {type: response.create}}, turns: [{close: 1000}]}]",
    "scenario: x\nrules: [{on: {session: {tools: [{parameters: {$$ref: a}}]}}, turns: [{say: Hi}]}]",
    "scenario: x\nrules: [{on: {}, state: start, then: next, order: random, turns: [{say: Hi}]}]",
    "scenario: x\nseed: 1\nexpect: [session.update]",
    "scenario: x\nexpect: [{type: session.update, session: {type: {$any: true}}}]",
    "scenario: x\nexpect: [{event: response.create, at_least: 1, at_most: 2, after: {type: error}, within: 2s}]",
    "scenario: x\nexpect: [{in_order: [response.create, {type: response.cancel}], before: error, never: true}]",
    "scenario: x\nexpect: [{event: {$not: {type: error}}, from: server, count: 0}]",
    "scenario: x\nexpect: [{event: {item: {call_id: $call.call_id}}}]",
]


@pytest.mark.parametrize("text", WHOLE)
def test_both_accept_a_scenario(text: str):
    assert (is_loaded(text), is_described(text)) == (True, True)


def test_the_event_types_are_those_of_the_registry():
    registry = SchemaRegistry.bundled()
    assert SCHEMA["$defs"]["client_type"]["enum"] == list(registry.client_types)
    assert SCHEMA["$defs"]["server_type"]["enum"] == sorted(registry.server_types)


def test_every_field_is_described():
    def undescribed(schema: Any, path: str) -> list[str]:
        fields = schema.get("properties", {}) if isinstance(schema, dict) else {}
        found = [
            f"{path}.{name}" for name, field in fields.items() if not isinstance(field, bool) and not _described(field)
        ]
        children = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
        return found + [
            missing for key, child in children if key != "if" for missing in undescribed(child, f"{path}.{key}")
        ]

    assert undescribed(SCHEMA, "$") == []


def _described(field: dict[str, Any]) -> bool:
    target = SCHEMA["$defs"].get(field.get("$ref", "").removeprefix("#/$defs/"), {})
    return "description" in field or "description" in target
