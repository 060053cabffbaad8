"""What every HTTP answer has: the API's error shape, cross-origin headers, a request id, a journal entry."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from realtime_mock.rest.app import tolerant
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

SECRETS = "/v1/realtime/client_secrets"


async def error_of(response):
    body = await response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["message", "type", "param", "code"]
    return body["error"]


async def test_an_unknown_path_is_a_404_in_the_apis_shape(http):
    async with http.post("/v1/nothing/here", json={}) as response:
        error = await error_of(response)

    assert (response.status, response.content_type) == (404, "application/json")
    assert error == {
        "message": "Invalid URL (POST /v1/nothing/here)",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


async def test_a_wrong_method_is_a_405(http):
    async with http.get(SECRETS) as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (405, "method_not_supported")
    assert response.headers["Allow"] == "POST"


async def test_a_body_over_the_limit_is_a_413(http, mock):
    async with http.post(SECRETS, data=b" " * (mock.settings.max_body_bytes + 1)) as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (413, "request_too_large")


async def test_a_body_in_a_broken_encoding_is_a_400(http):
    async with http.post(SECRETS, data=b"no gzip", headers={"Content-Encoding": "gzip"}) as response:
        await error_of(response)

    assert response.status == 400


@pytest.mark.parametrize("key", ["Bearer ", "Basic dXNlcjpwYXNz", "Bearer", ""])
async def test_a_request_without_a_key_is_a_401(http, key):
    async with http.post(SECRETS, json={}, headers={"Authorization": key}) as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (401, None)
    assert error["message"] == "Missing bearer or basic authentication in header"


@pytest.mark.parametrize("key", ["two words", "undefined", "null", "schlüssel"])
async def test_what_does_not_look_like_a_key_is_a_401(http, key):
    async with http.post(SECRETS, json={}, headers={"Authorization": f"Bearer {key}"}) as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (401, "invalid_api_key")
    shown = key.encode("ascii", "replace").decode()
    assert error["message"].startswith(f"Incorrect API key provided: {shown}.")


@pytest.mark.parametrize("headers", [{"Authorization": "bearer x"}, {"Authorization": "", "api-key": "x"}])
async def test_any_key_that_looks_like_one_is_accepted(http, headers):
    async with http.post(SECRETS, json={}, headers=headers) as response:
        assert response.status == 200


async def test_an_offer_to_the_beta_path_is_told_that_beta_is_over(http):
    async with http.post("/v1/realtime?model=gpt-realtime", data="v=0") as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (400, "beta_api_shape_disabled")


async def test_a_call_whose_session_names_another_kind_of_model_is_a_400(http):
    form = {"sdp": "v=0\r\n", "session": '{"type": "realtime", "model": "gpt-nope"}'}
    async with http.post("/v1/realtime/calls", data=aiohttp.FormData(form, default_to_multipart=True)) as response:
        error = await error_of(response)

    assert (response.status, error["code"]) == (400, "invalid_model")


async def test_a_plain_get_of_the_websocket_path_is_a_400(http):
    async with http.get("/v1/realtime?model=gpt-realtime") as response:
        await error_of(response)

    assert response.status == 400


@pytest.mark.parametrize("path", ["/v1//realtime/client_secrets", "/v1/realtime///client_secrets"])
async def test_several_slashes_are_one(http, path):
    async with http.post(path, json={}) as response:
        assert response.status == 200


def test_a_tolerant_pattern_still_wants_every_segment():
    assert tolerant("/v1/realtime") == "/{slashes0:/*}{prefix:(?:openai/+)?}v1/{slashes1:/*}realtime"


@pytest.mark.parametrize("path", ["/openai/v1/realtime/client_secrets", "/openai//v1/realtime//client_secrets"])
async def test_the_paths_of_azure_are_the_same(http, path):
    async with http.post(path, json={}) as response:
        assert response.status == 200


@pytest.mark.parametrize("path", ["/openai/realtime/client_secrets", "/openaiv1/realtime/client_secrets"])
async def test_openai_alone_is_no_prefix(http, path):
    async with http.post(path, json={}) as response:
        await error_of(response)
    assert response.status == 404


async def test_a_deployment_of_azure_may_have_any_name(http):
    async with http.ws_connect("/openai/v1/realtime?model=my-deployment") as socket:
        created = await socket.receive_json(timeout=5)
    assert created["session"]["model"] == "my-deployment"


async def test_headers_that_mean_nothing_here_are_tolerated(http):
    headers = {
        "OpenAI-Organization": "org-x",
        "OpenAI-Project": "proj_x",
        "OpenAI-Safety-Identifier": "user-1",
        "OpenAI-Beta": "assistants=v2",
        "X-OpenAI-Agents-SDK": "openai-agents-sdk.0.20.0",
        "x-stainless-lang": "js",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    async with http.post(SECRETS, json={}, headers=headers) as response:
        assert response.status == 200
    async with http.ws_connect("/v1/realtime?model=gpt-realtime", headers=headers) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "session.created"


@pytest.mark.parametrize("path", [SECRETS, "/v1/realtime/calls", "/v1/nothing"])
async def test_a_preflight_allows_what_it_asks_for(http, path):
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-openai-agents-sdk",
    }
    async with http.options(path, headers=asked) as response:
        headers = response.headers

    assert response.status == 204
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "POST"
    assert headers["Access-Control-Allow-Headers"] == "authorization,content-type,x-openai-agents-sdk"
    assert headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize("path", [SECRETS, "/v1/nothing"])
async def test_a_page_may_read_every_answer_errors_included(http, path):
    async with http.post(path, json={}, headers={"Origin": "http://localhost:3000"}) as response:
        headers = response.headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "Location, X-Request-Id"


async def test_the_control_api_is_not_for_pages(http):
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    async with http.options("/_mock/scenario", headers=asked) as preflight:
        assert preflight.status == 403
    async with http.get("/_mock/health", headers={"Origin": "http://evil.example"}) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_every_answer_has_a_request_id_of_its_own(http):
    ids = []
    for path in ("/_mock/health", "/v1/nothing"):
        async with http.get(path) as response:
            ids.append(response.headers["X-Request-Id"])

    assert all(re.fullmatch(r"req_[0-9a-f]{32}", request_id) for request_id in ids)
    assert len(set(ids)) == 2


async def test_every_exchange_is_journaled_once_without_its_key(http, mock):
    async with http.post("/v1/nothing?api-key=sk-secret&model=m", json={}) as response:
        error = (await response.json())["error"]

    (entry,) = mock.journal.entries()
    assert (entry.channel, entry.direction, entry.kind, entry.valid) == ("http", "in", "http", False)
    assert entry.error == error
    assert entry.event == {
        "method": "POST",
        "path": "/v1/nothing",
        "query": {"api-key": "***", "model": "m"},
        "status": 404,
        "request_id": response.headers["X-Request-Id"],
    }


async def raw_get(mock, target):
    """The answer to a GET of these very bytes."""
    port = int(mock.base_url.split(":")[2].split("/")[0])
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "target",
    [b"/v1/%ff%fe", b"//v1//realtime", b"/v1/realtime?model=%ed%a0%80", b"/v1/..//%2e%2e/x", b"/v1?" + b"a" * 20_000],
)
async def test_no_path_is_too_odd_for_the_apis_error_shape(mock, target):
    answer = await raw_get(mock, target)

    assert answer.startswith(b"HTTP/1.1 40")
    assert b'{"error": {"message":' in answer
    assert [entry.event["method"] for entry in mock.journal.entries()] == ["GET"]


async def test_what_is_not_even_http_is_a_400(mock):
    assert b" 400 " in await raw_get(mock, b"/\xff\xfe")


async def test_a_client_that_hangs_up_in_the_middle_of_its_body_harms_nobody(mock, http):
    async with asyncio.timeout(5):
        port = int(mock.base_url.split(":")[2].split("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer x\r\nContent-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with http.get("/_mock/health") as response:
        assert (await response.json())["status"] == "ok"


async def test_two_mocks_live_side_by_side():
    async with RealtimeMock(Settings(port=0)) as one, RealtimeMock(Settings(port=0)) as two:
        assert one.base_url != two.base_url
