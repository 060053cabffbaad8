"""What the assistant says where no scenario has said it: the same answer to the same request.

The newest user item decides. A function is called where the tool choice asks for one or the last
user text names one; the output of a function is quoted back; text is quoted, speech is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from realtime_mock.scenario import arguments
from realtime_mock.scenario.model import Call, ResponseRequest, Say, Turn

GREETING = "Hello! How can I help you?"
"""The answer where no user has said anything yet."""

LONGEST_QUOTE = 120
"""Characters of a quotation; a longer one ends after a whole word, with three dots."""

Item = Mapping[str, Any]


def answer(request: ResponseRequest) -> Turn:
    """One turn with one step: a `Call` where a function is asked for or named, else a `Say`."""
    tool = _tool_to_call(request)
    if tool is not None:
        given = arguments.for_tool(tool.get("parameters"), _last_user_text(request.items))
        return Turn((Call(tool["name"], given),))
    sentences = _sentences(request)
    if request.instructions_named and request.instructions.strip():
        sentences = f'{sentences} I was told: "{quote(request.instructions)}"'
    return Turn((Say(sentences),))


def quote(text: str) -> str:
    """`text` on one line, cut to `LONGEST_QUOTE` characters."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    cut = line[: LONGEST_QUOTE - 3]
    at_word = cut.rsplit(" ", 1)[0] if line[len(cut)] != " " else cut
    return f"{at_word.rstrip()}..."


def _tool_to_call(request: ResponseRequest) -> Item | None:
    choice = request.tool_choice
    if choice == "none" or (_ends_with_output(request.items) and not request.tool_choice_named):
        return None
    tools = [tool for tool in request.tools if tool.get("type") == "function" and tool.get("name")]
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        name = choice["name"]
        return next((tool for tool in tools if tool["name"] == name), {"name": name})
    named = _first_named(tools, _last_user_text(request.items))
    if named is None and choice == "required":
        return next(iter(tools), None)
    return named


def _first_named(tools: Sequence[Item], text: str) -> Item | None:
    """The tool whose name comes first in `text` as a word of its own."""
    places = [(found.start(), tool) for tool in tools if (found := _word(tool["name"]).search(text))]
    return min(places, key=lambda place: place[0])[1] if places else None


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _sentences(request: ResponseRequest) -> str:
    if _ends_with_output(request.items):
        return _about_output(request.items)
    item = _newest_user_item(request.items)
    return " ".join(_about_user(item, request.heard)) if item else GREETING


def _about_output(items: Sequence[Item]) -> str:
    output = items[-1]
    name = next((item["name"] for item in reversed(items) if _is_call(item, output.get("call_id"))), None)
    function = f"The function {name}" if name else "The function"
    said = quote(str(output.get("output") or ""))
    return f'{function} returned: "{said}"' if said else f"{function} returned nothing."


def _about_user(item: Item, heard: Mapping[str, float]) -> Iterator[str]:
    kinds = {part.get("type") for part in _parts(item)}
    text = quote(_text(item))
    if text:
        yield f'You said: "{text}"'
    if "input_audio" in kinds:
        seconds = heard.get(item.get("id", ""))
        yield "I heard you speak." if seconds is None else f"I heard you speak for {seconds:.1f} seconds."
    if "input_image" in kinds:
        yield "I see an image."
    if not text and not kinds & {"input_audio", "input_image"}:
        yield "You said nothing."


def _last_user_text(items: Sequence[Item]) -> str:
    item = _newest_user_item(items)
    return _text(item) if item else ""


def _newest_user_item(items: Sequence[Item]) -> Item | None:
    return next((item for item in reversed(items) if item.get("role") == "user"), None)


def _text(item: Item) -> str:
    return " ".join(part.get("text") or "" for part in _parts(item) if part.get("type") == "input_text")


def _parts(item: Item) -> Sequence[Item]:
    return item.get("content") or ()


def _ends_with_output(items: Sequence[Item]) -> bool:
    return bool(items) and items[-1].get("type") == "function_call_output"


def _is_call(item: Item, call_id: object) -> bool:
    return item.get("type") == "function_call" and item.get("call_id") == call_id
