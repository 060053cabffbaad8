"""How text is cut into deltas and speech into chunks.

Every recorded delta of text is shorter than 16 characters and comes with an `obfuscation` that pads it to 16
(403 of 403); longer words are cut so that the rule always holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

PADDED_LENGTH = 16
_LONGEST = PADDED_LENGTH - 1
_PIECE = re.compile(r"\s*\w+|\s*[^\w\s]+|\s+")


@lru_cache(maxsize=64)
def pieces(text: str) -> tuple[str, ...]:
    """Cut text as a model's tokens would: words with the space before them, punctuation, spaces.

    The pieces add up to the text, and none is longer than 15 characters. A mock says the same again and again.
    """
    found = _PIECE.findall(text)
    if max(map(len, found), default=0) <= _LONGEST:
        return tuple(found)
    return tuple(part for piece in found for part in _bounded(piece))


def chunks(audio: bytes, size: int) -> list[bytes]:
    """Cut audio into chunks of `size` bytes; the last one may be shorter."""
    return [audio[at : at + size] for at in range(0, len(audio), size)]


def _bounded(piece: str) -> Iterator[str]:
    for at in range(0, len(piece), _LONGEST):
        yield piece[at : at + _LONGEST]
