"""What a response is to be: the session's settings, with those of its `response.create` over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime_mock.core import errors, usage
from realtime_mock.core.conversation import ConversationItem, item_as_created
from realtime_mock.core.defaults import is_second_generation
from realtime_mock.core.limits import cached_tokens, fit_context
from realtime_mock.core.response import ResponsePlan
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.interface import ResponseRequest

Given = Mapping[str, Any]
"""The `response` object of a `response.create`, or an empty one."""


def is_out_of_band(given: Given) -> bool:
    """Whether the response stays outside the conversation."""
    return bool(given.get("conversation") == "none")


def visible_items(stage: Stage, given: Given) -> list[ConversationItem]:
    """The items the response sees: the conversation or just its own `input`, as far as the context goes.

    Raises:
        ClientFault: a reference to nothing; too much context where truncation is disabled.
    """
    own = given.get("input")
    items = stage.conversation.context() if own is None else [_input_item(stage, item) for item in own]
    fitting = fit_context(
        items,
        fixed=_fixed(stage, given),
        truncation=stage.config.session["truncation"],
        context_tokens=stage.options.limits.context_tokens,
    )
    if fitting is None:
        raise errors.context_too_long()
    return fitting


def plan_response(
    stage: Stage, given: Given, visible: Sequence[ConversationItem], *, seen: Sequence[ConversationItem]
) -> ResponsePlan:
    """The plan of a response that sees `visible`; `seen` is what the response before it had seen and made."""
    session = stage.config.session
    request = _request(stage, given, visible)
    output = session["audio"]["output"]
    own = (given.get("audio") or {}).get("output") or {}
    fixed = _fixed(stage, given)
    prompt = fixed
    for item in visible:
        prompt += usage.item_tokens(item.wire, audio_ms=item.audio_ms)
    return ResponsePlan(
        id=stage.ids.response(),
        conversation_id=None if is_out_of_band(given) else stage.conversation.id,
        output_modalities=request.output_modalities,
        max_output_tokens=_chosen(stage, given, "max_output_tokens"),
        audio_format=own.get("format") or output["format"],
        voice=own.get("voice") or output["voice"],
        speed=output["speed"],
        metadata=given.get("metadata"),
        request=request,
        prompt=prompt,
        cached=cached_tokens(visible, seen, fixed=fixed),
        is_second_generation=is_second_generation(stage.config.model),
    )


def _input_item(stage: Stage, given: Mapping[str, Any]) -> ConversationItem:
    if given["type"] != "item_reference":
        return ConversationItem(item_as_created(given, item_id=stage.ids.item(), call_id=stage.ids.function_call()))
    found = stage.conversation.find(given["id"])
    if found is None:
        raise errors.unknown_reference(given["id"])
    return found


def _request(stage: Stage, given: Given, visible: Sequence[ConversationItem]) -> ResponseRequest:
    tools = tuple(_chosen(stage, given, "tools"))
    return ResponseRequest(
        items=tuple(item.wire for item in visible),
        heard={item.id: item.heard for item in visible if item.heard},
        words={item.id: item.words for item in visible if item.words},
        tools=tools,
        mcp_tools=stage.mcp.callable_tools(tools),
        tool_choice=_chosen(stage, given, "tool_choice"),
        tool_choice_named=given.get("tool_choice") is not None,
        instructions=_chosen(stage, given, "instructions"),
        output_modalities=tuple(_chosen(stage, given, "output_modalities")),
        metadata=given.get("metadata"),
        instructions_named=given.get("instructions") is not None,
    )


def _fixed(stage: Stage, given: Given) -> usage.Tokens:
    """What instructions and tools cost."""
    return usage.prompt_tokens(_chosen(stage, given, "instructions"), _chosen(stage, given, "tools"))


def _chosen(stage: Stage, given: Given, key: str) -> Any:
    """The response's own setting, or the session's where it has none."""
    return stage.config.session[key] if given.get(key) is None else given[key]
