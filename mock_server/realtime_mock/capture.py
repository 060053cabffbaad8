"""The audio of sessions: what was heard from the user and what was sent or played to them, kept in bounds.

It is kept as it was on the wire, base64 included, and becomes 24 kHz PCM when somebody asks for it: nearly nobody does,
and events with audio come fifty times a second.
"""

from __future__ import annotations

import binascii
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from realtime_mock.audio import g711
from realtime_mock.audio.pcm import resample
from realtime_mock.core.effects import PlayoutCleared, PlayoutReport, PlayoutStarted
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE
from realtime_mock.journal import Direction, SessionJournal
from realtime_mock.recording.audio_files import PCM, Encoding, WavFile, encoding_of
from realtime_mock.spans import SpeechSpans
from realtime_mock.wire import event_text

logger = logging.getLogger(__name__)

MAX_BYTES = 256 * 2**20
"""Audio of all sessions together; the oldest of the oldest session goes first. An hour of PCM has 170 MB."""

Sound = bytes | str
"""Samples, or the base64 of them."""

LISTEN_MS = 200
"""How much is listened to at once for the journal; stretches of sound are told that much later."""

_DELTA = "response.output_audio.delta"


class AudioStore:
    """The audio of one mock's sessions.

    `folder` is where it is written to as well, one WAV file for each direction of a session; None for nowhere.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self.folder: Path | None = None
        self._max_bytes = max_bytes
        self._bytes = 0
        self._tracks: OrderedDict[str, dict[Direction, Track]] = OrderedDict()

    def open(self, session_id: str) -> Tracks:
        """The tracks of a new session."""
        tracks: dict[Direction, Track] = {}
        self._tracks[session_id] = tracks
        return Tracks(self, session_id, tracks)

    def pcm(self, session_id: str, direction: Direction) -> bytes | None:
        """What is kept of one direction, 24 kHz; None for a session that is not known."""
        tracks = self._tracks.get(session_id)
        if tracks is None:
            return None
        return tracks[direction].pcm() if direction in tracks else b""

    def forget(self, session_id: str) -> None:
        """Keep nothing of a session any more."""
        for track in self._tracks.pop(session_id, {}).values():
            while track.drop_oldest():
                pass

    def grow(self, size: int) -> None:
        """Make room where there is too much."""
        self._bytes += size
        if self._bytes <= self._max_bytes:
            return
        for tracks in self._tracks.values():
            for track in tracks.values():
                while self._bytes > self._max_bytes and track.drop_oldest():
                    pass

    def shrink(self, size: int) -> None:
        """Take note of what was dropped."""
        self._bytes -= size


class Tracks:
    """The tracks of one session, each made for its first sound: most sessions have none."""

    __slots__ = ("_made", "_session_id", "_store")

    def __init__(self, store: AudioStore, session_id: str, made: dict[Direction, Track]) -> None:
        self._store = store
        self._session_id = session_id
        self._made = made

    def append(self, direction: Direction, audio: Sound, encoding: Encoding) -> None:
        """Keep a piece of one direction."""
        track = self._made.get(direction)
        if track is None:
            track = self._made[direction] = Track(self._store, f"{self._session_id}-{direction}")
        track.append(audio, encoding)

    def close(self) -> None:
        """Complete the files."""
        for track in self._made.values():
            track.close()


class Track:
    """The audio of one direction of a session, in pieces as they came."""

    def __init__(self, store: AudioStore, name: str) -> None:
        self._store = store
        self._name = name
        self._pieces: deque[tuple[Encoding, Sound]] = deque()
        self._file: WavFile | None = None
        self._file_encoding = PCM
        self._files = 0
        self._has_failed = False

    def append(self, audio: Sound, encoding: Encoding) -> None:
        """Keep a piece, and write it where audio is written."""
        if not audio:
            return
        self._pieces.append((encoding, audio))
        self._store.grow(len(audio))
        if self._store.folder is not None and not self._has_failed:
            self._write(_bytes(audio), encoding, self._store.folder)

    def pcm(self) -> bytes:
        """All that is kept, 24 kHz."""
        joined: list[tuple[Encoding, bytearray]] = []
        for encoding, piece in self._pieces:
            if not joined or joined[-1][0] != encoding:
                joined.append((encoding, bytearray()))
            joined[-1][1].extend(_bytes(piece))
        return b"".join(_decoded(bytes(audio), encoding) for encoding, audio in joined)

    def drop_oldest(self) -> bool:
        """Forget the oldest piece; False where there is none."""
        if not self._pieces:
            return False
        self._store.shrink(len(self._pieces.popleft()[1]))
        return True

    def close(self) -> None:
        """Complete the file."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self._fail(error)
        self._file = None

    def _write(self, audio: bytes, encoding: Encoding, folder: Path) -> None:
        """Another encoding begins another file."""
        try:
            if self._file is None or self._file_encoding != encoding:
                self.close()
                folder.mkdir(parents=True, exist_ok=True)
                self._files += 1
                number = f"-{self._files}" if self._files > 1 else ""
                self._file = WavFile(folder / f"{self._name}{number}.wav", encoding)
                self._file_encoding = encoding
            self._file.append(audio)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        if not self._has_failed:
            logger.error("%s: its audio is not written any more: %s", self._name, error.strerror)
        self._has_failed = True
        self._file = None


class SessionAudio:
    """The audio of one session as it passes, with an entry in the journal for each stretch of it.

    Args:
        tracks: where it is kept.
        journal: the session's.
        is_call: whether the session is one: then its user hears what is played, and not what is sent.
        clock: seconds; says how far a call had played when it ended.
    """

    def __init__(
        self,
        tracks: Tracks,
        journal: SessionJournal,
        *,
        is_call: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._tracks = tracks
        self._journal = journal
        self._is_call = is_call
        self._clock = clock
        self._encoding_in = self._encoding_out = PCM
        self._spans: SpeechSpans | None = None
        self._unheard: list[Sound] = []
        self._unheard_encoding = PCM
        self._unheard_ms = 0.0
        self._sent: dict[str, float] = {}
        self._queued: dict[str, bytearray] = {}
        self._started: dict[str, float] = {}

    def received(self, event: object) -> None:
        """A client's event that was accepted."""
        if isinstance(event, dict) and event.get("type") == "input_audio_buffer.append":
            self._hear(event["audio"], self._encoding_in)

    def heard(self, pcm: bytes) -> None:
        """24 kHz PCM of a call's microphone, or of a test."""
        self._hear(pcm, PCM)

    def sent(self, event: Mapping[str, Any]) -> None:
        """An event that leaves: audio, or what tells of formats and ends."""
        kind = event.get("type")
        if kind == _DELTA and not self._is_call():
            self._send(str(event.get("response_id")), event.get("delta"))
        elif kind == "response.done":
            self._tell_sent(str((event.get("response") or {}).get("id")))
        elif kind in ("session.created", "session.updated"):
            self._encoding_in = encoding_of(event.get("session"), "sent")
            self._encoding_out = encoding_of(event.get("session"), "received")

    def queued(self, response_id: str, pcm: bytes) -> None:
        """Speech of a response that a call's speaker is to play."""
        self._queued.setdefault(response_id, bytearray()).extend(pcm)

    def played(self, report: PlayoutReport) -> None:
        """What a call's speaker reports."""
        if isinstance(report, PlayoutStarted):
            self._started[report.response_id] = self._clock()
            return
        queued_ms = len(self._queued.get(report.response_id, b"")) // BYTES_PER_MS
        played_ms = report.played_ms if isinstance(report, PlayoutCleared) else queued_ms
        self._tell_played(report.response_id, min(played_ms, queued_ms))

    def close(self) -> None:
        """The session ends: so does every stretch of audio."""
        self._listen()
        if self._spans is not None:
            self._tell_heard(self._spans.end())
        for response_id in tuple(self._sent):
            self._tell_sent(response_id)
        for response_id, pcm in tuple(self._queued.items()):
            since = self._clock() - self._started.get(response_id, self._clock())
            self._tell_played(response_id, min(round(since * 1000), len(pcm) // BYTES_PER_MS))
        self._tracks.close()

    def _send(self, response_id: str, audio: object) -> None:
        # A scenario may have written anything here.
        if isinstance(audio, str):
            encoding = self._encoding_out
            self._tracks.append("out", audio, encoding)
            self._sent[response_id] = self._sent.get(response_id, 0.0) + _ms(audio, encoding)

    def _hear(self, audio: Sound, encoding: Encoding) -> None:
        self._tracks.append("in", audio, encoding)
        if encoding != self._unheard_encoding:
            self._listen()
            self._unheard_encoding = encoding
        self._unheard.append(audio)
        self._unheard_ms += _ms(audio, encoding)
        if self._unheard_ms >= LISTEN_MS:
            self._listen()

    def _listen(self) -> None:
        """Find the stretches of sound in what has been heard since the last time."""
        if not self._unheard:
            return
        if self._spans is None:
            self._spans = SpeechSpans()
        encoding = self._unheard_encoding
        samples = _samples(b"".join(map(_bytes, self._unheard)), encoding)
        self._unheard.clear()
        self._unheard_ms = 0.0
        for span in self._spans.feed(samples, rate=encoding.rate):
            self._tell_heard(span)

    def _tell_heard(self, span: Mapping[str, Any] | None) -> None:
        if span is not None:
            self._tell(span, "in")

    def _tell_sent(self, response_id: str) -> None:
        if response_id in self._sent:
            self._tell({"response_id": response_id, "ms": round(self._sent.pop(response_id))}, "out")

    def _tell_played(self, response_id: str, played_ms: int) -> None:
        pcm = bytes(self._queued.pop(response_id, b""))
        self._started.pop(response_id, None)
        if not pcm:
            return
        self._tracks.append("out", pcm[: played_ms * BYTES_PER_MS], PCM)
        told = {"response_id": response_id, "ms": len(pcm) // BYTES_PER_MS, "played_ms": played_ms}
        self._tell(told, "out")

    def _tell(self, told: Mapping[str, Any], direction: Direction) -> None:
        channel = "call" if self._is_call() else "websocket"
        self._journal.sounded(event_text(dict(told)), channel, direction)


def _samples(audio: bytes, encoding: Encoding) -> bytes:
    """16-bit PCM at the encoding's own rate."""
    match encoding.name:
        case "audio/pcmu":
            return g711.decode_ulaw(audio)
        case "audio/pcma":
            return g711.decode_alaw(audio)
        case _:
            return audio


def _decoded(audio: bytes, encoding: Encoding) -> bytes:
    samples = _samples(audio, encoding)
    samples = samples[: len(samples) // 2 * 2]
    return samples if encoding.rate == SAMPLE_RATE else resample(samples, source=encoding.rate, target=SAMPLE_RATE)


def _bytes(audio: Sound) -> bytes:
    """The samples. What is no base64 after all is no sound."""
    if isinstance(audio, bytes):
        return audio
    try:
        return binascii.a2b_base64(audio)
    except (binascii.Error, ValueError):
        return b""


def _ms(audio: Sound, encoding: Encoding) -> float:
    size = len(audio) if isinstance(audio, bytes) else len(audio) * 3 // 4 - audio.endswith("=") - audio.endswith("==")
    return size * 8 * 1000 / (encoding.rate * encoding.bits)
