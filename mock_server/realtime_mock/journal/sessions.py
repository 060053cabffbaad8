"""The journal as one session writes it."""

from __future__ import annotations

from realtime_mock.api_error import ApiError
from realtime_mock.journal.entry import Direction, Kind, Remark
from realtime_mock.journal.journal import Journal


class SessionJournal:
    """Writes what passes in one session, which belongs to one lane."""

    def __init__(self, journal: Journal, session_id: str, *, lane: str = "") -> None:
        self._journal = journal
        self._lane = lane
        self._session_id = session_id

    def received(
        self, text: str, channel: str, error: ApiError | None, *, fault: str | None = None, scripted: bool = False
    ) -> None:
        """A client's event; `error` is what it was refused with, `fault` what happened to it on its way."""
        self._record(text, channel, "in", "event", error, scripted=scripted, fault=fault)

    def sent(
        self, text: str, channel: str, violation: str | None, *, scripted: bool = False, fault: str | None = None
    ) -> None:
        """An event of ours; `violation` says how it breaks its schema, `fault` what happened to it on its way."""
        told = None if violation is None else ApiError(violation, type="server_error").as_json()
        self._journal.enter(text, channel, "out", "event", self._session_id, told, scripted, self._lane, fault)

    def struck(self, text: str, channel: str, direction: Direction, *, fault: str) -> None:
        """A fault that happens now; `text` is the JSON object that describes it."""
        self._record(text, channel, direction, "fault", None, fault=fault)

    def sounded(self, text: str, channel: str, direction: Direction) -> None:
        """A stretch of audio that is over; `text` is the JSON object that describes it."""
        self._record(text, channel, direction, "audio", None)

    def heard(self, text: str, channel: str) -> None:
        """What was heard of the words of a turn; `text` is the JSON object that tells it."""
        self._record(text, channel, "in", "heard", None)

    def noted(
        self,
        text: str,
        channel: str = "none",
        *,
        kind: Remark | None = None,
        error: ApiError | None = None,
        traceback: str | None = None,
    ) -> None:
        """Anything else worth knowing; with an error it is a warning, unless it is said to be something else."""
        told = kind or ("note" if error is None else "warning")
        self._record(text, channel, "out", told, error, traceback)

    def _record(
        self,
        text: str,
        channel: str,
        direction: Direction,
        kind: Kind,
        error: ApiError | None,
        traceback: str | None = None,
        *,
        scripted: bool = False,
        fault: str | None = None,
    ) -> None:
        self._journal.record(
            text,
            channel=channel,
            direction=direction,
            kind=kind,
            session_id=self._session_id,
            error=error,
            traceback=traceback,
            scripted=scripted,
            lane=self._lane,
            fault=fault,
        )
