"""The exercises of the reference client, as `docs/reference/driver.md` has them."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.reference.answer import Answer
from realtime_conformance.reference.conversation import Conversation, Tell
from realtime_conformance.reference.wire import Closed, Refused, Wire

ATTEMPTS = 5
"""How often a lost connection is tried again, one after the other."""

BACKOFF = 0.1
"""Seconds before the first attempt; twice as much before each that follows."""

TRANSCRIPTION = {"model": "gpt-4o-mini-transcribe"}


@dataclass(frozen=True, slots=True)
class Task:
    """What the environment asks for."""

    exercise: str
    url: str
    base_url: str
    key: str
    model: str
    instructions: str = ""
    texts: tuple[str, ...] = ()
    turns: int = 1
    modality: str = "audio"
    tools: tuple[Mapping[str, Any], ...] = ()
    function_output: str = ""
    interrupt_by: str = "cancel"
    interrupt_at: str = "audio"
    interrupt_after: float = 0.0
    audio: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Task:
        """From the variables of a driver."""
        told = {name.removeprefix("REALTIME_").lower(): value for name, value in environment.items()}
        return cls(
            exercise=told["exercise"],
            url=told["url"],
            base_url=environment["OPENAI_BASE_URL"],
            key=environment["OPENAI_API_KEY"],
            model=told["model"],
            instructions=told["instructions"],
            texts=tuple(json.loads(told["texts"])),
            turns=int(told["turns"]),
            modality=told["modality"],
            tools=tuple(json.loads(told["tools"])),
            function_output=told["function_output"],
            interrupt_by=told["interrupt_by"],
            interrupt_at=told["interrupt_at"],
            interrupt_after=float(told["interrupt_after"]),
            audio=told["audio"],
        )

    @property
    def session(self) -> dict[str, Any]:
        """What the session is to be."""
        session: dict[str, Any] = {"type": "realtime", "instructions": self.instructions}
        if self.tools:
            session["tools"] = [dict(tool) for tool in self.tools]
        if self.modality != "audio":
            session["output_modalities"] = [self.modality]
        return {**session, "audio": {"input": {"transcription": dict(TRANSCRIPTION)}}}

    @property
    def speech(self) -> bytes:
        """What the user says: 24 kHz, 16 bits, mono."""
        with wave.open(self.audio) as file:
            pcm: bytes = file.readframes(file.getnframes())
        return pcm


@dataclass(slots=True)
class Client:
    """Performs one exercise, over as many connections as that takes.

    Args:
        task: what to do.
        new_wire: makes a connection.
        tell: how the user is told of what happens.
        new_conversation: makes what goes on over it.
    """

    task: Task
    new_wire: Callable[[], Wire]
    tell: Tell
    new_conversation: Callable[[Wire, Tell], Conversation] = Conversation
    history: list[Mapping[str, Any]] = field(default_factory=list)
    seconds_heard: float = 0.0

    async def perform(self) -> None:
        """Do what is asked, and come to an end whatever happens."""
        if self.task.exercise == "reconnect":
            await self.converse_on_and_on()
        else:
            await self.once(getattr(self, self.task.exercise))
        self.tell("heard", {"seconds": self.seconds_heard})

    async def once(self, exercise: Callable[[Conversation], Any]) -> None:
        """Perform an exercise over one connection, and tell how it went."""
        try:
            await self.connected(exercise)
        except Refused as reason:
            self.tell("error", {"message": f"refused with status {reason.status}: {reason}"})
        except Closed as reason:
            self.tell("closed", {"reason": str(reason), "code": reason.code})

    async def connected(self, exercise: Callable[[Conversation], Any]) -> None:
        """Perform an exercise over one connection, and hang up."""
        wire = self.new_wire()
        conversation = self.new_conversation(wire, self.tell)
        try:
            await wire.open()
            await conversation.begin(self.task.session)
            await exercise(conversation)
        finally:
            await conversation.hang_up()
            self.seconds_heard += conversation.seconds_heard

    # The exercises

    async def converse(self, conversation: Conversation) -> None:
        """Write, and wait for the answer, text by text."""
        for text in self.task.texts:
            await self.turn(conversation, text)

    tools = converse
    long = converse

    async def speak(self, conversation: Conversation) -> None:
        """Say the same several times, and wait for the answer each time."""
        for _ in range(self.task.turns):
            coming = asyncio.ensure_future(conversation.next_answer())
            await conversation.speak(self.task.speech)
            await self.show(conversation, await coming)

    async def interrupt(self, conversation: Conversation) -> None:
        """Stop the first answer, and go on with the other texts."""
        first, *others = self.task.texts
        await conversation.write(first)
        answer = await conversation.ask()
        if answer is not None:
            await self.stop(conversation, answer)
        for text in others:
            await self.turn(conversation, text)

    async def converse_on_and_on(self) -> None:
        """Converse over connections that are lost, and go on where the lost one ended."""
        left = list(self.task.texts)
        failed = 0
        while left and failed < ATTEMPTS:
            wait = BACKOFF * 2**failed
            before = len(left)
            try:
                await self.connected(lambda conversation: self.go_on(conversation, left))
            except Refused as reason:
                self.tell("error", {"message": f"refused with status {reason.status}: {reason}"})
                if reason.status in (400, 401, 403, 404):
                    return
                wait = max(wait, reason.retry_after or 0.0)
            except Closed as reason:
                self.tell("closed", {"reason": str(reason), "code": reason.code})
            failed = 0 if len(left) < before else failed + 1
            if left:
                await asyncio.sleep(wait)

    # Their steps

    async def go_on(self, conversation: Conversation, left: list[str]) -> None:
        """Give a new session the conversation so far, and hold the rest of it."""
        for item in self.history:
            await conversation.add(item)
        while left:
            answer = await self.turn(conversation, left[0])
            said = [{"type": "output_text", "text": answer.text if answer else ""}]
            self.history.append(_message("user", [{"type": "input_text", "text": left.pop(0)}]))
            self.history.append(_message("assistant", said))

    async def turn(self, conversation: Conversation, text: str) -> Answer | None:
        """Write something, and show the answer; run what functions it calls before there is one."""
        await conversation.write(text)
        answer = await conversation.ask()
        while answer is not None:
            await conversation.finished(answer)
            if not answer.calls:
                break
            self.show_text(answer)
            await self.run_calls(conversation, answer)
            answer = await conversation.ask()
        await self.show(conversation, answer)
        return answer

    async def run_calls(self, conversation: Conversation, answer: Answer) -> None:
        """Run every function that an answer calls, and send what each gives."""
        for call in answer.calls:
            self.tell("call", {"name": call["name"], "arguments": call["arguments"]})
            output = {"type": "function_call_output", "call_id": call["call_id"], "output": self.result_of(call)}
            await conversation.add(output)

    def result_of(self, call: Mapping[str, Any]) -> str:
        """What a function gives: in words what is wrong with a call that cannot be run."""
        names = {tool["name"] for tool in self.task.tools}
        if call["name"] not in names:
            return f"there is no function {call['name']}"
        try:
            json.loads(call["arguments"])
        except ValueError:
            return "the arguments are no JSON"
        return self.task.function_output

    async def stop(self, conversation: Conversation, answer: Answer) -> None:
        """Stop an answer, when and as the task says."""
        if self.task.interrupt_at == "audio":
            await conversation.until(answer.begun)
        elif self.task.interrupt_at == "done":
            await conversation.until(answer.done)
        await asyncio.sleep(self.task.interrupt_after)
        if self.task.interrupt_by == "voice":
            coming = asyncio.ensure_future(conversation.next_answer())
            await conversation.speak(self.task.speech)
            await self.show(conversation, await coming)
            return
        await conversation.interrupt(answer)
        await conversation.finished(answer)

    async def show(self, conversation: Conversation, answer: Answer | None) -> None:
        """Let the user read an answer when it is over."""
        if answer is not None:
            await conversation.finished(answer)
            self.show_text(answer)

    def show_text(self, answer: Answer) -> None:
        """Let the user read an answer, if there is anything to read."""
        if answer.text:
            self.tell("answer", {"text": answer.text})


def _message(role: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}
