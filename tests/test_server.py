"""The mock as one object: ports, threads, stopping."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
import urllib.request

import aiohttp
import pytest

from realtime_mock.server import PortTaken, RealtimeMock, serve_in_thread
from realtime_mock.settings import Settings


def port_of(mock):
    return int(mock.base_url.removesuffix("/v1").rpartition(":")[2])


async def test_port_zero_takes_a_free_one():
    async with RealtimeMock(Settings(port=0)) as mock:
        assert mock.base_url == f"http://127.0.0.1:{port_of(mock)}/v1"
        assert port_of(mock) > 0


async def test_a_server_for_all_addresses_is_reached_at_loopback():
    async with RealtimeMock(Settings(port=0, host="0.0.0.0")) as mock:
        assert mock.base_url == f"http://127.0.0.1:{port_of(mock)}/v1"


def test_a_mock_that_has_not_started_has_no_url():
    with pytest.raises(RuntimeError, match="not been started"):
        _ = RealtimeMock(Settings(port=0)).base_url


async def test_a_taken_port_is_an_error_that_says_so():
    async with RealtimeMock(Settings(port=0)) as mock:
        taken = port_of(mock)
        with pytest.raises(PortTaken, match=f"port {taken} on 127.0.0.1 is taken") as error:
            await RealtimeMock(Settings(port=taken)).__aenter__()

    assert error.value.errno == errno.EADDRINUSE


async def test_a_port_is_free_again_after_the_mock():
    async with RealtimeMock(Settings(port=0)) as first:
        port = port_of(first)
    async with RealtimeMock(Settings(port=port)) as second:
        assert port_of(second) == port


async def test_an_address_of_another_machine_is_an_error():
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        await RealtimeMock(Settings(port=0, host="192.0.2.1")).__aenter__()


async def test_a_mock_leaves_no_task_behind():
    before = asyncio.all_tasks()
    async with RealtimeMock(Settings(port=0)) as mock, aiohttp.ClientSession() as http:
        url = f"{mock.base_url}/realtime?model=gpt-realtime"
        async with http.ws_connect(url, headers={"Authorization": "Bearer x"}) as socket:
            await socket.receive_json(timeout=5)

    left = asyncio.all_tasks() - before
    if left:
        _, left = await asyncio.wait(left, timeout=5)
    assert left == set()


def test_a_mock_in_a_thread_serves_and_ends():
    before = threading.active_count()
    with serve_in_thread() as mock:
        url = mock.base_url.removesuffix("/v1") + "/_mock/health"
        with urllib.request.urlopen(url, timeout=5) as response:
            assert json.load(response)["status"] == "ok"

    assert mock.journal.entries()[0].event["path"] == "/_mock/health"
    assert threading.active_count() == before


def test_a_mock_in_a_thread_tells_of_a_taken_port():
    with (
        serve_in_thread() as mock,
        pytest.raises(PortTaken),
        serve_in_thread(Settings(port=port_of(mock))),
    ):
        pass
