"""The situation that a session is in, as far as a scenario's rules ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.recall import written_text
from realtime_mock.core.stage import Stage
from realtime_mock.scenario.interface import Situation


def situation(
    stage: Stage, event: Mapping[str, Any], visible: Sequence[ConversationItem] | None = None
) -> Callable[[], Situation]:
    """What the rules may ask when this event comes. It is worked out once, and only when the first of them asks.

    `visible` is what the response sees; without it, it is the conversation.
    """
    known: list[Situation] = []

    def work_out() -> Situation:
        if not known:
            known.append(_situation(stage, event, stage.conversation.context() if visible is None else visible))
        return known[0]

    return work_out


def _situation(stage: Stage, event: Mapping[str, Any], visible: Sequence[ConversationItem]) -> Situation:
    items = [*visible, *_brought(event)]
    found: dict[str, object] = {"session": stage.config.session}
    user = next((item for item in reversed(items) if item.wire.get("role") == "user"), None)
    if user is not None and (text := written_text(user.wire) or user.words):
        found["user_text"] = text
    if user is not None and user.said is not None:
        found["heard"] = user.said.as_json()
    if user is not None and user.heard:
        found["speech"] = {"turn": user.spoken_turn, "seconds": user.heard}
    outputs = list(_newest_outputs(items))
    if outputs:
        names = {item.wire.get("call_id"): item.wire["name"] for item in stage.conversation if _is_call(item)}
        found["function_output"] = [_output(item, names) for item in reversed(outputs)]
    return found


def _brought(event: Mapping[str, Any]) -> Iterator[ConversationItem]:
    """The item that a client's event is about to add."""
    if event["type"] == "conversation.item.create":
        yield ConversationItem(event["item"])


def _newest_outputs(items: Sequence[ConversationItem]) -> Iterator[ConversationItem]:
    """The outputs that came behind the user's last words and belong to the newest calls, newest first."""
    has_output = is_behind_calls = False
    for item in reversed(items):
        if item.wire.get("role") == "user":
            return
        if _is_call(item):
            is_behind_calls = has_output
        elif item.wire["type"] == "function_call_output":
            if is_behind_calls:
                return
            has_output = True
            yield item


def _output(item: ConversationItem, names: Mapping[object, str]) -> Mapping[str, object]:
    call_id = item.wire["call_id"]
    name = {"name": names[call_id]} if call_id in names else {}
    return {**name, "call_id": call_id, "output": item.wire["output"]}


def _is_call(item: ConversationItem) -> bool:
    return bool(item.wire["type"] == "function_call")
