"""Both ends of a simulated telephone line: what the caller says goes in at its pace, what is answered is kept."""

from __future__ import annotations

from collections.abc import Callable

from realtime_mock.clock import Clock, Timer
from realtime_mock.core.effects import PlayoutReport
from realtime_mock.core.speech import SAMPLE_RATE, Speech
from realtime_mock.media.playout import PACKET_MS, Playout, Utterance

FRAME_BYTES = SAMPLE_RATE * PACKET_MS // 1000 * 2
MAX_RECORDING = 600
"""Seconds of a call that are kept; what follows is not recorded."""

_SILENCE = bytes(FRAME_BYTES)
_MAX_FRAMES = MAX_RECORDING * 1000 // PACKET_MS


class TelephoneLine:
    """Carries 20 ms each way, 50 times a second by the clock: a caller who says nothing sends silence.

    It is the speaker of a session's driver.

    Args:
        clock: the time of the call.
        hear: takes the caller's audio, 24 kHz PCM.
        report: takes the reports of what is played.
    """

    def __init__(self, clock: Clock, *, hear: Callable[[bytes], None], report: Callable[[PlayoutReport], None]) -> None:
        self._clock = clock
        self._hear = hear
        self._report = report
        self._playout = Playout()
        self._spoken = bytearray()
        self._recorded: list[bytes] = []
        self._due = 0.0
        self._timer: Timer | None = None

    @property
    def recording(self) -> bytes:
        """What the caller has heard since the line was opened, silences included: 24 kHz PCM."""
        return b"".join(self._recorded)

    @property
    def unsaid(self) -> float:
        """Seconds of the caller's speech that have not been carried yet."""
        return len(self._spoken) / (SAMPLE_RATE * 2)

    def say(self, pcm: bytes) -> None:
        """Let the caller say something more: 24 kHz PCM."""
        self._spoken += pcm[: len(pcm) // 2 * 2]

    def open(self) -> None:
        """Begin to carry."""
        self._due = self._clock.time()
        self._arm()

    def close(self) -> None:
        """Carry nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def play(self, response_id: str, speech: Speech) -> None:
        """Queue speech of a response."""
        frames = tuple(speech.pcm[at : at + FRAME_BYTES] for at in range(0, len(speech.pcm), FRAME_BYTES))
        self._playout.play(response_id, Utterance(round(speech.duration * 1000), frames))

    def end(self, response_id: str) -> None:
        """No more speech follows for this response."""
        self._playout.end(response_id)

    def clear(self, response_id: str) -> None:
        """Drop the speech of this response."""
        for report in self._playout.clear(response_id):
            self._report(report)

    def _arm(self) -> None:
        self._due += PACKET_MS / 1000
        self._timer = self._clock.call_at(self._due, self._carry)

    def _carry(self) -> None:
        self._arm()
        said = bytes(self._spoken[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del self._spoken[:FRAME_BYTES]
        frame, reports = self._playout.next_packet()
        if len(self._recorded) < _MAX_FRAMES:
            self._recorded.append((frame or _SILENCE).ljust(FRAME_BYTES, b"\0"))
        for report in reports:
            self._report(report)
        # It may end the call, and with it this line.
        self._hear(said)
