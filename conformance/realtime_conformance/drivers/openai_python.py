"""Driver for openai (PyPI), its WebSocket: `python openai_python.py`, with the Python where it is installed.

The library carries events and connects again; what to do with events is left to applications. The reference client is
the application here, so what fails is the library's.
"""

import asyncio
import importlib.metadata
import os
import sys
from pathlib import Path

import websockets
from openai import AsyncOpenAI, OpenAIError

# The suite stands beside this file and needs nothing of what it needs itself for this.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from realtime_conformance.reference.__main__ import tell, write
from realtime_conformance.reference.exercises import Client, Task
from realtime_conformance.reference.wire import Closed, Refused

CAN = [
    *("websocket", "converse", "speak", "tools", "interrupt", "interrupt-early", "interrupt-by-voice", "long"),
    *("reconnect", "text-output", "transcribes"),
    *("reports-answers", "reports-audio", "reports-user", "reports-calls", "reports-errors", "reports-closes"),
]


class SdkWire:
    """A connection of the library's."""

    carries_audio = False
    seconds_heard = 0.0

    def __init__(self, task, *, reconnects):
        self.client = AsyncOpenAI()
        again = {"on_reconnecting": lambda _event: None} if reconnects else {}
        self.manager = self.client.realtime.connect(model=task.model, **again)
        self.connection = None
        self.events = None
        self.held = None
        self.sessions = 0

    async def open(self):
        if self.connection is not None:
            return
        try:
            self.connection = await self.manager.enter()
        except websockets.exceptions.InvalidStatus as error:
            raise Refused(str(error), status=error.response.status_code) from None
        except (OSError, OpenAIError, websockets.exceptions.WebSocketException) as error:
            raise Closed(f"no connection: {error}") from None
        self.events = aiter(self.connection)

    async def send(self, event):
        try:
            await self.connection.send(event)
        except (websockets.exceptions.ConnectionClosed, OpenAIError) as error:
            raise Closed(str(error)) from None

    async def receive(self):
        if self.held is not None:
            event, self.held = self.held, None
            return event
        try:
            event = (await anext(self.events)).to_dict(mode="json")
        except StopAsyncIteration:
            raise Closed("the connection is over") from None
        except websockets.exceptions.ConnectionClosed as error:
            raise Closed(str(error)) from None
        if event.get("type") == "session.created":
            self.sessions += 1
            if self.sessions > 1:
                # The library has connected again: another conversation begins with this event.
                self.held = event
                raise Reconnected("the library has connected again")
        return event

    async def speak(self, _pcm):
        raise TypeError("on a WebSocket audio goes as events")

    async def close(self):
        if self.held is None and self.connection is not None:
            await self.connection.close()
            await self.client.close()


class Reconnected(Closed):
    """The library has a new session."""


class SdkClient(Client):
    """Leaves it to the library to connect again."""

    async def converse_on_and_on(self):
        left = list(self.task.texts)
        while left:
            try:
                await self.connected(lambda conversation: self.go_on(conversation, left))
            except Reconnected as reason:
                self.tell("closed", {"reason": str(reason)})
            except Refused as reason:
                self.tell("error", {"message": f"refused with status {reason.status}: {reason}"})
                return
            except Closed as reason:
                self.tell("closed", {"reason": str(reason)})
                return


async def main():
    task = Task.of(os.environ)
    wires = []

    def new_wire():
        # Where the library has connected again, its connection is the same.
        if wires and wires[-1].held is not None:
            return wires[-1]
        wires.append(SdkWire(task, reconnects=task.exercise == "reconnect"))
        return wires[-1]

    await SdkClient(task, new_wire, tell).perform()


if os.environ.get("REALTIME_EXERCISE") == "describe":
    write({"driver": "openai (PyPI)", "version": importlib.metadata.version("openai"), "can": CAN})
else:
    asyncio.run(main())
