"""What a session makes at one moment may come in portions: the same effects, in the same order."""

from __future__ import annotations

import pytest

from realtime_conformance.targets.core import PlainVoice
from realtime_mock.core.config import new_session
from realtime_mock.core.effects import Effect
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import Rule, Say, Scenario, Turn
from realtime_mock.scenario.script import ScriptedAssistant

CREATE = {"type": "response.create", "response": {"output_modalities": ["text"]}}
SCENARIO = Scenario("long", [Rule("response.create", [Turn([Say("word " * 40)])])])


def open_session(portion: int | None) -> Session:
    session = Session(
        options=SessionOptions(pace=0.0, portion=portion),
        config=new_session("sess_1", model="gpt-realtime"),
        ids=IdFactory(0, 1),
        registry=SchemaRegistry.bundled(),
        script=ScriptedAssistant(SCENARIO),
        voice=PlainVoice(),
    )
    session.open(0.0)
    return session


def in_portions(session: Session) -> list[list[Effect]]:
    portions = [session.receive_event(CREATE, 1.0)]
    while session.has_more:
        portions.append(session.handle_timer(1.0))
    return portions


@pytest.mark.parametrize("portion", [1, 3, 16])
def test_portions_add_up_to_the_whole(portion):
    whole = open_session(None).receive_event(CREATE, 1.0)
    portions = in_portions(open_session(portion))
    assert [effect for each in portions for effect in each] == whole
    # The event that opens the response is the answer to the client, and comes before anything else is made.
    assert [len(portions[0]), max(map(len, portions[1:]))] == [1, portion]


def test_whatever_comes_meanwhile_waits_for_the_rest():
    session, whole = open_session(3), open_session(None).receive_event(CREATE, 1.0)
    first = session.receive_event(CREATE, 1.0)
    rest = session.receive_event({"type": "response.cancel"}, 1.0)
    assert [*first, *rest[:-1]] == whole
    assert rest[-1].refusal.code == "response_cancel_not_active"


def test_a_session_that_has_given_everything_has_no_more():
    session = open_session(3)
    in_portions(session)
    assert not session.has_more
