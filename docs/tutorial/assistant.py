"""A travel assistant: it is asked in writing, answers in speech, and looks up the weather with a tool."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from openai import AsyncOpenAI
from websockets.exceptions import ConnectionClosed, InvalidStatus

BUSY = "I am asked too much just now. Please try again in a minute."
SORRY = "Something went wrong on my side. Please ask me again."
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city, now.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
SESSION = {"type": "realtime", "instructions": "Tell travellers the weather. Never guess it.", "tools": [WEATHER]}


class Speaker(Protocol):
    """Where an answer is heard: 24 kHz, 16 bit, mono."""

    def play(self, pcm: bytes) -> None:
        """Play this behind what is playing."""

    def stop(self) -> int:
        """Fall silent; how many milliseconds of the newest answer were heard."""


class Assistant:
    """One conversation. When the connection is lost, the next one is told what was said."""

    def __init__(self, client: AsyncOpenAI, speaker: Speaker, get_weather: Callable[..., Awaitable[Any]]) -> None:
        self._client = client
        self._speaker = speaker
        self._get_weather = get_weather
        self._connection: Any = None
        self._history: list[dict[str, Any]] = []
        self._told = 0  # items of the history that this connection knows
        self._responding = False
        self._heard: str | None = None  # the item that the speaker plays

    async def ask(self, question: str) -> str:
        """The answer, which is played as it comes. Raises ConnectionClosed if the connection is lost twice."""
        self._history.append(message("user", "input_text", question))
        try:
            try:
                return await self._answer()
            except ConnectionClosed:
                self._speaker.stop()
                self._connection = None
                return await self._answer()
        except InvalidStatus as refused:
            if refused.response.status_code != 429:
                raise
            return BUSY

    async def interrupt(self) -> None:
        """The user speaks: be silent, and let the model know how much of its answer was heard."""
        heard_ms = self._speaker.stop()
        if self._responding:
            self._responding = False
            await self._connection.response.cancel()
        if self._heard is not None:
            item_id, self._heard = self._heard, None
            await self._connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)

    async def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            await self._connection.close()

    async def _answer(self) -> str:
        if self._connection is None:
            self._connection = await self._client.realtime.connect(model="gpt-realtime").enter()
            self._told = 0
            await self._connection.session.update(session=SESSION)
        while True:
            for item in self._history[self._told :]:
                await self._connection.conversation.item.create(item=item)
            self._told = len(self._history)
            await self._connection.response.create()
            response = await self._response()
            if response.status == "failed":
                error = response.status_details.error
                return BUSY if error and error.code == "rate_limit_exceeded" else SORRY
            answer = self._remember(response)
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return answer
            self._history += [await self._output_of(call) for call in calls]

    async def _response(self) -> Any:
        """Play what comes, until the response is done."""
        self._responding, self._heard = True, None
        try:
            while True:
                event = await self._connection.recv()
                if event.type == "response.output_audio.delta" and self._responding:
                    self._heard = event.item_id
                    self._speaker.play(base64.b64decode(event.delta))
                elif event.type == "response.done":
                    return event.response
                elif event.type == "error" and event.error.code != "response_cancel_not_active":
                    raise RuntimeError(event.error.message)
        finally:
            self._responding = False

    def _remember(self, response: Any) -> str:
        """What the response said. This connection knows it; the next one is told all but what was cut short."""
        said = ""
        for item in response.output:
            known = item.to_dict()
            if item.type == "message":
                text = "".join(part.transcript or "" for part in item.content)
                said += text
                known = message("assistant", "output_text", text)
            if response.status != "cancelled":
                self._history.append(known)
        self._told = len(self._history)
        return said

    async def _output_of(self, call: Any) -> dict[str, Any]:
        try:
            output = await self._get_weather(**json.loads(call.arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, the model tells the user
            output = {"error": str(error)}
        return {"type": "function_call_output", "call_id": call.call_id, "output": json.dumps(output)}


def message(role: str, kind: str, text: str) -> dict[str, Any]:
    """A message of the conversation, as the API takes it."""
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
