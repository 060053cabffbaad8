"""`serve --tls` and `run --tls`: the certificate, and how a client is told to trust it."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from click.testing import Result

Invoke = Callable[..., Result]
Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the certificate's authority will be, in a cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "realtime-mock" / "tls" / "ca.pem"


async def lines_until(words: str, process: Process) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(30):
        while not lines or words not in lines[-1]:
            lines.append((await process.stdout.readline()).decode().rstrip("\n"))
            assert lines[-1], "the output ended"
    return lines


async def test_the_trust_of_three_kinds_of_client_is_shown(start: Start, authority: Path) -> None:
    process = await start("serve", "--port", 0, "--tls")
    lines = await lines_until("Ctrl-C", process)
    assert lines[0].startswith("Realtime API mock at https://127.0.0.1:")
    assert lines[2:5] == [
        f"  certificate authority: {authority}",
        f"  Python:   export SSL_CERT_FILE={authority}",
        f"  Node:     export NODE_EXTRA_CA_CERTS={authority}",
    ]
    assert lines[5].startswith("  Chromium: chromium --user-data-dir=")


async def test_json_tells_where_the_authority_is(start: Start, authority: Path) -> None:
    process = await start("serve", "--port", 0, "--tls", "--json")
    ready = json.loads((await lines_until("ready", process))[-1])
    assert ready["certificate_authority"] == str(authority)
    context = ssl.create_default_context(cafile=authority)
    url = f"{ready['base_url']}/models"
    async with asyncio.timeout(20), aiohttp.ClientSession() as http, http.get(url, ssl=context) as response:
        assert response.status in {401, 404}


async def test_a_command_is_told_what_to_trust(start: Start, authority: Path) -> None:
    show = "import os; print(*(os.environ[n] for n in ('OPENAI_BASE_URL', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS')))"
    process = await start("run", "--tls", "--", sys.executable, "-c", show)
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    url, *trusted = out.decode().split()
    assert url.startswith("https://127.0.0.1:")
    assert trusted == [str(authority), str(authority)]


def test_one_file_of_a_pair_is_a_usage_error(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("serve", "--tls-cert", tmp_path / "cert.pem")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: --tls-cert and --tls-key go together"


def test_a_wrong_pair_is_one_line(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("serve", "--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    assert result.exit_code == 1
    assert result.output == f"Error: cannot read {tmp_path / 'cert.pem'}: No such file or directory\n"
