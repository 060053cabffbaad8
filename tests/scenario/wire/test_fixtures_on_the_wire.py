"""The bundled scenarios as clients see them: over a WebSocket and in a call."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
CREATE = {"type": "response.create"}


async def until(client: Any, kind: str) -> Event:
    """Receive up to the next event of this type."""
    while (event := await client.receive())["type"] != kind:
        pass
    return event


async def respond(client: Any) -> Event:
    """Ask for a response and give it as `response.done` has it."""
    await client.send(CREATE)
    response: Event = (await until(client, "response.done"))["response"]
    return response


def words(response: Event) -> list[str]:
    parts = [part for item in response["output"] if item["type"] == "message" for part in item["content"]]
    return [part["transcript"] for part in parts]


async def test_greeting(play):
    async with play("greeting") as client:
        said = [words(await respond(client)) for _ in range(3)]
    assert said == [
        ["Hello! This is the mock speaking. What can I do for you?"],
        ["Thank you, I heard you."],
        ["I am still listening."],
    ]


async def test_greeting_is_heard(play):
    async with play("greeting", pace=10.0) as client:
        await client.send(CREATE)
        kinds = []
        while not kinds or kinds[-1] != "response.done":
            kinds.append((await client.receive())["type"])
    # A call hears its audio on the track, and is told when that begins.
    assert len({"response.output_audio.delta", "output_audio_buffer.started"} & set(kinds)) == 1


async def test_tool_call(play):
    async with play("tool-call") as client:
        first = await respond(client)
        call_id = first["output"][1]["call_id"]
        output = {"type": "function_call_output", "call_id": call_id, "output": '{"degrees": 21}'}
        await client.send({"type": "conversation.item.create", "item": output})
        second = await respond(client)
    assert first["output"][1]["arguments"] == '{"city":"Paris","unit":"celsius"}'
    assert [words(first), words(second)] == [["Let me check."], ["It is 21 degrees and sunny in Paris."]]


async def test_interruption(play):
    async with play("interruption", pace=1.0) as client:
        await client.send(CREATE)
        await until(client, "response.output_audio_transcript.delta")
        await client.send({"type": "response.cancel"})
        await client.stop_playback()
        cancelled = (await until(client, "response.done"))["response"]
        await client.send(CREATE)
        transcript = (await until(client, "response.output_audio_transcript.done"))["transcript"]
    assert (cancelled["status"], cancelled["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert not words(cancelled)[0].endswith("a very long time.")
    assert transcript == "Of course. What would you like to know?"


async def test_failed_response(play):
    async with play("failed-response") as client:
        limited = await respond(client)
        await client.send({**CREATE, "event_id": "second"})
        refusal = await until(client, "error")
        incomplete = await respond(client)
        recovered = await respond(client)
    assert limited["status_details"]["error"]["code"] == "rate_limit_exceeded"
    assert refusal["error"]["event_id"] == "second"
    assert (incomplete["status"], incomplete["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert words(recovered) == ["Everything works again."]


async def test_raw_events(play):
    async with play("raw-events") as client:
        await client.send({"type": "session.update", "session": {"type": "realtime", "instructions": "Hi."}})
        limits = await until(client, "rate_limits.updated")
        await client.send({"type": "input_audio_buffer.clear"})
        failure = await until(client, "conversation.item.input_audio_transcription.failed")
        await client.send({"type": "input_audio_buffer.clear"})
        await until(client, "input_audio_buffer.cleared")
        end = await client.ended()
    assert [limit["remaining"] for limit in limits["rate_limits"]] == [1, 12]
    assert failure["error"]["code"] == "audio_unintelligible"
    assert end in ((1011, "The scenario ends here."), None)


async def test_unknown_events_reach_the_client(play):
    async with play("unknown-events") as client:
        assert words(await respond(client)) == ["You have survived everything so far."]


async def test_a_connection_closed_while_speaking(play):
    async with play("closed-while-speaking", pace=10.0) as client:
        await client.send(CREATE)
        for _ in range(3):
            await until(client, "response.output_audio_transcript.delta")
        assert await client.ended() in (None, (1011, "internal error"))
