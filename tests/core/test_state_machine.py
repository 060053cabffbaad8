"""The core's contract under thousands of inputs: valid, invalid and mutated events, audio, time, reports, both wires.

Two sessions get the same inputs. After each of them: nothing has raised, both have answered alike, every event fits
its schema, and what a client knows from the events is what the session knows. At the end all rules of order hold.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from realtime_conformance.strategies import vocabulary as words
from realtime_conformance.strategies.machine import ClientMachine
from realtime_conformance.strategies.vocabulary import FUNCTION, MCP, SOUNDS, WHICH, pcm
from realtime_mock.api_error import ApiError
from realtime_mock.core.effects import PlayoutCleared, PlayoutStarted, PlayoutStopped
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
CLIENT_EVENTS = words.UPDATES | words.CREATIONS | words.CHANGES | words.CREATES | words.SIGNALS

TEXT = st.text(max_size=12) | st.sampled_from(["", "inf", "auto", "realtime", "root", "$item", "$call", "$response"])
WHOLE = st.integers(-1, 3) | st.integers() | st.sampled_from([10**400, -(10**400)])
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

BUILT_BY_HAND = st.sampled_from([event for cases in EVENTS.values() for event in [cases["minimal"], *cases["full"]]])


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


class CoreMachine(ClientMachine):
    """Drives a session and its twin."""

    def __init__(self, opened: Any) -> None:
        super().__init__()
        self._opened = opened

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
        self._notice()

    @rule(event=BUILT_BY_HAND, which=WHICH)
    def send(self, event, which):
        self.receive(self.view.fill(event, which))

    @rule(event=mutated() | JSON, which=WHICH)
    def send_something_invalid(self, event, which):
        self.receive(self.view.fill(event, which))

    @precondition(lambda self: self._call)
    @rule(sound=st.sampled_from(SOUNDS))
    def listen(self, sound):
        self._both(lambda session: session.hear(pcm(sound)))

    @precondition(lambda self: self._call)
    @rule(report=st.sampled_from([PlayoutStarted, PlayoutStopped, PlayoutCleared]), which=WHICH)
    def report_what_does_not_happen(self, report, which):
        response_id = self.view.fill("$response", which)
        made = report(response_id, 10) if report is PlayoutCleared else report(response_id)
        self._both(lambda session: session.report(made))

    @rule()
    def refuse_a_frame(self):
        came = self._both(lambda session: session.refuse(BINARY_FRAME))
        assert [event["type"] for event in came] == ["error"] * (not self._is_closed())

    @invariant()
    def a_client_knows_what_the_session_knows(self):
        snapshot = self.session.session.snapshot()
        assert [item["id"] for item in snapshot["items"]] == self.view.items
        if not self._is_closed():
            assert snapshot["active_response_id"] == self.view.active

    @invariant()
    def nothing_that_is_due_is_left(self):
        due = self.session.session.next_timer()
        assert due is None or due > self.session.now

    def teardown(self):
        if not hasattr(self, "session"):
            return
        # Nobody is nudged any more, so that everything comes to its end.
        update = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        self.receive({"type": "session.update", "session": update})
        self._both(lambda session: session.run(until=session.now + 300))
        self.session.check()
        assert set(self.view.created.values()) <= {1}
        assert set(self.view.done.values()) <= {1}
        if not self._is_closed():
            assert self.view.created == self.view.done
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

    def receive(self, event):
        is_invalid = REGISTRY.first_error(event, transport="webrtc" if self._call else "websocket") is not None
        was_closed = self._is_closed()
        came = self._both(lambda session: session.receive(copy.deepcopy(event)))
        if is_invalid:
            assert [answer["type"] for answer in came] == ["error"] * (not was_closed)

    def wait(self, seconds):
        self._both(lambda session: session.wait(seconds))

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
        self.view.notice(self.session.sent)

    def _is_closed(self):
        return self.session.is_closed


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
