"""A recorded session as a scenario, and whether the mock answers by it as the service did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from realtime_mock.api_error import ApiError
from realtime_mock.importing.oddities import interjections, refusals
from realtime_mock.importing.triggers import ANY, Trigger, triggers
from realtime_mock.importing.turns import recorded_turns
from realtime_mock.recording.entries import Entry, Header
from realtime_mock.recording.reading import NotALog, read_log
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.answers import recorded_mcp_listing, recorded_transcripts, spoken_turns
from realtime_mock.replay.comparison import Difference
from realtime_mock.replay.layout import parse_recording
from realtime_mock.replay.player import replay
from realtime_mock.replay.progress import TRANSCRIPTION
from realtime_mock.replay.recording import Recording, text_at
from realtime_mock.scenario import placeholders
from realtime_mock.scenario.model import McpListing, Rule, Scenario, Transcript, Turn
from realtime_mock.scenario.script import ScriptedAssistant
from realtime_mock.scenario.transcripts import UNINTELLIGIBLE

_ITEM_ID = re.compile(r"\bitem_\w{8,}")


@dataclass(frozen=True, slots=True)
class Imported:
    """A scenario, and in what the mock that plays it to the recorded client differs from the recording."""

    scenario: Scenario
    difference: Difference | None


def import_session(
    text: str,
    name: str,
    *,
    registry: SchemaRegistry,
    session: str | None = None,
    folder: Path | None = None,
    title: str,
) -> Imported:
    """The scenario of a recorded session.

    Each response answers what it answered in the recording: a text, a spoken turn, the output of a function. Where
    the mock would then answer otherwise than was recorded, the responses come in their order, whatever they answer.

    Args:
        text: a recording of our own, or a list of messages.
        name: what messages call it.
        registry: knows the events of the API.
        session: the connection to take, where there are several.
        folder: where the audio of a recording of our own stands.
        title: the name of the scenario.

    Raises:
        NotARecording: it is none, or none of this API.
    """
    recording = parse_recording(text, name, registry=registry, session=session, folder=folder)
    entries, header = _besides(text, name, session)
    turns = recorded_turns(recording)
    around = [*refusals(recording), *interjections(recording, entries, registry)]
    whole = Scenario(
        title,
        transcripts=_transcripts(recording),
        mcp=_listings(recording),
        description=_description(name, header),
    )
    by_request = replace(whole, rules=(*around, *_by_request(triggers(recording), turns)))
    difference = _difference(recording, by_request, registry)
    if difference is None:
        return Imported(by_request, None)
    in_order = replace(whole, rules=(*around, *_rules({_key(ANY): (ANY, turns)})))
    return Imported(in_order, _difference(recording, in_order, registry))


def _besides(text: str, name: str, session: str | None) -> tuple[Sequence[Entry], Header | None]:
    """What a recording of our own holds besides messages."""
    if not text.lstrip().startswith("{"):
        return (), None
    try:
        log = read_log(text, name)
        return log.of(log.chosen(session)), log.header
    except NotALog:
        return (), None


def _description(name: str, header: Header | None) -> str:
    where = f", recorded on {header.date} from {header.upstream}" if header else ""
    return f"Imported from {Path(name).name}{where}."


def _by_request(asked: Sequence[Trigger], turns: Sequence[Turn]) -> list[Rule]:
    """One rule for each thing that was answered, with its answers in order; whatever is left comes last."""
    groups: dict[str, tuple[Trigger, list[Turn]]] = {}
    for trigger, turn in zip(asked, turns, strict=True):
        groups.setdefault(_key(trigger), (trigger, []))[1].append(turn)
    if _key(ANY) in groups:
        groups[_key(ANY)] = groups.pop(_key(ANY))
    return _rules(groups)


def _rules(groups: dict[str, tuple[Trigger, list[Turn]]]) -> list[Rule]:
    return [Rule(trigger, turns, once=True) for trigger, turns in groups.values() if turns]


def _key(trigger: Trigger) -> str:
    return repr(trigger)


def _difference(recording: Recording, scenario: Scenario, registry: SchemaRegistry) -> Difference | None:
    return replay(recording, registry=registry, script=ScriptedAssistant(scenario))


def _listings(recording: Recording) -> dict[str, McpListing]:
    labels = (text_at(frame.event, "item.server_label") for frame in recording.received)
    return {label: recorded_mcp_listing(recording, label) for label in dict.fromkeys(labels) if label}


def _transcripts(recording: Recording) -> list[Transcript]:
    """None where nothing was ever to be transcribed."""
    turns = list(spoken_turns(recording))
    if not any(is_wanted for _, is_wanted in turns):
        return []
    delays = (_delay(recording, item_id) for item_id, _ in turns)
    return [_transcript(one, delay) for one, delay in zip(recorded_transcripts(recording), delays, strict=True)]


def _delay(recording: Recording, item_id: str) -> float | None:
    """Seconds from the commit to the end of the transcription, where both have a time."""
    times = {frame.type: frame.at for frame in recording.received if frame.event.get("item_id") == item_id}
    ended = times.get(f"{TRANSCRIPTION}completed", times.get(f"{TRANSCRIPTION}failed"))
    began = times.get("input_audio_buffer.committed")
    return None if began is None or ended is None else max(round(ended - began, 2), 0.0)


def _transcript(transcript: Transcript, delay: float | None) -> Transcript:
    """A failed transcription is told in words that a scenario has."""
    error, known = transcript.error, UNINTELLIGIBLE
    if error is None:
        return transcript if transcript.never else replace(transcript, after=delay)
    message = _ITEM_ID.sub("$item.id", placeholders.literal(error.message)) or known.message
    words = ApiError(message, code=error.code or known.code, type=error.type or known.type)
    return Transcript(error=words, after=delay)
