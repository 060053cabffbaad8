"""The property checks on a program: what it loses, refuses, or dies of is found, and the smallest event shown."""

from __future__ import annotations

import json
import shlex
import sys

import pytest
from click.testing import CliRunner

from realtime_conformance.cli import main

DRIVER = """
import json, os, sys, time
for line in sys.stdin:
    event = json.loads(line)
    answer = event
    {body}
    print(json.dumps(answer), flush=True)
"""
KIND = "conversation.item.deleted"


@pytest.fixture
def check(tmp_path):
    """Runs the command on a driver that does this to each event; gives the result, and the report as JSON."""

    def run(body="pass", *options, types=KIND, examples=10):
        driver = tmp_path / "driver.py"
        driver.write_text(DRIVER.format(body=body), encoding="utf-8")
        command = shlex.join([sys.executable, str(driver)])
        file = tmp_path / "report.json"
        words = ["serializer", "--command", command, "--types", types, "--examples", str(examples), "--json", str(file)]
        result = CliRunner().invoke(main, [*words, *map(str, options)])
        return result, json.loads(file.read_text()) if file.exists() else {}

    return run


def outcomes(report):
    return {(found["check"], found["outcome"], found["place"]) for found in report["findings"]}


def test_a_program_that_keeps_everything_passes(check):
    result, report = check(types=f"{KIND},response.done")
    assert result.exit_code == 0, result.output
    assert report["findings"] == []
    assert [tally["counts"] for tally in report["checks"]][:2] == [{"accepted": 10}] * 2


def test_a_lost_field_is_found_with_its_smallest_event(check):
    result, report = check("answer.pop('item_id', None)")
    assert result.exit_code == 1
    assert outcomes(report) == {("round_trip", "changed", "item_id lost")}
    assert f"{KIND}: changed (round trip, 10 events)" in result.output
    assert report["findings"][0]["event"] == {"event_id": "", "item_id": "", "type": KIND}
    assert f"its schema: schemas/ga/server/{KIND}.json#/properties/item_id" in result.output


def test_places_do_not_tell_elements_of_a_list_apart(check):
    _, report = check(
        "[limit.pop('name', None) for limit in event.get('rate_limits', [])]", types="rate_limits.updated"
    )
    places = {place for _, outcome, place in outcomes(report) if outcome == "changed"}
    assert places == {"rate_limits[].name lost"}


def test_what_was_always_on_the_wire_is_told_apart_from_what_may_be_missing(check):
    is_whole = "all('name' in limit for limit in event.get('rate_limits', []))"
    result, report = check(f"answer = event if {is_whole} else {{'error': 'no'}}", types="rate_limits.updated")
    counts = {tally["check"]: tally["counts"] for tally in report["checks"]}
    assert counts["as_recorded"] == {"accepted": 10}
    assert counts["round_trip"]["refused"] > 0
    assert "as recorded: 10 accepted" in result.output


def test_a_refusal_is_found_in_each_check(check):
    _, report = check("answer = {'error': 'too late'}")
    found = {(name, outcome) for name, outcome, _ in outcomes(report)}
    assert found == {(name, "refused") for name in ("round_trip", "unknown_fields", "unknown_types")}


def test_an_error_event_is_no_refusal(check):
    result, _ = check(types="error")
    assert result.exit_code == 0, result.output


def test_to_ignore_what_is_unknown_is_no_failure(check):
    body = f"answer = event if event['type'] == {KIND!r} else None"
    result, _ = check(body)
    assert result.exit_code == 0, result.output


def test_what_is_known_must_not_be_ignored(check):
    _, report = check("answer = None")
    assert outcomes(report) == {("round_trip", "ignored", "")}


def test_a_crash_costs_its_event_alone(check):
    result, report = check("if event.get('event_id'): sys.exit('out of luck')")
    assert ("round_trip", "crashed", "") in outcomes(report)
    assert "it ended with status 1: out of luck" in result.output
    assert report["checks"][0]["counts"]["accepted"] >= 1


def test_a_hang_is_cut_off(check):
    slow = ("--side", "client", "--deadline", 0.2)
    result, report = check(
        "if event.get('item_id'): time.sleep(60)", *slow, types="conversation.item.delete", examples=3
    )
    assert ("round_trip", "hung", "") in outcomes(report)
    assert "no line within 0.2 s" in result.output


def test_what_is_no_json_is_found(check):
    result, report = check("if event.get('item_id'): print('oops', flush=True)")
    assert ("round_trip", "garbled", "") in outcomes(report)
    assert "it wrote no JSON: oops" in result.output


def test_a_validator_is_held_to_its_word(check):
    kind = "input_audio_buffer.clear"
    lets_through = check("pass", "--side", "client", "--validates", types=kind)
    refuses = check(
        "answer = event if set(event) <= {'type', 'event_id'} and event.get('type') == 'input_audio_buffer.clear' and "
        "isinstance(event.get('event_id', ''), str | None) and len(event.get('event_id') or '') <= 512 "
        "else {'error': 'no'}",
        *("--side", "client", "--validates"),
        types=kind,
    )
    assert {outcome for _, outcome, _ in outcomes(lets_through[1])} == {"let_through"}
    assert {found["schema"].partition("#")[0] for found in lets_through[1]["findings"]} == {
        f"schemas/ga/client/{kind}.json"
    }
    assert refuses[0].exit_code == 0, refuses[0].output


def test_a_baseline_lets_what_is_known_pass(check, tmp_path):
    known = tmp_path / "known.yaml"
    check("answer.pop('item_id', None)", "--write-baseline", known)
    result, report = check("answer.pop('item_id', None)", "--baseline", known)
    assert result.exit_code == 0, result.output
    assert [found["known"] for found in report["findings"]] == [True]


def test_a_stale_entry_fails(check, tmp_path):
    known = tmp_path / "known.yaml"
    check("answer.pop('item_id', None)", "--write-baseline", known)
    result, report = check("pass", "--baseline", known)
    assert result.exit_code == 1
    assert report["stale"] == [["round_trip", KIND, "changed", "item_id lost"]]
    assert f"stale in the baseline, take it out: round_trip / {KIND} / changed / item_id lost" in result.output


def test_an_entry_for_a_type_that_is_not_asked_is_not_stale(check, tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text("- {check: round_trip, type: response.done, outcome: refused}\n")
    assert check("pass", "--baseline", known)[0].exit_code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "no YAML"), ("a: 1", "must be a list of findings"), ("- {check: round_trip}", "entry 1: has no 'type'")],
)
def test_a_baseline_that_is_none_is_refused(check, tmp_path, text, told):
    known = tmp_path / "known.yaml"
    known.write_text(text)
    result, _ = check("pass", "--baseline", known)
    assert result.exit_code == 1
    assert told in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_type_that_does_not_exist_is_refused(check):
    result, _ = check(types="response.sung")
    assert "no server event has the type 'response.sung'" in result.output


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("", "the command is empty"),
        ("no-such-program-here", "cannot start 'no-such-program-here'"),
        (f"{sys.executable} -c exit(3)", "the program answered nothing in 3 starts: it ended with status 3"),
    ],
)
def test_a_program_that_cannot_be_used_ends_the_command(command, told):
    result = CliRunner().invoke(main, ["serializer", "--command", command, "--types", KIND])
    assert result.exit_code == 1
    assert told in result.output
    assert isinstance(result.exception, SystemExit)
