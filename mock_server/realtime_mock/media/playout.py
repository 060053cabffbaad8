"""What a call plays next: speech in packets of 20 ms, one response after the other.

Pure: whoever owns the clock asks for one packet every 20 ms and passes the reports on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from realtime_mock.core.effects import PlayoutCleared, PlayoutReport, PlayoutStarted, PlayoutStopped

PACKET_MS = 20


@dataclass(slots=True)
class Utterance:
    """Speech in a queue. `packets` is None while it is being encoded, and playback waits for it."""

    duration_ms: int
    packets: tuple[bytes, ...] | None = None
    sent: int = 0

    @property
    def played_ms(self) -> int:
        """How much has been sent; the padding of the last packet does not count."""
        return min(self.sent * PACKET_MS, self.duration_ms)


@dataclass(slots=True)
class _Playback:
    response_id: str
    utterances: deque[Utterance] = field(default_factory=deque)
    played_ms: int = 0
    started: bool = False
    ended: bool = False

    def take(self) -> bytes | None:
        """The next packet, or None while there is none to send."""
        while self.utterances:
            utterance = self.utterances[0]
            if utterance.packets is None:
                return None
            if utterance.sent < len(utterance.packets):
                utterance.sent += 1
                return utterance.packets[utterance.sent - 1]
            self.played_ms += utterance.played_ms
            self.utterances.popleft()
        return None

    @property
    def is_over(self) -> bool:
        return self.ended and not self.utterances

    def cleared(self) -> PlayoutCleared:
        unfinished = sum(utterance.played_ms for utterance in self.utterances)
        return PlayoutCleared(self.response_id, played_ms=self.played_ms + unfinished)


class Playout:
    """The speech queued on one call, in the order in which responses began to speak.

    A response is reported started with its first packet and stopped one packet after its last,
    which is when the last has been heard. A response that had no speech is never reported.
    """

    def __init__(self) -> None:
        self._queue: deque[_Playback] = deque()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to play, and nothing to report."""
        return not self._queue

    def play(self, response_id: str, utterance: Utterance) -> None:
        """Queue speech of a response, behind that of responses which spoke before it."""
        playback = self._find(response_id)
        if playback is None:
            playback = _Playback(response_id)
            self._queue.append(playback)
        playback.utterances.append(utterance)

    def end(self, response_id: str) -> None:
        """No more speech follows for this response."""
        playback = self._find(response_id)
        if playback is not None:
            playback.ended = True

    def clear(self, response_id: str) -> list[PlayoutReport]:
        """Drop a response's speech. Reports once if any was queued or playing, else nothing."""
        playback = self._find(response_id)
        if playback is None:
            return []
        self._queue.remove(playback)
        return [playback.cleared()]

    def next_packet(self) -> tuple[bytes | None, list[PlayoutReport]]:
        """The packet of this 20 ms, None for silence, and what its leaving means."""
        reports: list[PlayoutReport] = []
        while self._queue:
            playback = self._queue[0]
            packet = playback.take()
            if packet is not None:
                if not playback.started:
                    playback.started = True
                    reports.append(PlayoutStarted(playback.response_id))
                return packet, reports
            if not playback.is_over:
                break
            self._queue.popleft()
            if playback.started:
                reports.append(PlayoutStopped(playback.response_id))
        return None, reports

    def _find(self, response_id: str) -> _Playback | None:
        return next((playback for playback in self._queue if playback.response_id == response_id), None)
