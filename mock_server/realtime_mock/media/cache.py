"""A cache bounded by what its values weigh."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class WeightedCache(Generic[Key, Value]):
    """Keeps the most recently used values up to a total weight; safe to share between threads."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()
        self._weight = 0

    @property
    def weight(self) -> int:
        """The sum of the weights of what is kept; never above the capacity."""
        return self._weight

    def get(self, key: Key) -> Value | None:
        """Give the value kept for `key`, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def keep(self, key: Key, value: Value, *, weight: int) -> Value:
        """Keep a value, drop the least recently used ones it displaces, and give what is now kept.

        Where two threads made the same value at once, the first one stays. A value heavier than
        the capacity is given back without being kept.
        """
        if weight > self._capacity:
            return value
        with self._lock:
            if key in self._values:
                return self._values[key][0]
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self._capacity:
                self._weight -= self._values.popitem(last=False)[1][1]
        return value
