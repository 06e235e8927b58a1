"""``solve``, ``verify``, ``frame``, ``write_report`` take a case with a horizon as they take any other."""

from __future__ import annotations

from pathlib import Path

import pytest

import optimizer as dg
from optimizer.domain.steady import is_over_time


def test_solve_gives_a_verified_plan_over_time(plan: dg.PlanOverTime, case: dg.Case) -> None:
    assert plan.ok
    assert plan.status.solution == "optimal"
    assert plan.case is case
    assert dg.verify(case, plan).ok
    assert dg.verify(case, plan.document()).ok


def test_every_table_is_a_frame(plan: dg.PlanOverTime) -> None:
    assert len(plan.frame("cash_flow")) == len(plan.frame("waves")) == plan.horizon.count == 16
    assert len(plan.frame("moves")) == sum(w.switches for w in plan.waves) > 0
    assert {"place", "created", "abolished"} <= set(plan.frame("staffing"))


def test_the_example_has_surge_drawdown_and_residual_work(plan: dg.PlanOverTime) -> None:
    cost = plan.frame("cash_flow")["new_demand_cost"].tolist()
    assert cost[1] > cost[4]  # the first months of the mission against the time between
    assert cost[10] > cost[8]  # its last months
    assert 0 < cost[12] < cost[8] / 4  # what is left after its end
    assert cost[15] == 0


def test_a_report_needs_the_case_of_the_plan(plan: dg.PlanOverTime, tmp_path: Path) -> None:
    assert dg.write_report(plan, tmp_path / "report.html").stat().st_size > 50_000
    with pytest.raises(dg.UsageError):
        dg.write_report(plan, tmp_path / "other.html", dg.example("tiny"))


def test_a_plan_of_another_case_is_not_verified(plan: dg.PlanOverTime, case: dg.Case) -> None:
    other = dg.replace(case, policy={"discount_rate": 0.04})
    assert is_over_time(other)
    assert not dg.verify(other, plan).ok
    assert not dg.verify(dg.example("tiny"), plan).ok
