"""The wait for a silent user: `idle_timeout_ms` of `server_vad`.

The time counts from the end of the last answer's playback (documented), which on a WebSocket is the end of the
response and the length of its audio. Speech, another response and a cleared buffer end the wait.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from realtime_mock.core.agenda import Agenda, Beat, Pause, Performance
from realtime_mock.core.effects import Effect

NUDGE = (
    "No user speech was detected for a while. Please review the recorded audio: If the user was speaking, respond "
    "naturally. If not, follow up on their last message to keep the conversation going or ask if they're still there."
)
"""The text of the system item that the service adds (recorded)."""


class IdleTimer:
    """At most one wait at a time.

    `timed_out` gives the effects of a timeout; `listened_ms` tells the audio's own clock, so that the events can
    say which part of the audio was silent.
    """

    def __init__(
        self, agenda: Agenda, *, timed_out: Callable[[int], Iterator[Effect]], listened_ms: Callable[[], int]
    ) -> None:
        self._agenda = agenda
        self._timed_out = timed_out
        self._listened_ms = listened_ms
        self._wait: Performance | None = None

    def start(self, *, after: float, timeout: float) -> None:
        """Wait `timeout` seconds for speech, beginning in `after` seconds."""
        self.stop()
        self._wait = self._agenda.start(self._beats(after, timeout))

    def stop(self) -> None:
        """The user spoke, or something else happened."""
        if self._wait is not None:
            self._agenda.stop(self._wait)
            self._wait = None

    def _beats(self, after: float, timeout: float) -> Generator[Beat, None, None]:
        yield Pause(after)
        silent_from_ms = self._listened_ms()
        yield Pause(timeout)
        self._wait = None
        yield from self._timed_out(silent_from_ms)
