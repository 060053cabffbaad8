"""Which keys are accepted, and what is said of the others, over HTTP and over WebSocket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.rest.auth import masked
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
GOOD = "sk-good-key-0001"
WRONG = "sk-proj-wrong-key-0002"
SECRETS = "/v1/realtime/client_secrets"
SOCKET = "/v1/realtime?model=gpt-realtime"
INCORRECT = (
    "Incorrect API key provided: sk-proj-**********0002. "
    "You can find your API key at https://platform.openai.com/account/api-keys."
)
NO_KEY = "Missing bearer or basic authentication in header"


@contextlib.asynccontextmanager
async def mock_with(**settings: Any) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        RealtimeMock(Settings(port=0, **settings), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(mock.base_url.removesuffix("/v1"), timeout=aiohttp.ClientTimeout(total=DEADLINE)) as http,
    ):
        yield http


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def mint(http: aiohttp.ClientSession, **body: Any) -> str:
    async with http.post(SECRETS, json=body, headers=bearing(GOOD)) as response:
        assert response.status == 200, await response.text()
        value: str = (await response.json())["value"]
        return value


async def posted(http: aiohttp.ClientSession, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with http.post(SECRETS, json={}, headers=headers) as response:
        return response.status, await response.json()


async def connected(http: aiohttp.ClientSession, path: str = SOCKET, **options: Any) -> tuple[Any, ...]:
    """The type of the first event, and where it is an error its code, the close code and the close reason."""
    async with http.ws_connect(path, **options) as socket:
        event = await socket.receive_json(timeout=DEADLINE)
        if event["type"] != "error":
            return (event["type"],)
        closed = await socket.receive(timeout=DEADLINE)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        return ("error", event["error"]["code"], closed.data, closed.extra)


REFUSED = ("error", "invalid_api_key", 3000, "invalid_request_error.invalid_api_key")
OPENED = ("session.created",)


async def test_with_keys_set_one_of_them_opens():
    async with mock_with(api_keys=("sk-other", GOOD)) as http:
        assert (await posted(http, bearing(GOOD)))[0] == 200
        assert await connected(http, headers=bearing(GOOD)) == OPENED


async def test_with_keys_set_another_is_refused_by_http_in_the_recorded_words():
    async with mock_with(api_keys=(GOOD,)) as http:
        status, body = await posted(http, bearing(WRONG))
    error = {"message": INCORRECT, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    assert (status, body) == (401, {"error": error})


async def test_with_keys_set_another_is_refused_after_the_upgrade():
    async with mock_with(api_keys=(GOOD,)) as http:
        assert await connected(http, headers=bearing(WRONG)) == REFUSED


async def test_without_a_key_http_is_a_401_and_a_socket_closes_without_a_code_in_its_reason():
    async with mock_with() as http:
        status, body = await posted(http, {})
        assert (status, body["error"]["message"], body["error"]["code"]) == (401, NO_KEY, None)
        assert await connected(http) == ("error", None, 3000, "invalid_request_error")


async def test_with_keys_set_a_client_secret_opens_too():
    async with mock_with(api_keys=(GOOD,)) as http:
        assert await connected(http, headers=bearing(await mint(http))) == OPENED


async def test_with_keys_set_a_foreign_client_secret_does_not():
    async with mock_with(api_keys=(GOOD,)) as http:
        assert await connected(http, headers=bearing("ek_" + "0" * 32)) == REFUSED


@pytest.mark.parametrize("path", [SECRETS, "/v1/realtime/calls", "/v1/realtime/calls/rtc_u0_x/hangup"])
async def test_an_expired_secret_is_a_401_on_every_path(path):
    async with mock_with() as http:
        secret = await mint(http, expires_after={"seconds": 10})
        await http.post("/_mock/clock", json={"advance": 10})
        async with http.post(path, headers=bearing(secret)) as response:
            body = await response.json()
    assert (response.status, body["error"]["code"]) == (401, "invalid_api_key")


async def test_a_browsers_key_is_judged_like_any_other():
    async with mock_with(api_keys=(GOOD,)) as http:
        for key, result in ((GOOD, OPENED), (WRONG, REFUSED)):
            protocols = ["realtime", f"openai-insecure-api-key.{key}"]
            assert await connected(http, protocols=protocols) == result


async def test_azures_clients_may_put_the_key_into_a_header_or_the_query():
    async with mock_with(api_keys=(GOOD,)) as http:
        path = "/openai/v1/realtime?model=my-deployment"
        assert await connected(http, path, headers={"api-key": GOOD}) == OPENED
        assert await connected(http, f"{path}&api-key={GOOD}") == OPENED
        assert await connected(http, f"{path}&api-key={WRONG}") == REFUSED


async def test_a_one_shot_secret_opens_once():
    async with mock_with(one_shot_secrets=True) as http:
        secret = await mint(http)
        assert await connected(http, headers=bearing(secret)) == OPENED
        refused = await connected(http, headers=bearing(secret))
    code = "ephemeral_token_already_used"
    assert refused == ("error", code, 3000, f"invalid_request_error.{code}")


async def test_a_body_of_another_kind_does_not_spend_a_one_shot_secret():
    async with mock_with(one_shot_secrets=True) as http:
        secret = await mint(http)
        async with http.post("/v1/realtime/calls", json={}, headers=bearing(secret)) as response:
            assert response.status == 400
        assert await connected(http, headers=bearing(secret)) == OPENED


@pytest.mark.parametrize(
    "path, result",
    [
        (SOCKET, ("error", "invalid_model", 4000, "invalid_request_error.invalid_model")),
        ("/v1/realtime?model=gpt-realtime-2", OPENED),
        ("/v1/realtime", OPENED),
    ],
)
async def test_a_bound_secret_opens_its_own_model_only(path, result):
    async with mock_with(model_bound_secrets=True) as http:
        secret = await mint(http, session={"type": "realtime", "model": "gpt-realtime-2"})
        assert await connected(http, path, headers=bearing(secret)) == result


@pytest.mark.parametrize(
    "key, shown",
    [
        ("undefined", "undefined"),
        ("YOUR_API_KEY", "YOUR_API*KEY"),
        ("your_api_key_here", "your_api*****here"),
        ("sk-proj-" + "a" * 40 + "wxyz", "sk-proj-" + "*" * 40 + "wxyz"),
    ],
)
def test_a_key_is_masked_as_the_service_does(key, shown):
    assert masked(key) == shown
