"""The OpenAPI document of the control API: it is one, it is whole, and the mock answers as it says."""

from __future__ import annotations

import jsonschema
import pytest

from realtime_mock.rest.operations import JSON
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings


@pytest.fixture
async def document(http):
    async with http.get("/_mock/openapi.json") as response:
        return await response.json()


def operations(document):
    return [(method.upper(), path) for path, of_path in document["paths"].items() for method in of_path]


def test_it_is_a_document_of_openapi_3_1(document):
    validator = pytest.importorskip("openapi_spec_validator")

    validator.validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_route_of_the_control_api_is_in_it_and_no_other(document):
    app = RealtimeMock(Settings(port=0))._runner.app
    served = {(route.method, route.resource.canonical) for route in app.router.routes()}
    control = {(method, path) for method, path in served if path.startswith("/_mock") and method != "HEAD"}

    assert sorted(operations(document)) == sorted(control)


def test_every_operation_says_what_it_does_under_a_name_of_its_own(document):
    described = [operation for of_path in document["paths"].values() for operation in of_path.values()]

    assert [operation["operationId"] for operation in described if len(operation["summary"]) < 10] == []
    assert len({operation["operationId"] for operation in described}) == len(described)


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("GET", "/_mock/health", None),
        ("POST", "/_mock/reset", None),
        ("GET", "/_mock/scenario", None),
        ("PUT", "/_mock/scenario", "scenario: x\nrules: [{on: response.create, turns: [{say: Hi.}]}]"),
        ("GET", "/_mock/clock", None),
        ("GET", "/_mock/lanes", None),
        ("POST", "/_mock/lanes", {"name": "a"}),
        ("GET", "/_mock/faults", None),
        ("PUT", "/_mock/faults", {"faults": [{"on": "response.done", "drop": True}]}),
        ("POST", "/_mock/faults", {"on": "response.done", "drop": True}),
        ("DELETE", "/_mock/faults", None),
        ("GET", "/_mock/sessions", None),
        ("POST", "/_mock/sessions/{id}/events", {"event": {"type": "response.create"}, "from": "client"}),
        ("POST", "/_mock/sessions/{id}/audio", {"text": "Hello."}),
        ("POST", "/_mock/sessions/{id}/close", {"code": 4000, "reason": "enough"}),
        ("GET", "/_mock/sessions/{id}/journal", None),
        ("GET", "/_mock/sessions/{id}/journal/wait", None),
        ("GET", "/_mock/journal", None),
        ("GET", "/_mock/journal/wait", None),
        ("POST", "/_mock/verify", {"expect": ["response.create"]}),
        ("GET", "/_mock/unmatched", None),
        ("POST", "/_mock/sip/calls", None),
        ("GET", "/_mock/sip/calls", None),
    ],
)
async def test_what_succeeds_is_answered_as_it_says(http, document, method, path, body):
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        session_id = (await socket.receive_json(timeout=5))["session"]["id"]
        sent = {"data": body} if isinstance(body, str) else {"json": body} if body is not None else {}
        async with http.request(method, path.replace("{id}", session_id), **sent) as response:
            answer = await response.json()

    described = document["paths"][path][method.lower()]["responses"][str(response.status)]
    schema = described["content"][JSON]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer)
    assert response.status < 300
