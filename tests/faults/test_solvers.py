"""What a backend claims is no proof: refusals that a plan refutes, ends that rounding left open."""

from __future__ import annotations

import json

import pytest

from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.tables import read_case
from tests.cli.terminal import inside
from tests.faults import case_path

BACKENDS = ("highs", "cbc", "pulp-highs", "cpsat", "scip", "engine")

TOTALS = {
    "cbc-false-infeasible-small": 1410.891698,
    "cpsat-leaves-one-out": 8000006.333328,
    "cpsat-two-offices-one-centre": 7382657.568258,
    "cpsat-finished-with-a-gap": 19777777.70,
}
"""The optimum of each case, by enumeration or because there is but one plan."""


@pytest.fixture(scope="module")
def watch():
    with ChildPool() as pool:
        yield Watch(pool=pool)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", TOTALS)
def test_package_finds_and_proves_the_optimum(name, backend, watch):
    case, _ = read_case(case_path(name) / "case.json")
    plan = solve_case(case, SolveParams(backend=backend, time_limit_s=60), watch=watch)
    assert plan["status"]["solution"] == "optimal", plan["status"]
    assert plan["status"]["stopped_by"] == "finished"
    assert plan["cost"]["total"] == pytest.approx(TOTALS[name], abs=0.01)
    assert plan["bounds"]["gap_abs"] <= 0.01
    assert {a["provider"] for a in plan["assignments"]} >= {"P0"} or name.startswith("cbc")
    assert len(plan["assignments"]) == len(case.demands)
    assert plan["verification"]["ok"]


@pytest.mark.parametrize(
    ("name", "backend"),
    [
        ("cbc-false-infeasible-small", "cbc"),
        ("cpsat-leaves-one-out", "cpsat"),
        ("cpsat-two-offices-one-centre", "cpsat"),
        ("cpsat-finished-with-a-gap", "cpsat"),
    ],
)
def test_command_leaves_with_0_and_the_whole_plan(name, backend, tmp_path):
    out = tmp_path / "plan.json"
    result = inside("solve", case_path(name) / "case.json", "--backend", backend, "--out", out)
    assert result.returncode == 0, result.stdout
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["status"]["solution"] == "optimal"
    assert plan["cost"]["total"] == pytest.approx(TOTALS[name], abs=0.01)
    assert all(a["provider"] for a in plan["assignments"])
