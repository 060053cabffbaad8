"""The pytest plugin: `pytest --realtime-target URL` runs the server suite, each case an item of its own.

Nothing of the suite is imported before the option is given.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from realtime_conformance.suite_items import Suite

_KEY = "REALTIME_CONFORMANCE_API_KEY"
_ID = re.compile(r"[A-Z][A-Z0-9]*(-[0-9]{3}(\.[a-z0-9-]+)?)?")
_SUITE: pytest.StashKey[Suite] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line, named as those of `realtime-conformance server`."""
    group = parser.getgroup("realtime-conformance", "the conformance suite for servers of the OpenAI Realtime API")
    option = group.addoption
    option(
        "--realtime-target",
        metavar="URL",
        help="Run the suite against the server there. Where no path is given, nothing else runs; ids such as RESP or "
        "RESP-002 among the arguments select cases.",
    )
    option("--realtime-api-key", metavar="KEY", help=f"A key that it accepts (default: {_KEY}).")
    option("--realtime-model", metavar="MODEL", help="The model that sessions ask for.")
    option("--realtime-transport", choices=("websocket", "webrtc"), default="websocket", help="What carries events.")
    option("--realtime-without", metavar="WORDS", default="", help="What it does not claim, with commas between.")
    option("--realtime-timeout-scale", metavar="FACTOR", type=float, default=1.0, help="Multiply every wait.")
    option("--realtime-slow", action="store_true", help="Run cases too that wait for real seconds.")
    option("--realtime-requirements", metavar="SET", help="Judge by a frozen requirement set.")
    option("--realtime-strict", action="store_true", help="Let a SHOULD that does not hold fail its case.")
    option("--realtime-baseline", metavar="FILE", type=Path, help="YAML of checks that are known to fail.")
    option("--realtime-case", metavar="ID", action="append", default=[], help="Only this area, case or check.")


def pytest_configure(config: pytest.Config) -> None:
    """Take ids out of the arguments, and see that what is to be tested is there."""
    if config.getoption("--realtime-target") is None:
        return
    named = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    ids = [word for word in named if _ID.fullmatch(word) and not Path(word).exists()]
    config.option.realtime_case = [*config.option.realtime_case, *ids]
    config.args[:] = [word for word in named if word not in ids]
    config.stash[_SUITE] = _suite(config)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the cases to the tests."""
    suite = config.stash.get(_SUITE, None)
    if suite is not None:
        from realtime_conformance.suite_items import items as items_of  # noqa: PLC0415 - for those who ask for it

        items.extend(items_of(session, suite))


def _suite(config: pytest.Config) -> Suite:
    """What the options say, once the server has answered.

    Raises:
        pytest.UsageError: they say something wrong, or it does not.
    """
    import asyncio  # noqa: PLC0415 - this and aiohttp take half a second

    from realtime_conformance.baseline import BaselineError  # noqa: PLC0415
    from realtime_conformance.requirement import RequirementError  # noqa: PLC0415
    from realtime_conformance.server_suite import Unreachable  # noqa: PLC0415

    try:
        suite = _told(config)
        asyncio.run(suite.chosen())
        # Each worker of xdist would ask again.
        if not hasattr(config, "workerinput") and not config.option.collectonly:
            asyncio.run(suite.greet())
    except (BaselineError, RequirementError, Unreachable, ValueError) as error:
        raise pytest.UsageError(f"--realtime-target: {error}") from None
    return suite


def _told(config: pytest.Config) -> Suite:
    from realtime_conformance.baseline import read_baseline  # noqa: PLC0415
    from realtime_conformance.requirement import Requirements  # noqa: PLC0415
    from realtime_conformance.server_suite import Address  # noqa: PLC0415
    from realtime_conformance.suite_items import Suite  # noqa: PLC0415

    told = config.option
    address = Address(
        told.realtime_target,
        told.realtime_api_key or os.environ.get(_KEY),
        transport=told.realtime_transport,
        left_out=tuple(word.strip() for word in told.realtime_without.split(",") if word.strip()),
        **({"model": told.realtime_model} if told.realtime_model else {}),
    )
    options = {
        "wanted": tuple(told.realtime_case),
        "requirement_set": told.realtime_requirements,
        "scale": told.realtime_timeout_scale,
        "with_slow": told.realtime_slow or address.is_virtual,
    }
    baseline = told.realtime_baseline
    known = read_baseline(baseline, Requirements.read("server").checks) if baseline else {}
    return Suite(address, options, known, is_strict=told.realtime_strict)
