"""Strings that a JSON Schema's format, pattern and lengths allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_mock.scenario.examples import patterns

LONGEST = 10_000
"""Characters of the longest string made up; a schema that asks for more gets none."""

MOST = 50
"""Candidates given for one schema."""

_FORMATS = {
    "date": "2026-01-{:02}",
    "time": "12:{:02}:00Z",
    "date-time": "2026-01-{:02}T12:00:00Z",
    "duration": "PT{}M",
    "email": "user{}@example.com",
    "idn-email": "user{}@example.com",
    "hostname": "host{}.example.com",
    "idn-hostname": "host{}.example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "uri": "https://example.com/{}",
    "url": "https://example.com/{}",
    "iri": "https://example.com/{}",
    "uri-reference": "/example/{}",
    "iri-reference": "/example/{}",
    "uri-template": "/example/{}/{{id}}",
    "uuid": "00000000-0000-4000-8000-{:012}",
    "json-pointer": "/example/{}",
    "relative-json-pointer": "{}/example",
    "regex": "example{}",
}


def candidates(schema: Mapping[str, Any]) -> Iterator[str]:
    """Different strings that may satisfy `schema`; whoever asks validates."""
    least = schema.get("minLength", 0)
    most = min(schema.get("maxLength", LONGEST), LONGEST)
    if least > most:
        return
    if "pattern" in schema:
        yield from patterns.candidates(schema["pattern"], shortest=least)
    template = _FORMATS.get(schema.get("format", ""))
    if template:
        # A month has 28 days in every year.
        yield from (template.format(number) for number in range(1, 29))
    else:
        yield from _words(int(least), int(most))


def _words(least: int, most: int) -> Iterator[str]:
    """`example`, `example 2`, ...: cut and filled so that they stay different."""
    for number in range(1, MOST + 1):
        mark = "" if number == 1 else f" {number}"
        word = f"example{mark}"
        if len(word) > most:
            mark = mark.strip()
            word = f"{'example'[: max(most - len(mark), 0)]}{mark}"[:most]
        yield word + "e" * (least - len(word))
