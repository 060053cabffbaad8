"""Where a test may wait: not in the event loop that its client runs in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


class BlockingWait(RuntimeError):
    """A wait that would have stopped the event loop; the text says what to write instead."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"realtime_mock.{name}(...) would stop the event loop, and with it the client that is tested; "
            f"write: await realtime_mock.aio.{name}(...)"
        )


def refuse_to_block(name: str) -> None:
    """Raise `BlockingWait` for the method of this name, where an event loop runs in this thread."""
    __tracebackhide__ = True
    if _runs_asyncio() or _runs_trio():
        raise BlockingWait(name)


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in a thread, while the loop goes on; under asyncio and under trio."""
    if _runs_trio():
        import trio  # noqa: PLC0415 - it runs this, so it is there

        return cast(T, await trio.to_thread.run_sync(lambda: function(*args, **kwargs)))
    import asyncio  # noqa: PLC0415 - as above

    return await asyncio.to_thread(function, *args, **kwargs)


def _runs_asyncio() -> bool:
    # A library that nobody has imported runs no loop; nothing is imported to find that out.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _runs_trio() -> bool:
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
