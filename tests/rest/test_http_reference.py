"""docs/reference/http.md is made of its data, lists every route, and every row of it is what the mock answers."""

from __future__ import annotations

import ast
import asyncio
import re
import runpy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.core.speech import Speech
from realtime_mock.rest import bodies
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "docs" / "write_http_reference.py"))
DATA: dict[str, Any] = SCRIPT["read"]()
DEADLINE = 10.0
SECRETS = "/v1/realtime/client_secrets"
OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-ufrag:test",
        "a=ice-pwd:0123456789012345678901",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    )
)
ROWS = [
    {"path": entry.get("path"), "method": entry.get("method", "POST"), **row}
    for entry in [{"answers": DATA["everywhere"]}, *DATA["paths"]]
    for row in entry["answers"]
]


class PlainVoice:
    """A tenth of a second of a constant."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 2400)


class Client:
    """What a row needs: a key, and an id for the path."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.key = "sk-test"
        self.id = "rtc_u0_x"

    async def prepare(self, first: str | None) -> None:
        """Bring about what a row takes for granted."""
        match first:
            case "secret" | "expired secret" | "used secret":
                await self.mint()
            case "ring" | "accepted" | "rejected":
                await self.ring()
            case "webrtc":
                async with self.http.post("/v1/realtime/calls", data=OFFER, headers=self.headers()) as response:
                    self.id = response.headers["Location"].rsplit("/", 1)[1]
            case "session":
                async with self.http.ws_connect("/v1/realtime?model=gpt-realtime", headers=self.headers()) as socket:
                    self.id = (await socket.receive_json(timeout=DEADLINE))["session"]["id"]
        match first:
            case "expired secret":
                await self.post("/_mock/clock", {"advance": 600})
            case "used secret":
                async with self.http.ws_connect("/v1/realtime", headers=self.headers()) as socket:
                    await socket.receive_json(timeout=DEADLINE)
            case "accepted":
                await self.post(f"/v1/realtime/calls/{self.id}/accept", {"type": "realtime"})
            case "rejected":
                await self.post(f"/v1/realtime/calls/{self.id}/reject", {})

    async def mint(self) -> None:
        async with self.http.post(SECRETS, headers=self.headers()) as response:
            self.key = (await response.json())["value"]

    async def ring(self) -> None:
        async with self.http.post("/_mock/sip/calls", json={}) as response:
            self.id = (await response.json())["id"]

    async def post(self, path: str, body: dict[str, Any]) -> None:
        async with self.http.post(path, json=body, headers=self.headers()) as response:
            assert response.status == 200, await response.text()

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


@asynccontextmanager
async def client(settings: dict[str, Any]) -> AsyncIterator[Client]:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
    async with (
        RealtimeMock(Settings(port=0, **{"beta": "serve", **values}), voice=PlainVoice(), clock=VirtualClock()) as mock,
        aiohttp.ClientSession(
            mock.base_url.removesuffix("/v1"), timeout=aiohttp.ClientTimeout(total=DEADLINE)
        ) as session,
    ):
        yield Client(session)


async def requested(client: Client, row: dict[str, Any]) -> dict[str, Any]:
    """What a row's request is answered with, in the keys of a row."""
    given = row["try"]
    client.key = given.get("key", client.key)
    path = re.sub(r"\{(id|name)\}", client.id, given.get("path", row["path"])) + "?" + given.get("query", "")
    headers = {**client.headers(), **given.get("headers", {})}
    if given.get("upgrade"):
        return await upgraded(client.http, path, headers)
    body: dict[str, Any] = {"json": given["json"]} if "json" in given else {"data": given.get("data")}
    if given.get("offer"):
        offer = OFFER.strip() if given["offer"] == "trimmed" else OFFER
        body, headers = {"data": offer}, {**headers, "Content-Type": "application/sdp"}
    if "type" in given:
        headers["Content-Type"] = given["type"]
    async with client.http.request(given.get("method", row["method"]), path, headers=headers, **body) as response:
        if response.status < 400:
            return {"status": response.status, "code": None}
        return {"status": response.status, **(await response.json())["error"]}


async def upgraded(http: aiohttp.ClientSession, path: str, headers: dict[str, str]) -> dict[str, Any]:
    try:
        async with http.ws_connect(path, headers=headers) as socket:
            event = await socket.receive_json(timeout=DEADLINE)
            if event["type"] != "error":
                return {"status": 101, "code": None}
            closed = await socket.receive(timeout=DEADLINE)
            return {"status": 101, **event["error"], "close": closed.data}
    except aiohttp.WSServerHandshakeError as error:
        refused = error.status
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    async with http.get(path, headers={**headers, **upgrade}) as response:
        return {"status": refused, **(await response.json())["error"]}


def name_of(row: dict[str, Any]) -> str:
    return f"{row['method']} {row['path']} {row['status']} {row['when'][:40]}"


@pytest.mark.parametrize("row", [row for row in ROWS if "try" in row], ids=name_of)
async def test_the_mock_answers_as_the_row_says(row):
    async with client(row.get("settings", {})) as sender:
        await sender.prepare(row.get("first"))
        answer = await requested(sender, row)
    expected = {key: row[key] for key in ("status", "code", "close", "param") if key in row}
    assert {key: answer.get(key) for key in expected} == expected, answer
    if row["status"] >= 400:
        assert answer["type"] == row.get("type", "invalid_request_error")
    # A row that tells of no close has none.
    assert ("close" in answer) == ("close" in row)


@pytest.mark.parametrize("row", [row for row in ROWS if "try" not in row], ids=name_of)
def test_a_row_that_is_not_sent_names_a_test(row):
    file, _, function = row["test"].partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert function in defined


def test_the_page_is_made_of_its_data():
    assert SCRIPT["PAGE"].read_text(encoding="utf-8") == SCRIPT["page"]()


def test_every_route_is_listed_once():
    mock = RealtimeMock(Settings(port=0), voice=PlainVoice())
    served = set()
    for route in mock._runner.app.router.routes():
        info = route.resource.get_info() if route.resource is not None else {}
        path = info.get("formatter") or info["path"]
        served.add((route.method, re.sub(r"\{(slashes\d+|prefix)\}", "", path)))
    listed = [(entry["method"], entry["path"]) for entry in DATA["paths"]]
    # The whole control API is in its OpenAPI document; here are those of its routes whose answers have rows.
    wanted = {entry for entry in served if entry[0] != "HEAD" and (entry in listed or "/_mock/" not in entry[1])}
    assert sorted(listed) == sorted(wanted)


async def test_a_body_that_does_not_arrive_is_a_408(http, mock, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_TIMEOUT", 0.05)
    port = int(mock.base_url.split(":")[2].split("/")[0])
    async with asyncio.timeout(DEADLINE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {SECRETS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n"
        writer.write(head.encode() + b"{")
        status = await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert status.startswith(b"HTTP/1.1 408 ")
