"""Any text, cut into pieces a synthesizer can be trusted with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_CHARACTERS = 5_000
"""Text past this is not spoken: about five minutes, as long as an answer of the service gets."""

LONGEST_SENTENCE = 240
"""Characters of the longest piece, so that one piece is a bounded amount of work."""

_LONGEST_WORD = 60

# Control characters are commands to espeak-ng; surrogates, private and unassigned code points have no sound.
_SILENT_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

# A sentence ends at its mark where white space follows, at a mark of Chinese or Japanese, or at a line's end.
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")


def sentences(text: str) -> Iterator[str]:
    """Give the speakable sentences of `text` in order, none empty and none longer than `LONGEST_SENTENCE`."""
    for sentence in _SENTENCE_END.split(text[:MAX_CHARACTERS]):
        yield from _pieces(_speakable(sentence).split())


def _speakable(sentence: str) -> str:
    """Put a space in place of every character that has no sound."""
    return "".join(
        " " if unicodedata.category(character) in _SILENT_CATEGORIES else character for character in sentence
    )


def _pieces(words: list[str]) -> Iterator[str]:
    """Join words to pieces of bounded length; a word too long for any dictionary is cut."""
    piece = ""
    for word in words:
        for start in range(0, len(word), _LONGEST_WORD):
            part = word[start : start + _LONGEST_WORD]
            if piece and len(piece) + 1 + len(part) > LONGEST_SENTENCE:
                yield piece
                piece = part
            else:
                piece = f"{piece} {part}" if piece else part
    if piece:
        yield piece
