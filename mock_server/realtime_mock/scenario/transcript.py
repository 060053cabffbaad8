"""What the service writes of a spoken turn, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_mock.api_error import ApiError


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the service writes of one spoken turn.

    Without `text` it writes the known phrase that was heard, or that there was speech. `after` is seconds from the
    commit to the transcript, None for the usual latency; with an `error` the transcription fails, with `never` nothing
    comes at all.
    """

    text: str | None = None
    after: float | None = None
    error: ApiError | None = None
    never: bool = False
