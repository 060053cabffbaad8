"""Each broken stream breaks the rule it names, and that one alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from realtime_conformance.order import RULES, beta, violations
from realtime_conformance.strategies import broken_streams
from realtime_conformance.strategies.breakage import BETA_BREAKERS, BREAKERS

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def test_every_rule_has_a_breaker():
    assert list(BREAKERS) == list(RULES)
    assert list(BETA_BREAKERS) == list(beta.RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_stream_breaks_the_rule_it_names(rule):
    tried = []

    @settings(SETTINGS, max_examples=12)
    @given(broken_streams(rules=[rule]))
    def holds(broken):
        assert {violation.rule for violation in violations(broken.stream)} == {broken.rule} == {rule}
        tried.append(broken)

    holds()
    assert len(tried) >= 12


@pytest.mark.parametrize("rule", beta.RULES)
def test_a_stream_of_the_beta_breaks_the_rule_it_names(rule):
    tried = []

    @settings(SETTINGS, max_examples=8)
    @given(broken_streams(rules=[rule], dialect="beta"))
    def holds(broken):
        assert {violation.rule for violation in beta.violations(broken.stream)} == {rule}
        tried.append(broken)

    holds()
    assert len(tried) >= 8


def test_many_rules_are_broken_where_none_is_asked_for():
    seen = set()

    @settings(SETTINGS, max_examples=60)
    @given(broken_streams())
    def draw(broken):
        seen.add(broken.rule)

    draw()
    assert len(seen) > 8


def test_a_broken_stream_shrinks_to_little_more_than_the_breach():
    broken = find(broken_streams(rules=["usage-adds-up"]), lambda _: True, settings=SETTINGS)
    types = [event["type"] for event in broken.stream]
    assert types.count("response.created") == 1
    assert len(types) < 40


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no rule is called nope; there are ids-are-unique"):
        find(broken_streams(rules=["nope"]), lambda _: True, settings=SETTINGS)
    with pytest.raises(ValueError, match="no rule is called mcp-takes-its-steps; there are ids-are-unique"):
        find(broken_streams(rules=["mcp-takes-its-steps"], dialect="beta"), lambda _: True, settings=SETTINGS)
