"""Any text, cut into pieces a synthesizer can be trusted with."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.media.sentences import LONGEST_SENTENCE, MAX_CHARACTERS, sentences

any_text = st.text(st.characters(exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    "text, parts",
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It is 3.5 degrees.\nCold", ["It is 3.5 degrees.", "Cold"]),
        ("こんにちは。元気?", ["こんにちは。", "元気?"]),
        ("Wait...  what", ["Wait...", "what"]),
        ("a\x01b\ud800c", ["a b c"]),
        (" \n ", []),
    ],
)
def test_text_is_cut_where_sentences_end(text: str, parts: list[str]) -> None:
    assert list(sentences(text)) == parts


@given(any_text)
def test_nothing_unspeakable_passes(text: str) -> None:
    categories = {unicodedata.category(character) for part in sentences(text) for character in part}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn"}


@given(st.lists(st.text("ab ", max_size=200), max_size=20))
def test_no_piece_is_long_and_no_letter_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    parts = list(sentences(text))
    assert all(0 < len(part) <= LONGEST_SENTENCE for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_very_long_text_is_cut_off() -> None:
    assert sum(map(len, sentences("a" * (2 * MAX_CHARACTERS)))) <= MAX_CHARACTERS * 1.1
