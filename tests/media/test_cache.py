"""A cache bounded by what its values weigh."""

from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.media.cache import WeightedCache


def test_the_least_recently_used_value_goes_first() -> None:
    cache: WeightedCache[str, str] = WeightedCache(capacity=2)
    cache.keep("a", "A", weight=1)
    cache.keep("b", "B", weight=1)
    cache.get("a")
    cache.keep("c", "C", weight=1)
    assert [cache.get(key) for key in "abc"] == ["A", None, "C"]


def test_the_first_of_two_equal_values_stays() -> None:
    cache: WeightedCache[str, list[int]] = WeightedCache(capacity=9)
    first = cache.keep("a", [1], weight=1)
    assert cache.keep("a", [1], weight=1) is first


def test_a_value_too_heavy_is_not_kept() -> None:
    cache: WeightedCache[str, str] = WeightedCache(capacity=5)
    cache.keep("a", "A", weight=5)
    assert cache.keep("b", "B", weight=6) == "B"
    assert (cache.get("a"), cache.get("b")) == ("A", None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30))))
def test_the_weight_never_exceeds_the_capacity(kept: list[tuple[int, int]]) -> None:
    cache: WeightedCache[int, int] = WeightedCache(capacity=40)
    for key, weight in kept:
        cache.keep(key, key, weight=weight)
        assert 0 <= cache.weight <= 40
