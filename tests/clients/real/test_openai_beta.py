"""The last official Python SDK that speaks beta: as its page says, and refused by default."""

from __future__ import annotations

import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

pytestmark = [pytest.mark.clients, pytest.mark.timeout(700)]
PAGE = "openai-python-beta"


async def test_openai_pypi_beta(desk):
    await desk.follow(PAGE)


async def test_openai_pypi_beta_and_a_mock_that_runs(desk):
    async with RealtimeMock(Settings(port=0, beta="serve")) as mock:
        await desk.follow_exports(PAGE, mock)
    assert [(entry.text, entry.error) for entry in mock.journal.entries(kind="event", valid=False)] == []


async def test_openai_pypi_beta_is_refused_where_beta_is_retired(desk):
    await desk.follow(PAGE)
    printed = await desk.run("realtime-mock run -- python talk.py 2>&1 || true")
    assert "BadRequestError: Error code: 400" in printed
    assert "beta_api_shape_disabled" in printed
