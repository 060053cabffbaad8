"""Tests from Node over the control API, as their page shows them."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.clients, pytest.mark.timeout(700)]


@pytest.mark.quick
async def test_five_tests_in_node(desk):
    await desk.follow("../how-to/test-from-node")
