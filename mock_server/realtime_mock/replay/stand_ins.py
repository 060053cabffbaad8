"""What takes the place of a model, a voice and an ear: all three repeat what is recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from realtime_mock.core.speech import BYTES_PER_MS, Speech
from realtime_mock.core.vad import SpeechStarted, SpeechStopped
from realtime_mock.replay.answers import (
    NEVER,
    RecordedAnswer,
    recorded_answers,
    recorded_mcp_listing,
    recorded_transcripts,
)
from realtime_mock.replay.recording import Recording
from realtime_mock.scenario.interface import ResponseRequest, Situation
from realtime_mock.scenario.model import Fail, McpListing, Transcript, Turn

_MS_PER_CHARACTER = 60
_SHORTEST_MS = 200

SILENT = Turn((Fail(after=NEVER),))
"""A response of which the recording shows nothing: it says nothing, for as long as anybody looks."""


class RecordedScript:
    """A `Script` that gives the recorded answers and transcripts, in their order."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._turns = deque(answer.turn for answer in recorded_answers(recording))
        self._transcripts = deque(recorded_transcripts(recording))

    def on_event(
        self,
        event: Mapping[str, Any],
        situation: Callable[[], Situation] = dict,  # noqa: ARG002 - the recording depends on none
    ) -> Turn | None:
        """The next recorded answer for each response; nothing for any other event."""
        return self._next_turn() if event["type"] == "response.create" else None

    def on_server_event(
        self,
        event: Mapping[str, Any],  # noqa: ARG002 - nothing is added
        situation: Callable[[], Situation] = dict,  # noqa: ARG002
    ) -> Turn | None:
        """Nothing."""
        return None

    def heeds(self, event_type: str) -> bool:  # noqa: ARG002 - nothing is added
        """Never."""
        return False

    def near_miss(
        self,
        event: Mapping[str, Any],  # noqa: ARG002
        situation: Callable[[], Situation] = dict,  # noqa: ARG002
    ) -> str | None:
        """Nothing: the recording answers everything."""
        return None

    def transcript(self) -> Transcript | None:
        """The next recorded transcript; none at all where the recording has no more."""
        return self._transcripts.popleft() if self._transcripts else Transcript(never=True)

    def mcp_listing(self, server: Mapping[str, Any]) -> McpListing:
        """What the server listed."""
        return recorded_mcp_listing(self._recording, server["server_label"])

    def answer(self, request: ResponseRequest) -> Turn:  # noqa: ARG002 - the recording depends on no request
        """The next recorded answer."""
        return self._next_turn()

    def _next_turn(self) -> Turn:
        return self._turns.popleft() if self._turns else SILENT


class RecordedVoice:
    """A `Voice` whose speech is silence of the recorded length.

    A response's audio tokens tell the length (one for each 50 ms, documented); where there are none it is guessed
    from the text.
    """

    def __init__(self, recording: Recording) -> None:
        self._lengths_ms: dict[str, int] = {}
        for answer in recorded_answers(recording):
            self._lengths_ms |= _lengths_ms(answer)

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:  # noqa: ARG002 - recorded lengths hold for all
        """Silence that takes as long as the recorded speech."""
        length_ms = self._lengths_ms.get(text, _guess_ms(text))
        return Speech(text, bytes(length_ms * BYTES_PER_MS))


class RecordedDetector:
    """A `Detector` that hears nothing by itself: it tells what it was told to hear."""

    def __init__(self) -> None:
        self._heard: deque[SpeechStarted | SpeechStopped] = deque()
        self._clock_ms = 0

    @property
    def clock_ms(self) -> int:
        """The last offset that was told: no audio behind it is judged yet."""
        return self._clock_ms

    def hear(self, signal: SpeechStarted | SpeechStopped) -> None:
        """Tell this with the audio that comes next."""
        self._heard.append(signal)

    def reset(self) -> None:
        """Nothing is remembered."""

    def skip(self, pcm: bytes) -> None:
        """Nothing is judged."""

    def detect(
        self,
        pcm: bytes,  # noqa: ARG002 - recorded audio is cut, and says nothing
        *,
        threshold: float,  # noqa: ARG002
        silence_duration_ms: int,  # noqa: ARG002
    ) -> Iterator[SpeechStarted | SpeechStopped]:
        """Tell what is to be heard."""
        while self._heard:
            signal = self._heard.popleft()
            self._clock_ms = signal.at_ms
            yield signal


def _lengths_ms(answer: RecordedAnswer) -> dict[str, int]:
    """The length of each spoken text of one response: its share of the response's audio."""
    characters = sum(len(text) for text in answer.spoken) or 1
    lengths: dict[str, int] = {}
    for text, heard_ms in answer.spoken.items():
        share = answer.audio_ms * len(text) // characters
        lengths[text] = max(share or _guess_ms(text), heard_ms)
    return lengths


def _guess_ms(text: str) -> int:
    return max(_MS_PER_CHARACTER * len(text), _SHORTEST_MS)
