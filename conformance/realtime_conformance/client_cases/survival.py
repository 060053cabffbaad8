"""What a client survives: events that it does not know, responses that fail, errors that say little."""

from __future__ import annotations

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.client_cases.conversation import FIRST, SECOND, THIRD, goes_on, outcome, tells

_TALK = """
          - on: response.create
            turns:
              - say: "This is the first answer."
              - say: "This is the second answer."
              - say: "This is the third answer."
"""


@case("SURV-001", "Events of types that nobody knows", needs=["converse"])
async def unknown_types(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="unknown-events", texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    checks.equal("shows-answers", run.answers, run.said)


@case("SURV-002", "Events of rare types", needs=["converse"])
async def rare_types(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: rare types
        rules:
          - on: response.done
            nth: 1
            turns:
              - - emit: {{type: conversation.created, conversation: {{id: conv_1, object: realtime.conversation}}}}
                - emit: {{type: rate_limits.updated, rate_limits:
                    [{{name: requests, limit: 100, remaining: 1, reset_seconds: 60}}]}}
                - emit: {{type: input_audio_buffer.dtmf_event_received, event: '9', received_at: 1763605109}}
                - emit: {{type: input_audio_buffer.cleared}}
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-003", "Events about items and responses that were never announced", needs=["converse"])
async def unknown_items(client: ClientUnderTest, checks: Checks) -> None:
    place = "response_id: resp_1, item_id: item_1, output_index: 0, content_index: 0"
    scenario = f"""
        scenario: unknown items
        rules:
          - on: response.done
            nth: 1
            turns:
              - - emit: {{type: response.output_text.delta, {place}, delta: Sure}}
                - emit: {{type: response.output_audio_transcript.delta, {place}, delta: Sure}}
                - emit: {{type: response.output_audio.delta, {place}, delta: AAAA}}
                - emit: {{type: conversation.item.deleted, item_id: item_3}}
                - emit: {{type: conversation.item.input_audio_transcription.delta, item_id: item_4, content_index: 0,
                    delta: Hm}}
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-004", "Known events with keys that nobody knows", needs=["converse"])
async def extra_keys(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="extra-keys", texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    checks.equal("shows-answers", run.answers, run.said)


@case("SURV-005", "A response fails", needs=["converse"])
async def failed_response(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: failed
        rules:
          - on: response.create
            turns:
              - fail: {code: rate_limit_exceeded, message: "Rate limit reached. Please try again in 6.946s."}
              - say: "This is the second answer."
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    tells(checks, run)


@case("SURV-006", "A response is cut short", needs=["converse"])
async def incomplete_response(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: cut short
        rules:
          - on: response.create
            turns:
              - - say: "This answer will be cut sh"
                - fail: {status: incomplete, reason: max_output_tokens}
              - say: "This is the second answer."
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    checks.equal("shows-what-came", run.answers[:1], ["This answer will be cut sh"])
    tells(checks, run)


@case("SURV-007", "Failures that hardly say why", needs=["converse"])
async def partial_failures(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: hardly a reason
        rules:
          - on: response.done
            instead: true
            turns:
              - proceed:
                  response: {{status: failed, status_details: {{type: failed, error: {{code: server_error}}}}}}
              - proceed: {{response: {{status: failed, status_details: {{type: failed}}}}}}
              - proceed: {{}}
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND, THIRD])
    goes_on(checks, run, THIRD)
    checks.that("tells-each", len(run.failures) >= 2, expected="two reports of failures", actual=run.failures)


@case("SURV-008", "A failure that says nothing at all", needs=["converse"])
async def bare_failure(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: no reason
        rules:
          - on: response.done
            nth: 1
            instead: true
            turns:
              - emit: {{type: response.done, response: {{id: $event.response.id, status: failed}}}}
                invalid: true
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-009", "An error out of nowhere", needs=["converse"])
async def stray_error(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: stray error
        rules:
          - on: response.done
            nth: 1
            turns:
              - error: {{type: server_error, message: "The server had an error. Sorry about that!"}}
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    tells(checks, run, "Sorry")


@case("SURV-010", "A response is refused once", needs=["converse"])
async def refused_once(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="refused-once", texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)
    answer, second = run.answer_to(FIRST), run.user_items[1:2]
    checks.that(
        "asks-again",
        answer is not None and bool(second) and answer.number < second[0].number,
        expected="the first text is answered before the second is written",
        actual=outcome(run),
    )
    checks.equal("shows-each-answer-once", run.answers, run.said)


@case("SURV-011", "Every response is refused", needs=["converse"], deadline=20)
async def refused_always(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: refused always
        rules:
          - on: response.create
            turns:
              - error:
                  code: conversation_already_has_active_response
                  message: >-
                    Conversation already has an active response in progress: resp_elsewhere.
                    Wait until the response is finished before creating a new one.
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    checks.within("gives-up", len(run.sent("response.create")), 1, 10)
    tells(checks, run)


@case("SURV-012", "A refusal that does not say of what", needs=["converse"], deadline=20)
async def anonymous_refusal(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="error-without-event-id", texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-013", "The server was faster with a response of its own", needs=["converse"], deadline=20)
async def lost_race(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="race-with-automatic-response", texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-014", "The end of a response comes twice", needs=["converse"])
async def stale_done(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: stale done
        rules:
          - on: response.created
            nth: 2
            turns:
              - emit: {type: response.done, response: $previous_response}
                after: 150ms
          - on: response.create
            turns:
              - say: "This is my first answer, and it has an end."
              - say: "This is my second answer, and it goes on although the first one has ended once more."
              - say: "This is the third answer."
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND, THIRD], settings={"pace": 5})
    ends = {moment["response"]["id"]: moment for moment in run.came("response.done")}
    third, second = run.user_items[2:3], list(ends.values())[1:2]
    checks.that(
        "waits-for-its-own-end",
        bool(third and second) and second[0].number < third[0].number,
        expected="the third text is written after the second response has ended",
        actual=outcome(run),
    )
    goes_on(checks, run, THIRD)


@case("SURV-015", "Audio that comes when its item seems over", needs=["converse", "websocket"])
async def trailing_audio(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: trailing audio
        rules:
          - on: response.create
            turns:
              - - say: "This is not quite all."
                - emit:
                    type: response.output_audio.delta
                    response_id: $response.id
                    item_id: $item.id
                    output_index: 0
                    content_index: 0
                    delta: "{"QB9AHwDg" * 1200}"
                  after: 50ms
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    all_of_it = run.audio_seconds()
    checks.within("lets-hear-all", run.seconds_heard, all_of_it - 0.01, all_of_it + 0.01)


@case("SURV-016", "Words that come before their sound, and after it", needs=["converse"])
async def transcript_timing(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: transcript timing
        rules:
          - on: response.create
            turns:
              - say: {text: "one two three four", transcript: early}
              - say: {text: "five six seven eight", transcript: late}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    checks.equal("shows-answers", run.answers, ["one two three four", "five six seven eight"])


@case("SURV-017", "Two messages in one response", needs=["converse"])
async def two_messages(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: two messages
        rules:
          - on: response.create
            turns:
              - - say: "Here is one thing."
                - say: "And here is another."
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST])
    shown = " ".join(run.answers)
    checks.that(
        "shows-both",
        all(words in shown for words in ("Here is one thing.", "And here is another.")),
        expected="both messages",
        actual=run.answers,
    )
    low = 0.98 if run.audio_seconds() else 0.5
    checks.within("lets-hear-both", run.seconds_heard, low * run.speech_seconds, 1.2 * run.speech_seconds)


@case("SURV-018", "An item that does not tell again what it follows", needs=["converse"])
async def forgotten_place(client: ClientUnderTest, checks: Checks) -> None:
    scenario = f"""
        scenario: forgotten place
        rules:
          - on: conversation.item.done
            instead: true
            turns:
              - proceed: {{previous_item_id: null}}
{_TALK}
    """
    run = await client.perform("converse", scenario=scenario, texts=[FIRST, SECOND])
    goes_on(checks, run, SECOND)


@case("SURV-019", "The API of this client is over", needs=["converse"], deadline=20)
async def beta_retired(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", scenario="beta-retired", texts=[FIRST])
    checks.within("does-not-insist", len(run.attempts), 1, 3)
    tells(checks, run)


@case("SURV-020", "The key of this client is none", needs=["converse"], deadline=20)
async def wrong_key(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("converse", texts=[FIRST], settings={"api_keys": ("sk-another",)})
    checks.within("does-not-insist", len(run.attempts), 1, 3)
    tells(checks, run)


CASES = (
    unknown_types,
    rare_types,
    unknown_items,
    extra_keys,
    failed_response,
    incomplete_response,
    partial_failures,
    bare_failure,
    stray_error,
    refused_once,
    refused_always,
    anonymous_refusal,
    lost_race,
    stale_done,
    trailing_audio,
    transcript_timing,
    two_messages,
    forgotten_place,
    beta_retired,
    wrong_key,
)
