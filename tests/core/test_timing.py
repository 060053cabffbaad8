"""How fast a scenario's sessions are: latency, pace and jitter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.chance import Chance
from realtime_mock.core.agenda import Pause
from realtime_mock.core.effects import EndAudio
from realtime_mock.core.jitter import jittered
from realtime_mock.scenario.model import Recording, Rule, Say, Scenario, Turn
from realtime_mock.scenario.timing import Timing

CREATE = {"type": "response.create"}
TEXT = {"output_modalities": ["text"]}


def answer(say: Say, **timing: Any) -> Scenario:
    return Scenario("test", (Rule(CREATE, (Turn((say,)),)),), timing=Timing(**timing))


def moments(session: Any, *, response: dict[str, Any] | None = None) -> list[tuple[float, str]]:
    """When each event of a response comes, in seconds after `response.create`."""
    start = session.now
    came = [(0.0, event["type"]) for event in session.send("response.create", response=response or {})]
    while (due := session.session.next_timer()) is not None:
        came += [(round(session.now - start, 6), event["type"]) for event in session.run(due)]
    return came


def test_latency_lies_between_the_created_response_and_its_first_item(opened):
    came = moments(opened(scenario=answer(Say("word"), latency=0.3)))
    assert came[0] == (0.0, "response.created")
    assert came[1] == (0.3, "response.output_item.added")


def test_latency_comes_on_top_of_the_delay_of_a_step(opened):
    assert moments(opened(scenario=answer(Say("word", after=0.2), latency=0.3)))[1][0] == 0.5


def test_the_default_assistant_is_as_slow(opened):
    scenario = Scenario("test", timing=Timing(latency=0.3))
    assert moments(opened(scenario=scenario))[1] == (0.3, "response.output_item.added")


@pytest.mark.parametrize("pace", [1.0, 4.0])
def test_the_pace_of_a_scenario_goes_before_that_of_the_mock(opened, pace: float):
    came = moments(opened(scenario=answer(Say("x" * 40), pace=pace), pace=100.0))
    assert dict(reversed([(kind, at) for at, kind in came]))["response.done"] == 2.0 / pace


def test_a_pace_of_nothing_waits_for_nothing(opened):
    came = moments(opened(scenario=answer(Say("word" * 40), pace=0), pace=1.0))
    assert {at for at, _ in came} == {0.0}


def test_a_say_has_a_pace_of_its_own(opened):
    came = moments(opened(scenario=answer(Say("x" * 40, pace=2.0)), pace=100.0))
    assert dict(reversed([(kind, at) for at, kind in came]))["response.done"] == 1.0


def test_jitter_moves_events_and_keeps_their_order(opened):
    even = moments(opened(scenario=answer(Say("many words in a row " * 5)), pace=1.0))
    uneven = moments(opened(scenario=answer(Say("many words in a row " * 5), jitter=0.05), pace=1.0))
    late = [after - before for (before, _), (after, _) in zip(even, uneven, strict=True)]
    assert [kind for _, kind in uneven] == [kind for _, kind in even]
    assert len({round(each, 4) for each in late}) > 10
    assert all(-1e-6 <= each <= 0.05 + 1e-6 for each in late)


def test_the_same_seed_gives_the_same_times(opened):
    first, second = (moments(opened(scenario=answer(Say("words " * 9), jitter=0.05), seed=4)) for _ in range(2))
    assert first == second


def test_a_recording_is_heard_in_place_of_a_voice(opened):
    pcm = b"\x00\x20" * 12_000
    session = opened(scenario=answer(Say("Hello", audio=Recording("hello.wav", pcm))), call=True)
    session.send("response.create")
    session.run()
    [played] = [effect.speech for effect in session.effects if hasattr(effect, "speech")]
    assert (played.text, played.pcm) == ("Hello", pcm)


times = st.floats(0, 10)


@given(st.lists(times, max_size=30), times, st.integers())
def test_no_beat_is_early_or_too_late_or_out_of_order(pauses: list[float], most: float, seed: int):
    def beats() -> Any:
        for pause in pauses:
            yield Pause(pause)
            yield EndAudio("x")

    wanted = actual = 0.0
    came = iter(jittered(beats(), chance=Chance(seed), most=most))
    for pause in pauses:
        wanted += pause
        beat = next(came)
        assert isinstance(beat, Pause)
        assert beat.seconds >= 0
        actual += beat.seconds
        assert wanted - 1e-9 <= actual <= wanted + most + 1e-9
        assert next(came) == EndAudio("x")
