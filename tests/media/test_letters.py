"""What the numpy voice reads aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.media.letters import words


@pytest.mark.parametrize(
    "sentence, read",
    [
        ("Hello, Zoë!", ["hello", "", "zoe", ""]),
        ("42 °C", ["fourtwo", "c"]),
        ("it's", ["its"]),
        ("日本", ["fiti"]),
        ("— …", ["", ""]),
        ("", []),
    ],
)
def test_words_are_spelled_in_plain_letters(sentence: str, read: list[str]) -> None:
    assert list(words(sentence)) == read


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_becomes_letters_a_to_z(text: str) -> None:
    assert set("".join(words(text))) <= set("abcdefghijklmnopqrstuvwxyz")
