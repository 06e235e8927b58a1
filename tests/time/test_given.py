"""Plans over time that come back: rows told on the way, a document to start from, a solve ended from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError
from optimizer.domain.params import SolveParams
from optimizer.model.time.joint import build_joint
from optimizer.pipeline import solve_any
from optimizer.plan.kept import plan_of_rows
from optimizer.plan.time.given import path_from_plan, path_from_rows
from optimizer.solvers.accept.over_time import path_rows
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.stating import settle_case
from optimizer.testing.random_time import random_dynamic_case
from optimizer.verify.time import TimeEvaluator
from tests.effort import share

MONEY = ("bounds", "cost", "baseline", "savings", "cash_flow", "waves", "staffing", "assignments", "lines", "sites")


class Told:
    """What a solve tells on its way."""

    def __init__(self) -> None:
        self.plans: list[tuple[float, list[tuple[Any, ...]]]] = []

    def __call__(self, objective: float, rows: Any) -> None:
        self.plans.append((objective, rows()))


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def solved(case: Case, pool: ChildPool, **more: Any) -> tuple[dict[str, Any], Told]:
    told = Told()
    watch = Watch(pool=pool, on_incumbent=told)
    params = SolveParams(backend="highs", time_limit_s=more.pop("time_limit_s", 30))
    return solve_any(case, params, watch=watch, **more), told


def feasible(pool: ChildPool, number: int) -> Iterator[tuple[Case, dict[str, Any], Told]]:
    for seed in range(number):
        case = random_dynamic_case(seed)
        plan, told = solved(case, pool)
        if plan["status"]["solution"] == "optimal":
            yield case, plan, told


def rows_of(case: Case, plan: dict[str, Any]) -> list[Any]:
    joint = build_joint(case)
    return path_rows(joint, path_from_plan(joint, plan))


def test_rows_and_documents_become_the_path_that_they_tell(pool: ChildPool) -> None:
    for case, plan, _ in feasible(pool, share(24, 6)):
        joint = build_joint(case)
        rows = rows_of(case, plan)
        assert not TimeEvaluator(case).violations(rows)
        assert TimeEvaluator(case).cost(rows).objective == pytest.approx(plan["bounds"]["objective"], abs=1e-6)
        for back in (path_from_rows(joint, rows), path_from_plan(joint, plan_of_rows(rows))):
            assert path_rows(joint, back) == rows
        strange = [("nobody", "pay", 1, "P1", ""), (*rows[0][:2], joint.n_periods + 1, *rows[0][3:])]
        assert path_rows(joint, path_from_rows(joint, [*rows, *strange])) == rows


def test_plans_are_told_on_the_way(pool: ChildPool) -> None:
    """The best one told is the plan in the end, but for what a claim may be off."""
    for case, plan, told in feasible(pool, share(24, 6)):
        objective, rows = min(told.plans, key=lambda x: x[0])
        assert objective == pytest.approx(plan["bounds"]["objective"], rel=1e-6, abs=0.02)
        assert TimeEvaluator(case).cost(rows).objective == pytest.approx(objective, rel=1e-6, abs=0.02)


def test_a_solve_ended_from_outside_keeps_what_was_told(pool: ChildPool) -> None:
    for case, plan, _ in feasible(pool, share(12, 4)):
        bound = plan["bounds"]["best_bound"]
        held = settle_case(case, rows_of(case, plan), SolveParams(), stopped_by="user", bound=bound, detail="ended")
        full = {**plan, "assignments": [{**row, "runner_up": None} for row in plan["assignments"]]}
        assert {name: held[name] for name in MONEY} == {name: full[name] for name in MONEY}
        assert "no_runner_ups" in [i["code"] for i in held["issues"]]
        assert held["status"] == {"solution": "optimal", "stopped_by": "user", "detail": "ended"}
        assert held["verification"]["ok"]
        loose = settle_case(case, rows_of(case, plan), SolveParams(), stopped_by="time")
        assert (loose["status"]["solution"], loose["bounds"]["best_bound"]) == ("feasible", None)
        false = settle_case(case, rows_of(case, plan), SolveParams(), stopped_by="time", bound=abs(bound) * 2 + 100)
        assert false["status"]["solution"] == "feasible"


def test_without_a_plan_or_with_one_that_breaks_a_rule_there_is_no_solution(pool: ChildPool) -> None:
    case, plan, _ = next(feasible(pool, 40))
    for rows in (None, [], rows_of(case, plan)[:-1]):
        held = settle_case(case, rows, SolveParams(), stopped_by="error", bound=1.0)
        assert held["status"]["solution"] == "no_solution"
        assert (held["cost"], held["bounds"]["objective"], held["bounds"]["best_bound"]) == (None, None, 1.0)


def test_a_start_is_never_lost(pool: ChildPool) -> None:
    """Without time to search, the start is what there is; everyone staying is dearer."""
    found = 0
    for case, plan, _ in feasible(pool, share(24, 6)):
        rows = plan_of_rows(rows_of(case, plan))
        again, told = solved(case, pool, start=rows, time_limit_s=0.0)
        assert again["bounds"]["objective"] == pytest.approx(plan["bounds"]["objective"], abs=1e-6)
        assert told.plans[0][0] == pytest.approx(plan["bounds"]["objective"], abs=1e-6)
        alone, _ = solved(case, pool, time_limit_s=0.0)
        found += alone["bounds"]["objective"] != again["bounds"]["objective"]
    assert found, "no case in which the start matters"


def test_a_start_without_stretches_is_no_plan() -> None:
    joint = build_joint(random_dynamic_case(0))
    for rows in ([{"entity": "E1"}], [3], None):
        with pytest.raises(InputError) as refused:
            path_from_plan(joint, {"schema": "designate.plan/2", "assignments": rows})
        assert [i.code for i in refused.value.issues] == ["not_a_plan"]
