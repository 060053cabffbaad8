"""Requirements, cases and checks belong together: nothing is required and not checked, nothing checked for nothing."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path

import pytest

from realtime_conformance.case import Case
from realtime_conformance.client_cases import CASES as CLIENT_CASES
from realtime_conformance.requirement import Requirements, requirement_set
from realtime_conformance.runner import is_of_stream
from realtime_conformance.server_cases import CASES as SERVER_CASES
from realtime_conformance.verdicts import Level

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "conformance" / "realtime_conformance" / "requirements" / "sets"
CASES: Mapping[str, tuple[Case, ...]] = {"server": SERVER_CASES, "client": CLIENT_CASES}
SIDES = sorted(CASES)


@pytest.fixture(params=SIDES)
def side(request):
    return request.param


def test_the_page_is_what_the_requirements_say():
    script = runpy.run_path(str(ROOT / "docs" / "write_requirements_reference.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()


def test_no_requirement_is_untested_without_a_reason(side):
    silent = [one.id for one in Requirements.read(side).all if not one.checks and not one.excluded]
    assert silent == []


def test_every_must_names_a_document_or_a_schema(side):
    musts = [one for one in Requirements.read(side).all if one.level is Level.MUST]
    assert [one.id for one in musts if not {"documented", "schema"} & set(one.evidence)] == []


def test_every_check_belongs_to_a_case(side):
    cases = {case.id for case in CASES[side]}
    asked = {check.partition(".")[0] for check in Requirements.read(side).checks if not is_of_stream(check)}
    assert asked - cases == set()


def test_no_case_is_without_checks(side):
    requirements = Requirements.read(side)
    assert [case.id for case in CASES[side] if not requirements.of_case(case.id)] == []


def test_ids_of_cases_are_unique(side):
    ids = [case.id for case in CASES[side]]
    assert len(set(ids)) == len(ids)


def test_no_id_stands_on_both_sides():
    checks = [check for side in SIDES for check in Requirements.read(side).checks]
    assert len(set(checks)) == len(checks)


@pytest.mark.parametrize("name", [path.stem for path in SETS.glob("*.txt")])
def test_a_frozen_set_names_checks_that_there_are(name):
    known = {check for side in SIDES for check in Requirements.read(side).checks}
    assert requirement_set(name) - known == set()
