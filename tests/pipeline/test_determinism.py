"""Same case, seed and work limit: the same document but for ``run.id``, ``run.created`` and timings."""

from __future__ import annotations

import copy
import json
from random import Random

import pytest

import data
from data.generator import generate, write_case
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.base import Capability
from optimizer.tables import read_case

WORK_LIMITED = {n for n in registry.available() if Capability.WORK_LIMIT in registry.capabilities(n)}
RUNS = [
    ("cpsat", "small", 20),
    ("engine", "small", 60),
    pytest.param("engine", "middle", 60, marks=pytest.mark.slow),
    pytest.param("cpsat", "middle", 1000, marks=pytest.mark.slow),
    pytest.param("engine", "middle", 100, marks=pytest.mark.slow),
]
"""Backend, case, work units. All but the second end with the work and with a plan."""


def comparable(plan):
    """The document without what may differ."""
    out = copy.deepcopy(plan)
    for key in ("id", "created", "timings"):
        del out["run"][key]
    return json.dumps(out, indent=1, ensure_ascii=False).splitlines()


def shuffled(source, target, seed):
    """The case with the rows of every table in another order."""
    target.mkdir()
    rng = Random(seed)
    for file in sorted(source.iterdir()):
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".csv":
            header, *rows = text.splitlines()
            rng.shuffle(rows)
            text = "\n".join([header, *rows]) + "\n"
        (target / file.name).write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    write_case(generate(10, services=4, providers=6, seed=3), folder / "small")
    write_case(generate(25, services=6, providers=8), folder / "middle")
    return {"small": folder / "small", "middle": folder / "middle"}


def solved(folder, params, pool=None):
    case, issues = read_case(folder)
    return solve_case(case, params, issues=issues, watch=Watch(pool=pool), name="run")


@pytest.mark.parametrize(("backend", "name", "work"), RUNS)
def test_work_limit(backend, name, work, cases, pool, tmp_path):
    """In a new process, in one that has solved something before, and with input rows shuffled."""
    params = SolveParams(backend=backend, work_limit=work, seed=11)
    first = solved(cases[name], params)
    assert first["verification"]["ok"]
    assert first["verification"]["mismatches"] == []
    assert first["status"]["stopped_by"] == ("finished" if (backend, name) == ("engine", "small") else "work")
    assert comparable(solved(cases[name], params, pool)) == comparable(first)
    for seed in (1, 2):
        again = solved(shuffled(cases[name], tmp_path / str(seed), seed), params, pool)
        assert comparable(again) == comparable(first)


def test_every_backend_with_a_work_limit_is_tried():
    assert {getattr(run, "values", run)[0] for run in RUNS} == WORK_LIMITED


@pytest.mark.parametrize("backend", ["highs", "cpsat", "scip", "cbc", "pulp-highs"])
def test_finished_solves_are_the_same_too(backend, pool, tmp_path):
    """Without a work limit, when the end is reached."""
    source = data.case_path("tiny")
    first = solved(source, SolveParams(backend=backend, seed=5), pool)
    again = solved(shuffled(source, tmp_path / "case", 3), SolveParams(backend=backend, seed=5), pool)
    assert first["status"]["solution"] == "optimal"
    assert comparable(again) == comparable(first)


def test_infeasible_answers_are_the_same_too(pool, tmp_path):
    source = data.case_path("infeasible-capacity")
    first = solved(source, SolveParams(), pool)
    again = solved(shuffled(source, tmp_path / "case", 3), SolveParams(), pool)
    assert comparable(again) == comparable(first)
