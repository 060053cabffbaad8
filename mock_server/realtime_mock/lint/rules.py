"""All rules, by their permanent ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from realtime_mock.lint import audio_rules, connection_rules, schema_rules, turn_rules
from realtime_mock.lint.findings import Fault, Severity
from realtime_mock.lint.session import Session
from realtime_mock.recording.entries import Entry

Check = Callable[[Entry, Session], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `is_refused` tells that the service answers such an event with an error. `at_end` tells that the rule is asked when
    all has passed, and not as its entry comes.
    """

    id: str
    severity: Severity
    check: Check
    is_refused: bool = True
    at_end: bool = False

    @property
    def meaning(self) -> str:
        """What it is about, in a sentence."""
        return (self.check.__doc__ or "").partition("\n")[0].strip()


RULES: tuple[Rule, ...] = (
    Rule("beta-header", "error", connection_rules.beta_header),
    Rule("beta-path", "error", connection_rules.beta_path),
    Rule("beta-session", "error", connection_rules.beta_session),
    Rule("not-an-event", "error", schema_rules.not_an_event),
    Rule("unknown-event", "error", schema_rules.unknown_event),
    Rule("flat-key", "error", schema_rules.flat_key),
    Rule("missing-session-type", "error", schema_rules.missing_session_type),
    Rule("unknown-key", "error", schema_rules.unknown_key),
    Rule("invalid-value", "error", schema_rules.invalid_value),
    Rule("create-during-response", "error", turn_rules.create_during_response),
    Rule("create-before-cancelled", "error", turn_rules.create_before_cancelled),
    Rule("create-while-pending", "warning", turn_rules.create_while_pending),
    Rule("cancel-without-response", "warning", turn_rules.cancel_without_response),
    Rule("truncate-beyond-audio", "error", turn_rules.truncate_beyond_audio),
    Rule("truncate-unknown-item", "error", turn_rules.truncate_unknown_item),
    Rule("truncate-silent-item", "error", turn_rules.truncate_silent_item),
    Rule("voice-after-audio", "error", turn_rules.voice_after_audio),
    Rule("output-of-unknown-call", "error", turn_rules.output_of_unknown_call),
    Rule("output-twice", "warning", turn_rules.output_twice, is_refused=False),
    Rule("create-before-all-outputs", "warning", turn_rules.create_before_all_outputs, is_refused=False),
    Rule("output-without-create", "hint", turn_rules.output_without_create, is_refused=False, at_end=True),
    Rule("commit-empty", "error", audio_rules.commit_empty),
    Rule("audio-in-a-file", "warning", audio_rules.audio_in_a_file, is_refused=False),
    Rule("float-audio", "warning", audio_rules.float_audio, is_refused=False),
    Rule("odd-audio", "warning", audio_rules.odd_audio, is_refused=False),
    Rule("audio-rate", "warning", audio_rules.audio_rate, is_refused=False),
    Rule("refused", "error", connection_rules.refused),
)
