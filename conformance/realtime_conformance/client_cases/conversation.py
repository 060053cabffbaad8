"""An ordinary conversation: what a client does when nothing goes wrong, or is only late."""

from __future__ import annotations

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Run
from realtime_conformance.client.subject import INSTRUCTIONS, ClientUnderTest

FIRST, SECOND, THIRD = "Good morning.", "What do you see?", "And what do you hear?"


@case("CONV-001", "A written turn is answered", needs=["converse"])
async def written_turn(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST])
    checks.equal("writes", run.written, [FIRST])
    checks.equal("asks-once", len(run.sent("response.create")), 1)
    checks.equal("shows-answer", run.answers, run.said)
    all_of_it = run.speech_seconds
    low, high = (0.98, 1.02) if run.audio_seconds() else (0.5, 1.2)
    checks.within("lets-hear-answer", run.seconds_heard, low * all_of_it, high * all_of_it)


@case("CONV-002", "The session is told what it is for", needs=["converse"])
async def configured_session(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST])
    told = run.came("session.created", "session.updated")
    known = [moment for moment in told if moment["session"].get("instructions") == INSTRUCTIONS]
    in_effect = told[-1]["session"].get("instructions") if told else None
    checks.equal("instructions", in_effect, INSTRUCTIONS)
    first = run.sent("response.create")[:1]
    checks.that(
        "before-first-answer",
        bool(known and first and known[0].number < first[0].number),
        expected="the instructions are acknowledged before a response is asked for",
        actual=f"acknowledged at {[one.at for one in known[:1]]}, asked at {[one.at for one in first]}",
    )


@case("CONV-003", "An answer in writing", needs=["converse", "text-output"])
async def answer_in_writing(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST], modality="text")
    modalities = [moment["response"]["output_modalities"] for moment in run.done()]
    checks.equal("asks-for-writing", modalities, [["text"]])
    checks.equal("shows-answer", run.answers, run.said)


@case("CONV-004", "Three turns in one session", needs=["converse"])
async def three_turns(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST, SECOND, THIRD])
    checks.equal("one-session", len(run.sessions), 1)
    checks.equal("writes-in-order", run.written, [FIRST, SECOND, THIRD])
    checks.equal("asks-once-for-each", len(run.sent("response.create")), 3)
    checks.equal("shows-answers-in-order", run.answers, run.said)


@case("CONV-005", "A model that takes its time", needs=["converse"])
async def slow_model(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: slow
        timing: {latency: 700ms}
        rules:
          - on: response.created
            instead: true
            turns:
              - proceed: {}
                after: 300ms
          - on: response.create
            turns:
              - say: "I had to think about that."
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    checks.equal("asks-once", len(run.sent("response.create")), 1)
    goes_on(checks, run, FIRST)


@case("CONV-006", "The session is acknowledged late", needs=["converse"])
async def acknowledged_late(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: acknowledged late
        rules:
          - on: session.updated
            instead: true
            turns:
              - proceed: {}
                after: 800ms
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CONV-007", "The session is never acknowledged", needs=["converse", "patience"], deadline=20)
async def never_acknowledged(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="ready-without-updated", texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CONV-008", "The session exists late", needs=["converse"])
async def created_late(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: created late
        rules:
          - on: session.created
            instead: true
            turns:
              - proceed: {}
                after: 700ms
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CONV-009", "The session never says that it exists", needs=["converse", "patience"], deadline=20)
async def never_created(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="ready-without-created", texts=[FIRST])
    goes_on(checks, run, FIRST)


@case("CONV-010", "The session refuses to be told what it is for", needs=["converse"])
async def refused_update(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: refused update
        rules:
          - on: session.update
            once: true
            turns:
              - error:
                  code: unknown_parameter
                  message: "Unknown parameter: 'session.speling'."
                  param: session.speling
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    # Without its session a client may as well give up, if it says so.
    gave_up = run.ended and bool(run.failures)
    checks.that(
        "goes-on-or-gives-up",
        run.answer_to(FIRST) is not None or gave_up,
        expected="the conversation goes on, or ends with words",
        actual=outcome(run),
    )
    tells(checks, run, "speling")


@case("CONV-011", "What is written arrives to the letter", needs=["converse"])
async def any_letters(client: ClientUnderTest, checks: Checks) -> None:
    text = 'Grüße aus "Zürich" \\ 東京\u2028 und 👋🏽, <b>&amp;</b>'
    scenario = """
        scenario: any letters
        rules:
          - on: response.create
            turns:
              - say: "You wrote: $user_text"
    """
    run = await client.perform("converse", scenario=scenario, texts=[text])
    checks.equal("writes", run.written, [text])
    checks.equal("shows-answer", run.answers, [f"You wrote: {text}"])


def goes_on(checks: Checks, run: Run, text: str) -> None:
    """Hold that this text was answered."""
    checks.that("goes-on", run.answer_to(text) is not None, expected=f"{text!r} is answered", actual=outcome(run))


def tells(checks: Checks, run: Run, word: str = "") -> None:
    """Hold that the user, or the application, was told of a failure, in words that contain one."""
    told = any(word in failure for failure in run.failures)
    expected = f"a report of a failure{f' that says {word!r}' if word else ''}"
    checks.that("tells", told, expected=expected, actual=run.failures)


def outcome(run: Run) -> str:
    """How a conversation came out, for whoever has to find out why."""
    ends = [f"{moment['response'].get('status')}" for moment in run.came("response.done")]
    status = "was ended after its time" if run.status is None else f"ended with status {run.status}"
    last = run.errors.strip().splitlines()[-1:] or [""]
    return f"wrote {run.written}, responses ended {ends}; the driver {status} {last[0][:200]}".rstrip()


CASES = (
    written_turn,
    configured_session,
    answer_in_writing,
    three_turns,
    slow_model,
    acknowledged_late,
    never_acknowledged,
    created_late,
    never_created,
    refused_update,
    any_letters,
)
