"""Clients that cannot take or give what is large, by the check that each trips."""

from tests.negative.clients.breaking import HALF_HEARD, Negative, asks_no_more, changes, gives_up, told_otherwise

from realtime_conformance.reference.exercises import Client

MOST = 262_144


def is_large(event):
    return len(event.get("padding", "")) > MOST


def text(change):
    def changed(event):
        part = event["item"]["content"][0]
        part["text"] = change(part["text"])
        return event

    return changes("conversation.item.create", changed)


def tools(change):
    return changes(
        "session.update",
        lambda event: {**event, "session": {**event["session"], "tools": change(event["session"]["tools"])}},
    )


class StopsAtTen(Client):
    async def long(self, conversation):
        for said in self.task.texts[:10]:
            await self.turn(conversation, said)


class SkipsTheThird(Client):
    shown = 0

    def show_text(self, answer):
        self.shown += 1
        if self.shown != 3:
            super().show_text(answer)


ONLY_THE_END = told_otherwise("answer", lambda what: {"text": what["text"][-500:]})

NEGATIVES = {
    "LARGE-001.goes-on": Negative(gives_up(is_large)),
    # The answer is to another text then.
    "LARGE-002.arrives-whole": Negative(text(lambda whole: whole[:65_536]), follows=("goes-on",)),
    "LARGE-002.goes-on": Negative(asks_no_more()),
    "LARGE-003.arrive": Negative(tools(lambda all_tools: all_tools[:50]), follows=("arrive-whole",)),
    "LARGE-003.arrive-whole": Negative(
        tools(lambda all_tools: [{**tool, "description": tool["description"][:500]} for tool in all_tools])
    ),
    "LARGE-004.answers-every-turn": Negative(client=StopsAtTen),
    "LARGE-004.shows-every-answer": Negative(client=SkipsTheThird),
    "LARGE-005.shows-all": Negative(tell=ONLY_THE_END),
    "LARGE-005.lets-hear-all": Negative(tell=HALF_HEARD),
}
