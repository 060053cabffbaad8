"""What the assistant says where no scenario has said it: the same answer to the same request.

The newest user item decides. A function is called where the tool choice asks for one or the last
user text names one; the output of a function is quoted back; text is quoted, and so is speech whose words are known;
other speech is measured.
Tools of MCP servers are called and quoted in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.scenario import arguments, mcp_assistant
from realtime_mock.scenario.interface import ResponseRequest
from realtime_mock.scenario.model import Call, McpCall, Say, Turn

GREETING = "Hello! How can I help you?"
"""The answer where no user has said anything yet."""

LONGEST_QUOTE = 120
"""Characters of a quotation; a longer one ends after a whole word, with three dots."""

_MCP_ASIDES = ("mcp_list_tools", "mcp_approval_request", "mcp_approval_response")
"""Items that say nothing to answer."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool that can be called; `server_label` is None for a function."""

    name: str
    parameters: object = None
    server_label: str | None = None

    def call(self, text: str) -> Call | McpCall:
        """The call with arguments that fit, from `text` where it holds them."""
        given = arguments.for_tool(self.parameters, text)
        if self.server_label is None:
            return Call(self.name, given)
        return mcp_assistant.call(self.server_label, self.name, given)


def answer(request: ResponseRequest) -> Turn:
    """One turn with one step: a `Call` or `McpCall` where a tool is asked for or named, else a `Say`."""
    tool = _tool_to_call(request)
    if tool is not None:
        return Turn((tool.call(_last_user_text(request)),))
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


def _tool_to_call(request: ResponseRequest) -> _Tool | None:
    choice = request.tool_choice
    if choice == "none" or (_ends_with_output(request.items) and not request.tool_choice_named):
        return None
    tools = [*_functions(request), *_mcp_tools(request)]
    if isinstance(choice, Mapping):
        return _chosen(tools, choice)
    named = _first_named(tools, _last_user_text(request))
    if named is None and choice == "required":
        return next(iter(tools), None)
    return named


def _functions(request: ResponseRequest) -> Iterator[_Tool]:
    for tool in request.tools:
        if tool.get("type") == "function" and tool.get("name"):
            yield _Tool(tool["name"], tool.get("parameters"))


def _mcp_tools(request: ResponseRequest) -> Iterator[_Tool]:
    for label, tools in request.mcp_tools.items():
        for tool in tools:
            yield _Tool(tool.name, tool.input_schema, label)


def _chosen(tools: Sequence[_Tool], choice: Mapping[str, Any]) -> _Tool | None:
    """The tool that a tool choice names. A function need not be known; an MCP tool must have been listed."""
    if choice.get("type") == "function":
        wanted = choice["name"]
        known = (tool for tool in tools if tool.server_label is None and tool.name == wanted)
        return next(known, _Tool(wanted))
    label, name = choice["server_label"], choice.get("name")
    return next((tool for tool in tools if tool.server_label == label and name in (None, tool.name)), None)


def _first_named(tools: Sequence[_Tool], text: str) -> _Tool | None:
    """The tool whose name comes first in `text` as a word of its own."""
    places = [(found.start(), tool) for tool in tools if (found := _word(tool.name).search(text))]
    return min(places, key=lambda place: place[0])[1] if places else None


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _sentences(request: ResponseRequest) -> str:
    if _ends_with_output(request.items):
        return _about_output(request.items)
    item = _newest_user_item(request.items)
    return " ".join(_about_user(item, request)) if item else GREETING


def _about_output(items: Sequence[Item]) -> str:
    output = _answerable(items)[-1]
    if output.get("type") == "mcp_call":
        return _about_mcp_call(output)
    name = next((item["name"] for item in reversed(items) if _is_call(item, output.get("call_id"))), None)
    return _returned(f"The function {name}" if name else "The function", output)


def _about_mcp_call(item: Item) -> str:
    tool = f"The tool {item['name']}"
    if item.get("error"):
        return f'{tool} failed: "{quote(str(item["error"].get("message")))}"'
    return _returned(tool, item) if "output" in item else f"{tool} has not returned yet."


def _returned(what: str, item: Item) -> str:
    said = quote(str(item.get("output") or ""))
    return f'{what} returned: "{said}"' if said else f"{what} returned nothing."


def _about_user(item: Item, request: ResponseRequest) -> Iterator[str]:
    kinds = {part.get("type") for part in _parts(item)}
    text = quote(_text(item))
    if text:
        yield f'You said: "{text}"'
    if "input_audio" in kinds:
        yield _about_speech(request.words.get(item.get("id", "")), request.heard.get(item.get("id", "")))
    if "input_image" in kinds:
        yield "I see an image."
    if not text and not kinds & {"input_audio", "input_image"}:
        yield "You said nothing."


def _about_speech(words: str | None, seconds: float | None) -> str:
    if words is not None:
        return f'I heard you say: "{quote(words)}"'
    return "I heard you speak." if seconds is None else f"I heard you speak for {seconds:.1f} seconds."


def _last_user_text(request: ResponseRequest) -> str:
    item = _newest_user_item(request.items)
    return (_text(item) or request.words.get(item.get("id", ""), "")) if item else ""


def _newest_user_item(items: Sequence[Item]) -> Item | None:
    return next((item for item in reversed(items) if item.get("role") == "user"), None)


def _text(item: Item) -> str:
    return " ".join(part.get("text") or "" for part in _parts(item) if part.get("type") == "input_text")


def _parts(item: Item) -> Sequence[Item]:
    return item.get("content") or ()


def _ends_with_output(items: Sequence[Item]) -> bool:
    last = _answerable(items)[-1:]
    return bool(last) and last[0].get("type") in ("function_call_output", "mcp_call")


def _answerable(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.get("type") not in _MCP_ASIDES]


def _is_call(item: Item, call_id: object) -> bool:
    return item.get("type") == "function_call" and item.get("call_id") == call_id
