"""The reference client as a driver: `python -m realtime_conformance.reference [--call]`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from realtime_conformance import __version__
from realtime_conformance.capabilities import CLIENT
from realtime_conformance.reference.exercises import Client, Task
from realtime_conformance.reference.wire import Wire

ON_A_CALL_ONLY = {"webrtc"}
ON_A_WEBSOCKET_ONLY = {"websocket", "truncates"}


def tell(kind: str, what: Mapping[str, Any]) -> None:
    """Report on the output."""
    write({"report": kind, **what})


def write(line: Mapping[str, Any]) -> None:
    """One line, at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Perform the exercise that the environment names."""
    is_call = "--call" in sys.argv
    if os.environ.get("REALTIME_EXERCISE") == "describe":
        write(description(is_call=is_call))
        return
    asyncio.run(perform(Task.of(os.environ), is_call=is_call))


def description(*, is_call: bool) -> Mapping[str, Any]:
    """What this driver is: on a call it is aiortc that carries everything."""
    left_out = ON_A_WEBSOCKET_ONLY if is_call else ON_A_CALL_ONLY
    can = [word for word in CLIENT if word not in left_out]
    if is_call:
        return {"driver": "plain aiortc client", "version": version("aiortc"), "can": can}
    return {"driver": "reference client", "version": __version__, "can": can}


async def perform(task: Task, *, is_call: bool) -> None:
    """Perform a task over a WebSocket or a call."""

    def new_wire() -> Wire:
        # Each is imported where it is used: aiortc takes half a second.
        if is_call:
            from realtime_conformance.reference.call import CallWire  # noqa: PLC0415

            return CallWire(task.base_url, key=task.key, model=task.model)
        from realtime_conformance.reference.websocket import WebSocketWire  # noqa: PLC0415

        return WebSocketWire(task.url, key=task.key, model=task.model)

    await Client(task, new_wire, tell).perform()


if __name__ == "__main__":
    main()
