"""Who may use the control API, by what a browser would tell of them."""

from __future__ import annotations

import asyncio
import shutil

import aiohttp
import pytest

from realtime_mock.rest.guard import OriginInvalid
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

EVERYTHING = [
    ("GET", "/_mock/health"),
    ("GET", "/_mock/sessions"),
    ("GET", "/_mock/no-such-thing"),
    ("GET", "/%5Fmock/health"),
    ("HEAD", "/_mock/health"),
    ("PUT", "/_mock/scenario"),
    ("POST", "/_mock/lanes"),
    ("POST", "/_mock/clock"),
    ("DELETE", "/_mock/faults"),
    ("OPTIONS", "/_mock/scenario"),
]


async def ask(http, headers, method="GET", path="/_mock/health"):
    async with http.request(method, path, headers=headers, data=None if method == "GET" else b"{}") as response:
        return response.status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8080"},
        {"Host": "LOCALHOST."},
        {"Host": "mock.localhost"},
        {"Host": "127.0.0.1"},
        {"Host": "[::1]:8080"},
        {"Host": "192.168.1.7:8080"},
        {"Host": "localhost:8080", "Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Mode": "cors"},  # fetch of Node
    ],
)
async def test_who_is_on_the_developers_side_is_let_in(http, headers):
    assert await ask(http, headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": ""},
        {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
        {"Host": "localhost:8080", "Origin": "https://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method, path", EVERYTHING)
async def test_pages_from_elsewhere_are_refused_wherever_they_ask(http, headers, method, path):
    assert await ask(http, headers, method, path) == 403


async def test_a_refusal_says_what_to_do(http):
    async with http.get("/_mock/health", headers={"Host": "mock.internal:8080"}) as response:
        error = (await response.json())["error"]

    assert error["code"] == "control_host_refused"
    assert "serve --control-host mock.internal" in error["message"]


async def test_the_api_itself_is_open_to_any_page(http):
    headers = {"Origin": "http://evil.example", "Host": "mock.internal", "Sec-Fetch-Site": "cross-site"}
    async with http.ws_connect("/v1/realtime?model=gpt-realtime", headers=headers) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "session.created"


async def test_nothing_else_is_readable_by_a_page_that_does_not_ask_by_fetch(http):
    async with http.get("/_mock/health") as response:
        headers = response.headers

    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def asked_of(settings, headers, *, method="GET"):
    async with RealtimeMock(settings) as mock, aiohttp.ClientSession() as http:
        url = mock.base_url.removesuffix("/v1") + "/_mock/health"
        async with http.request(method, url, headers=headers) as response:
            return response.status, response.headers


async def test_a_host_that_is_allowed_is_let_in():
    settings = Settings(port=0, control_hosts=("Mock.Internal",))

    assert (await asked_of(settings, {"Host": "mock.internal:80"}))[0] == 200


async def test_a_page_whose_origin_is_allowed_reads_and_writes():
    settings = Settings(port=0, control_origins=("http://localhost:3000/",))
    page = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}
    preflight = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-a"}

    status, read = await asked_of(settings, page)
    allowed, headers = await asked_of(settings, preflight, method="OPTIONS")

    assert (status, read["Access-Control-Allow-Origin"]) == (200, "http://localhost:3000")
    assert (allowed, headers["Access-Control-Allow-Origin"]) == (204, "http://localhost:3000")
    assert (headers["Access-Control-Allow-Methods"], headers["Access-Control-Allow-Headers"]) == ("PUT", "x-a")


def test_an_origin_that_is_none_is_refused_at_the_start():
    with pytest.raises(OriginInvalid, match="write one such as"):
        RealtimeMock(Settings(port=0, control_origins=("localhost:3000/page",)))


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"X-Realtime-Mock-Token": "wrong"}, 401),
        ({"Authorization": "Bearer s3cret"}, 200),
        ({"X-Realtime-Mock-Token": "s3cret"}, 200),
        ({"X-Realtime-Mock-Token": "s3cret", "Origin": "http://evil.example"}, 403),
    ],
)
async def test_a_token_is_asked_for_where_one_is_set(headers, status):
    assert (await asked_of(Settings(port=0, control_token="s3cret"), headers))[0] == status


NODE = """
const url = process.argv[1] + "/_mock";
const opened = await fetch(`${url}/lanes`, {method: "POST", body: JSON.stringify({name: "node"})});
const told = await (await fetch(`${url}/lanes`)).json();
console.log(opened.status, told.lanes.map((lane) => lane.lane).join());
"""


@pytest.mark.parametrize(
    "command, printed",
    [
        (["node", "--input-type=module", "--eval", NODE, "--"], "201 ,node"),
        (["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"], "200"),
    ],
)
async def test_ordinary_clients_need_nothing_special(mock, command, printed):
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    url = mock.base_url.removesuffix("/v1") + ("" if command[0] == "node" else "/_mock/health")

    process = await asyncio.create_subprocess_exec(*command, url, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(20):
        output, _ = await process.communicate()

    assert output.decode().strip() == printed
