"""A machine without a network: only loopback is there, and a call goes through all the same."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CALL = """
import asyncio, fcntl, socket, struct, urllib.request

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))
assert [name for _, name in socket.if_nameindex() if name != "lo"] == []

import webrtc
webrtc.allow_loopback()
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

async def main():
    async with asyncio.timeout(20), RealtimeMock(Settings(port=0)) as mock:
        pc = webrtc.RTCPeerConnection()
        channel = pc.create_data_channel("oai-events")
        created = asyncio.Event()
        channel.on("message", lambda event: created.set())
        offer = await pc.create_offer()
        await pc.set_local_description(offer)
        headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}
        request = urllib.request.Request(mock.base_url + "/realtime/calls", offer.sdp.encode(), headers)
        answer = (await asyncio.to_thread(urllib.request.urlopen, request)).read().decode()
        await pc.set_remote_description(webrtc.RTCSessionDescriptionInit(type="answer", sdp=answer))
        await created.wait()
        pc.close()
        print(*[line for line in answer.splitlines() if line.startswith("a=candidate")])

asyncio.run(main())
"""


def isolation() -> list[str] | None:
    """The command that runs another in a network of its own, where this machine allows it."""
    if shutil.which("unshare") is None:
        return None
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if subprocess.run([*command, "true"], capture_output=True, timeout=10).returncode == 0:
            return command
    return None


async def test_a_call_needs_no_interface_but_loopback() -> None:
    command = isolation()
    if command is None:
        pytest.skip("this machine gives tests no network namespace (unshare --net)")
    path = os.pathsep.join([str(ROOT / "mock_server"), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = await asyncio.create_subprocess_exec(
        *command,
        sys.executable,
        "-c",
        CALL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    async with asyncio.timeout(30):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    [candidate] = output.decode().splitlines()
    assert " 127.0.0.1 " in candidate
