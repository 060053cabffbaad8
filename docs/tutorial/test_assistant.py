"""The assistant, without the service: five things that happen to it."""

import asyncio

import pytest
from assistant import BUSY, Assistant
from openai import AsyncOpenAI

DEADLINE = 10.0


class Ear:
    """A speaker that keeps what it is given, and says that 200 ms of it were heard."""

    def __init__(self):
        self.pcm = b""
        self.hears = asyncio.Event()

    def play(self, pcm):
        self.pcm += pcm
        self.hears.set()

    def stop(self):
        return 200 if self.pcm else 0


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
async def assistant(realtime_mock, ear):
    async def get_weather(city):
        if city != "Paris":
            raise LookupError(f"no weather station in {city}")
        return {"degrees": 21, "sky": "sunny"}

    async with AsyncOpenAI(base_url=realtime_mock.url, api_key=realtime_mock.api_key) as client:
        assistant = Assistant(client, ear, get_weather)
        async with asyncio.timeout(DEADLINE):
            yield assistant
            await assistant.close()


@pytest.mark.realtime_scenario("weather.yaml")
async def test_the_weather_is_looked_up_and_told(assistant, ear):
    assert await assistant.ask("How is the weather in Paris?") == "It is 21 degrees and sunny in Paris."
    assert len(ear.pcm) > 48_000  # more than a second of speech


async def test_the_model_is_told_when_the_tool_fails(assistant, realtime_mock):
    realtime_mock.scenario("""
        scenario: nowhere
        rules:
          - on: {type: conversation.item.create, item: {type: function_call_output}}
            turns:
              - say: "I do not know the weather there."
          - on: response.create
            turns:
              - call: {name: get_weather, arguments: {city: Atlantis}}
    """)
    realtime_mock.expect({"item": {"type": "function_call_output", "output": {"$contains": "no weather station"}}})
    assert await assistant.ask("How is the weather in Atlantis?") == "I do not know the weather there."


async def test_an_interruption_ends_the_answer_and_tells_how_much_was_heard(assistant, ear, realtime_mock):
    realtime_mock.scenario("interruption")  # a bundled one: it speaks for half a minute
    asking = asyncio.create_task(assistant.ask("Tell me about the telephone."))
    await ear.hears.wait()
    await assistant.interrupt()
    await asking
    await realtime_mock.aio.wait_for("conversation.item.truncate")
    cancel, truncate = realtime_mock.events(direction="in")[-2:]
    assert (cancel.type, truncate.type) == ("response.cancel", "conversation.item.truncate")
    assert truncate["audio_end_ms"] == 200


async def test_a_lost_connection_is_made_again_and_told_what_was_said(assistant, realtime_mock):
    realtime_mock.scenario("scenario: echo\nrules: [{on: response.create, turns: [{say: 'You are welcome.'}]}]")
    await assistant.ask("Thank you.")
    realtime_mock.fault(on="response.output_audio.delta", nth=2, close=1011, count=1)
    assert await assistant.ask("Thank you again.") == "You are welcome."
    _, second = realtime_mock.sessions
    told = realtime_mock.events("conversation.item.create", session=second)
    assert [event["item"]["content"][0]["text"] for event in told] == [
        "Thank you.",
        "You are welcome.",
        "Thank you again.",
    ]


async def test_the_user_hears_of_a_rate_limit(assistant, realtime_mock):
    realtime_mock.fault(on="connect", refuse="rate_limit", count=1)
    assert await assistant.ask("Hello?") == BUSY
    assert "there now" in await assistant.ask("Are you there now?")
