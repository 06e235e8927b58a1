"""m* and the least cost with m* + b moves equal those of enumeration, on random small cases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.evaluate import evaluate
from optimizer.solvers.accept.fewest_moves import fewest_moves, forced_moves
from optimizer.solvers.accept.solve import Watch, solve
from optimizer.solvers.pool import ChildPool
from optimizer.studies.missions.staying import staying
from optimizer.testing import edited, enumerate_plans
from optimizer.verify.checker import Evaluator
from tests.effort import share
from tests.property.strategies import cases

EXACT = ("highs", "cbc", "pulp-highs", "cpsat", "scip")
QUICK, FULL = 8, 100
CENT = 0.01


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def unlimited(case: Case, most: int | None = None) -> Case:
    return edited(case, policy=dataclasses.replace(case.policy, max_moves=most))


def best_by_moves(case: Case) -> dict[int, float]:
    """Least cost of a plan that keeps every rule, by its number of moves."""
    out: dict[int, float] = {}
    for plan in enumerate_plans(case):
        out.setdefault(plan.moves, float(plan.cost))  # the cheapest come first
    return out


def agrees(case: Case, backend: str, pool: ChildPool) -> None:
    free, watch = unlimited(case), Watch(pool=pool)
    params = SolveParams(backend=backend, time_limit_s=60)  # type: ignore[arg-type]
    costs = best_by_moves(free)
    problem = build_problem(free)
    found = fewest_moves(free, problem, params, watch=watch)
    if not costs:
        assert found.infeasible
        return
    least = min(costs)
    assert (found.lower, found.upper, found.proven) == (least, least, True), found
    begun = fewest_moves(free, problem, params, start=staying(problem), watch=watch)
    assert (begun.lower, begun.upper) == (least, least), begun
    assert forced_moves(problem) <= least
    assert found.choice is not None
    assert int(evaluate(problem, found.choice).moves.sum()) == least
    assert not Evaluator(free).violations(problem.decode(found.choice))
    start = found.choice
    for extra in (0, 1, 2):
        limited = unlimited(case, least + extra)
        solved = solve(limited, build_problem(limited), params, start=start, watch=watch)
        expected = min(c for m, c in costs.items() if m <= least + extra)
        assert solved.objective == pytest.approx(expected, abs=CENT)
        assert solved.choice is not None
        start = solved.choice


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("backend", EXACT)
def test_fewest_moves_and_curve_agree_with_enumeration(backend: str, pool: ChildPool) -> None:
    @_settings(share(QUICK, 4))
    @given(case=cases(max_plans=2000))
    def check(case: Case) -> None:
        agrees(case, backend, pool)

    check()


@pytest.mark.long
@pytest.mark.parametrize("backend", EXACT)
def test_fewest_moves_and_curve_agree_with_enumeration_on_many(backend: str, pool: ChildPool) -> None:
    @_settings(FULL)
    @given(case=cases())
    def check(case: Case) -> None:
        agrees(case, backend, pool)

    check()


def test_forced_moves_are_enough_for_an_interval_when_no_solver_may_run(pool: ChildPool) -> None:
    """Cancelled at once: an interval, its lower end by counting, nothing claimed."""

    @_settings(share(QUICK, 4))
    @given(case=cases(max_plans=2000))
    def check(case: Case) -> None:
        free = unlimited(case)
        costs, problem = best_by_moves(free), build_problem(free)
        found = fewest_moves(free, problem, SolveParams(), watch=Watch(pool=pool, cancelled=lambda: True))
        if costs:
            assert found.lower <= min(costs)
            assert found.upper is None or found.upper >= min(costs)

    check()
