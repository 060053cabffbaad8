"""The core's contract under any sequence of inputs: nothing raises, order holds, everything repeats."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TONE = (np.sin(np.arange(12_000) * 0.1) * 8000).astype("<i2").tobytes()
QUIET = bytes(len(TONE))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TOOL = {
    "type": "function",
    "name": "look",
    "parameters": {"type": "object", "properties": {"at": {"type": "integer"}}, "required": ["at"]},
}


def message(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "output_modalities": st.sampled_from([["text"], ["audio"]]),
        "conversation": st.sampled_from(["auto", "none"]),
        "tools": st.just([TOOL]),
        "tool_choice": st.sampled_from(["required", "auto", "none", None]),
        "metadata": st.just({"a": "b"}) | st.none(),
        "input": st.just([message("Out of band.")]),
    },
)
DETECTIONS = st.none() | st.fixed_dictionaries(
    {"type": st.just("server_vad")},
    optional={"interrupt_response": st.booleans(), "create_response": st.booleans(), "prefix_padding_ms": st.just(0)},
)
EVENTS = st.one_of(
    st.fixed_dictionaries({"type": st.just("response.create")}, optional={"response": RESPONSES}),
    st.sampled_from(
        [
            {"type": "response.cancel"},
            {"type": "input_audio_buffer.commit"},
            {"type": "input_audio_buffer.clear"},
            {"type": "output_audio_buffer.clear"},
            {"type": "conversation.item.delete", "item_id": "mine"},
            {"type": "conversation.item.truncate", "item_id": "mine", "content_index": 0, "audio_end_ms": 1},
        ]
    ),
    st.text(max_size=20).map(lambda text: {"type": "conversation.item.create", "item": message(text)}),
    st.just({"type": "conversation.item.create", "item": {**message("Mine."), "id": "mine"}}),
    DETECTIONS.map(
        lambda detection: {
            "type": "session.update",
            "session": {"type": "realtime", "audio": {"input": {"turn_detection": detection}}},
        }
    ),
    JSON,
)
INPUTS = st.one_of(
    st.tuples(st.just("receive"), EVENTS),
    st.tuples(st.just("listen"), st.sampled_from([TONE, QUIET, TONE[:1000], b""])),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.1, 0.5, 5.0])),
)


def play(session, inputs):
    for kind, value in inputs:
        match kind:
            case "receive":
                session.receive(value)
            case "listen":
                session.listen(value)
            case "wait":
                session.run(until=session.now + value)
    session.run()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inputs=st.lists(INPUTS, max_size=25), call=st.booleans(), pace=st.sampled_from([0.0, 1.0, 10.0]))
def test_any_inputs_give_an_orderly_stream_and_the_same_one_again(opened, inputs, call, pace):
    first, second = (opened(call=call, pace=pace) for _ in range(2))
    play(first, inputs)
    play(second, inputs)
    first.check()
    assert first.effects == second.effects
    created = [event for event in first.sent if event["type"] == "response.created"]
    done = [event for event in first.sent if event["type"] == "response.done"]
    assert len(created) == len(done)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=JSON | st.dictionaries(st.sampled_from(["type", "event_id", "session", "item", "response"]), JSON))
def test_anything_invalid_gets_exactly_one_error(opened, event):
    came = opened().receive(event)
    assert [answer["type"] for answer in came] == ["error"]
