"""Answers that their user stops, by a button or by talking over them."""

from __future__ import annotations

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Moment, Run
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.client_cases.conversation import FIRST, SECOND, goes_on, outcome
from realtime_conformance.client_cases.tools import moments

REACTION = 0.5
"""Seconds that a client has for stopping what it plays."""

LATER = 0.5
"""Seconds between the beginning of an answer and its interruption."""

AHEAD = {"pace": 4}
"""By then four times as much has come as can have been heard."""


@case("BARGE-001", "An answer is cancelled", needs=["interrupt"])
async def cancelled(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform(
        "interrupt", scenario="interruption", texts=[FIRST, SECOND], interrupt_after=LATER, settings=AHEAD
    )
    checks.equal("cancels", len(run.done("cancelled")), 1)
    falls_silent(checks, run, run.sent("response.cancel"))
    goes_on(checks, run, SECOND)


@case("BARGE-002", "A cancel that takes its time", needs=["interrupt"])
async def slow_cancel(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: slow cancel
        rules:
          - on: response.cancel
            instead: true
            turns:
              - proceed: {}
                after: 1200ms
          - on: response.create
            turns:
              - say: >-
                  This is a long answer, and it will not end as soon as you ask for that. It goes on for a
                  while, because the wish to end it is still on its way, and so you hear me speak on and on.
              - say: "Here I am again."
    """
    run = await client.perform("interrupt", scenario=scenario, texts=[FIRST, SECOND], settings={"pace": 1})
    ends, creates = run.came("response.done"), run.sent("response.create")
    checks.that(
        "waits-for-its-end",
        len(creates) > 1 and bool(ends) and creates[1].number > ends[0].number,
        expected="the second response.create after the first response.done",
        actual=f"ends at {moments(ends)}, asked at {moments(creates)}",
    )
    falls_silent(checks, run, run.sent("response.cancel"))
    goes_on(checks, run, SECOND)


@case("BARGE-003", "What was heard of an answer that is cancelled", needs=["interrupt", "websocket", "truncates"])
async def truncated(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("interrupt", scenario="long-playout", texts=[FIRST, SECOND], interrupt_after=LATER)
    tells_what_was_heard(checks, run)
    goes_on(checks, run, SECOND)


@case("BARGE-004", "An answer that is over, and still to be heard", needs=["interrupt", "websocket", "truncates"])
async def truncated_after_its_end(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("interrupt", scenario="long-playout", texts=[FIRST, SECOND], interrupt_at="done")
    tells_what_was_heard(checks, run)
    goes_on(checks, run, SECOND)


@case("BARGE-005", "A truncation is refused", needs=["interrupt", "websocket", "truncates"])
async def refused_truncation(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: refused truncation
        rules:
          - on: conversation.item.truncate
            once: true
            turns:
              - error:
                  code: invalid_value
                  message: Audio content of 1115ms is already shorter than ${event.audio_end_ms}ms
          - on: response.create
            turns:
              - say: "This is about as long as the server believes, but not quite as long as that."
              - say: "Of course."
    """
    run = await client.perform("interrupt", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("BARGE-006", "An answer is stopped before it is heard", needs=["interrupt", "interrupt-early"])
async def stopped_early(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: stopped early
        rules:
          - on: response.create
            turns:
              - say: {text: "Excuse me, I had to think about that.", hesitates: 800ms}
              - say: "Of course."
    """
    run = await client.perform("interrupt", scenario=scenario, texts=[FIRST, SECOND], interrupt_at="created")
    checks.equal("cancels", len(run.done("cancelled")), 1)
    goes_on(checks, run, SECOND)


@case("BARGE-007", "There is nothing to cancel any more", needs=["interrupt"])
async def nothing_to_cancel(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: nothing to cancel
        rules:
          - on: response.cancel
            once: true
            turns:
              - error: {code: response_cancel_not_active, message: "Cancellation failed: no active response found"}
          - on: response.create
            turns:
              - say: "This answer comes to its own end, and nobody can stop it, although its user would like to."
              - say: "Of course."
    """
    run = await client.perform("interrupt", scenario=scenario, texts=[FIRST, SECOND], settings=AHEAD)
    goes_on(checks, run, SECOND)


@case("BARGE-008", "An answer that its user talks over", needs=["interrupt-by-voice"])
async def talked_over(client: ClientUnderTest, checks: Checks) -> None:
    run = await talked_over_answer(client)
    cut = run.done("cancelled")
    checks.equal("lets-the-server-hear", len(cut), 1)
    falls_silent(checks, run, run.came("input_audio_buffer.speech_started"))
    later = [end for end in run.done() if cut and end.number > cut[0].number]
    checks.that("goes-on", bool(later), expected="what the user said is answered", actual=outcome(run))


@case(
    "BARGE-009",
    "What was heard before somebody spoke",
    needs=["interrupt-by-voice", "websocket", "truncates"],
)
async def truncated_by_voice(client: ClientUnderTest, checks: Checks) -> None:
    run = await talked_over_answer(client)
    tells_what_was_heard(checks, run)


async def talked_over_answer(client: ClientUnderTest) -> Run:
    """Let the user talk over an answer that is far ahead of what they hear."""
    return await client.perform(
        "interrupt",
        scenario="interruption",
        texts=[FIRST],
        interrupt_by="voice",
        interrupt_after=LATER,
        settings=AHEAD,
    )


def falls_silent(checks: Checks, run: Run, stopped: list[Moment]) -> None:
    """Hold that of the first answer nothing was heard that came after it was stopped."""
    if not run.audio_seconds() or not stopped:
        # On a call nothing of it is in the events; CALL-007 listens there.
        checks.that("falls-silent", bool(stopped), expected="an answer that is stopped", actual=outcome(run))
        return
    first = run.came("response.output_audio.delta")[0]
    others = run.audio_seconds() - run.audio_seconds(response=first["response_id"])
    # What comes is heard in real time, so no more of it than that can have been heard.
    can_be_heard = min(run.audio_seconds(before=stopped[0].number), stopped[0].at - first.at)
    most = can_be_heard + others + REACTION
    checks.within("falls-silent", round(run.seconds_heard, 3), others * 0.9, most, note="seconds that were heard")


def tells_what_was_heard(checks: Checks, run: Run) -> None:
    """Hold that the first answer was truncated, at what can have been heard of it by then."""
    truncations = run.sent("conversation.item.truncate")
    deltas = run.came("response.output_audio.delta")
    checks.that(
        "truncates",
        bool(truncations and deltas) and truncations[0]["item_id"] == deltas[0]["item_id"],
        expected=f"a truncation of {deltas[0]['item_id'] if deltas else 'the first answer'}",
        actual=[moment.event for moment in truncations],
    )
    stopped = run.sent("response.cancel") + run.came("input_audio_buffer.speech_started") + truncations
    passed = stopped[0].at - deltas[0].at if stopped and deltas else 0.0
    heard = truncations[0]["audio_end_ms"] if truncations else -1
    checks.within("at-what-was-heard", heard, 0, (passed + REACTION) * 1000)


CASES = (
    cancelled,
    slow_cancel,
    truncated,
    truncated_after_its_end,
    refused_truncation,
    stopped_early,
    nothing_to_cancel,
    talked_over,
    truncated_by_voice,
)
