"""Whole conversations as a client receives them: scripts played against the session core, on a virtual clock.

So the rules of order live in one place. A stream depends on nothing but what was drawn: the same example gives the
same events, and a smaller script a smaller stream. `order.violations` finds nothing in any of them, and
`order.beta.violations` nothing in those of the beta.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st

from realtime_conformance.strategies.schemas import Dialect
from realtime_conformance.strategies.scripts import PHRASES, ClientScript, ScriptStep, Send, client_scripts, play
from realtime_conformance.strategies.vocabulary import updating
from realtime_conformance.targets.beta import in_beta
from realtime_conformance.targets.core import SpellingVoice, VirtualSession, open_session
from realtime_mock.api_error import ApiError
from realtime_mock.scenario.model import (
    Call,
    Fail,
    McpCall,
    McpError,
    McpListing,
    McpTool,
    Rule,
    Say,
    Scenario,
    Silence,
    Step,
    Transcript,
    Turn,
    Wait,
)

Event = dict[str, Any]
Stream = list[Event]
Transport = Literal["webrtc", "websocket"]

LAST_WAIT = 60.0
"""Seconds until everything that a client began has come to its end."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a stream is made from: the same one gives the same events.

    `pace` is seconds of speech sent per second, 0 sends everything at once. `turns` are what the assistant does when
    it is asked, one after the other; without any the mock's own assistant answers. The script speaks GA whatever the
    `dialect`: that of the events which the client receives.
    """

    script: ClientScript = ()
    transport: Transport = "websocket"
    model: str = "gpt-realtime"
    pace: float = 0.25
    turns: tuple[Turn, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    dialect: Dialect = "ga"

    def events(self) -> Stream:
        """Every event that the server sends in it, in order."""
        call = self.transport == "webrtc"
        session = open_session(
            model=self.model, call=call, scenario=self._scenario(), pace=self.pace, voice=SpellingVoice()
        )
        play(self.script, session)
        _let_end(session)
        return session.sent if self.dialect == "ga" else in_beta(session.sent, transport=self.transport)

    def _scenario(self) -> Scenario:
        rules = (Rule({"type": "response.create"}, self.turns, once=True),) if self.turns else ()
        return Scenario("drawn", rules, self.transcripts, _LISTINGS)


def event_streams(
    *, transport: Transport | None = None, dialect: Dialect = "ga", max_phrases: int = 10
) -> st.SearchStrategy[Stream]:
    """All server events of a session, from `session.created`, in an order that the protocol allows.

    Responses of one and of several items, deltas of items that interleave, interruptions, function calls,
    transcriptions at any moment, responses out of band, tools of MCP servers, and errors where a client asks too much.

    Args:
        transport: of this one alone; both by default. Over WebRTC audio is no event.
        dialect: `ga`, or `beta` as the service spoke it until May 2026, without tools of MCP servers.
        max_phrases: how much the client does at most.
    """
    return conversations(transport=transport, dialect=dialect, max_phrases=max_phrases).map(Conversation.events)


def conversations(
    *, transport: Transport | None = None, dialect: Dialect = "ga", max_phrases: int = 10, shows: Iterable[str] = ()
) -> st.SearchStrategy[Conversation]:
    """What the streams are made from; each ends with the phrases of `scripts.PHRASES` that `shows` names."""
    last = tuple(step for name in shows for step in PHRASES[name])
    is_known = _is_of_ga if dialect == "ga" else _is_of_beta
    return st.builds(
        Conversation,
        script=client_scripts(max_phrases=max_phrases).map(lambda script: (*filter(is_known, script), *last)),
        transport=st.sampled_from(["websocket", "webrtc"]) if transport is None else st.just(transport),
        model=st.sampled_from(["gpt-realtime", "gpt-realtime-2.1"]),
        pace=st.sampled_from([0.25, 2.0, 0.0]),
        turns=st.lists(_TURNS[dialect], max_size=4).map(tuple),
        transcripts=st.lists(_TRANSCRIPTS, max_size=3).map(tuple),
        dialect=st.just(dialect),
    )


def _is_of_ga(_step: ScriptStep) -> bool:
    return True


def _is_of_beta(step: ScriptStep) -> bool:
    """Whether a client of the beta could do it: it knows no MCP."""
    return not isinstance(step, Send) or "mcp" not in json.dumps(step.event)


def _let_end(session: VirtualSession) -> None:
    """Nobody is nudged any more, so that everything comes to its end."""
    if not session.is_closed:
        session.receive(updating({"type": "realtime", "audio": {"input": {"turn_detection": None}}}))
        session.wait(LAST_WAIT)


_TEXTS = st.sampled_from(["Yes.", "One moment, please.", "Es ist schön hier – 你好!", "It rains. It pours."])
_SAYS = st.builds(
    Say,
    _TEXTS,
    closes_late=st.sampled_from([None, True, False]),
    hesitates=st.sampled_from([0.0, 0.4]),
    transcript=st.sampled_from(["ahead", "early", "late"]),
)
_CALLS = st.builds(
    Call, st.just("look"), st.sampled_from(["{}", '{"at":"the sea","how":"long"}', '{"at":']), closes_late=st.booleans()
)
_MCP_CALLS = st.builds(
    McpCall,
    st.just("docs"),
    st.just("search"),
    st.sampled_from(['{"for":"ships"}', "{}"]),
    output=st.just("Found."),
    takes=st.sampled_from([None, 0.0, 2.0]),
) | st.just(McpCall("docs", "search", "{}", error=McpError("tool_execution_error", "No.")))
_FAILS = st.sampled_from(
    [
        Fail(error=ApiError("No.", code="insufficient_quota", type="insufficient_quota")),
        Fail(status="incomplete", reason="content_filter"),
    ]
)
_STEPS: st.SearchStrategy[Step] = st.one_of(
    _SAYS, _SAYS, _CALLS, st.builds(Wait, st.sampled_from([0.05, 0.5])), st.just(Silence(0.2))
)


def _turn(steps: list[Step], fail: Fail | None) -> Turn:
    return Turn((*steps, *(() if fail is None else (fail,))))


def _turns(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Turn]:
    ends = st.none() | st.none() | _FAILS
    return st.builds(_turn, st.lists(steps, min_size=1, max_size=4), ends).filter(lambda turn: turn.is_answer)


_TURNS: Mapping[Dialect, st.SearchStrategy[Turn]] = {"ga": _turns(_STEPS | _MCP_CALLS), "beta": _turns(_STEPS)}
_TRANSCRIPTS = st.builds(
    Transcript, st.sampled_from(["Look there.", "Wait, please.", ""]), st.sampled_from([None, 0.0, 0.3, 3.0])
) | st.sampled_from(
    [Transcript(never=True), Transcript(error=ApiError("No.", code="audio_unintelligible", type="transcription_error"))]
)
_LISTINGS = {"docs": McpListing((McpTool("search", {"type": "object"}),)), "mail": McpListing(None)}
