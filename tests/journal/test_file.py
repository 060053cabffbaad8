"""The journal on disk: its lines, what is read back, and what happens when the disk fails."""

from __future__ import annotations

import errno
import os

import orjson
import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Journal, SessionJournal, entry_line
from realtime_mock.journal.disk import JournalDisk
from realtime_mock.journal.file import JournalFile, JournalUnreadable, JournalUnwritable, read_journal

EVENTS = [
    '{"type":"response.create"}',
    '{\n  "type": "response.create"\r\n}',
    '{"type":"conversation.item.create","item":{"text":"naïve \\u2028 \\n \U0001f600"}}',
    '{"type":"big","n":123456789012345678901234567890}',
]


@pytest.fixture
def journal() -> Journal:
    return Journal(clock=lambda: 1_790_000_000.5, monotonic=lambda: 7.25)


@pytest.fixture
def disk(tmp_path, journal):
    disk = JournalDisk(tmp_path / "new" / "folder", journal, started_at=1_790_000_000.0)
    yield disk
    disk.close()


def test_the_first_line_is_the_header(disk):
    header = orjson.loads(disk.path.read_bytes().splitlines()[0])

    assert header == {"kind": "journal", "version": 1, "tool": "realtime-mock 0.1.0", "started_at": 1_790_000_000.0}


def test_an_entry_is_in_the_file_when_it_has_been_made(disk, journal):
    SessionJournal(journal, "sess_1", lane="a").received(EVENTS[0], "websocket", None)

    assert disk.path.read_bytes().splitlines()[1] + b"\n" == entry_line(journal.entries()[0])


@pytest.mark.parametrize("text", [*EVENTS, "{", "", "7", "null", "[1]"])
@pytest.mark.parametrize("error", [None, ApiError("No.", code="invalid_json")])
def test_every_text_of_a_client_is_one_line_that_reads_as_it_is_exported(disk, journal, text, error):
    SessionJournal(journal, "sess_1").received(text, "websocket", error)

    _, line, end = disk.path.read_bytes().split(b"\n")

    assert end == b""
    assert orjson.loads(line) == orjson.loads(orjson.dumps(journal.entries()[0].as_json()))


def test_a_text_that_is_no_unicode_is_a_line_too(disk, journal):
    SessionJournal(journal, "sess_1").received("\ud800", "websocket", ApiError("No."))

    assert orjson.loads(disk.path.read_bytes().splitlines()[1])["text"] == "?"


def test_what_is_read_is_what_was_written(disk, journal):
    session = SessionJournal(journal, "sess_1", lane="a")
    session.received('{"type":"response.create"}', "websocket", None, fault="delay")
    session.received("{", "websocket", ApiError("No.", code="invalid_json"))
    session.sent('{"type":"error"}', "data-channel", None, scripted=True)
    session.noted("attached", kind="lifecycle")

    read = read_journal(disk.path)

    assert list(read.entries) == journal.entries()
    assert (read.header["version"], read.torn) == (1, None)


def test_a_torn_last_line_is_left_out_and_told(disk, journal):
    session = SessionJournal(journal, "sess_1")
    session.noted("one")
    session.noted("two")
    with disk.path.open("r+b") as file:
        file.truncate(disk.path.stat().st_size - 20)

    read = read_journal(disk.path)

    assert [entry.text for entry in read.entries] == ["one"]
    assert read.torn is not None
    assert read.torn.startswith('{"seq":2,')


def test_a_bad_line_that_is_not_the_last_is_an_error_with_its_place(disk, journal):
    SessionJournal(journal, "sess_1").noted("one")
    with disk.path.open("ab") as file:
        file.write(b"nonsense\n{}\n")

    with pytest.raises(JournalUnreadable, match=r"\.jsonl:3: this line is not JSON"):
        read_journal(disk.path)


@pytest.mark.parametrize(
    "line, why",
    [(b'{"kind":"journal","version":2}\n', "update the mock"), (b"[]\n", "no object"), (b"{}\n", "'event'")],
)
def test_what_is_no_journal_known_here_is_refused(tmp_path, line, why):
    path = tmp_path / "some.jsonl"
    path.write_bytes(line)

    with pytest.raises(JournalUnreadable, match=why):
        read_journal(path)


def test_two_journals_that_begin_at_once_are_two_files(tmp_path):
    files = [JournalFile(tmp_path, tool="t", started_at=0.0, failed=lambda error: None) for _ in range(2)]

    assert [file.path.name for file in files] == ["19700101T000000Z.jsonl", "19700101T000000Z-2.jsonl"]
    for file in files:
        file.close()


def test_a_folder_that_cannot_be_written_to_is_told_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(JournalUnwritable, match="choose a directory"):
        JournalFile(tmp_path / "file", tool="t", started_at=0.0, failed=lambda error: None)


def test_a_full_disk_ends_the_file_and_leaves_the_journal(disk, journal, monkeypatch):
    session = SessionJournal(journal, "sess_1")
    session.noted("one")
    write = os.write

    def full(file, data):
        if data[:1] != b"{":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:30])

    monkeypatch.setattr(os, "write", full)
    session.noted("two")
    monkeypatch.undo()
    session.noted("three")

    assert [entry.text for entry in journal.entries() if entry.kind == "note"] == ["one", "two", "three"]
    [warning] = journal.entries(kind="warning")
    assert "the journal on disk has ended: No space left on device" in warning.text
    read = read_journal(disk.path)
    assert ([entry.text for entry in read.entries], read.torn is not None) == (["one"], True)
