"""Clients that get functions wrong, by the check that each trips."""

import asyncio
import json

from tests.negative.clients.breaking import (
    HALF_HEARD,
    SILENT,
    AsksTwice,
    Negative,
    asks_no_more,
    changes,
    gives_up,
    told_otherwise,
)

from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client

NO_ARGUMENTS = told_otherwise("call", lambda what: {"arguments": "{}"})
CUT_ARGUMENTS = told_otherwise("call", lambda what: {"arguments": what["arguments"][:65_536]})


def output(change):
    def changed(event):
        if event["item"]["type"] == "function_call_output":
            event["item"].update(change(event["item"]))
        return event

    return changes("conversation.item.create", changed)


def without_output(item):
    return {"output": ""}


class RunsTheFirst(Client):
    async def run_calls(self, conversation, answer):
        answer.calls = answer.calls[:1]
        await super().run_calls(conversation, answer)


class ShowsTheLast(Client):
    """Shows only an answer that calls nothing."""

    def show_text(self, answer):
        if not answer.calls:
            super().show_text(answer)


class AsksWhenItSeesACall(Conversation):
    """Asks for the answer while the response with the call is still active."""

    async def take(self, event):
        await super().take(event)
        if event["type"] == "response.function_call_arguments.done":
            # Long enough that it knows of the active response.
            await asyncio.sleep(0.06)
            await self.send({"type": "response.create"})


class ReadsArguments(Client):
    def result_of(self, call):
        json.loads(call["arguments"])
        return super().result_of(call)


class FindsEveryFunction(Client):
    def result_of(self, call):
        {tool["name"]: tool for tool in self.task.tools}[call["name"]]
        return super().result_of(call)


def is_failed(event):
    return event["type"] == "response.done" and event["response"]["status"] == "failed"


NEGATIVES = {
    "TOOLS-001.runs-with-its-arguments": Negative(tell=NO_ARGUMENTS),
    "TOOLS-001.sends-output": Negative(output(without_output)),
    "TOOLS-001.asks-once-after-it": Negative(client=AsksTwice),
    "TOOLS-001.goes-on": Negative(asks_no_more(times=1), follows=("asks-once-after-it",)),
    "TOOLS-002.runs-every-call": Negative(client=RunsTheFirst, follows=("SENT-001.create-after-all-outputs",)),
    "TOOLS-002.asks-once-after-all": Negative(client=AsksTwice),
    "TOOLS-002.goes-on": Negative(asks_no_more(times=1), follows=("asks-once-after-all",)),
    "TOOLS-003.runs-every-call": Negative(output(without_output)),
    "TOOLS-003.asks-once-after-each": Negative(client=AsksTwice),
    "TOOLS-003.shows-all-that-is-said": Negative(client=ShowsTheLast),
    "TOOLS-003.lets-hear-all": Negative(tell=HALF_HEARD),
    "TOOLS-004.asks-after-its-end": Negative(AsksWhenItSeesACall, follows=("SENT-001.one-response-at-a-time",)),
    "TOOLS-004.goes-on": Negative(asks_no_more(times=1), follows=("asks-after-its-end",)),
    "TOOLS-005.tells": Negative(tell=SILENT),
    "TOOLS-005.goes-on": Negative(gives_up(is_failed)),
    "TOOLS-006.goes-on": Negative(client=ReadsArguments, follows=("LIFE-001.in-order",)),
    "TOOLS-007.goes-on": Negative(client=FindsEveryFunction, follows=("LIFE-001.in-order",)),
    "TOOLS-008.runs-with-all-of-them": Negative(tell=CUT_ARGUMENTS),
    "TOOLS-008.goes-on": Negative(asks_no_more(times=1)),
}
