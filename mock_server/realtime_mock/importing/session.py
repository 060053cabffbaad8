"""A recorded session as a scenario, and whether the mock answers by it as the service did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from realtime_mock.api_error import ApiError
from realtime_mock.importing.oddities import OWN_CODES, ServerClose, interjections, refusals, server_close
from realtime_mock.importing.triggers import ANY, Trigger, triggers
from realtime_mock.importing.turns import is_cut_off, recorded_turns
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
    tried = []
    for scenario in _candidates(recording, server_close(entries), registry, _whole(recording, title, name, header)):
        tried.append(Imported(scenario, _difference(recording, scenario, registry)))
        if tried[-1].difference is None:
            return tried[-1]
    # None is equal: the answers in their order are the least that a scenario can do.
    return tried[1]


def _whole(recording: Recording, title: str, name: str, header: Header | None) -> Scenario:
    """Everything but the rules."""
    return Scenario(
        title,
        transcripts=_transcripts(recording),
        mcp=_listings(recording),
        description=_description(name, header),
    )


def _candidates(
    recording: Recording, close: ServerClose | None, registry: SchemaRegistry, whole: Scenario
) -> Iterator[Scenario]:
    """Scenarios for the recording, the best first: a rule for each request, or the answers in their order.

    At first the mock is trusted to refuse by itself what breaks the protocol's rules; then all that was refused is.
    """
    is_cut = is_cut_off(recording)
    turns = recorded_turns(recording, close=close if is_cut else None)
    around = list(interjections(recording, None if is_cut else close, registry))
    answers = (_by_request(triggers(recording), turns), _rules({_key(ANY): (ANY, turns)}))
    for own in (OWN_CODES, frozenset[str]()):
        for rules in answers:
            yield replace(whole, rules=(*refusals(recording, own=own), *around, *rules))


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
    items = [frame.event["item"] for frame in recording.received if text_at(frame.event, "item.server_label")]
    lists = {item["server_label"]: item["id"] for item in items if item["type"] == "mcp_list_tools"}
    return {
        label: replace(recorded_mcp_listing(recording, label), after=_listing_time(recording, item_id))
        for label, item_id in lists.items()
    }


def _listing_time(recording: Recording, item_id: str) -> float | None:
    """Seconds that a list of tools took, where that is known."""
    events = [frame for frame in recording.received if frame.event.get("item_id") == item_id]
    times = [frame.at for frame in events if frame.type.startswith("mcp_list_tools.")]
    began, ended = (times[0], times[-1]) if len(times) > 1 else (None, None)
    return None if began is None or ended is None else max(round(ended - began, 2), 0.0)


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
