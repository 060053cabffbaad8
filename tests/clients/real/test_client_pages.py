"""Each page of `docs/clients` is true: its client holds a whole conversation with the mock, as shown."""

from __future__ import annotations

import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings
from realtime_mock.tls import local_certificate

pytestmark = [pytest.mark.clients, pytest.mark.timeout(700)]


@pytest.mark.quick
async def test_openai_npm_over_wss(desk):
    await desk.follow("openai-node")


async def test_openai_npm_and_a_mock_that_runs(desk, tmp_path):
    async with RealtimeMock(Settings(port=0, tls=local_certificate(tmp_path / "tls"))) as mock:
        await desk.follow_exports("openai-node", mock)


async def test_openai_pypi(desk):
    await desk.follow("openai-python")


async def test_openai_pypi_and_a_mock_that_runs(desk):
    async with RealtimeMock(Settings(port=0)) as mock:
        await desk.follow_exports("openai-python", mock)


async def test_agents_js_in_node(desk):
    await desk.follow("agents-js")


async def test_pipecat(desk):
    await desk.follow("pipecat")


async def test_openai_realtime_api_npm(desk):
    await desk.follow("openai-realtime-api")
