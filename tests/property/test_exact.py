"""Every exact backend finds the optimum that enumeration finds, and says infeasible when it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.testing import best_plan
from tests.effort import share
from tests.property.strategies import cases

EXACT = ("highs", "cbc", "pulp-highs", "cpsat", "scip")
QUICK, FULL = 12, 200
CENT = 0.01


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def agrees(case: Case, backend: str, pool: ChildPool) -> None:
    """The backend's answer, verified, equals enumeration's to the cent."""
    best = best_plan(case)
    plan = solve_case(case, SolveParams(backend=backend, time_limit_s=60), watch=Watch(pool=pool))  # type: ignore[arg-type]
    assert not plan["verification"]["mismatches"]
    if best is None:
        assert plan["status"]["solution"] == "infeasible", plan["status"]
        return
    assert plan["verification"]["ok"]
    assert plan["bounds"]["objective"] == pytest.approx(float(best.cost), abs=CENT)
    assert plan["bounds"]["best_bound"] <= float(best.cost) + CENT
    assert plan["status"]["stopped_by"] == "finished"
    assert plan["bounds"]["gap_abs"] <= CENT, (plan["status"], plan["bounds"])
    assert plan["status"]["solution"] == "optimal"


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # shrinking a case takes a solve a step
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("backend", EXACT)
def test_backend_agrees_with_enumeration(backend: str, pool: ChildPool) -> None:
    @_settings(share(QUICK))
    @given(case=cases(max_plans=3000))
    def check(case: Case) -> None:
        agrees(case, backend, pool)

    check()


@pytest.mark.long
@pytest.mark.parametrize("backend", EXACT)
def test_backend_agrees_with_enumeration_on_many(backend: str, pool: ChildPool) -> None:
    @_settings(FULL)
    @given(case=cases())
    def check(case: Case) -> None:
        agrees(case, backend, pool)

    check()
