"""Any text as letters a to z: what the numpy voice reads aloud."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VOWELS = "aeiou"
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"


def words(sentence: str) -> Iterator[str]:
    """Give each word of a sentence in letters a to z, and "" where punctuation asks for a pause.

    Digits are spelled, accents dropped; a letter of another script becomes a consonant and a
    vowel chosen by its code point, so that different texts sound different in any script.
    """
    for word in sentence.split():
        spelled = "".join(_letters(character) for character in unicodedata.normalize("NFKD", word.lower()))
        if spelled:
            yield spelled
        if not word[-1].isalnum():
            yield ""


def _letters(character: str) -> str:
    if "a" <= character <= "z":
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return _DIGITS[digit]
    if not character.isalpha():
        return ""
    number = ord(character)
    return _CONSONANTS[number % len(_CONSONANTS)] + _VOWELS[number // len(_CONSONANTS) % len(_VOWELS)]
