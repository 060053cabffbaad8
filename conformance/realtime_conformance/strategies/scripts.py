"""What a client does in a whole session, as frozen values: events, what its microphone hears, and time between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol, assert_never

from hypothesis import strategies as st

from realtime_conformance.strategies import vocabulary as words
from realtime_conformance.strategies.client_view import ClientView

FRAME_SECONDS = 0.1
"""How much of what a microphone hears is sent at once."""


@dataclass(frozen=True, slots=True)
class Send:
    """The client sends an event; placeholders in it stand for the `which`-newest id of their kind."""

    event: Mapping[str, Any]
    which: int = 0


@dataclass(frozen=True, slots=True)
class Hear:
    """The client's microphone hears one of `vocabulary.SOUNDS`, which takes its time."""

    sound: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The client does nothing for so many seconds."""

    seconds: float


ScriptStep = Send | Hear | Wait
ClientScript = tuple[ScriptStep, ...]


class Server(Protocol):
    """Anything a script can be played against."""

    @property
    def sent(self) -> Sequence[Mapping[str, Any]]:
        """Every server event so far."""

    def receive(self, event: object) -> object:
        """Take a client event."""

    def hear(self, pcm: bytes) -> object:
        """Take input audio, the way its transport carries it."""

    def wait(self, seconds: float) -> object:
        """Let time pass."""


def client_scripts(*, max_phrases: int = 10) -> st.SearchStrategy[ClientScript]:
    """What clients do: turns in text and speech, tools and their outputs, interruptions, changes of mind.

    A script is made of phrases, a few steps that belong together, and of single steps between them. Its events are
    valid; whether a server refuses one depends on the moment (an id that is gone, a second response at a time).
    """
    return st.lists(_PHRASES | _PHRASES | _SINGLE.map(lambda step: (step,)), max_size=max_phrases).map(
        lambda phrases: tuple(chain.from_iterable(phrases))
    )


def play(script: ClientScript, server: Server) -> None:
    """Do to the server what the script says."""
    view = ClientView()
    for step in script:
        view.notice(server.sent)
        match step:
            case Send(event, which):
                server.receive(view.fill(event, which))
            case Hear(sound):
                _hear(server, words.pcm(sound))
            case Wait(seconds):
                server.wait(seconds)
            case _:
                assert_never(step)


def _hear(server: Server, pcm: bytes) -> None:
    size = int(FRAME_SECONDS * words.SAMPLE_RATE) * 2
    for at in range(0, len(pcm), size):
        server.hear(pcm[at : at + size])
        server.wait(FRAME_SECONDS)


def _steps(*given: ScriptStep | Mapping[str, Any]) -> ClientScript:
    """Steps; a mapping is an event to send."""
    return tuple(Send(step) if isinstance(step, Mapping) else step for step in given)


def _message(text: str) -> dict[str, Any]:
    return words.creating({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})


def listening(*, transcription: str | None = "whisper-1", **detection: Any) -> dict[str, Any]:
    """The event after which the server finds the turns in what it hears and, if asked, transcribes them."""
    turn_detection = {"type": "server_vad", "silence_duration_ms": 200, **detection}
    model = None if transcription is None else {"model": transcription}
    return words.updating(
        {"type": "realtime", "audio": {"input": {"turn_detection": turn_detection, "transcription": model}}}
    )


_OUTPUT = words.creating({"type": "function_call_output", "call_id": "$call", "output": "Sun."})
_REQUIRED = words.asking(tools=[words.FUNCTION], tool_choice="required")
_USES_MCP = words.updating({"type": "realtime", "tools": [words.MCP_FREE]})
_ASKS_FIRST = words.updating({"type": "realtime", "tools": [words.MCP]})
_MCP_TURN = words.asking(tool_choice={"type": "mcp", "server_label": "docs"})
_SPOKEN = (Hear("1 s of speech"), Hear("0.5 s of silence"))
_CANCEL = {"type": "response.cancel"}

PHRASES: Mapping[str, ClientScript] = {
    "a written turn": _steps(_message("Please look."), words.asking(), Wait(6.0)),
    "an answer in text": _steps(_message("Write."), words.asking(output_modalities=["text"]), Wait(6.0)),
    "an answer in speech": _steps(words.asking(output_modalities=["audio"]), Wait(6.0)),
    "a tool and its output": _steps(_REQUIRED, Wait(6.0), _OUTPUT, words.asking(), Wait(1.0)),
    "a spoken turn": _steps(listening(), *_SPOKEN, Wait(6.0)),
    "a spoken turn transcribed live": _steps(listening(transcription="gpt-live-transcribe"), *_SPOKEN, Wait(1.0)),
    "a turn of push to talk": _steps(
        listening(create_response=False, silence_duration_ms=3000),
        Hear("1 s of speech"),
        {"type": "input_audio_buffer.commit"},
        words.asking(),
        Wait(1.0),
    ),
    "a barge-in": _steps(listening(), words.asking(output_modalities=["audio"]), *_SPOKEN, Wait(1.0)),
    "a cancelled answer": _steps(words.asking(), Wait(0.05), _CANCEL, Wait(1.0)),
    "an answer cut where it was heard": _steps(
        words.asking(output_modalities=["audio"]), Wait(0.6), _CANCEL, words.cutting("$item", 20)
    ),
    "an answer out of band": _steps(
        words.asking(conversation="none", metadata={"a": "b"}, output_modalities=["text"]), words.asking(), Wait(1.0)
    ),
    "a tool of an MCP server": _steps(_USES_MCP, Wait(1.0), _MCP_TURN, Wait(6.0)),
    "a tool that asks first": _steps(
        _ASKS_FIRST, Wait(1.0), _MCP_TURN, Wait(1.0), words.answering(approve=True), Wait(1.0)
    ),
    "a spoken turn of two speakers": _steps(listening(transcription="gpt-4o-transcribe-diarize"), *_SPOKEN, Wait(1.0)),
    "nobody says anything": _steps(
        listening(idle_timeout_ms=5000), _message("Well?"), words.asking(), Wait(3.0), Hear("2 s of silence"), Wait(6.0)
    ),
    "an item looked up and deleted": _steps(
        _message("Forget it."),
        {"type": "conversation.item.retrieve", "item_id": "$item"},
        {"type": "conversation.item.delete", "item_id": "$item"},
    ),
    "an MCP server that is away": _steps(words.updating({"type": "realtime", "tools": [words.MCP_AWAY]}), Wait(1.0)),
    "an answer that is not to be heard": _steps(
        words.asking(output_modalities=["audio"]), Wait(0.15), {"type": "output_audio_buffer.clear"}, Wait(0.3)
    ),
}
"""A few steps that belong together, by name."""


def _singles() -> Iterator[st.SearchStrategy[ScriptStep]]:
    events = words.UPDATES | words.CREATIONS | words.CREATES | words.CHANGES | words.SIGNALS
    yield st.builds(Wait, words.PAUSES)
    yield st.builds(Send, events, words.WHICH)
    yield st.builds(Hear, st.sampled_from(words.SOUNDS))


_PHRASES = st.sampled_from(list(PHRASES.values()))
_SINGLE = st.one_of(list(_singles()))
