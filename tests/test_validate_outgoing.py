"""Events of ours are checked against their schemas where that is asked for."""

from __future__ import annotations

from realtime_mock.journal import Journal
from realtime_mock.media.voice import default_voice
from realtime_mock.registry import SchemaRegistry
from realtime_mock.sessions import SessionFactory
from realtime_mock.settings import Settings


def journaled(settings: Settings) -> bool:
    """Whether an event that breaks its schema is journaled as valid."""
    journal = Journal()
    sessions = SessionFactory(settings, registry=SchemaRegistry.bundled(), voice=default_voice(), journal=journal)
    driver = sessions.open_websocket()
    driver.announce({"type": "input_audio_buffer.cleared", "event_id": 7})
    [entry] = journal.entries(driver.session_id, kind="event")
    return entry.valid


async def test_an_event_of_ours_that_breaks_its_schema_is_found():
    assert not journaled(Settings())


async def test_without_the_check_it_passes():
    assert journaled(Settings(validate_outgoing=False))
