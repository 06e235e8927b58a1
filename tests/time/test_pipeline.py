"""A dynamic case from tables to a verified document."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_over_time
from optimizer.plan.time.plan import PlanOverTime
from tests.time.cases import policy, provider, read, tables


def solved(**more: Any) -> PlanOverTime:
    case = read(**more)
    return PlanOverTime.from_document(solve_over_time(case), case)


def test_a_plan_is_optimal_verified_and_comes_back_from_its_document() -> None:
    case = read()
    document = solve_over_time(case)
    plan = PlanOverTime.from_document(document, case)
    assert (plan.status.solution, plan.status.stopped_by, plan.ok) == ("optimal", "finished", True)
    assert PlanOverTime.from_document(plan.document()) == plan
    assert plan.cost is not None
    assert plan.cost.total == pytest.approx(3 * 1000 * 6)  # both at P2 from the first day on, for a year


def test_quarters_of_a_steady_case_cost_what_its_year_costs() -> None:
    """Design-time 10: quarters for years at rate 0 give the same totals but for cents."""
    year = solved(policy=policy(horizon={"start": "2027-01-01", "unit": "year", "count": 2}))
    quarters = solved(policy=policy(horizon={"start": "2027-01-01", "unit": "quarter", "count": 8}))
    months = solved(policy=policy(horizon={"start": "2027-01-01", "unit": "month", "count": 24}))
    assert year.cost is not None
    for finer in (quarters, months):
        assert finer.cost is not None
        assert finer.cost.total == pytest.approx(year.cost.total, abs=0.01 * finer.horizon.count)


def test_a_year_from_as_of_is_the_steady_case() -> None:
    """Design-time 10: one period of a year, r = 0, horizon_years = 1, nothing new priced."""
    from optimizer.pipeline import solve_case

    money = {"transition": {"travel": 2, "contingency_rate": 0.25}, "interface_cost": 11}
    same = {"calendar_year": 2026, "discount_rate": 0, "horizon_years": 1, "as_of": "2027-01-01", **money}
    steady = solve_case(read(policy=same))
    dynamic = solved(policy={**same, "horizon": {"start": "2027-01-01", "unit": "year", "count": 1}})
    assert dynamic.cost is not None
    assert dynamic.savings is not None
    assert dynamic.cost.total == pytest.approx(steady["cost"]["total"], abs=0.005)
    assert dynamic.cost.running == pytest.approx(steady["cost"]["running"], abs=0.005)
    assert dynamic.savings.run_rate == pytest.approx(steady["savings"]["annual"], abs=0.005)
    assert dynamic.savings.one_off.transition == pytest.approx(steady["savings"]["one_off"]["transition"], abs=0.005)


def test_a_period_that_nobody_can_serve_is_named_without_a_solve() -> None:
    gone = [provider("P1", 46, 6, "CH", end="2027-07-01"), provider("P2", -1.28, 36.81, "KE", end="2027-10-01")]
    plan = solved(providers=gone)
    assert (plan.status.solution, plan.run.solver.backend, plan.cost) == ("infeasible", "none", None)
    errors = [i for i in plan.issues if i.severity == "error"]
    assert errors
    assert all(i.message.startswith("period 4: ") for i in errors)
    assert plan.verification.mismatches == ()
    assert {rule.rule for rule in plan.verification.rules if rule.violations} == {"assign_once"}


def test_what_only_the_rules_between_periods_forbid_is_infeasible_too() -> None:
    """P1 ends and P2 takes in less than what must move."""
    ends = [provider("P1", 46, 6, "CH", end="2027-07-01"), provider("P2", -1.28, 36.81, "KE", absorb_fte=2.5)]
    plan = solved(providers=ends)
    assert (plan.status.solution, plan.assignments) == ("infeasible", ())
    assert "confirmed by" in plan.status.detail
    assert solved(providers=[ends[0], {**ends[1], "absorb_fte": 3}]).status.solution == "optimal"


def test_rows_of_tables_may_be_shuffled() -> None:
    from optimizer.tables.read import case_from_tables

    plain = tables()
    turned = {name: rows[::-1] if isinstance(rows, list) else rows for name, rows in plain.items()}
    first, second = (solve_over_time(case_from_tables(t)[0], SolveParams(seed=3)) for t in (plain, turned))
    for plan in (first, second):
        plan["run"] = None
    assert first == second
