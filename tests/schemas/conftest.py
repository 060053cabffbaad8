"""Fixtures of the schema tests: the registry, stock validators over the same files, events built by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
import yaml

from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.fixture(scope="session")
def registry() -> SchemaRegistry:
    return SchemaRegistry.bundled()


@pytest.fixture(scope="session")
def schema_files() -> dict[str, Any]:
    """Every schema of the checkout, read by nothing of ours, by its path without `.json`."""
    root = schemas_dir()
    files = [file for part in ("ga", "beta", "http") for file in (root / part).rglob("*.json")]
    return {file.relative_to(root).as_posix().removesuffix(".json"): json.loads(file.read_text()) for file in files}


@pytest.fixture(scope="session")
def stock_registry(schema_files: dict[str, Any]) -> referencing.Registry[Any]:
    resources = [referencing.Resource.from_contents(schema) for schema in schema_files.values()]
    return resources @ referencing.Registry()


@pytest.fixture(scope="session")
def stock_validator(schema_files: dict[str, Any], stock_registry: referencing.Registry[Any]) -> Callable[[str], Any]:
    """The reference validator for a schema by name, as anyone would set it up."""
    validators = {
        name: jsonschema.Draft202012Validator(schema, registry=stock_registry) for name, schema in schema_files.items()
    }
    return validators.__getitem__


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference material beside the repository, which only its developers have."""
    folder = ROOT.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("the reference material is not beside this checkout")
    return folder


def load_events(side: str) -> dict[str, dict[str, Any]]:
    """Events built by hand: {type: {"minimal": event, "full": [event, ...]}}."""
    given = yaml.safe_load((HERE / f"{side}_events.yaml").read_text(encoding="utf-8"))["events"]
    return {kind: _spelled_out(kind, cases, given) for kind, cases in given.items()}


def _spelled_out(kind: str, cases: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if "like" not in cases:
        return cases
    model = given[cases["like"]]
    full = [{**event, "type": kind} for event in model["full"]]
    return {"minimal": {**model["minimal"], "type": kind}, "full": [*full, *cases.get("more", [])]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives `client_event`, `server_event`, `client_type` and `server_type` each of their values."""
    for side in ("client", "server"):
        events = load_events(side) if {f"{side}_event", f"{side}_type"} & set(metafunc.fixturenames) else {}
        if f"{side}_type" in metafunc.fixturenames:
            metafunc.parametrize(f"{side}_type", sorted(events))
        if f"{side}_event" in metafunc.fixturenames:
            cases = [
                pytest.param(event, id=f"{kind}-{number}")
                for kind, group in events.items()
                for number, event in enumerate([group["minimal"], *group["full"]])
            ]
            metafunc.parametrize(f"{side}_event", cases)


@pytest.fixture(scope="session")
def client_events() -> dict[str, dict[str, Any]]:
    return load_events("client")


@pytest.fixture(scope="session")
def beta_events() -> dict[str, dict[str, dict[str, Any]]]:
    """The beta events of either side, as `beta_client` and `beta_server`."""
    return {side: load_events(side) for side in ("beta_client", "beta_server")}


@pytest.fixture(scope="session")
def server_events() -> dict[str, dict[str, Any]]:
    return load_events("server")
