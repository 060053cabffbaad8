"""A driver says what it is; one that does not is told what to write."""

from dataclasses import dataclass

import pytest

from realtime_conformance.client.driver import DriverError, describe
from realtime_conformance.client.program import CannotStart, Line, Outcome


@dataclass(frozen=True)
class Says:
    """A program that writes one line."""

    line: str
    status: int | None = 0
    errors: str = ""

    async def run(self, environment, *, within):
        assert environment == {"REALTIME_EXERCISE": "describe"}
        return Outcome(self.status, 0.0, (Line(0.0, "chatter"), Line(0.0, self.line)), self.errors)


class IsNotThere:
    async def run(self, environment, *, within):
        raise CannotStart("cannot start 'nod': No such file or directory")


async def test_a_driver_is_what_it_says():
    driver = await describe(Says('{"driver": "mine", "version": "2", "can": ["websocket", "speak"], "tls": true}'))
    assert (driver.name, driver.version, driver.needs_tls) == ("mine", "2", True)
    assert driver.can == {"websocket", "speak"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("hello", "did not say what it is"),
        ('{"driver": "mine"}', 'needs "can"'),
        ('{"driver": "mine", "can": ["speak"]}', "how it connects"),
        ('{"driver": "mine", "can": ["websocket", "fly"]}', "a driver cannot fly"),
        ('{"driver": "mine", "can": ["websocket"], "age": 3}', "no key age"),
    ],
)
async def test_one_that_says_it_wrongly_is_told_so(line, told):
    with pytest.raises(DriverError, match=told):
        await describe(Says(line))


async def test_what_a_broken_driver_said_last_is_told():
    with pytest.raises(DriverError, match="ended with status 1 and said: ModuleNotFoundError: no module named x"):
        await describe(Says("", status=1, errors="Traceback\nModuleNotFoundError: no module named x\n"))


async def test_one_that_does_not_end_is_told_so():
    with pytest.raises(DriverError, match="it did not end"):
        await describe(Says("", status=None))


async def test_one_that_is_not_there_is_told_so():
    with pytest.raises(DriverError, match="cannot start 'nod'"):
        await describe(IsNotThere())
