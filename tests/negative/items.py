"""Servers that get the items of a conversation wrong, by the check that each trips."""

from tests.negative.breaking import Negative, become, change, drop, every, follow, lose

ADDED, DONE, CREATE = "conversation.item.added", "conversation.item.done", "conversation.item.create"
RETRIEVED = "conversation.item.retrieved"
RESPONSE = {"type": "response.created", "event_id": "x", "response": {}}


def of(name):
    """Events about the item called `name`."""
    return lambda event: event["item"].get("id") == name


def tolerant(nth):
    """The nth error never comes."""
    return become("error", lambda _event: [], nth=nth)


def misplaced(name):
    """The server says of an item called `name` that it follows another one."""
    return Negative(change(ADDED, where=of(name), previous_item_id="elsewhere"))


NEGATIVES = {
    "ITEM-001.added-and-done": Negative(become(ADDED, lambda event: [event, event])),
    "ITEM-001.has-an-id": Negative(every(lose(ADDED, "item__id"), lose(DONE, "item__id"))),
    "ITEM-001.one-item": Negative(change(DONE, item__id="item_other")),
    "ITEM-001.role": Negative(change(ADDED, item__role="system")),
    "ITEM-001.content-when-added": Negative(change(ADDED, item__content=[])),
    "ITEM-001.content-when-done": Negative(change(DONE, item__content__0__text="The sea is wild.")),
    "ITEM-001.completed-at-once": Negative(change(ADDED, item__status="in_progress")),
    "ITEM-001.no-response": Negative(follow(DONE, RESPONSE)),
    "ITEM-002.kept": Negative(change(DONE, item__id="item_1")),
    "ITEM-002.found-by-it": Negative(change(RETRIEVED, item__id="item_1")),
    "ITEM-002.content": Negative(change(RETRIEVED, item__content__0__text="The sky is blue.")),
    "ITEM-003.first-has-no-predecessor": misplaced("one"),
    "ITEM-003.appended": misplaced("two"),
    "ITEM-003.at-the-root": misplaced("zero"),
    "ITEM-003.behind-a-named-item": misplaced("half"),
    "ITEM-003.last-is-still-last": misplaced("three"),
    "ITEM-003.behind-the-inserted": misplaced("most"),
    "ITEM-003.empty-appends": misplaced("four"),
    "ITEM-004.refused": Negative(tolerant(1)),
    "ITEM-004.not-added": Negative(follow("error", {"type": ADDED, "event_id": "x", "item": {}}, nth=1)),
    "ITEM-004.not-there": Negative(tolerant(2)),
    "ITEM-004.conversation-goes-on": misplaced("two"),
    "ITEM-005.same-item": Negative(change(RETRIEVED, item__id="item_1")),
    "ITEM-005.content": Negative(change(RETRIEVED, item__content=[])),
    "ITEM-005.role": Negative(change(RETRIEVED, item__role="system")),
    "ITEM-005.unknown-refused": Negative(drop("error"), follows=("unknown-code", "unknown-message")),
    "ITEM-005.unknown-code": Negative(change("error", error__code="not_found")),
    "ITEM-005.unknown-message": Negative(change("error", error__message="What?")),
    "ITEM-006.acknowledged": Negative(change("conversation.item.deleted", item_id="one")),
    "ITEM-006.gone": Negative(tolerant(1)),
    "ITEM-006.second-time-refused": Negative(tolerant(2), follows=("second-time-code", "second-time-message")),
    "ITEM-006.second-time-code": Negative(change("error", error__code="not_found", nth=2)),
    "ITEM-006.second-time-message": Negative(change("error", error__message="What?", nth=2)),
    "ITEM-006.follows-nothing-any-more": misplaced("three"),
    "ITEM-007.system": Negative(
        change(DONE, item__role="user", where=lambda event: event["item"].get("role") == "system")
    ),
    "ITEM-007.assistant": Negative(change(DONE, item__content=[], nth=2)),
    "ITEM-007.call": Negative(change(DONE, item__arguments='{"a":2,"b":2}', nth=3)),
    "ITEM-007.output": Negative(change(DONE, item__call_id="call_2", nth=4)),
    "ITEM-007.answers-behind-it": Negative(change("response.done", response__status="failed")),
    "ITEM-008.added": Negative(change(ADDED, item__content__0__type="input_text")),
    "ITEM-008.without-its-audio": Negative(change(DONE, item__content__0__audio="AAAA")),
    "ITEM-008.retrieved-with-audio": Negative(lose(RETRIEVED, "item__content__0__audio")),
    "ITEM-009.added": Negative(change(DONE, item__content=lambda parts: parts[:1], nth=1)),
    "ITEM-009.answers": Negative(change("response.done", response__status="failed")),
    "ITEM-010.added-behind-the-question": Negative(change(ADDED, previous_item_id=None, nth=2)),
    "ITEM-010.retrieved": Negative(change(RETRIEVED, item__id="item_1")),
    "ITEM-010.content": Negative(change(RETRIEVED, item__content=[])),
    "ITEM-010.precedes-what-comes-next": misplaced("next"),
    "ITEM-011.system-cannot-speak": Negative(tolerant(1)),
    "ITEM-011.user-cannot-output": Negative(tolerant(2)),
    "ITEM-011.assistant-cannot-input": Negative(tolerant(3)),
    "ITEM-011.assistant-needs-text": Negative(tolerant(4)),
    "ITEM-011.nothing-added": Negative(follow("error", {"type": ADDED, "event_id": "x", "item": {}}, nth=1)),
    "ITEM-011.conversation-is-empty": misplaced("next"),
}
