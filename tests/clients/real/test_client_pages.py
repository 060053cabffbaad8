"""Each page of `docs/clients` is true: its client holds a whole conversation with the mock, as shown."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.clients, pytest.mark.timeout(700)]


@pytest.mark.quick
async def test_openai_npm_over_wss(desk):
    await desk.follow("openai-node")


async def test_openai_pypi(desk):
    await desk.follow("openai-python")


async def test_agents_js_in_node(desk):
    await desk.follow("agents-js")


async def test_pipecat(desk):
    await desk.follow("pipecat")
