"""The pytest plugin: the fixture `realtime_mock`, a view on a mock for one test.

The mock lives for the whole run, in a thread of this process unless `--realtime-mock-url` names one that runs already.
It is started when the first test asks for it, and its libraries are imported no sooner.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import pytest

from realtime_mock.testing.control import ControlApi, ControlError
from realtime_mock.testing.lane import new_view
from realtime_mock.testing.scenarios import ScenarioNotFound
from realtime_mock.testing.view import ConversationFailed, MockView

if TYPE_CHECKING:
    from realtime_mock.settings import Settings

MARKER = "realtime_scenario"
_URL, _TOKEN = "REALTIME_MOCK_URL", "REALTIME_MOCK_TOKEN"
_LONGEST_NAME = 48
_VIEW: pytest.StashKey[MockView] = pytest.StashKey()
_PASSED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line and of the configuration file."""
    group = parser.getgroup("realtime-mock", "a mock of the OpenAI Realtime API")
    group.addoption(
        "--realtime-mock-url",
        metavar="URL",
        help=f"Use the mock that runs there (default: {_URL}); else one is started in this process.",
    )
    group.addoption(
        "--realtime-mock-token",
        metavar="TOKEN",
        help=f"What that mock wants to be told by whoever controls it (default: {_TOKEN}).",
    )
    group.addoption(
        "--realtime-mock-set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="A setting of the mock that is started, such as pace=0 or beta=serve; may be repeated.",
    )
    parser.addini("realtime_mock_url", "The mock that the tests use, where one runs already.")
    parser.addini("realtime_mock_settings", "Settings of the mock that is started, one NAME=VALUE a line.", "linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    line = f"{MARKER}(scenario): what the assistant of the test's `realtime_mock` does: a file, or a bundled scenario"
    config.addinivalue_line("markers", line)


@pytest.fixture(scope="session")
def realtime_mock_settings(pytestconfig: pytest.Config) -> Settings:
    """How the mock runs that is started for this run. Override it for what no configuration file can say."""
    from realtime_mock.testing.options import SettingUnknown, settings_of  # noqa: PLC0415 - for those who use it

    pairs = [*pytestconfig.getini("realtime_mock_settings"), *pytestconfig.getoption("--realtime-mock-set")]
    try:
        return settings_of(pairs)
    except SettingUnknown as error:
        _fail(error)


@pytest.fixture(scope="session")
def realtime_mock_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the mock of this run: of one that runs already, or of one in a thread of this process."""
    url = _given_url(request.config)
    if url is not None:
        _greet(ControlApi(url, token=_given_token(request.config)))
        yield url
        return
    settings = request.getfixturevalue("realtime_mock_settings")
    with ExitStack() as stack:
        yield _started(settings, stack)


@pytest.fixture
def realtime_mock(request: pytest.FixtureRequest, realtime_mock_server: str) -> Iterator[MockView]:
    """The mock as this test sees it, alone with its client; what is wrong in the end fails the test."""
    view = _view(request, realtime_mock_server)
    request.node.stash[_VIEW], request.node.stash[_PASSED] = view, False
    try:
        yield view
        if request.node.stash[_PASSED]:
            view.check()
    except (ConversationFailed, ControlError) as error:
        _fail(error)
    finally:
        del request.node.stash[_VIEW]
        _close(view)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what passed beside the failure of a test."""
    report = yield
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    view = item.stash.get(_VIEW, None)
    if report.failed and view is not None and call.when != "teardown":
        report.sections.append(("realtime-mock", _excerpt(view)))
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a scenario that no fixture will play."""
    if item.get_closest_marker(MARKER) and "realtime_mock" not in getattr(item, "fixturenames", ()):
        pytest.fail(f"{MARKER} has no effect without the fixture realtime_mock: ask for it", pytrace=False)


def _fail(error: Exception) -> NoReturn:
    """Fail the test with the error's text alone: what it came from says the same once more."""
    raise pytest.fail.Exception(f"realtime-mock: {error}", pytrace=False) from None


def _given_url(config: pytest.Config) -> str | None:
    told = config.getoption("--realtime-mock-url") or os.environ.get(_URL) or config.getini("realtime_mock_url")
    return str(told) if told else None


def _given_token(config: pytest.Config) -> str | None:
    told = config.getoption("--realtime-mock-token") or os.environ.get(_TOKEN)
    return str(told) if told else None


def _started(settings: Settings, stack: ExitStack) -> str:
    """The address of a mock that runs until the stack is unwound."""
    # Here and no sooner: aiohttp and a WebRTC stack take most of a second.
    from realtime_mock.media.detectors import DetectorUnavailable  # noqa: PLC0415
    from realtime_mock.server import serve_in_thread  # noqa: PLC0415
    from realtime_mock.tls import TlsUnusable  # noqa: PLC0415

    try:
        return stack.enter_context(serve_in_thread(settings)).base_url
    except (DetectorUnavailable, OSError, TlsUnusable, ValueError) as error:
        # A wrong origin and a wrong secret of webhooks are ValueErrors.
        _fail(error)


def _greet(control: ControlApi) -> None:
    try:
        control.ask("GET", "health")
    except ControlError as error:
        _fail(error)


def _view(request: pytest.FixtureRequest, url: str) -> MockView:
    directory = request.path.parent
    try:
        view = new_view(
            ControlApi(url, token=_given_token(request.config)), name=_lane_name(request.node.name), directory=directory
        )
        _play_marked(request.node, view)
    except (ControlError, ScenarioNotFound) as error:
        _fail(error)
    return view


def _play_marked(item: pytest.Item, view: MockView) -> None:
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return
    if len(marker.args) != 1 or marker.kwargs:
        raise ScenarioNotFound(f'{MARKER} takes one scenario: @pytest.mark.{MARKER}("file.yaml")')
    view.scenario(marker.args[0])


def _lane_name(test: str) -> str:
    """The test's name, as far as a lane may bear it, and what no other run has."""
    name = re.sub("[^A-Za-z0-9_.-]+", "-", test).lstrip("_.-") or "test"
    return f"{name[:_LONGEST_NAME]}-{os.urandom(4).hex()}"


def _excerpt(view: MockView) -> str:
    try:
        return view.excerpt()
    except ControlError as error:
        return str(error)


def _close(view: MockView) -> None:
    try:
        view.close()
    except ControlError:
        # The mock is gone, which the test has been told.
        return
