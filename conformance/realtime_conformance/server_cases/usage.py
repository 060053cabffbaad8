"""What a response costs, what is left, and how things are called."""

from __future__ import annotations

import base64
import binascii

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, entries, item_id, number, of_type, response_id, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT, begin, end_of
from realtime_conformance.server_cases.out_of_band import PAGE

BYTES_PER_SECOND = 48_000
INPUT, OUTPUT = "input_token_details", "output_token_details"


@case("USE-001", "A response counts its tokens", needs=["usage"])
async def counted(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        events = await session.respond()
    usage = at(events[-1], "response.usage")
    checks.has("totals", usage, ("total_tokens", "input_tokens", "output_tokens"))
    spent = [number(usage, "input_tokens"), number(usage, "output_tokens")]
    checks.that("both-counted", all(count > 0 for count in spent), expected="more than none of each", actual=spent)
    checks.equal("total-is-their-sum", at(usage, "total_tokens"), sum(spent))
    checks.has("input-by-kind", at(usage, INPUT), ("text_tokens", "audio_tokens", "cached_tokens"))
    checks.has("output-by-kind", at(usage, OUTPUT), ("text_tokens", "audio_tokens"))
    cached = number(usage, f"{INPUT}.cached_tokens")
    checks.within("cached-is-part-of-the-input", cached, 0, spent[0])
    parts = sum(number(usage, f"{INPUT}.cached_tokens_details.{kind}_tokens") for kind in ("text", "audio", "image"))
    checks.equal("cached-by-kind", parts, cached)
    checks.equal("text-costs-no-audio", at(usage, f"{OUTPUT}.audio_tokens"), 0)


@case("USE-002", "What was said before costs again", needs=["usage"])
async def growing(server: Server, checks: Checks) -> None:
    spent = []
    async with server.session(**TEXT) as session:
        for question in ("Say one.", PAGE, "Say two."):
            await session.write(question)
            spent.append(number((await session.respond())[-1], "response.usage.input_tokens"))
    checks.that("grows", spent[0] < spent[1] < spent[2], expected="more input each time", actual=spent)
    # Even the shortest tokenizer makes 50 tokens of the 600 characters of the page.
    checks.that("grows-by-what-was-said", spent[1] - spent[0] >= 50, expected="50 tokens more at least", actual=spent)


async def _spoken_ms(session: Dialogue, item: str) -> float:
    """How long the assistant spoke: by the audio that came as events, or by the retrieved item."""
    deltas = [text(event, "delta") for event in of_type(session.events, "response.output_audio.delta")]
    if not deltas:
        await session.send("conversation.item.retrieve", item_id=item)
        deltas = [text(await session.until("conversation.item.retrieved"), "item.content.0.audio")]
    try:
        return sum(len(base64.b64decode(delta)) for delta in deltas) * 1000 / BYTES_PER_SECOND
    except binascii.Error:
        return 0.0


@case("USE-003", "Speech costs by its length", needs=["audio", "usage"])
async def speech(server: Server, checks: Checks) -> None:
    second = {"type": "input_audio", "audio": base64.b64encode(bytes(BYTES_PER_SECOND)).decode()}
    async with server.session() as session:
        await session.write("Say hello.")
        events = await session.respond()
        spoken = await _spoken_ms(session, text(events[-1], "response.output.0.id"))
        before = await session.respond(**TEXT)
        item = {"type": "message", "role": "user", "content": [second, second, second]}
        await session.send("conversation.item.create", item=item)
        await session.until("conversation.item.done")
        after = await session.respond(**TEXT)
    made = number(events[-1], f"response.usage.{OUTPUT}.audio_tokens")
    checks.within("assistant-50-ms-a-token", made, spoken / 50 * 0.9 - 2, spoken / 50 * 1.1 + 2)
    heard = [number(turn[-1], f"response.usage.{INPUT}.audio_tokens") for turn in (before, after)]
    checks.within("user-100-ms-a-token", heard[1] - heard[0], 27, 33)
    checks.that("assistant-speech-costs-again", heard[0] > 0, expected="audio tokens of the answer", actual=heard[0])


@case("USE-004", "Rate limits, where they are told, tell what is left")
async def rate_limits(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        await session.respond()
        told = [limit for event in of_type(await session.rest(), "rate_limits.updated") for limit in _limits(event)]
    wrong = [limit for limit in told if at(limit, "name") not in ("requests", "tokens")]
    checks.empty("names", wrong)
    more = [limit for limit in told if not 0 <= number(limit, "remaining") <= number(limit, "limit")]
    checks.empty("remaining-is-within-the-limit", more)


def _limits(event: object) -> list[object]:
    return list(entries(event, "rate_limits"))


@case("USE-005", "A token limit of the conversation leaves its oldest items out", needs=["usage"])
async def token_limit(server: Server, checks: Checks) -> None:
    limit = {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 120}}
    async with server.session(**TEXT, instructions="Be brief.") as session:
        for number_of_page in range(4):
            await session.write(PAGE, id=f"page_{number_of_page}")
        await session.write("Say hello.")
        whole = number((await session.respond())[-1], "response.usage.input_tokens")
        await session.update(truncation=limit)
        await session.write("Say it again.")
        cut = await session.respond()
    spent = number(cut[-1], "response.usage.input_tokens")
    checks.equal("still-answers", at(cut[-1], "response.status"), "completed")
    checks.that("costs-less", 0 < spent < whole / 2, expected=f"less than half of {whole}", actual=spent)


@case("USE-006", "Ids tell what they are of")
async def ids(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        item = await session.write("Say hello.")
        events = await session.respond()
        received = [text(event, "event_id") for event in session.events]
    generated = [text(item, "id"), *map(item_id, of_type(events, "response.output_item.added"))]
    for slug, prefix, found in (
        ("events", "event_", received),
        ("items", "item_", generated),
        ("responses", "resp_", [response_id(events[0])]),
        ("conversations", "conv_", [text(events[0], "response.conversation_id")]),
    ):
        other = [one for one in found if not one.startswith(prefix)]
        checks.empty(slug, other)


@case("USE-007", "A cancelled response costs what it made", needs=["usage"])
async def cancelled(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        await session.send("response.cancel")
        done = await end_of(session, created)
    spent = at(done, "response.usage")
    checks.that("counted", number(spent, "output_tokens") > 0, expected="the tokens that came", actual=spent)


CASES = (counted, growing, speech, rate_limits, token_limit, ids, cancelled)
