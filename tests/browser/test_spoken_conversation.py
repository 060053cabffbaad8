"""A page in Chromium speaks with the mock, by files that `realtime-mock speak` made: the answers follow the words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from realtime_mock.cli import main
from realtime_mock.scenario.loader import find_scenario, load_scenario
from realtime_mock.server import RealtimeMock

from .test_guide_page import place_call

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

CONVERSATION = {
    "What's the weather in Paris?": "It is sunny in Paris.",
    "Where is the station?": "I did not catch that. Please say it again.",
    "What time is it?": "It is ten past nine.",
}
"""What is said to the scenario `spoken-questions`, which lists the first and the last, and what it answers."""

TRANSCRIBED = {"type": "realtime", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """The whole conversation: time to connect, and to answer."""
    file = tmp_path / "conversation.wav"
    options = ["--rate", "48000", "--before", "4s", "--silence", "5s"]
    result = CliRunner().invoke(main, ["speak", *CONVERSATION, "-o", str(file), *options])
    assert result.exit_code == 0, result.output
    return file


async def test_the_answers_follow_the_words(page: Page, mock: RealtimeMock) -> None:
    mock.factory.scenario = load_scenario(find_scenario("spoken-questions"))
    await place_call(page, mock, "unified")
    await page.wait_for_function("has('session.created')")
    await page.evaluate("send", {"type": "session.update", "session": TRANSCRIBED})
    await page.wait_for_function(
        "call.events.filter((event) => event.type === 'output_audio_buffer.stopped').length === 3"
    )

    events = await page.evaluate("call.events")
    told = {
        kind: [event["transcript"] for event in events if event["type"].endswith(f"{kind}")]
        for kind in ("input_audio_transcription.completed", "output_audio_transcript.done")
    }
    assert told["output_audio_transcript.done"] == list(CONVERSATION.values())
    first, second, third = told["input_audio_transcription.completed"]
    assert [first, third] == ["What's the weather in Paris?", "What time is it?"]
    assert second.startswith("[speech, ")
