"""Calls: the offer, the data channel, and what is heard beside it."""

from __future__ import annotations

from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Run
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.client_cases.conversation import FIRST, SECOND, goes_on, tells
from realtime_conformance.client_cases.interruption import REACTION
from realtime_conformance.client_cases.size import takes_events_of

SIZES = (60_000, 65_536, 262_144)
"""Bytes of an event; aiortc and browsers declare that they take 262,144."""

_ANSWER = """
        rules:
          - on: response.create
            turns:
              - say: "This is an answer that one can hear, and read."
"""


@case("CALL-001", "A call is placed, and heard", needs=["webrtc", "converse"])
async def placed(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST])
    checks.equal("offers-once", len(run.posts("/v1/realtime/calls")), 1)
    goes_on(checks, run, FIRST)
    hears(checks, run, 0.5)


@case("CALL-002", "The first event comes with the channel itself", needs=["webrtc", "converse"])
async def created_at_once(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="created-at-once", texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CALL-003", "The channel opens late, and the session later", needs=["webrtc", "converse"])
async def created_late(client: ClientUnderTest, checks: Checks) -> None:
    faults = [{"channel_late": "500ms"}, {"session_created": "500ms"}]
    run = await client.perform("converse", faults=faults, texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CALL-004", "Events that stall, and come in a burst", needs=["webrtc", "converse"])
async def bursts(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: bursts
{_ANSWER}
        faults:
          - {{on: {{type: response.content_part.added}}, channel_stall: 500ms}}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    checks.equal("shows-answers", run.answers, run.said)
    goes_on(checks, run, SECOND)


@case("CALL-005", "An offer that is refused", needs=["webrtc", "converse"], deadline=20)
async def refused_offer(client: ClientUnderTest, checks: Checks) -> None:
    error = {"message": "Invalid SDP offer. Please try again with a WHIP-compliant offer.", "code": "invalid_offer"}
    fault = {"on": {"connect": "call"}, "refuse": {"status": 400, "error": {"type": "invalid_request_error", **error}}}
    run = await client.perform("converse", faults=[fault], texts=[FIRST])
    checks.within("does-not-insist", len(run.attempts), 1, 3)
    tells(checks, run)


@case("CALL-006", "A server that takes the active part of DTLS", needs=["webrtc", "converse"])
async def active_server(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST], settings={"sdp_profile": "service-active"})
    goes_on(checks, run, FIRST)
    hears(checks, run, 0.5)


@case("CALL-007", "An answer that is stopped falls silent", needs=["webrtc", "interrupt"])
async def cleared(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform(
        "interrupt", scenario="interruption", texts=[FIRST, SECOND], interrupt_after=0.5, settings={"pace": 4}
    )
    checks.equal("clears", len(run.sent("output_audio_buffer.clear")), 1)
    started, stopped = run.came("output_audio_buffer.started"), run.sent("response.cancel", "output_audio_buffer.clear")
    can_be_heard = stopped[0].at - started[0].at if started and stopped else 0.0
    played = run.speech().get(started[0]["response_id"], 0.0) if started else 0.0
    checks.within("falls-silent", played, 0, can_be_heard + REACTION, note="seconds that were played of it")
    goes_on(checks, run, SECOND)


@case("CALL-008", "A data channel that is closed", needs=["webrtc", "converse"], deadline=20)
async def closed_channel(client: ClientUnderTest, checks: Checks) -> None:
    fault = {"on": {"type": "response.done"}, "channel_close": {}}
    run = await client.perform("converse", faults=[fault], texts=[FIRST, SECOND])
    tells(checks, run)


@case("CALL-009", "A network that loses packets", needs=["webrtc", "converse"])
async def lossy(client: ClientUnderTest, checks: Checks) -> None:
    faults: list[dict[str, Any]] = [{"rtp_loss": {}, "probability": 0.1}, {"rtp_jitter": "60ms"}]
    run = await client.perform("converse", scenario=f"        scenario: lossy\n{_ANSWER}", faults=faults, texts=[FIRST])
    goes_on(checks, run, FIRST)
    hears(checks, run, 0.4)


@case("CALL-010", "Events as large as the channel may carry", needs=["webrtc", "converse"])
async def large_messages(client: ClientUnderTest, checks: Checks) -> None:
    await takes_events_of(SIZES, client, checks)


def hears(checks: Checks, run: Run, share: float) -> None:
    """Hold that at least such a share of what was said was heard; there are pauses in it."""
    checks.within("hears", run.seconds_heard, max(share * run.speech_seconds, 0.2), 1.5 * run.speech_seconds)


CASES = (
    placed,
    created_at_once,
    created_late,
    bursts,
    refused_offer,
    active_server,
    cleared,
    closed_channel,
    lossy,
    large_messages,
)
