"""A state machine that drives any server as a client does, for Hypothesis."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from realtime_conformance.strategies import vocabulary as words
from realtime_conformance.strategies.client_view import ClientView


class ClientMachine(RuleBasedStateMachine):
    """Sends whatever a client may send, in any order, with time between.

    A subclass says how an event reaches its server (`receive`) and how time passes (`wait`), gives every server event
    to `view.learn`, and adds invariants, and rules of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.view = ClientView()

    def receive(self, event: Any) -> Any:
        """Let the server receive this event."""
        raise TypeError(f"{type(self).__name__} has to say how its server receives {event['type']}: define receive()")

    def wait(self, seconds: float) -> Any:
        """Let so much time pass for the server."""
        raise TypeError(f"{type(self).__name__} has to say how {seconds} s pass for its server: define wait()")

    @rule(event=words.UPDATES | words.CREATIONS, which=words.WHICH)
    def update_or_create(self, event: Any, which: int) -> None:
        """Change the session, or add an item."""
        self.receive(self.view.fill(event, which))

    @rule(event=words.CREATES, which=words.WHICH)
    def create_response(self, event: Any, which: int) -> None:
        """Ask for a response."""
        self.receive(self.view.fill(event, which))

    @rule(event=words.CHANGES | words.SIGNALS, which=words.WHICH)
    def change_what_is_there(self, event: Any, which: int) -> None:
        """Delete, retrieve, truncate, cancel, commit, clear."""
        self.receive(self.view.fill(event, which))

    @rule(approve=st.booleans(), which=words.WHICH)
    def answer_a_request_for_approval(self, approve: bool, which: int) -> None:  # noqa: FBT001 - drawn by name
        """Approve a call of a tool, or refuse it."""
        self.receive(self.view.fill(words.answering(approve=approve), which))

    @rule(sound=st.sampled_from(words.SOUNDS))
    def append(self, sound: str) -> None:
        """Send input audio as an event."""
        audio = base64.b64encode(words.pcm(sound)).decode()
        self.receive({"type": "input_audio_buffer.append", "audio": audio})

    @rule(seconds=words.PAUSES)
    def let_time_pass(self, seconds: float) -> None:
        """Do nothing for a while."""
        self.wait(seconds)
