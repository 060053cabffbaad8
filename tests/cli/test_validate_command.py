"""`realtime-mock validate` names the line of every fault and tells it by its status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from realtime_mock._resources import fixtures_dir
from realtime_mock.audio.wav import write_wav

Invoke = Callable[..., Result]

CREATE = {"type": "response.create"}
BETA = {"type": "session.update", "session": {"type": "realtime", "voice": "alloy"}}
CLEARED = {"type": "input_audio_buffer.cleared", "event_id": "event_1"}


def lines(*events: object) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def test_good_events_of_both_sides_pass(invoke: Invoke) -> None:
    result = invoke("validate", "-", stdin=lines(CREATE, CLEARED))
    assert (result.output, result.exit_code) == ("<stdin>: 2 checked, 0 wrong\n", 0)


def test_a_fault_comes_with_its_line_and_remedy(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "sent.jsonl"
    file.write_text(lines(CREATE, BETA))
    result = invoke("validate", file)
    assert result.exit_code == 1
    assert result.output == (
        f"{file}:2: Unknown parameter: 'session.voice'. [unknown_parameter] "
        "Remedy: the GA API wants it at `session.audio.output.voice`.\n"
        f"{file}: 2 checked, 1 wrong\n"
    )


def test_a_server_event_without_a_required_field_is_wrong(invoke: Invoke) -> None:
    result = invoke("validate", "-", stdin=lines({"type": "input_audio_buffer.cleared"}))
    assert result.exit_code == 1
    assert "event_id" in result.output


def test_an_unknown_type_is_told_the_nearest_one(invoke: Invoke) -> None:
    result = invoke("validate", "-", stdin=lines({"type": "response.craete"}))
    assert "<stdin>:1: unknown event type 'response.craete'; did you mean 'response.create'?\n" in result.output


def test_side_settles_who_sends(invoke: Invoke) -> None:
    assert invoke("validate", "--side", "server", "-", stdin=lines(CREATE)).exit_code == 1


def test_a_websocket_client_may_not_clear_the_output_buffer(invoke: Invoke) -> None:
    event = lines({"type": "output_audio_buffer.clear"})
    assert invoke("validate", "-", stdin=event).exit_code == 0
    assert invoke("validate", "--transport", "websocket", "-", stdin=event).exit_code == 1


@pytest.mark.parametrize("value", [3, "text", [1], None, {}])
def test_what_is_no_event_is_wrong(invoke: Invoke, value: object) -> None:
    assert invoke("validate", "-", stdin=json.dumps([value])).exit_code == 1


def test_nothing_to_check_is_not_success(invoke: Invoke) -> None:
    assert invoke("validate", "-", stdin="[]").exit_code == 1


@pytest.mark.parametrize("name", sorted(path.name for path in (fixtures_dir() / "scenarios").glob("*.yaml")))
def test_the_shipped_scenarios_are_valid(invoke: Invoke, name: str) -> None:
    result = invoke("validate", fixtures_dir() / "scenarios" / name)
    assert result.exit_code == 0, result.output


def test_a_wrong_scenario_is_told_line_and_remedy(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("scenario: wrong\nrules:\n  - on: {type: response.create}\n    turns:\n      - sya: Hi\n")
    result = invoke("validate", file)
    assert result.exit_code == 1
    assert result.output.startswith(f"{file}:5:")
    assert "say" in result.output


def test_every_mistake_of_a_scenario_is_told(invoke: Invoke) -> None:
    scenario = (
        "scenario: s\nrules:\n  - on: response.creat\n    turns: [{say: Hi}]\n  - on: error\n    turns: [{sya: Hi}]\n"
    )
    result = invoke("validate", "-", stdin=scenario)
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.output.splitlines()] == ["<stdin>:3:9", "<stdin>:6:14"]


def test_a_scenario_may_come_from_standard_input(invoke: Invoke) -> None:
    scenario = "scenario: s\nrules:\n  - on: {type: response.create}\n    turns:\n      - say: Hi\n"
    assert invoke("validate", "-", stdin=scenario).output == "<stdin>: scenario 's', 1 rule, nothing wrong\n"


def test_a_missing_file_is_a_wrong_use(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("validate", tmp_path / "absent.json").exit_code == 2


def test_a_scenario_finds_its_recordings_beside_it(invoke: Invoke, tmp_path: Path) -> None:
    write_wav(tmp_path / "hi.wav", bytes(4800), rate=24_000)
    file = tmp_path / "hi.yaml"
    file.write_text(
        "scenario: hi\nrules:\n  - on: response.create\n    turns:\n      - say: {text: Hi, audio: hi.wav}\n"
    )
    result = invoke("validate", file)
    assert (result.output, result.exit_code) == (f"{file}: scenario 'hi', 1 rule, nothing wrong\n", 0)


def test_phrases_that_sound_alike_are_warned_of(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "alike.yaml"
    file.write_text("scenario: alike\nphrases: [I saw the sea., I saw the sea!, Good morning]\n")
    result = invoke("validate", file)
    warning, verdict = result.output.splitlines()
    assert warning.startswith(f'{file}: warning: "I saw the sea." and "I saw the sea!" sound nearly alike')
    assert (result.exit_code, verdict) == (0, f"{file}: scenario 'alike', 0 rules, nothing wrong")
