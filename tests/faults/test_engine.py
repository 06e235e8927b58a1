"""Site pools and least efforts below a millionth of a minute: every backend gives the right plan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.stating import price_case
from optimizer.tables.read import read_case
from tests.faults import case_path

BACKENDS = ("engine", "highs", "cbc", "cpsat", "scip", "pulp-highs")
NAMES = ("site_capacity_below_micro", "min_fte_below_micro")


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with ChildPool() as shared:
        yield Watch(pool=shared)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_the_cheap_site_is_too_small_by_less_than_a_millionth_of_a_minute(
    name: str, backend: str, watch: Watch
) -> None:
    if backend not in registry.available():
        pytest.skip(f"{backend} is not installed")
    case, _ = read_case(case_path(name))
    plan = solve_case(case, SolveParams(backend=backend, time_limit_s=60.0), watch=watch)
    assert plan["status"]["solution"] == "optimal"
    assert plan["cost"]["total"] == 100_000.0
    assert [(a["provider"], a["runner_up"]) for a in plan["assignments"]] == [("P0", None)]
    assert plan["verification"]["ok"], plan["verification"]["mismatches"]


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_with_the_cheap_site_is_refused(name: str) -> None:
    """Nor are runner-ups told for it."""
    case, _ = read_case(case_path(name))
    plan = price_case(case, [("E0", "S0", "P1")])
    assert plan["status"]["solution"] == "infeasible"
    assert not plan["verification"]["ok"]
    assert plan["assignments"][0]["runner_up"] is None
