"""Whoever has the distribution installed pays next to nothing for the plugin in runs that do not use it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .conftest import SOURCES

HEAVY = {
    *("aiohttp", "aiortc", "aioice", "av", "numpy", "hypothesis", "jsonschema", "jsonschema_rs"),
    *("orjson", "rich", "yaml"),
}


def loaded(*statements: str) -> set[str]:
    """The top-level modules that are loaded after these statements."""
    code = "; ".join([*statements, "import sys; print(*{name.partition('.')[0] for name in sys.modules})"])
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


PLUGINS = ["realtime_mock.pytest_plugin", "realtime_conformance.pytest_plugin"]


@pytest.mark.parametrize("name", ["realtime_mock", "realtime_mock.testing", *PLUGINS])
def test_an_import_loads_no_heavy_library(name):
    assert loaded(f"import {name}") & HEAVY == set()


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_loads_no_event_loop(name):
    # pytest itself has none of these either.
    assert "asyncio" not in loaded("import pytest", f"import {name}")


def test_names_of_the_package_are_imported_when_they_are_used():
    assert "aiohttp" in loaded("import realtime_mock", "realtime_mock.RealtimeMock")
    assert "aiohttp" not in loaded("import realtime_mock", "realtime_mock.Settings", "realtime_mock.Say")


def test_a_name_that_does_not_exist_is_no_attribute():
    import realtime_mock

    with pytest.raises(AttributeError, match="RealtimeMocks"):
        realtime_mock.RealtimeMocks  # noqa: B018
    assert set(realtime_mock.__all__) <= set(dir(realtime_mock))
