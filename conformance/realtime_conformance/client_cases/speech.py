"""A user who speaks, and a server that finds the turns."""

from __future__ import annotations

import wave

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Run, size_of
from realtime_conformance.client.subject import QUESTION, ClientUnderTest
from realtime_conformance.client_cases.conversation import outcome


@case("SPEAK-001", "A spoken turn is answered", needs=["speak"])
async def spoken_turn(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("speak")
    checks.equal("is-heard", len(run.came("input_audio_buffer.committed")), 1)
    checks.equal("shows-answer", run.answers, run.said)
    answered(checks, run, 1)
    mine = [one["type"] for one in run.sent("input_audio_buffer.commit", "response.create")]
    checks.empty("leaves-turns-to-the-server", mine if detects_turns(run) else [])


@case("SPEAK-002", "All of what is said arrives", needs=["speak", "websocket"])
async def whole_speech(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("speak")
    appended = sum(size_of(one["audio"]) for one in run.sent("input_audio_buffer.append")) / 48_000
    # What a client adds to it can only be silence: the turn is over when its answer is.
    checks.within("arrives-whole", appended, length_of(QUESTION) - 0.2, length_of(QUESTION) + 5)
    answered(checks, run, 1)


@case("SPEAK-003", "Two spoken turns", needs=["speak"])
async def two_turns(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("speak", turns=2)
    checks.equal("are-heard", len(run.came("input_audio_buffer.committed")), 2)
    checks.equal("shows-answers", run.answers, run.said)
    answered(checks, run, 2)


@case("SPEAK-004", "What was said is written down late, wrongly or never", needs=["speak", "transcribes"])
async def odd_transcripts(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: odd transcripts
        transcripts:
          - {text: "This comes after the answer to it.", after: 300ms}
          - {fail: {}, after: 50ms}
          - {never: true}
        rules:
          - on: response.create
            turns:
              - say: "Yes."
    """
    run = await client.perform("speak", scenario=scenario, turns=3)
    answered(checks, run, 3)
    shown = [str(report.get("text")) for report in run.reports("user")]
    checks.equal("shows-what-was-said", [text for text in shown if text], ["This comes after the answer to it."])


def answered(checks: Checks, run: Run, turns: int) -> None:
    """Hold that so many turns were answered."""
    done = len(run.done())
    checks.that("goes-on", done >= turns, expected=f"{turns} completed responses", actual=outcome(run))


def detects_turns(run: Run) -> bool:
    """Whether the session that the client asked for has the server find the turns."""
    told = run.came("session.created", "session.updated")
    session = told[-1]["session"] if told else {}
    return bool(session.get("audio", {}).get("input", {}).get("turn_detection"))


def length_of(path: str) -> float:
    """How many seconds a WAV file sounds."""
    with wave.open(path) as file:
        seconds: float = file.getnframes() / file.getframerate()
    return seconds


CASES = (spoken_turn, whole_speech, two_turns, odd_transcripts)
