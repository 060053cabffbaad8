"""What is wrong with a part of a scenario, told by the part itself."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_mock.scenario.matching import path_of


class Misfit(ValueError):
    """A part of a scenario that cannot be; the text is `where: what is wrong; what to do`.

    `where` are the keys and positions that lead to the fault from the value being made. `of_key` tells that the
    last of them is itself wrong, and not what stands there: a loader points at it then.
    """

    def __init__(self, what: str, where: Iterable[str | int] = (), *, of_key: bool = False) -> None:
        self.what = what
        self.where = tuple(where)
        self.of_key = of_key
        path = path_of(self.where)
        super().__init__(f"{path}: {what}" if path else what)

    def below(self, *where: str | int) -> Misfit:
        """The same fault, seen from further up."""
        return Misfit(self.what, (*where, *self.where), of_key=self.of_key)

    def inside(self, *where: str | int) -> Misfit:
        """The same fault, seen from the place that `where` leads to."""
        rest = self.where[len(where) :] if self.where[: len(where)] == where else self.where
        return Misfit(self.what, rest, of_key=self.of_key)
