"""In whose voice a response is spoken, and how fast."""

from __future__ import annotations

import pytest

from realtime_mock.core.speech import Speech
from realtime_mock.scenario.model import Rule, Say, Scenario

SPOKEN = {"audio": {"output": {"voice": "verse", "speed": 1.25}}}


class Listener:
    """A voice that remembers how it was asked to speak."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        self.asked.append((voice, speed))
        return Speech(text, bytes(4800))


@pytest.mark.parametrize(
    ("say", "response", "voice"),
    [
        (Say("Hi"), {}, "verse"),
        (Say("Hi"), {"audio": {"output": {"voice": "coral"}}}, "coral"),
        (Say("Hi"), {"audio": {"output": {"voice": {"id": "voice_1"}}}}, "voice_1"),
        (Say("Hi", voice="cedar"), {"audio": {"output": {"voice": "coral"}}}, "cedar"),
    ],
)
def test_the_nearest_voice_speaks(opened, say: Say, response: dict[str, object], voice: str):
    listener = Listener()
    session = opened(scenario=Scenario("test", [Rule("response.create", [say])]), given=SPOKEN, voice=listener)
    session.send("response.create", response=response)
    session.run()
    assert listener.asked == [(voice, 1.25)]


def test_another_voice_is_for_one_message_only(opened):
    listener = Listener()
    turn = [Say("One", voice="ash"), Say("Two")]
    session = opened(scenario=Scenario("test", [Rule("response.create", [turn])]), voice=listener)
    session.send("response.create")
    session.run()
    assert [voice for voice, _ in listener.asked] == ["ash", "alloy"]
