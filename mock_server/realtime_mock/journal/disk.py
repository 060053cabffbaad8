"""What of a mock's journal goes to disk, and what happens when the disk fails."""

from __future__ import annotations

import logging
from pathlib import Path

from realtime_mock import __version__
from realtime_mock.journal.file import JournalFile
from realtime_mock.journal.journal import Journal

logger = logging.getLogger(__name__)


class JournalDisk:
    """Writes every entry of a journal to a new file, until it is closed or the disk fails.

    Raises:
        JournalUnwritable: the file cannot be made.
    """

    def __init__(self, folder: Path, journal: Journal, *, started_at: float) -> None:
        self._journal = journal
        self._file = JournalFile(folder, tool=f"realtime-mock {__version__}", started_at=started_at, failed=self._tell)
        self._stop = journal.listen(self._file.write)

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def audio_folder(self) -> Path:
        """Where audio is written beside it, once there is any."""
        return self._file.path.with_name(f"{self._file.path.stem}-audio")

    @property
    def error(self) -> OSError | None:
        """Why nothing more is written."""
        return self._file.error

    def close(self) -> None:
        """Write nothing more. Closing twice changes nothing."""
        if self._file.error is None:
            self._stop()
        self._file.close()

    def _tell(self, error: OSError) -> None:
        """The entry that could not be written is being told to the listeners: this one waits for its turn."""
        why = f"the journal on disk has ended: {error.strerror}; make room and start the mock again"
        logger.error("%s: %s", self._file.path, why)
        self._stop()
        self._journal.record(why, channel="none", direction="out", kind="warning")
