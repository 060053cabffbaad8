"""`realtime-mock serve --rtc-port` and `--media`."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

DEADLINE = 20.0


async def output_of(process: Any) -> str:
    async with asyncio.timeout(DEADLINE):
        output, errors = await process.communicate()
    return (output + errors).decode()


async def test_serve_listens_on_the_one_port(start: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    process = await start("serve", "--port", 0, "--rtc-port", number, "--rtc-host", "127.0.0.1")
    async with asyncio.timeout(DEADLINE):
        assert b"Realtime API mock at" in await process.stdout.readline()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        try:
            other.bind(("127.0.0.1", number))
        except OSError:
            return
    raise AssertionError("nothing listens on the port")


async def test_a_taken_port_ends_the_command_with_a_remedy(start: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
        process = await start("serve", "--port", 0, "--rtc-port", number, "--rtc-host", "127.0.0.1")
        output = await output_of(process)
    assert f"UDP port {number} on 127.0.0.1 is taken; choose another --rtc-port" in output
    assert process.returncode == 2


async def test_a_host_that_is_no_address_is_refused(start: Any) -> None:
    process = await start("serve", "--port", 0, "--rtc-port", 0, "--rtc-host", "localhost")
    assert "'localhost' is no IP address" in await output_of(process)
    assert process.returncode == 2


async def test_compat_leaves_addresses_and_ports_to_aiortc(start: Any) -> None:
    process = await start("serve", "--media", "compat", "--rtc-host", "127.0.0.1")
    assert "leave --rtc-host and --rtc-port out" in await output_of(process)
    assert process.returncode == 2
