"""Pages of the package are executed; every code is used; packaged events make cases."""

from __future__ import annotations

import ast
import doctest
import json
from importlib.resources import files
from pathlib import Path

import pytest

import data
import optimizer.studies.missions
from optimizer.studies.missions.event import read_events
from optimizer.studies.missions.events import _patch
from optimizer.studies.missions.kinds import REPLAN_CATALOGUE
from optimizer.tables import apply_patch
from optimizer.tables.checks.problems import Problems
from optimizer.tables.patch import patched_tables
from optimizer.tables.read import read_case

FOLDER = Path(str(files("optimizer.studies.missions")))


def test_readme_runs_as_shown():
    failed, tried = doctest.testfile(str(FOLDER / "README.md"), module_relative=False)
    assert tried >= 7
    assert not failed


def test_every_code_is_used():
    places = (*FOLDER.glob("*.py"), *Path(str(files("optimizer.tables"))).rglob("*.py"))
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in places if not p.name.endswith("kinds.py")]
    texts = {n.value for t in trees for n in ast.walk(t) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert sorted(set(REPLAN_CATALOGUE) - texts) == []


def test_public_names_are_there():
    assert all(getattr(optimizer.studies.missions, name) for name in optimizer.studies.missions.__all__)
    assert dir(optimizer.studies.missions) == sorted(optimizer.studies.missions.__all__)
    with pytest.raises(AttributeError):
        optimizer.studies.missions.nothing  # noqa: B018


@pytest.mark.parametrize("name", data.event_names())
def test_packaged_events_make_a_case(name):
    """Read in order; whatever they say of the case holds."""
    case, _ = read_case(data.case_path(name))
    problems = Problems(REPLAN_CATALOGUE)
    events = read_events(json.loads(data.events_path(name).read_text(encoding="utf-8")), problems)
    assert {e.kind for e in events} == {"start", "close"}
    tables = dict(case.tables)
    for event in events:
        tables, writes = patched_tables(tables, _patch(event, tables, problems), problems)
        assert writes
    assert problems.found == []
    made, _ = apply_patch(tables, {})
    started = next(e.content["entity"]["id"] for e in events if e.kind == "start")
    assert started in made.entity


def test_no_such_events():
    with pytest.raises(KeyError):
        data.events_path("nothing")
