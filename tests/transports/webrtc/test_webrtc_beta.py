"""A call of the beta API: an offer to `/v1/realtime`, beta events on the data channel."""

import asyncio
from typing import Any

import pytest

from realtime_mock.registry import SchemaRegistry
from realtime_mock.settings import Settings

BETA = SchemaRegistry.bundled().dialect("beta")


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0, beta="serve")


@pytest.fixture
async def caller(new_caller: Any, mock: Any, http: Any) -> Any:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}
    url = f"{mock.base_url}/realtime?model=gpt-4o-realtime-preview-2024-12-17"
    caller.post = lambda sdp, session: http.post(url, data=sdp, headers=headers)
    await caller.dial()
    await caller.until("session.created")
    yield caller
    assert [fault for event in caller.seen if (fault := BETA.first_server_error(event))] == []


async def test_the_first_event_is_a_flat_session(caller: Any) -> None:
    [event] = caller.seen
    assert (event["type"], event["session"]["model"]) == ("session.created", "gpt-4o-realtime-preview-2024-12-17")
    assert (event["session"]["input_audio_format"], event["session"]["client_secret"]) == ("pcm16", None)


async def test_a_typed_question_is_answered_aloud(caller: Any) -> None:
    caller.say_text("Hello there")
    caller.send({"type": "response.create", "response": {"modalities": ["audio", "text"]}})
    await caller.until("output_audio_buffer.started")
    await caller.until("output_audio_buffer.stopped")
    kinds = [event["type"] for event in caller.seen]
    assert kinds[:6] == [
        "session.created",
        "conversation.item.created",
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.created",
    ]
    assert "response.audio.delta" not in kinds


async def test_an_answer_is_interrupted(caller: Any) -> None:
    caller.say_text("Tell me a long story about a telephone, with many words in it, please.")
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.started")
    caller.send({"type": "output_audio_buffer.clear"})
    await caller.until("output_audio_buffer.cleared")


async def test_the_call_can_be_hung_up(caller: Any) -> None:
    assert await caller.hang_up() == 200
    async with asyncio.timeout(10):
        await caller.closed.wait()
