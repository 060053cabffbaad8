"""What the assistant says by default."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_mock.scenario import assistant
from realtime_mock.scenario.interface import ResponseRequest
from realtime_mock.scenario.model import Call, Say

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CLOCK = {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://example.com"}
FORCED = {"type": "function", "name": "get_weather"}


def user(*parts: dict[str, Any], item_id: str = "item_1") -> dict[str, Any]:
    return {"id": item_id, "type": "message", "role": "user", "content": list(parts)}


def text(words: str) -> dict[str, Any]:
    return {"type": "input_text", "text": words}


def output(words: str, call_id: str = "call_1") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": words}


CALLED = {"type": "function_call", "name": "get_weather", "call_id": "call_1", "arguments": "{}"}
SPEECH = user({"type": "input_audio", "transcript": None}, item_id="spoken")
SYSTEM = {"id": "s", "type": "message", "role": "system", "content": [text("Be brief.")]}
REPLY = {"id": "a", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}
ASKED = user(text("get_weather please"))


def answer(*items: dict[str, Any], **asked: Any) -> Say | Call:
    [step] = assistant.answer(ResponseRequest(items=items, **asked)).steps
    assert isinstance(step, Say | Call)
    return step


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "Hello! How can I help you?"),
        ([SYSTEM], "Hello! How can I help you?"),
        ([user(text("Hi  there,\n you"))], 'You said: "Hi there, you"'),
        ([user(text("one"), text("two"))], 'You said: "one two"'),
        ([user(text("old")), REPLY, user(text("new"))], 'You said: "new"'),
        ([user(text("mine")), REPLY, SYSTEM], 'You said: "mine"'),
        ([user(text("old")), SPEECH], "I heard you speak for 2.3 seconds."),
        ([SPEECH, user(text("new"))], 'You said: "new"'),
        ([user({"type": "input_audio"}, item_id="unheard")], "I heard you speak."),
        ([user({"type": "input_image", "image_url": "data:,"})], "I see an image."),
        (
            [user(text("what is this?"), {"type": "input_image", "image_url": "data:,"})],
            'You said: "what is this?" I see an image.',
        ),
        ([user(text("  "))], "You said nothing."),
        ([user()], "You said nothing."),
        ([ASKED, CALLED, output("sunny")], 'The function get_weather returned: "sunny"'),
        ([ASKED, output("sunny", "call_9")], 'The function returned: "sunny"'),
        ([ASKED, CALLED, output("")], "The function get_weather returned nothing."),
    ],
)
def test_the_newest_user_item_decides(items: list[dict[str, Any]], said: str):
    assert answer(*items, heard={"spoken": 2.34}) == Say(said)


def test_a_long_quotation_ends_after_a_whole_word():
    quoted = assistant.quote("word " * 100)
    assert len(quoted) <= assistant.LONGEST_QUOTE
    assert quoted.endswith("word word...")


def test_a_long_word_is_cut():
    assert assistant.quote("x" * 500) == "x" * (assistant.LONGEST_QUOTE - 3) + "..."


def test_a_quotation_of_the_longest_length_is_whole():
    exact = "x" * assistant.LONGEST_QUOTE
    assert assistant.quote(exact) == exact


def test_instructions_of_the_response_itself_are_quoted():
    assert answer(user(text("Hi")), instructions="Be  kind.", instructions_named=True) == Say(
        'You said: "Hi" I was told: "Be kind."'
    )


def test_instructions_of_the_session_are_not_quoted():
    assert answer(user(text("Hi")), instructions="Be kind.") == Say('You said: "Hi"')


@pytest.mark.parametrize(
    ("items", "asked"),
    [
        pytest.param([], {"tool_choice": FORCED}, id="the choice names it"),
        pytest.param([SPEECH], {"tool_choice": FORCED}, id="the choice names it after speech"),
        pytest.param([], {"tool_choice": "required"}, id="a call is required"),
        pytest.param([ASKED], {}, id="the text names it"),
        pytest.param([user(text("run `get_weather`."))], {}, id="the text names it between signs"),
        pytest.param([user(text("get_weather or get_time"))], {}, id="the first name counts"),
        pytest.param([ASKED, REPLY], {}, id="nothing newer was said"),
        pytest.param(
            [ASKED, CALLED, output("x")], {"tool_choice": FORCED, "tool_choice_named": True}, id="asked again"
        ),
        pytest.param(
            [ASKED, CALLED, output("x")], {"tool_choice": "required", "tool_choice_named": True}, id="required again"
        ),
    ],
)
def test_a_function_is_called(items: list[dict[str, Any]], asked: dict[str, Any]):
    assert answer(*items, tools=(MCP, WEATHER, CLOCK), **asked) == Call("get_weather", '{"city":"example"}')


@pytest.mark.parametrize(
    ("items", "asked"),
    [
        pytest.param([ASKED], {"tool_choice": "none"}, id="none never calls"),
        pytest.param([user(text("get_weather_now"))], {}, id="a longer word is no name"),
        pytest.param([user(text("Get_Weather"))], {}, id="case matters"),
        pytest.param([ASKED, user(text("never mind"))], {}, id="an older text names it"),
        pytest.param([ASKED, SPEECH], {}, id="speech is newer"),
        pytest.param([REPLY, {**ASKED, "role": "system"}], {}, id="the system names it"),
        pytest.param([ASKED, CALLED, output("x")], {}, id="an output is to be spoken about"),
        pytest.param([ASKED, CALLED, output("x")], {"tool_choice": FORCED}, id="the session's choice has been obeyed"),
        pytest.param([ASKED, CALLED, output("x")], {"tool_choice": "required"}, id="what was required was done"),
        pytest.param(
            [ASKED, CALLED, output("x")], {"tool_choice": "none", "tool_choice_named": True}, id="none, by name"
        ),
    ],
)
def test_no_function_is_called(items: list[dict[str, Any]], asked: dict[str, Any]):
    assert isinstance(answer(*items, tools=(MCP, WEATHER, CLOCK), **asked), Say)


def test_a_required_call_prefers_the_function_that_the_text_names():
    step = answer(user(text("use get_time")), tools=(WEATHER, CLOCK), tool_choice="required")
    assert step == Call("get_time", "{}")


def test_required_without_functions_speaks():
    assert answer(tools=(MCP,), tool_choice="required") == Say(assistant.GREETING)


def test_a_forced_function_nobody_registered_is_called_without_arguments():
    assert answer(tool_choice={"type": "function", "name": "other"}) == Call("other", "{}")


def test_arguments_come_from_the_text_where_they_fit():
    asked = user(text('get_weather with {"city": "Paris"}'))
    assert answer(asked, tools=(WEATHER,)) == Call("get_weather", '{"city": "Paris"}')


def test_a_tool_without_name_or_parameters_is_survived():
    tools = ({"type": "function"}, {"type": "function", "name": "ping", "parameters": None})
    assert answer(user(text("ping")), tools=tools) == Call("ping", "{}")


def test_the_same_request_gets_the_same_answer():
    request = ResponseRequest(items=(ASKED,), tools=(WEATHER, CLOCK))
    assert assistant.answer(request) == assistant.answer(request)


def test_arguments_are_json_whatever_the_tool_asks():
    tool = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"s": {"const": "\ud800"}}}}
    step = answer(user(text("f")), tools=(tool,))
    assert isinstance(step, Call)
    assert json.loads(step.arguments) == {"s": "\ud800"}
