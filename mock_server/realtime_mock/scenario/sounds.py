"""What is heard of a `say`, or of the user: a voice by its name, a WAV file by its own or in a `data:` URL."""

from __future__ import annotations

import base64
import re
import stat
from pathlib import Path

from realtime_mock.core.speech import API_VOICES, SAMPLE_RATE
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.recording import LONGEST_SPEECH, Recording

LARGEST_FILE = 64 * 2**20
"""Bytes of a WAV file: 300 seconds in stereo at 48 kHz and 16 bits are 58 million."""

_DATA_URL_HEAD = "data:audio/wav;base64,"
_DATA_URL = re.compile(r"data:audio/(?:x-|vnd\.)?wave?;base64,", re.IGNORECASE)
_CUSTOM = "voice_"
"""How the id of a custom voice begins (API reference)."""


def read_voice(node: Node) -> str:
    """One of the API's voices, or the id of a custom one."""
    name = fields.text(node, what="'voice'")
    if not name.startswith(_CUSTOM):
        fields.choice(node, API_VOICES, what="'voice'")
    return name


def read_recording(node: Node, *, what: str = "'audio'") -> Recording:
    """The sound of a WAV file, whose name is relative to the scenario's file."""
    given = fields.text(node, what=what)
    found = _DATA_URL.match(given)
    name = found[0] if found else given
    content = _data(node, given[found.end() :]) if found else _file(node, given)
    from realtime_mock.audio.pcm import resample  # noqa: PLC0415 - numpy takes long to load, and few scenarios need it

    pcm, rate = _decoded(node, name, content)
    if len(pcm) > LONGEST_SPEECH * rate * 2:
        raise node.error(f"'{name}' is longer than {LONGEST_SPEECH} seconds; cut it into several")
    try:
        return Recording(given, resample(pcm, source=rate, target=SAMPLE_RATE))
    except ValueError:
        raise node.error(f"'{name}' has {rate} samples per second; convert it to {SAMPLE_RATE}") from None


def _data(node: Node, encoded: str) -> bytes:
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError:
        raise node.error("the data of this URL is not base64; encode the WAV file again") from None


def _file(node: Node, name: str) -> bytes:
    folder = node.place.folder
    if folder is None:
        what = f"the file '{name}' cannot be found from here"
        raise node.error(f"{what}; give the scenario as a file, or write the sound as {_DATA_URL_HEAD}...")
    return _content(node, name, folder / name)


def _content(node: Node, name: str, path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise node.error(f"'{name}' is no file that holds a recording; name a WAV file")
        if found.st_size > LARGEST_FILE:
            raise node.error(f"'{name}' has more than {LARGEST_FILE} bytes; cut it into several")
        return path.read_bytes()
    except OSError as error:
        raise node.error(f"'{name}' cannot be read: {error.strerror}; its place is looked for at {path}") from None
    except ValueError:
        raise node.error("no file can have this name; write the name of a WAV file") from None


def _decoded(node: Node, name: str, content: bytes) -> tuple[bytes, int]:
    from realtime_mock.audio.wav import WavError, decode_wav  # noqa: PLC0415 - the same

    try:
        pcm, rate = decode_wav(content, name=f"'{name}'")
    except WavError as error:
        raise node.error(str(error)) from None
    if not pcm:
        raise node.error(f"'{name}' has no sound; record it again")
    return pcm, rate
