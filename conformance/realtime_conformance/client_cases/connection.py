"""Connections that are refused, lost, or fall silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Moment, Run, text_of
from realtime_conformance.client.subject import TOOLS, ClientUnderTest
from realtime_conformance.client_cases.conversation import FIRST, SECOND, goes_on, tells

MOST_ATTEMPTS = 6
"""To connect, in a second of trying."""


@case("RECON-001", "A connection that is closed in the midst of an answer", needs=["converse"], deadline=20)
async def closed_while_speaking(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="closed-while-speaking", texts=[FIRST])
    tells(checks, run)


@case("RECON-002", "A connection that is closed before an answer begins", needs=["converse"], deadline=20)
async def closed_while_thinking(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="closed-while-thinking", texts=[FIRST])
    tells(checks, run)


@case("RECON-003", "A connection that is reset", needs=["converse", "websocket"], deadline=20)
async def reset(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="reset-while-speaking", texts=[FIRST])
    tells(checks, run)


@case("RECON-004", "A connection that is closed while the user speaks", needs=["speak"], deadline=20)
async def closed_while_listening(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("speak", scenario="closed-while-listening")
    tells(checks, run)


@case("RECON-005", "A connection that is closed in the midst of a call", needs=["tools"], deadline=20)
async def closed_while_calling(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("tools", scenario="closed-while-calling", texts=[FIRST], tools=TOOLS)
    checks.empty("runs-no-half-call", [*run.outputs, *run.reports("call")])
    tells(checks, run)


@case("RECON-006", "A server that hangs up between two turns", needs=["converse"], deadline=20)
async def hangs_up(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: hangs up
        rules:
          - on: response.done
            turns:
              - close: {code: 1000, reason: Goodbye.}
          - on: response.create
            turns:
              - say: "It was nice talking to you. Goodbye!"
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    tells(checks, run)


@case("RECON-007", "A conversation goes on in a new session", needs=["reconnect"])
async def goes_on_elsewhere(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("reconnect", scenario="reconnect", texts=[FIRST, SECOND])
    checks.equal("connects-again", len(run.sessions), 2)
    goes_on(checks, run, SECOND)
    checks.empty("names-nothing-of-the-old-session", list(stale_ids(run)))


@case("RECON-008", "A new session is given the conversation of the lost one", needs=["reconnect", "restores"])
async def restored(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("reconnect", scenario="reconnect", texts=[FIRST, SECOND])
    told = restored_items(run)
    checks.equal("restores-in-order", told, [("user", FIRST), ("assistant", "I am still here."), ("user", SECOND)])


@case("RECON-009", "A session at the end of its time", needs=["reconnect"])
async def expired(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: expired
        rules:
          - on: response.created
            nth: 2
            turns:
              - - error: {code: session_expired, message: Your session hit the maximum duration of 60 minutes.}
                - close: {code: 1001, reason: Your session hit the maximum duration of 60 minutes.}
          - on: response.create
            turns:
              - say: "This is an answer, and there is time for it."
    """
    run = await client.perform("reconnect", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("RECON-010", "Connections that are lost again and again", needs=["reconnect"])
async def lost_again(client: ClientUnderTest, checks: Checks) -> None:
    faults = [
        {"on": {"connect": "websocket", "nth": number}, "close": {"code": code, "after": "150ms"}}
        for number, code in enumerate((1001, 1006, 1012), start=1)
    ]
    calls = [{**fault, "on": {"connect": "call", "nth": number}} for number, fault in enumerate(faults, start=1)]
    scenario = """
        scenario: lost again
        timing: {latency: 400ms}
        rules:
          - on: response.create
            turns:
              - say: "Now there is time for an answer."
    """
    run = await client.perform("reconnect", scenario=scenario, faults=[*faults, *calls], texts=[FIRST])
    checks.equal("connects-each-time", len(run.attempts), 4)
    goes_on(checks, run, FIRST)


@case("RECON-011", "A server that has no room, and says for how long", needs=["reconnect"])
async def no_room(client: ClientUnderTest, checks: Checks) -> None:
    fault = {"on": "connect", "refuse": {"status": 503, "retry_after": "1s"}, "count": 1}
    run = await client.perform("reconnect", faults=[fault], texts=[FIRST])
    goes_on(checks, run, FIRST)
    times = [one.at for one in run.attempts]
    waited = round(times[1] - times[0], 3) if len(times) > 1 else 0.0
    checks.within("waits-as-long-as-it-is-told", waited, 0.95, 30, note=f"attempts: {len(times)}")


@case("RECON-012", "A key that is refused", needs=["reconnect"], deadline=20)
async def refused_key(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("reconnect", faults=[{"on": "connect", "refuse": 401}], texts=[FIRST])
    checks.within("does-not-insist", len(run.attempts), 1, 2)
    tells(checks, run)


@case("RECON-013", "A server that closes every connection at once", needs=["reconnect"], deadline=45)
async def closed_at_once(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("reconnect", scenario="closed-at-once", texts=[FIRST])
    times = [one.at for one in run.attempts]
    busiest = max((sum(at <= other < at + 1 for other in times) for at in times), default=0)
    checks.within("does-not-storm", busiest, 1, MOST_ATTEMPTS)
    tells(checks, run)


@case(
    "RECON-014",
    "A connection on which nothing travels any more",
    needs=["reconnect", "websocket"],
    slow=True,
    deadline=90,
)
async def half_open(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: half open
        timing: {latency: 500ms}
        rules:
          - on: response.create
            turns:
              - say: "Now you can hear me."
        faults:
          - on: {connect: websocket, nth: 1}
            half_open: {after: 300ms}
    """
    run = await client.perform("reconnect", scenario=scenario, texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("RECON-015", "An attempt to connect that is refused", needs=["converse"], deadline=20)
async def refused(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", faults=[{"on": "connect", "refuse": 403}], texts=[FIRST])
    tells(checks, run)


def restored_items(run: Run) -> list[tuple[str, str]]:
    """What the second session was told before its first response: who said it, and what."""
    second = run.sessions[1] if len(run.sessions) > 1 else ""
    first = run.sent("response.create", session=second)[:1]
    created = run.sent("conversation.item.create", session=second)
    before = [moment["item"] for moment in created if first and moment.number < first[0].number]
    return [(str(item.get("role")), text_of(item)) for item in before]


def stale_ids(run: Run) -> Iterator[str]:
    """Ids of an earlier session that the client used in a later one."""
    known: set[str] = set()
    for session in run.sessions:
        mine = [(moment, value) for moment in run.sent(session=session) for value in _named(moment)]
        yield from (f"{moment['type']}: {value}" for moment, value in mine if value in known)
        known |= {value for moment in run.came(session=session) for value in _ids(moment.event)}


def _named(moment: Moment) -> Iterator[str]:
    """The ids that a client's event refers to."""
    item = moment.event.get("item")
    told = {**moment.event, "call_id": item.get("call_id")} if isinstance(item, dict) else moment.event
    keys = ("item_id", "previous_item_id", "response_id", "call_id")
    yield from (str(told[key]) for key in keys if told.get(key))


def _ids(value: Any) -> Iterator[str]:
    """The ids of items, responses and calls in a server's event."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("id", "item_id", "call_id", "response_id") and isinstance(inner, str):
                yield inner
            else:
                yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


CASES = (
    closed_while_speaking,
    closed_while_thinking,
    reset,
    closed_while_listening,
    closed_while_calling,
    hangs_up,
    goes_on_elsewhere,
    restored,
    expired,
    lost_again,
    no_room,
    refused_key,
    closed_at_once,
    half_open,
    refused,
)
