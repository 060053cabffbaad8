"""Scenario files: what is read, and how what is wrong is told."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario import document, loader
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.model import (
    Call,
    Close,
    Emit,
    Error,
    Fail,
    Proceed,
    Respond,
    Rule,
    Say,
    Scenario,
    Step,
    Transcript,
    Turn,
    Wait,
)
from realtime_mock.scenario.steps import STEPS

HEAD = "scenario: x\nrules:\n  - on: response.create\n    turns:\n      - "
"""A scenario up to its first step, which begins at line 5, column 9."""


def steps_of(turn: str) -> tuple[Step, ...]:
    return parse_scenario(HEAD + turn).rules[0].turns[0].steps


def error_of(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "greeting.yaml")
    return str(caught.value)


def test_a_whole_scenario():
    text = """\
        scenario: weather
        description: For the test.
        rules:
          - on: {type: response.create}
            once: true
            turns:
              - say: Let me check.
                after: 120ms
              - - say: One moment.
                - call: {name: get_weather, arguments: {city: Paris}}
          - on: {type: session.update, session: {tools: [{parameters: {tags: [1, yes]}}]}}
            turns: [{say: It is sunny in Paris.}]
        """
    create = Rule(
        {"type": "response.create"},
        (
            Turn((Say("Let me check.", after=0.12),)),
            Turn((Say("One moment."), Call("get_weather", '{"city":"Paris"}'))),
        ),
        once=True,
    )
    answered = Rule(
        {"type": "session.update", "session": {"tools": [{"parameters": {"tags": [1, "yes"]}}]}},
        (Turn((Say("It is sunny in Paris."),)),),
    )
    assert parse_scenario(dedent(text)) == Scenario("weather", (create, answered), description="For the test.")


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("say: Hello", Say("Hello")),
        ("{say: Hello, after: 1.5s}", Say("Hello", after=1.5)),
        ("{say: Hello, after: 2}", Say("Hello", after=2.0)),
        ("{after: 0.25, say: Hello}", Say("Hello", after=0.25)),
        ("say: yes", Say("yes")),
        ("say: 2026-01-01", Say("2026-01-01")),
        ("say: 12:30", Say("12:30")),
        ('say: "42"', Say("42")),
        ("say: !!str 42", Say("42")),
        ('say: "\\ud83d\\ude00"', Say("😀")),
        ("call: {name: f}", Call("f", "{}")),
        (
            "call: {name: f, call_id: call_1, arguments: {a: [1, 2.5, ~, true, ü]}}",
            Call("f", '{"a":[1,2.5,null,true,"ü"]}', "call_1"),
        ),
        ("call: {name: f, arguments: '{ \"a\": 1 }'}", Call("f", '{ "a": 1 }')),
        ("call: {name: f, arguments: '{not json'}", Call("f", "{not json")),
        ("call: {name: f, arguments: ''}", Call("f", "")),
        ("wait: 500ms", Wait(0.5)),
        ("error: {message: No.}", Error(ApiError("No."))),
        (
            "error: {type: server_error, code: c, message: No., param: p}",
            Error(ApiError("No.", code="c", param="p", type="server_error")),
        ),
        (
            "fail: {}",
            Fail(
                error=ApiError(
                    "The server had an error while processing your request. Sorry about that! You can retry your "
                    "request, or contact us through our help center at help.openai.com if the error persists. "
                    "(Please include the session ID $session.id in your message.)",
                    type="server_error",
                )
            ),
        ),
        ("fail: {code: c, type: t, message: m}", Fail(error=ApiError("m", code="c", type="t"))),
        (
            "fail: {code: rate_limit_exceeded, message: Slow down.}",
            Fail(error=ApiError("Slow down.", code="rate_limit_exceeded", type="tokens")),
        ),
        (
            "fail: {status: failed, code: insufficient_quota}",
            Fail(
                error=ApiError(
                    "You exceeded your current quota, please check your plan and billing details.",
                    code="insufficient_quota",
                    type="insufficient_quota",
                )
            ),
        ),
        ("fail: {status: incomplete}", Fail("incomplete", reason="max_output_tokens")),
        ("fail: {status: incomplete, reason: content_filter}", Fail("incomplete", reason="content_filter")),
        ("close: 1011", Close(1011)),
        ("close: {}", Close(1000)),
        ("{close: {code: 4000, reason: Bye.}, after: 1ms}", Close(4000, "Bye.", after=0.001)),
        (
            "emit: {type: input_audio_buffer.cleared}",
            Emit({"type": "input_audio_buffer.cleared"}),
        ),
        (
            "emit: {type: input_audio_buffer.cleared, event_id: mine}",
            Emit({"type": "input_audio_buffer.cleared", "event_id": "mine"}),
        ),
        ("{emit: {type: nope, x: 1}, invalid: true}", Emit({"type": "nope", "x": 1}, invalid=True)),
        ("{emit: {}, invalid: true}", Emit({}, invalid=True)),
        (
            "emit: {type: conversation.item.deleted, item_id: $item.id}",
            Emit({"type": "conversation.item.deleted", "item_id": "$item.id"}),
        ),
        (
            "emit: {type: response.done, response: $previous_response}",
            Emit({"type": "response.done", "response": "$previous_response"}),
        ),
        ("respond: {}", Respond()),
        ("{respond: {}, after: 1s}", Respond(after=1.0)),
        (
            "say: {text: Hi, hesitates: 1s, transcript: late, sound: markers}",
            Say("Hi", hesitates=1.0, transcript="late", sound="markers"),
        ),
        ("{say: {text: Hi}, after: 1s}", Say("Hi", after=1.0)),
    ],
)
def test_a_step(written: str, step: Step):
    assert steps_of(written) == (step,)


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("sya: Hi", "5:9: unknown step 'sya'; did you mean 'say'?"),
        ("shout: Hi", f"5:9: unknown step 'shout'; use one of: {', '.join(STEPS)}, after, invalid"),
        ("{say: Hi, aftr: 2}", "5:19: unknown key 'aftr' of a step; did you mean 'after'?"),
        ("{say: Hi, wait: 2}", "5:19: a step does one thing; make 'wait' a step of its own"),
        ("after: 2", f"5:9: a step says nothing to do; use one of: {', '.join(STEPS)}"),
        ("Hi", "5:9: a step must be a mapping, not text; write 'key: value' pairs"),
        ("[]", "5:9: a turn is empty; give at least one element"),
        ("say: 42", "5:14: 'say' must be text, not a number; put it in quotes"),
        ("say: true", "5:14: 'say' must be text, not true or false; put it in quotes"),
        ("say:", "5:13: 'say' must be text, not nothing; write it after the colon"),
        ("say: ' '", "5:14: 'say' is empty; write some text"),
        ("say: [Hi]", "5:14: 'say' must be text, not a list; write it after the colon"),
        ("{say: Hi, after: 5m}", "5:26: 'after' must be a duration, not '5m'; write 120ms, 1.5s, or 2 for seconds"),
        ("{say: Hi, after: -1}", "5:26: 'after' must be between 0 and 86400 seconds; change the duration"),
        ("wait: 2d", "5:15: 'wait' must be a duration, not '2d'; write 120ms, 1.5s, or 2 for seconds"),
        ("wait: true", "5:15: 'wait' must be a duration, not true or false; write 120ms, 1.5s, or 2 for seconds"),
        ("wait: 1e9", "5:15: 'wait' must be between 0 and 86400 seconds; change the duration"),
        ("{wait: 1s, after: 1s}", "5:20: a wait has no 'after'; add the two durations up"),
        ("call: f", "5:15: 'call' must be a mapping, not text; write 'key: value' pairs"),
        ("call: {nme: f}", "5:16: unknown key 'nme' in 'call'; did you mean 'name'?"),
        ("call: {arguments: {}}", "5:15: 'call' has no 'name'; add it"),
        (
            "call: {name: f, arguments: [1]}",
            "5:36: 'arguments' must be a mapping or JSON text, not a list; write 'key: value' pairs",
        ),
        ("error: {code: c}", "5:16: 'error' has no 'message'; add it"),
        ("fail:", "5:14: 'fail' must be a mapping, not nothing; write 'key: value' pairs"),
        ("fail: {status: incomplet}", "5:24: 'status' of 'fail' cannot be 'incomplet'; did you mean 'incomplete'?"),
        ("fail: {status: cancelled}", "5:24: 'status' of 'fail' cannot be 'cancelled'; use one of: failed, incomplete"),
        ("fail: {reason: content_filter}", "5:16: only an incomplete response has a reason; add 'status: incomplete'"),
        (
            "fail: {status: incomplete, code: c}",
            "5:36: an incomplete response has no 'code'; give a 'reason' instead",
        ),
        (
            "fail: {status: incomplete, reason: tired}",
            "5:44: 'reason' of 'fail' cannot be 'tired'; use one of: max_output_tokens, content_filter",
        ),
        (
            "close: 1006",
            "5:16: 1006 is no close code that can be sent; use 1000 to 1003, 1007 to 1014 or 3000 to 4999",
        ),
        ("close: soon", "5:16: a close code must be a whole number, not text; write digits, without quotes"),
        (f"close: {{reason: {'é' * 62}}}", "5:25: 'reason' of 'close' has more than 123 bytes; shorten it"),
        ("[{close: 1000}, {say: Hi}]", "5:25: nothing can follow 'close'; make it the last step of the turn"),
        ("[{fail: {}}, {wait: 1}, {say: Hi}]", "5:33: the response has ended with 'fail'; begin another turn"),
        (
            "emit: {type: conversation.item.deleted, item_id: $itme.id}",
            "5:58: unknown placeholder '$itme'; did you mean 'item'? A dollar sign itself is '$$'.",
        ),
        (
            "error: {message: 'You owe $me'}",
            "5:26: unknown placeholder '$me'; use one of: event, session, response, previous_response, item, call, "
            "function_output, user_text, heard, match. A dollar sign itself is '$$'.",
        ),
        ("{say: Hi, invalid: true}", "5:19: only an emitted event can be invalid; remove it from 'say'"),
        (
            "{emit: {}, invalid: 1}",
            "5:29: 'invalid' must be true or false, not a number; write one of the two, without quotes",
        ),
        ("proceed: {}", "5:9: the session goes on by itself here; add 'instead: true' to the rule"),
        ("respond: {now: true}", "5:18: 'respond' has no settings; write 'respond: {}'"),
        ("[{say: Hi}, {respond: {}}]", "5:21: this turn waits for a response; give 'respond' a turn of its own"),
        (
            "[{error: {message: No.}}, {say: Hi}]",
            "5:35: the turn begins with an error, which refuses the event, so there is no response for this step; "
            "give it a turn of its own, or put 'wait: 0s' before the error",
        ),
        ("{silence: 1s, after: 1s}", "5:23: a silence has no 'after'; lengthen it, or put a 'wait' before it"),
        ("silence: 301s", "5:18: a silence lasts 300 seconds at most; shorten it, or use 'wait'"),
        ("say: {txt: Hi}", "5:15: unknown key 'txt' in 'say'; did you mean 'text'?"),
        (
            "say: {text: Hi, transcript: never}",
            "5:37: 'transcript' of 'say' cannot be 'never'; use one of: ahead, early, late",
        ),
        ("emit: {item: 1}", "5:15: the event to emit has no 'type'; add the type of a server event"),
        (
            "emit: {type: session.craeted}",
            "5:22: the type of an emitted event cannot be 'session.craeted'; did you mean 'session.created'?",
        ),
    ],
)
def test_a_step_that_is_wrong(written: str, error: str):
    assert error_of(HEAD + written) == f"greeting.yaml:{error}"


def test_an_event_to_emit_that_does_not_fit_its_schema():
    error = error_of(HEAD + "emit: {type: input_audio_buffer.committed, item_id: 3}")
    assert error.startswith("greeting.yaml:5:15: the event to emit does not fit its schema: ")
    assert "item_id" in error


RULE = "scenario: x\nrules:\n  - "
SAID = "scenario: x\ntranscripts:\n  - "


def test_transcripts():
    written = """\
        scenario: heard
        transcripts:
          - Hello there.
          - ""
          - {text: And again., after: 2s}
          - {after: 50ms}
          - fail: {}
            after: 1s
          - fail: {type: t, code: c, message: m}
          - never: true
        """
    unintelligible = ApiError(
        "The audio could not be transcribed.", code="audio_unintelligible", type="transcription_error"
    )
    assert parse_scenario(dedent(written)).transcripts == (
        Transcript("Hello there."),
        Transcript(""),
        Transcript("And again.", after=2.0),
        Transcript(after=0.05),
        Transcript(after=1.0, error=unintelligible),
        Transcript(error=ApiError("m", code="c", type="t")),
        Transcript(never=True),
    )


def test_a_rule_on_a_server_event_in_its_place():
    written = "{on: session.updated, nth: 2, instead: true, turns: [{proceed: {session: {model: null}}, after: 1s}]}"
    [rule] = parse_scenario(RULE + written).rules
    proceed = Proceed({"session": {"model": None}}, after=1.0)
    assert rule == Rule({"type": "session.updated"}, (Turn((proceed,)),), nth=2, instead=True)


def test_a_rule_that_only_stands_in_the_way_needs_no_turns():
    [rule] = parse_scenario(RULE + "{on: session.updated, instead: true, once: true}").rules
    assert rule == Rule({"type": "session.updated"}, (Turn(()),), once=True, instead=True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "1:1: a scenario must be a mapping, not a list; write 'key: value' pairs"),
        (
            "scenario: x",
            "1:1: a scenario has no 'rules'; add them, or one of: transcripts, phrases, beacon, mcp, expect, faults",
        ),
        ("rules: []", "1:1: a scenario has no 'scenario'; add it"),
        ("scenario: x\nruls: []", "2:1: unknown key 'ruls' in a scenario; did you mean 'rules'?"),
        ("scenario: x\nrules: []", "2:8: 'rules' is empty; give at least one element"),
        ("scenario: x\nrules: {}", "2:8: 'rules' must be a list, not a mapping; begin each element with '- '"),
        ("scenario: 3\nrules: []", "1:11: 'scenario' must be text, not a number; put it in quotes"),
        (RULE + "on: {}", "3:5: a rule has no 'turns'; add it"),
        (RULE + "turns: []", "3:5: a rule has no 'on'; add it"),
        (RULE + "{on: {}, turns: []}", "3:21: 'turns' is empty; give at least one element"),
        (RULE + "{on: 3, turns: [{say: x}]}", "3:10: 'on' must be a mapping, not a number; write 'key: value' pairs"),
        (
            RULE + "{on: respnse.create, turns: [{say: x}]}",
            "3:10: the type of an event cannot be 'respnse.create'; did you mean 'response.create'?",
        ),
        (
            RULE + "{on: {type: response.craeted}, turns: [{say: x}]}",
            "3:17: the type of an event cannot be 'response.craeted'; did you mean 'response.created'?",
        ),
        (
            RULE + "{on: {}, turns: [{say: x}], once: yes}",
            "3:39: 'once' must be true or false, not text; write one of the two, without quotes",
        ),
        (RULE + "{on: {}, turns: [{say: x}], nth: 0}", "3:38: 'nth' counts from 1; write 1 for the first"),
        (
            RULE + "{on: {}, nth: 2, turns: [{say: x}, {say: y}]}",
            "3:29: a rule with 'nth' matches once, so it plays one turn; remove the others",
        ),
        (
            RULE + "{on: session.update, instead: true, turns: [{say: x}]}",
            "3:49: a rule with 'instead' starts no response; remove 'instead' or this step",
        ),
        (
            RULE + "{on: session.update, instead: true, turns: [{proceed: {session: {}}}]}",
            "3:49: a client's event proceeds as it is; write 'proceed: {}'",
        ),
        ("scenario: x\ntranscripts: []", "2:14: 'transcripts' is empty; give at least one element"),
        (SAID + "3", "3:5: a transcript must be a mapping, not a number; write 'key: value' pairs"),
        (SAID + "{}", "3:5: a transcript says nothing; use one of: text, after, fail, never"),
        (SAID + "{txt: Hi}", "3:6: unknown key 'txt' in a transcript; did you mean 'text'?"),
        (
            SAID + "{never: true, after: 1s}",
            "3:6: a transcript that never comes has nothing else; remove the other keys",
        ),
        (SAID + "{fail: {}, text: x}", "3:16: a transcription that fails has no text; remove 'text' or 'fail'"),
        (SAID + "{fail: {cod: x}}", "3:13: unknown key 'cod' in 'fail' of a transcript; did you mean 'code'?"),
    ],
)
def test_a_scenario_that_is_wrong(text: str, error: str):
    assert error_of(text) == f"greeting.yaml:{error}"


LAUGHS = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{previous}'] * 10)}]\n" for previous, key in zip("abcde", "bcdef", strict=True)
)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "1:1: the file is empty; begin with 'scenario: NAME' and 'rules:'"),
        ("# nothing\n", "1:1: the file is empty; begin with 'scenario: NAME' and 'rules:'"),
        ("a: 1\nb: 2\na: 3", "3:1: 'a' is given twice; keep one"),
        ("a:\n\t- 1", "2:1: a tab cannot indent YAML; use spaces"),
        ("1: a", "1:1: a key must be text; quote it: '1'"),
        ("~: a", "1:1: a key must be text; quote it: '~'"),
        ("? [a]\n: 1", "1:3: a key must be text, not a list or a mapping; quote its braces or brackets"),
        ("a: *b", "1:4: found undefined alias 'b'; define it before, with '&'"),
        ("a: &a [*a]", "1:4: this alias contains itself; write the value out"),
        ("<<: {a: 1}", "1:1: merge keys ('<<') are not supported; repeat the fields or alias a whole value"),
        ("a: !!python/name:os.system x", "1:4: the tag '!!python/name:os.system' is not allowed; write plain values"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here; keep one scenario per file"),
        ("a: 1\nb: \x00", "2:1: the character U+0000 is not allowed; save as text"),
        ('a: "\\ud83d"', "1:4: half of a surrogate pair is not text; write the whole character"),
        ("a: 1e999", "1:4: the number is too large for JSON; quote it as text"),
        (f"a: {'9' * 5000}", "1:4: the number is too long; quote it as text"),
        ("[" * 5000, "1:1: lists or mappings are nested too deeply; flatten them"),
        ("[" * 150 + "]" * 150, "1:102: lists or mappings are nested too deeply; flatten them"),
        ("a: b: c", "1:5: not valid YAML: mapping values are not allowed here; check indentation, colons and quotes"),
        (
            "a: [1",
            (
                "1:6: not valid YAML: while parsing a flow sequence expected ',' or ']', but got '<stream end>'; "
                "check indentation, colons and quotes"
            ),
        ),
        ("x" * (document.LARGEST_DOCUMENT + 1), "1:1: the file has more than 1048576 characters; split the scenario"),
    ],
)
def test_a_text_that_is_no_yaml_we_can_read(text: str, error: str):
    assert error_of(text) == f"greeting.yaml:{error}"


def test_aliases_that_multiply_are_bounded():
    assert "the scenario has more than 100000 values" in error_of(LAUGHS)


def test_an_alias_repeats_a_value():
    text = "scenario: x\nrules:\n  - {on: &on {type: response.create}, turns: &t [{say: Hi}]}\n  - {on: *on, turns: *t}"
    first, second = parse_scenario(text).rules
    assert first == second


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Null", None),
        ("", None),
        ("TRUE", True),
        ("1", 1),
        ("-07", -7),
        (".5", 0.5),
        ("1.5e3", 1500.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: Any):
    assert document.read_document(f"a: {written}", "a.yaml").plain() == {"a": value}


def test_json_is_a_scenario_too():
    text = '{\n  "scenario": "x",\n  "rules": [{"on": "response.create", "turns": [{"say": "Hi"}]}]\n}'
    assert parse_scenario(text).rules[0].turns == (Turn((Say("Hi"),)),)


def test_a_file_is_read_and_named(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + "sya: Hi").encode())
    with pytest.raises(ScenarioError) as caught:
        loader.load_scenario(file)
    assert str(caught.value) == f"{file}:5:9: unknown step 'sya'; did you mean 'say'?"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\x89PNG\r\n\x1a\n\xff", "the file is not UTF-8 text; save it as UTF-8"),
        (b"x" * 5_000_000, "the file has more than 4194304 bytes; split the scenario"),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes, error: str):
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=error):
        loader.load_scenario(str(file))


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ScenarioError, match=r"the file cannot be read: .*; check the path"):
        loader.load_scenario(tmp_path / "missing.yaml")


def test_a_scenario_is_found_by_path_before_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert loader.find_scenario("greeting").name == "greeting.yaml"
    (tmp_path / "greeting").write_text(HEAD + "say: mine")
    assert loader.find_scenario("greeting").name == "greeting"


def test_a_name_that_is_not_bundled_lists_what_is():
    with pytest.raises(ScenarioError) as caught:
        loader.find_scenario("zzz")
    assert str(caught.value) == (
        "there is no scenario 'zzz', neither as a file nor bundled; "
        f"use one of: {', '.join(sorted(loader.bundled_scenarios()))}"
    )
