"""A scenario's rules, worked out once for all the sessions that play it."""

from __future__ import annotations

from realtime_mock.scenario import part as part_module
from realtime_mock.scenario.model import Rule, Scenario, Turn
from realtime_mock.scenario.part import Part, Parts
from realtime_mock.scenario.script import ScriptedAssistant


def test_a_part_knows_which_rules_can_match_a_type():
    named = {"type": {"$in": ["response.done", "response.created"]}}
    part = Part(Scenario("test", [Rule({}, Turn(())), Rule("response.done", Turn(())), Rule(named, Turn(()))]))
    assert [part.naming(kind) for kind in ("response.done", "response.created", "error")] == [(1, 2), (2,), ()]


def test_sessions_that_share_a_part_count_for_themselves():
    part = Part(Scenario("test", [Rule("response.create", Turn(()), once=True)]))
    first, second = ScriptedAssistant(part), ScriptedAssistant(part)
    event = {"type": "response.create"}
    assert [script.on_event(event) is None for script in (first, first, second)] == [False, True, False]


def test_the_same_scenario_is_worked_out_once_and_few_are_kept(monkeypatch):
    monkeypatch.setattr(part_module, "MOST_PARTS", 2)
    scenarios, parts = [Scenario("test") for _ in range(3)], Parts()
    made = [parts.of(scenario) for scenario in scenarios]
    assert parts.of(scenarios[2]) is made[2]
    assert parts.of(scenarios[0]) is not made[0]
    assert len(parts._parts) == 2
