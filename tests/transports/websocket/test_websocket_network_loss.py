"""A client whose machine vanishes from the network, and one that only pauses: in a network namespace of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys

import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

CLIENT = """
import asyncio, sys, aiohttp

async def main():
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(sys.argv[1], headers={"Authorization": "Bearer x"}) as socket:
            await socket.receive_json()
            if sys.argv[2] == "busy":
                await socket.send_json({"type": "response.create"})
                await socket.receive_json()
            print("ready", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""

pytestmark = pytest.mark.long


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def link():
    """The names of a network namespace and of this end of the wire to it."""
    if shutil.which("ip") is None:
        pytest.skip("the ip command is not installed")
    name, here, there = (f"{kind}{os.getpid()}" for kind in ("rm", "rmh", "rmt"))
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError:
        pytest.skip("this user may not make network namespaces")
    try:
        ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        ip("addr", "add", "10.213.97.1/30", "dev", here)
        ip("link", "set", here, "up")
        ip("-n", name, "addr", "add", "10.213.97.2/30", "dev", there)
        ip("-n", name, "link", "set", there, "up")
        yield name, here
    finally:
        subprocess.run(["ip", "link", "del", here], check=False, capture_output=True)
        ip("netns", "del", name)


@pytest.fixture
async def connected(link):
    """Start a client in the namespace that is idle or busy; give it and the driver of its session."""
    name, _ = link
    processes = []
    async with RealtimeMock(Settings(port=0, host="10.213.97.1", pace=1.0)) as mock:

        async def connect(mode):
            url = f"{mock.base_url}/realtime?model=gpt-realtime"
            command = ["ip", "netns", "exec", name, sys.executable, "-c", CLIENT, url, mode]
            process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            processes.append(process)
            async with asyncio.timeout(20):
                assert await process.stdout.readline() == b"ready\n"
            return process, mock.sessions[0]

        yield connect
        for process in processes:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("mode", ["idle", "busy"])
async def test_a_client_cut_from_the_network_is_noticed_within_seconds(link, connected, mode):
    _, driver = await connected(mode)
    ip("link", "set", link[1], "down")

    async with asyncio.timeout(8):
        await driver.closed.wait()


async def test_a_client_that_is_stopped_in_a_debugger_is_not_cut_off(connected):
    process, driver = await connected("busy")
    process.send_signal(signal.SIGSTOP)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(8):
            await driver.closed.wait()
