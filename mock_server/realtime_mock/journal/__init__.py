"""The journal: everything that passes, in the order in which it passes."""

from realtime_mock.journal.entry import Direction, Entry, Kind, Remark, entry_line
from realtime_mock.journal.journal import Journal, Listener
from realtime_mock.journal.queries import Query
from realtime_mock.journal.sessions import SessionJournal

__all__ = ["Direction", "Entry", "Journal", "Kind", "Listener", "Query", "Remark", "SessionJournal", "entry_line"]
