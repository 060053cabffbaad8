"""Chance: the same seed, the same draws; other places, other draws."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from realtime_mock.chance import Chance


def test_the_same_seed_gives_the_same_draw():
    assert Chance(("lane", 7)).fraction() == Chance(("lane", 7)).fraction()


def test_a_draw_is_the_same_in_another_process():
    code = "from realtime_mock.chance import Chance; print(Chance(('ü', 7)).fraction())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert float(found.stdout) == Chance(("ü", 7)).fraction()


def test_asking_twice_changes_nothing():
    chance = Chance(1)
    assert chance.fraction() == chance.fraction()


def test_other_seeds_and_other_places_give_other_draws():
    seeds = [1, "1", None, (1,), ("a", "b"), ("ab",)]
    draws = [Chance(seed).fraction() for seed in seeds] + [Chance(1).at(place).fraction() for place in range(100)]
    assert len(set(draws)) == len(draws)


def test_fractions_fill_the_span_from_0_to_1_evenly():
    draws = [Chance(1).at(number).fraction() for number in range(10_000)]
    tenths = Counter(int(draw * 10) for draw in draws)
    assert all(0 <= draw < 1 for draw in draws)
    assert all(850 < tenths[tenth] < 1150 for tenth in range(10))


def test_each_number_is_picked_about_equally_often():
    picks = Counter(Chance("turns").at(number).pick(3) for number in range(9_000))
    assert sorted(picks) == [0, 1, 2]
    assert all(2_800 < count < 3_200 for count in picks.values())


def test_one_of_one_is_the_first():
    assert {Chance(number).pick(1) for number in range(100)} == {0}


def test_a_spread_goes_both_ways_and_no_further():
    times = [Chance(number).spread(0.5) for number in range(1_000)]
    assert -0.5 <= min(times) < -0.4
    assert 0.4 < max(times) <= 0.5


def test_an_order_holds_every_number_once():
    assert sorted(Chance(3).order(50)) == list(range(50))


def test_orders_differ_by_seed():
    assert len({Chance(seed).order(4) for seed in range(500)}) == 24


def test_half_of_a_surrogate_pair_is_a_seed_too():
    assert 0 <= Chance("\ud800").fraction() < 1
