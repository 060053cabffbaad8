"""Connections: how they open and are refused, and what they survive."""

from __future__ import annotations

import base64

from realtime_conformance import voice
from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, kinds, of_type, response_id, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.attempts import attempt, check_refusal
from realtime_conformance.server_cases.speaking import error_of
from realtime_conformance.targets.base import Message, Opening
from realtime_conformance.transcript import Event

WRONG_KEY = "undefined"
"""What a variable that was never set becomes in a header."""

UNAUTHORIZED, BAD_REQUEST = 3000, 4000
"""Close codes of a refused connection (recorded)."""

BROKEN_JSON = ('{"type": "response.create"', "hello")
NOT_AN_EVENT = ("[]", "5", '"response.create"', "null")
WITHOUT_TYPE = ("{}", '{"event_id": "event_1"}', '{"type": 5}')

LARGE = 5 * 2**20
"""Bytes of audio in one append: more than many a library takes in a message unless it is told to."""

KEY_PROTOCOL = "openai-insecure-api-key."


@case("CONN-001", "A connection opens with its session")
async def opens(server: Server, checks: Checks) -> None:
    async with server.connection() as talk:
        first = await talk.next()
        await talk.update(output_modalities=["text"])
    checks.equal("created-comes-first", first["type"], "session.created")
    checks.that("event-has-an-id", bool(first.get("event_id")), expected="an event_id", actual=first.get("event_id"))
    created = [event for event in talk.events if event["type"] == "session.created"]
    checks.equal("created-comes-once", len(created), 1)


@case("CONN-002", "A wrong key is refused", needs=["websocket", "keys"])
async def wrong_key(server: Server, checks: Checks) -> None:
    opening = Opening(key=WRONG_KEY)
    await check_refusal(server, checks, opening, code="invalid_api_key", close=UNAUTHORIZED)


@case("CONN-003", "A connection without a key is refused", needs=["websocket", "keys"])
async def no_key(server: Server, checks: Checks) -> None:
    await check_refusal(server, checks, Opening(key=""), code=None, close=UNAUTHORIZED)


@case("CONN-004", "A model that is none is refused", needs=["websocket"])
async def wrong_model(server: Server, checks: Checks) -> None:
    opening = Opening(model="gpt-nope")
    tried = await check_refusal(server, checks, opening, code="invalid_model", close=BAD_REQUEST)
    told = tried.error.get("message", "")
    checks.that("names-the-model", "gpt-nope" in told, expected="gpt-nope in the message", actual=told)


@case("CONN-005", "A connection without a model is refused", needs=["websocket"])
async def no_model(server: Server, checks: Checks) -> None:
    await check_refusal(server, checks, Opening(query={}), code="missing_model", close=BAD_REQUEST)


@case("CONN-006", "A client that asks for beta is told that beta is over", needs=["websocket"])
async def beta_header(server: Server, checks: Checks) -> None:
    opening = Opening(headers={"OpenAI-Beta": "realtime=v1"})
    await check_refusal(server, checks, opening, code="beta_api_shape_disabled", close=BAD_REQUEST)


@case("CONN-007", "An intent that is none is refused", needs=["websocket"])
async def wrong_intent(server: Server, checks: Checks) -> None:
    opening = Opening(query={"intent": "nothing"})
    await check_refusal(server, checks, opening, code="invalid_intent", close=BAD_REQUEST)


@case("CONN-008", "A page connects with its key among the subprotocols", needs=["websocket"])
async def browser(server: Server, checks: Checks) -> None:
    key = server.target.key or WRONG_KEY
    opening = Opening(key="", subprotocols=("realtime", KEY_PROTOCOL + key))
    async with server.connection(opening) as talk:
        checks.equal("chooses-realtime", talk.connection.subprotocol, "realtime")
        first = await talk.next()
    checks.equal("opens", first["type"], "session.created")


@case("CONN-009", "A wrong key among the subprotocols is refused", needs=["websocket", "keys"])
async def browser_with_wrong_key(server: Server, checks: Checks) -> None:
    opening = Opening(key="", subprotocols=("realtime", KEY_PROTOCOL + WRONG_KEY))
    tried = await attempt(server, opening)
    checks.that("refused", not tried.is_open, expected="no session", actual=tried.kinds)


@case("CONN-010", "Text that is no JSON is refused, and the session goes on")
async def broken_json(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        for text in BROKEN_JSON:
            error = await _refused(session, checks, text)
            checks.equal("code", error.get("code"), "invalid_json", note=text)
        await _goes_on(session, checks)


@case("CONN-011", "JSON that is no event is refused, and the session goes on")
async def no_event(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        for text in (*NOT_AN_EVENT, *WITHOUT_TYPE):
            await _refused(session, checks, text)
        await _goes_on(session, checks)


@case("CONN-012", "A binary frame is refused, and the session goes on", needs=["websocket"])
async def binary(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        error = await _refused(session, checks, b'{"type": "response.create"}')
        checks.equal("code", error.get("code"), "invalid_event")
        await _goes_on(session, checks)


@case("CONN-013", "An append of 5 MiB of audio is taken", needs=["audio-events"])
async def large_message(server: Server, checks: Checks) -> None:
    async with server.session(audio={"input": {"turn_detection": None}}) as session:
        speech = voice.question() * (LARGE // len(voice.question()) + 1)
        audio = base64.b64encode(speech[:LARGE]).decode()
        await session.send("input_audio_buffer.append", audio=audio)
        await session.send("input_audio_buffer.commit")
        committed = await session.until("input_audio_buffer.committed", "error")
    checks.equal("taken", committed["type"], "input_audio_buffer.committed", note=str(committed.get("error", "")))


@case("CONN-014", "A PING is answered", needs=["websocket"])
async def pinged(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        await session.connection.ping(session.patience)
        checks.passed("pong")
        await _goes_on(session, checks)


@case("CONN-015", "Sessions know nothing of each other")
async def isolated(server: Server, checks: Checks) -> None:
    async with server.session() as first, server.session() as second:
        item = await first.write("The word is lighthouse.")
        checks.empty("no-events-elsewhere", await second.rest())
        ids = {text(event, "event_id") for event in first.events} & {text(event, "event_id") for event in second.events}
        checks.empty("event-ids-differ", ids)
        await second.send("conversation.item.retrieve", item_id=text(item, "id"))
        answer = await second.until("error", "conversation.item.retrieved")
        checks.equal("item-is-unknown-elsewhere", answer["type"], "error")


@case("CONN-016", "A session begins afresh after another was left in the midst of a response")
async def afresh(server: Server, checks: Checks) -> None:
    async with server.session(output_modalities=["text"]) as left:
        await left.write("Tell me a long story.")
        await left.send("response.create")
        created = await left.until("response.created")
    async with server.session(output_modalities=["text"]) as session:
        early = await session.rest()
        checks.empty("nothing-left-over", early)
        await session.write("Say hello.")
        events = await session.respond()
    checks.equal("answers", at(events[-1], "response.status"), "completed")
    differs = response_id(events[0]) != response_id(created)
    checks.that("response-is-its-own", differs, expected="another id", actual=response_id(events[0]))


async def _refused(session: Dialogue, checks: Checks, message: Message) -> Event:
    """The error that answers a message that is no event; checks `refused` and `type`.

    An update goes behind it: once that is answered, what was sent before it has been read.
    """
    start = len(session.events)
    await session.send_message(message)
    await session.send("session.update", session={"type": "realtime", "instructions": "Answer in one word."})
    await session.after(start, "session.updated", "error", where=lambda event: event["type"] == "session.updated")
    if not of_type(session.events[start:], "error"):
        await session.rest()
    errors = of_type(session.events[start:], "error")
    checks.that("refused", bool(errors), expected="an error", actual=kinds(session.events[start:]), note=repr(message))
    error = error_of(errors[0]) if errors else {}
    checks.equal("type", error.get("type"), "invalid_request_error", note=repr(message))
    return error


async def _goes_on(session: Dialogue, checks: Checks) -> None:
    """Check `goes-on`: an update is still acknowledged, whatever the server makes of it."""
    await session.update(instructions="Answer in one word.")
    checks.passed("goes-on")


CASES = (
    opens,
    wrong_key,
    no_key,
    wrong_model,
    no_model,
    beta_header,
    wrong_intent,
    browser,
    browser_with_wrong_key,
    broken_json,
    no_event,
    binary,
    large_message,
    pinged,
    isolated,
    afresh,
)
