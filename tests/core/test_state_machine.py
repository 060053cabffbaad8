"""The core's contract under thousands of inputs: valid, invalid and mutated events, audio, time, reports, both wires.

Two sessions get the same inputs. After each of them: nothing has raised, both have answered alike, every event fits
its schema, and what a client knows from the events is what the session knows. At the end all rules of order hold.
"""

from __future__ import annotations

import base64
import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from realtime_mock.api_error import ApiError
from realtime_mock.core.effects import Hangup, PlayoutCleared, PlayoutStarted, PlayoutStopped
from realtime_mock.core.limits import Limits
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import (
    Call,
    Close,
    Error,
    Fail,
    McpCall,
    McpListing,
    McpTool,
    Rule,
    Say,
    Scenario,
    Transcript,
    Turn,
    Wait,
)
from realtime_mock.wire import BINARY_FRAME

REGISTRY = SchemaRegistry.bundled()
EVENTS = yaml.safe_load((Path(__file__).parents[1] / "schemas" / "client_events.yaml").read_text("utf-8"))["events"]
TONE = (np.sin(np.arange(24_000) * 0.1) * 8000).astype("<i2").tobytes()

TEXT = st.text(max_size=12) | st.sampled_from(["", "inf", "auto", "realtime", "root", "$item", "$call", "$response"])
WHOLE = st.integers(-1, 3) | st.integers() | st.sampled_from([10**400, -(10**400)])
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

FUNCTION = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"at": {}}}}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example/sse"}
TOOLS = st.sampled_from([None, [], [FUNCTION], [FUNCTION, MCP], [{**MCP, "require_approval": "never"}]])
CHOICES = st.sampled_from(["auto", "none", "required", {"type": "function", "name": "look"}, None])
FORMATS = st.sampled_from([{"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcmu"}, {"type": "audio/pcma"}])
LIMITS = st.sampled_from(["inf", 1, 10, 60, 4096])
DETECTIONS = (
    st.none()
    | st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            "threshold": st.sampled_from([0, 0.5, 1]),
            "prefix_padding_ms": st.sampled_from([0, 300, 5000]),
            "silence_duration_ms": st.sampled_from([0, 200, 500, 3000]),
            "idle_timeout_ms": st.sampled_from([None, 5000]),
            "create_response": st.booleans(),
            "interrupt_response": st.booleans(),
        },
    )
    | st.fixed_dictionaries(
        {"type": st.just("semantic_vad")}, optional={"eagerness": st.sampled_from(["low", "high", "auto"])}
    )
)
TRANSCRIPTIONS = st.none() | st.fixed_dictionaries(
    {"model": st.sampled_from(["whisper-1", "gpt-4o-transcribe", "gpt-live-transcribe", "gpt-4o-transcribe-diarize"])},
    optional={"languages": st.just(["en"])},
)
MODALITIES = st.sampled_from([["text"], ["audio"]])
SESSIONS = st.fixed_dictionaries(
    {"type": st.just("realtime")},
    optional={
        "instructions": st.sampled_from(["", "Be brief.", "x" * 3000]),
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "output_modalities": MODALITIES,
        "max_output_tokens": LIMITS,
        "truncation": st.sampled_from(["auto", "disabled", {"type": "retention_ratio", "retention_ratio": 0.5}]),
        "include": st.sampled_from([None, ["item.input_audio_transcription.logprobs"]]),
        "audio": st.fixed_dictionaries(
            {},
            optional={
                "input": st.fixed_dictionaries(
                    {}, optional={"turn_detection": DETECTIONS, "transcription": TRANSCRIPTIONS, "format": FORMATS}
                ),
                "output": st.fixed_dictionaries(
                    {}, optional={"voice": st.sampled_from(["cedar", "alloy"]), "format": FORMATS}
                ),
            },
        ),
    },
)
PARTS = st.sampled_from(
    [
        {"type": "input_text", "text": "Please look."},
        {"type": "input_text", "text": "search"},
        {"type": "input_audio", "audio": "AAAA"},
    ]
)
ITEMS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("message"), "role": st.just("user"), "content": st.lists(PARTS, max_size=2)},
        optional={"id": st.sampled_from(["mine", "$item"])},
    ),
    st.sampled_from(
        [
            {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "x" * 4000}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
            {"type": "function_call", "name": "look", "arguments": "{}", "call_id": "call_mine"},
            {"type": "function_call_output", "call_id": "$call", "output": "Sun."},
            {"type": "mcp_approval_response", "approval_request_id": "$approval", "approve": True},
            {"type": "mcp_approval_response", "approval_request_id": "$approval", "approve": False, "reason": "No."},
        ]
    ),
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none"]),
        "output_modalities": MODALITIES,
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "instructions": st.just("Shout."),
        "max_output_tokens": LIMITS,
        "metadata": st.none() | st.just({"a": "b"}),
        "input": st.lists(ITEMS | st.just({"type": "item_reference", "id": "$item"}), max_size=2),
        "audio": st.builds(lambda audio_format: {"output": {"format": audio_format}}, FORMATS),
    },
)
PLACES = st.sampled_from([None, "", "root", "$item", "nowhere"])
ITEM_IDS = st.sampled_from(["$item"] * 5 + ["nowhere"])
UPDATES = st.builds(lambda session: {"type": "session.update", "session": session}, SESSIONS)
CREATIONS = st.builds(
    lambda item, place: {"type": "conversation.item.create", "item": item, "previous_item_id": place}, ITEMS, PLACES
)
CHANGES = st.one_of(
    st.builds(lambda item: {"type": "conversation.item.delete", "item_id": item}, ITEM_IDS),
    st.builds(lambda item: {"type": "conversation.item.retrieve", "item_id": item}, ITEM_IDS),
    st.builds(
        lambda item, end: {
            "type": "conversation.item.truncate", "item_id": item, "content_index": 0, "audio_end_ms": end
        },
        ITEM_IDS,
        st.sampled_from([0, 1, 200, 10**6]),
    ),
)  # fmt: skip
CREATES = st.just({"type": "response.create"}) | st.builds(
    lambda response: {"type": "response.create", "response": response}, st.none() | RESPONSES
)
SIGNALS = st.sampled_from(
    [
        {"type": "response.cancel"},
        {"type": "response.cancel", "response_id": "$response"},
        {"type": "input_audio_buffer.commit"},
        {"type": "input_audio_buffer.clear"},
        {"type": "output_audio_buffer.clear"},
    ]
)
CLIENT_EVENTS = UPDATES | CREATIONS | CHANGES | CREATES | SIGNALS
BUILT_BY_HAND = st.sampled_from([event for cases in EVENTS.values() for event in [cases["minimal"], *cases["full"]]])
SOUNDS = {
    "nothing": b"",
    "half a sample": b"\x01",
    "a click": TONE[:1001],
    "0.1 s of tone": TONE[:4800],
    "1 s of tone": TONE,
    "0.1 s of silence": bytes(4800),
    "0.5 s of silence": bytes(24_000),
    "2 s of silence": bytes(96_000),
}
AUDIO = st.sampled_from(list(SOUNDS))
WHICH = st.integers(0, 5)
"""Which of the known ids, counted from the newest."""


def scripted(*turns: Turn) -> Scenario:
    transcripts = (Transcript("Look there."), Transcript(after=0.0), Transcript(never=True), Transcript("Late.", 3.0))
    listing = {"docs": McpListing((McpTool("search", {"type": "object"}),))}
    return Scenario("test", (Rule({"type": "response.create"}, turns),), transcripts, listing)


SCENARIOS = [
    None,
    scripted(
        Turn((Say("One moment, please."), Call("look", '{"at": 1}'), Call("look", "{}", call_id="call_twice"))),
        Turn((Call("look", '{"at":'), Say("Done."), Say("Really."))),
        Turn((Wait(0.3), Say("Half"), Fail(error=ApiError("No.", code="insufficient_quota", type="t")))),
        Turn((Say("Half", after=1.0), Fail(status="incomplete", reason="content_filter"))),
        Turn((Error(ApiError("Not now.", code="busy")),)),
    ),
    scripted(
        Turn((McpCall("docs", "search", '{"for": "ships"}', output="Found."), Say("There it is."))),
        Turn((Say("I ask."), McpCall("docs", "search", "{}"), Call("look", "{}"))),
    ),
    scripted(Turn((Say("One thing."), Wait(0.5), Say("And another."), Wait(0.5), Say("And a last one.")))),
    scripted(Turn((Say("Goodbye."),)), Turn((Say("Now."),)), Turn((Say("I hang up."), Close(1000, "bye")))),
]


def listening(transcription: str, **detection: Any) -> dict[str, Any]:
    turn_detection = {"type": "server_vad", "silence_duration_ms": 200, **detection}
    return {"input": {"transcription": {"model": transcription}, "turn_detection": turn_detection}}


GIVEN = [
    None,
    {"type": "realtime", "audio": listening("gpt-live-transcribe", idle_timeout_ms=5000)},
    {"type": "realtime", "audio": listening("gpt-4o-transcribe", interrupt_response=False)},
    {"type": "realtime", "tools": [FUNCTION, MCP], "output_modalities": ["text"]},
    {"type": "transcription", "audio": listening("whisper-1")},
]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good event with up to three places replaced, removed or added to; mostly its type stays."""
    event = copy.deepcopy(draw(BUILT_BY_HAND | CLIENT_EVENTS))
    kind = event["type"]
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(places(event))))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del holder[key]
        elif change == "replace":
            holder[key] = draw(JSON)
        elif isinstance(holder, dict):
            holder[draw(TEXT)] = draw(JSON)
        else:
            holder.append(draw(JSON))
        event["type"] = draw(st.sampled_from([kind] * 9 + [*EVENTS, "nope"]))
    return event


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value with each of its keys or indexes."""
    for key, member in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        yield value, key
        if isinstance(member, (dict, list)):
            yield from places(member)


class Client:
    """What a client knows of a session from its events alone."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.created: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.active: str | None = None
        self.known = {"$item": ["item_1"], "$call": ["call_1"], "$response": ["resp_1"], "$approval": ["item_7"]}

    def learn(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "conversation.item.added":
                self._add(event["item"], event["previous_item_id"])
            case "conversation.item.deleted":
                del self.items[self._last(event["item_id"])]
            case "response.created":
                self.created[event["response"]["id"]] += 1
                self.known["$response"].append(event["response"]["id"])
                if event["response"]["conversation_id"] is not None:
                    self.active = event["response"]["id"]
            case "response.done":
                self.done[event["response"]["id"]] += 1
                if self.active == event["response"]["id"]:
                    self.active = None

    def fill(self, value: Any, which: int) -> Any:
        """The value with the ids of real things where it asks for them."""
        match value:
            case dict():
                return {key: self.fill(member, which) for key, member in value.items()}
            case list():
                return [self.fill(member, which) for member in value]
            case str() if value in self.known:
                return self.known[value][-1 - which % len(self.known[value])]
            case _:
                return value

    def _add(self, item: dict[str, Any], previous: str | None) -> None:
        self.items.insert(0 if previous is None else self._last(previous) + 1, item["id"])
        self.known["$item"].append(item["id"])
        if item["type"] == "function_call":
            self.known["$call"].append(item["call_id"])
        if item["type"] == "mcp_approval_request":
            self.known["$approval"].append(item["id"])

    def _last(self, item_id: str) -> int:
        return len(self.items) - 1 - self.items[::-1].index(item_id)


class CoreMachine(RuleBasedStateMachine):
    """Drives a session and its twin."""

    def __init__(self, opened: Any) -> None:
        super().__init__()
        self._opened = opened
        self._client = Client()

    @initialize(
        call=st.booleans(),
        model=st.sampled_from(["gpt-realtime", "gpt-realtime-2.1"]),
        pace=st.sampled_from([0.0, 1.0, 10.0]),
        scenario=st.sampled_from(SCENARIOS),
        given=st.sampled_from(GIVEN),
        limits=st.sampled_from(
            [Limits(), Limits(lifetime=3600), Limits(lifetime=20, tokens_per_minute=3000, context_tokens=700)]
        ),
    )
    def open(self, call, model, pace, scenario, given, limits):
        options = {"call": call, "model": model, "pace": pace, "scenario": scenario, "limits": limits}
        self.session, self.twin = (self._opened(given=given, **options) for _ in range(2))
        self._call = call
        self._heard = 0
        self._notice()

    @rule(event=UPDATES | CREATIONS | BUILT_BY_HAND, which=WHICH)
    def send(self, event, which):
        self._receive(self._client.fill(event, which))

    @rule(event=CREATES, which=WHICH)
    def create_response(self, event, which):
        self._receive(self._client.fill(event, which))

    @rule(event=CHANGES | SIGNALS, which=WHICH)
    def change_what_is_there(self, event, which):
        self._receive(self._client.fill(event, which))

    @rule(approve=st.booleans(), which=WHICH)
    def answer_a_request_for_approval(self, approve, which):
        item = {"type": "mcp_approval_response", "approval_request_id": "$approval", "approve": approve}
        self._receive(self._client.fill({"type": "conversation.item.create", "item": item}, which))

    @rule(event=mutated() | JSON, which=WHICH)
    def send_something_invalid(self, event, which):
        self._receive(self._client.fill(event, which))

    @rule(sound=AUDIO)
    def append(self, sound):
        self._receive({"type": "input_audio_buffer.append", "audio": base64.b64encode(SOUNDS[sound]).decode()})

    @precondition(lambda self: self._call)
    @rule(sound=AUDIO)
    def listen(self, sound):
        pcm = SOUNDS[sound]
        self._both(lambda session: session.listen(pcm[: len(pcm) // 2 * 2]))

    @precondition(lambda self: self._call)
    @rule(report=st.sampled_from([PlayoutStarted, PlayoutStopped, PlayoutCleared]), which=WHICH)
    def report_what_does_not_happen(self, report, which):
        response_id = self._client.fill("$response", which)
        made = report(response_id, 10) if report is PlayoutCleared else report(response_id)
        self._both(lambda session: session._take(session.session.receive_playout(made, session.now)))

    @rule(seconds=st.sampled_from([0.001, 0.05, 0.3, 1.0, 6.0]))
    def wait(self, seconds):
        self._both(lambda session: session.run(until=session.now + seconds))

    @rule()
    def refuse_a_frame(self):
        came = self._both(lambda session: session._take(session.session.refuse(BINARY_FRAME, session.now)))
        assert [event["type"] for event in came] == ["error"] * (not self._is_closed())

    @invariant()
    def a_client_knows_what_the_session_knows(self):
        snapshot = self.session.session.snapshot()
        assert [item["id"] for item in snapshot["items"]] == self._client.items
        if not self._is_closed():
            assert snapshot["active_response_id"] == self._client.active

    @invariant()
    def nothing_that_is_due_is_left(self):
        due = self.session.session.next_timer()
        assert due is None or due > self.session.now

    def teardown(self):
        if not hasattr(self, "session"):
            return
        # Nobody is nudged any more, so that everything comes to its end.
        update = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        self._receive({"type": "session.update", "session": update})
        self._both(lambda session: session.run(until=session.now + 300))
        self.session.check()
        assert set(self._client.created.values()) <= {1}
        assert set(self._client.done.values()) <= {1}
        if not self._is_closed():
            assert self._client.created == self._client.done
            self._every_item_is_done()
        assert self.session.effects == self.twin.effects

    def _every_item_is_done(self):
        """All but an MCP call that waits for an approval nobody gave: it is done when it has been made."""
        events = [event for event in self.session.sent if "item" in event]
        counts = Counter((event["type"], event["item"]["id"]) for event in events)
        waiting = {event["item"]["id"] for event in events if event["item"]["type"] == "mcp_call"}
        for (kind, item_id), count in counts.items():
            if kind == "response.output_item.added" or (kind.endswith(".added") and item_id not in waiting):
                assert counts[kind.replace(".added", ".done"), item_id] >= count

    def _receive(self, event):
        is_invalid = REGISTRY.first_error(event, transport="webrtc" if self._call else "websocket") is not None
        was_closed = self._is_closed()
        came = self._both(lambda session: session.receive(copy.deepcopy(event)))
        if is_invalid:
            assert [answer["type"] for answer in came] == ["error"] * (not was_closed)

    def _both(self, act):
        was_closed = self._is_closed()
        came, again = act(self.session), act(self.twin)
        assert came == again
        if was_closed:
            assert came == []
            assert self.session.session.next_timer() is None
        self._notice()
        return came

    def _notice(self):
        for event in self.session.sent[self._heard :]:
            self._client.learn(event)
        self._heard = len(self.session.sent)

    def _is_closed(self):
        return any(isinstance(effect, Hangup) for effect in self.session.effects[-1:])


PHASES = [Phase.reuse, Phase.generate, Phase.shrink]


def run(opened, **profile):
    profile = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES, **profile)
    run_state_machine_as_test(lambda: CoreMachine(opened), settings=profile)


def test_the_contract_holds_over_thousands_of_steps(opened):
    """The same steps every time: a run that fails here fails everywhere."""
    run(opened, max_examples=150, stateful_step_count=50, derandomize=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_contract_holds_over_a_hundred_thousand_steps(opened):
    run(opened, max_examples=2000, stateful_step_count=80)
