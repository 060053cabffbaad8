"""The core's contract where MCP is mixed into anything else a client does."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_mock.scenario.model import Call, McpCall, McpError, McpListing, McpTool, Rule, Say, Scenario, Turn

LABELS = st.sampled_from(["docs", "mail"])
APPROVALS = st.sampled_from(
    [None, "always", "never", {"never": {"read_only": True}}, {"always": {"tool_names": ["read"]}}]
)
TOOLS = st.lists(
    st.fixed_dictionaries(
        {"type": st.just("mcp"), "server_label": LABELS},
        optional={
            "server_url": st.just("https://mcp.example"),
            "require_approval": APPROVALS,
            "allowed_tools": st.sampled_from([None, ["read"], {"read_only": True}]),
        },
    ),
    max_size=2,
)
ERRORS = st.none() | st.just(McpError("tool_execution_error", "No."))
CALLS = st.builds(
    McpCall,
    LABELS,
    st.sampled_from(["read", "write"]),
    st.sampled_from(["{}", '{"a": "b c"}', ""]),
    error=ERRORS,
    takes=st.sampled_from([None, 0.0, 0.3]),
)
STEPS = st.one_of(CALLS, CALLS, st.just(Say("Well then.")), st.just(Call("look", "{}")))
SESSIONS = st.fixed_dictionaries({"docs": APPROVALS, "mail": APPROVALS}).map(
    lambda approvals: {
        "type": "realtime",
        "output_modalities": ["text"],
        "tools": [
            {"type": "mcp", "server_label": label, "server_url": "https://mcp.example", "require_approval": approval}
            for label, approval in approvals.items()
        ],
    }
)
LISTINGS = st.builds(
    McpListing,
    st.sampled_from([None, (McpTool("read", {}, annotations={"readOnlyHint": True}), McpTool("write", {}))]),
    st.sampled_from([None, 0.0, 0.4]),
)
SCENARIOS = st.builds(
    lambda turns, mcp: Scenario("x", (Rule({"type": "response.create"}, tuple(map(Turn, turns)), once=True),), mcp=mcp),
    st.lists(st.lists(STEPS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3),
    st.dictionaries(LABELS, LISTINGS),
)
CHOICES = st.sampled_from(["required", "none", {"type": "mcp", "server_label": "docs"}])
RESPONSES = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "conversation": st.just("none"),
        "max_output_tokens": st.just(3),
    },
)
WAITS = st.tuples(st.just("wait"), st.sampled_from([0.05, 0.3, 5.0]))
INPUTS = st.one_of(
    st.tuples(st.just("update"), TOOLS),
    st.tuples(st.just("respond"), RESPONSES),
    st.tuples(st.just("respond"), RESPONSES),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("say"), st.just("Please read and write.")),
    WAITS,
    WAITS,
)


def requests(session):
    """The ids of all approval requests so far."""
    added = (event["item"] for event in session.sent if event["type"] == "response.output_item.added")
    return [item["id"] for item in added if item["type"] == "mcp_approval_request"]


def play(session, inputs):
    for number, (kind, value) in enumerate(inputs):
        match kind:
            case "update":
                session.send("session.update", session={"type": "realtime", "tools": value})
            case "respond":
                session.send("response.create", response=value)
            case "answer":
                request = (requests(session) or ["none"])[-1]
                item = {"type": "mcp_approval_response", "approval_request_id": request, "approve": value}
                session.send("conversation.item.create", item={**item, "id": f"answer_{number}"})
            case "delete":
                for item in session.session.snapshot()["items"][value : value + 1]:
                    session.send("conversation.item.delete", item_id=item["id"])
            case "cancel":
                session.send("response.cancel")
            case "say":
                session.say(value)
            case "wait":
                session.run(until=session.now + value)
    session.run()


def ids_of(session, event_type):
    return sorted(event["item_id"] for event in session.sent if event["type"] == event_type)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scenario=SCENARIOS,
    session=SESSIONS,
    inputs=st.lists(INPUTS, min_size=3, max_size=15),
    pace=st.sampled_from([0.0, 10.0]),
)
def test_any_inputs_give_an_orderly_stream_and_the_same_one_again(opened, scenario, session, inputs, pace):
    first, second = (opened(scenario=scenario, given=session, pace=pace) for _ in range(2))
    play(first, inputs)
    play(second, inputs)
    first.check()
    assert first.effects == second.effects
    begun, ended = ids_of(first, "mcp_list_tools.in_progress"), ids_of(first, "mcp_list_tools.completed")
    assert begun == sorted(ended + ids_of(first, "mcp_list_tools.failed"))
    running = set(ids_of(first, "response.mcp_call.in_progress"))
    assert running <= {*ids_of(first, "response.mcp_call.completed"), *ids_of(first, "response.mcp_call.failed")}
