"""What libwebrtc's caller says is known by its words, also where packets are lost."""

from __future__ import annotations

import asyncio
from typing import Any

from realtime_mock.faults.reading import parse_faults
from realtime_mock.hearing.saying import Said
from realtime_mock.scenario.loader import parse_scenario

DEADLINE = 20.0
TRANSCRIBED = {"type": "realtime", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}
SCENARIO = """
scenario: spoken
rules:
  - on: {heard: "Please connect me with the reception."}
    turns: [say: "One moment."]
  - on: {heard: "Please connect me with the restaurant."}
    turns: [say: "It is closed."]
"""


async def test_the_words_of_a_call_that_loses_packets_are_known(mock: Any, new_caller: Any) -> None:
    mock.factory.scenario = parse_scenario(SCENARIO)
    # Every twentieth packet, and not by chance: where several are lost in a row the word may be lost with them.
    losses = ", ".join(f"{{rtp_loss: {{direction: in}}, nth: {number}}}" for number in range(20, 1000, 20))
    mock.factory.lanes.default.faults.set.replace(parse_faults(f"[{losses}]", "faults", mock.factory.registry))
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial(session=TRANSCRIBED)
    await caller.until("session.created")
    said = Said(("Please connect me with the restaurant.",), silence=0.2).pcm(mock.factory.voice)
    async with asyncio.timeout(DEADLINE):
        await caller.microphone.say(said)
        spoken = await caller.until("response.output_audio_transcript.done")
    assert spoken["transcript"] == "It is closed."
    [heard] = [entry.event for entry in mock.journal.entries(kind="heard")]
    assert heard["says"] == "Please connect me with the restaurant."
