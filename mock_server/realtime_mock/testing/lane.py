"""A lane of a mock, opened for one test and closed behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from realtime_mock.testing.control import ControlApi
from realtime_mock.testing.loops import in_thread
from realtime_mock.testing.view import MockView


@contextmanager
def open_lane(
    url: str, *, name: str | None = None, directory: Path | None = None, token: str | None = None
) -> Iterator[MockView]:
    """A view on the mock at `url`, alone with its client; what is wrong in the end is raised.

    Where the block itself fails, that error stays the one that is seen.

    Args:
        url: of the mock, with or without `/v1`.
        name: of the lane; free ones are found without it.
        directory: where the paths of scenarios start; the current one by default.
        token: what the mock was told to ask for, if anything.

    Raises:
        ControlError: no mock answers there, or the name is taken.
        ConversationFailed: the client or the mock did something wrong.
    """
    view = new_view(ControlApi(url, token=token), name=name, directory=directory)
    try:
        yield view
        view.check()
    finally:
        view.close()


@asynccontextmanager
async def open_lane_async(
    url: str, *, name: str | None = None, directory: Path | None = None, token: str | None = None
) -> AsyncIterator[MockView]:
    """As `open_lane`, for a mock that runs in the same event loop."""
    control = ControlApi(url, token=token)
    view = await in_thread(new_view, control, name=name, directory=directory)
    try:
        yield view
        await in_thread(view.check)
    finally:
        await in_thread(view.close)


def new_view(control: ControlApi, *, name: str | None = None, directory: Path | None = None) -> MockView:
    """A view on a new lane; close it.

    Raises:
        ControlError: no mock answers there, or the name is taken.
    """
    answer: Any = control.ask("POST", "lanes", {} if name is None else {"name": name})
    return MockView(control.of_lane(answer["lane"]), api_key=answer["api_key"], directory=directory)
