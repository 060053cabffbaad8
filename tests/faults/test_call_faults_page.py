"""The reference page of faults of calls and of time tells what the mock takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from realtime_mock.faults.call_words import CALL_WORDS
from realtime_mock.faults.time_words import TIME_WORDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "call-faults.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
SHORT = re.findall(r"^\| `(\w+)` \|.*\| `(\{.*\})` as `(.*?)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_list_of_faults(read, example):
    assert len(read(example)) == example.count("  - ")


def test_every_word_has_a_row():
    assert set(ROWS) == {*CALL_WORDS, *TIME_WORDS, "close", "reset", "half_open"}


@pytest.mark.parametrize("word, long, short", SHORT)
def test_a_short_form_means_the_long_one(read, word, long, short):
    assert read(f"{word}: {long}") == read(f"{word}: {short}")
