"""A case over time without a path, taken by parts: said only where a part proves it, with the rules that do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_over_time
from optimizer.solvers.accept.watch import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from tests.effort import share
from tests.time.cases import provider, read


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def told(case: Case, pool: ChildPool, seconds: float = 20) -> dict[str, Any]:
    return solve_over_time(case, SolveParams(backend="engine", time_limit_s=seconds), watch=Watch(pool=pool))


def test_a_period_that_cannot_be_served_is_said_with_its_rules(pool: ChildPool) -> None:
    """From July on two sites have room for nearly two posts each, and one client needs two at one place."""
    sites = [
        provider("P1", 46, 6, "CH", end="2027-07-01"),
        provider("P2", -1.28, 36.81, "KE", capacity_fte=1.9),
        provider("P3", 48.2, 16.4, "AT", capacity_fte=1.9),
    ]
    offers = [{"provider": p, "service": "pay"} for p in ("P1", "P2", "P3")]
    tiers = [{**row, "from_volume": 0, "unit_cost": 6} for row in offers]
    document = told(read(providers=sites, offers=offers, tiers=tiers), pool)
    assert document["status"]["solution"] == "infeasible"
    assert document["bounds"]["best_bound"] is None
    assert document["verification"]["mismatches"] == []
    rules = [i for i in document["issues"] if i["code"] == "rule_conflict"]
    assert rules
    assert all(i["message"].startswith("period 3") or i["message"].startswith("period 4") for i in rules)
    assert any("raise capacity_fte" in i["remedy"] for i in rules)


def test_a_demand_that_has_no_path_by_itself_is_said_with_its_rules(pool: ChildPool) -> None:
    """Decisions send it there and back, and it may switch once."""
    there = {"action": "lock", "entity": "E1", "service": "pay", "reason": "agreed"}
    rows = [
        {**there, "provider": "P2", "from": "2027-04-01", "until": "2027-07-01"},
        {**there, "provider": "P1", "from": "2027-07-01", "until": "2027-10-01"},
    ]
    document = told(read(decisions=rows), pool)
    assert document["status"]["solution"] == "infeasible"
    assert "pay of E1 has no path by the rules about it alone" in document["status"]["detail"]
    named = {i["value"].partition("|")[0] for i in document["issues"] if i["code"] == "rule_conflict"}
    assert {"one_switch", "lock"} <= {part for value in named for part in value.split(", ")}


def no_false_claim(seed: int, pool: ChildPool) -> bool:
    """Whether a case without a path was told as such; one with a path never is."""
    case = random_dynamic_case(seed)
    best, solution = best_path(case), told(case, pool, 3)["status"]["solution"]
    if best is not None:
        assert solution != "infeasible", seed
        return False
    return solution == "infeasible"


def test_infeasible_is_never_said_falsely(pool: ChildPool) -> None:
    seeds = range(0, 200, 7)[: share(29, 9)]
    for seed in seeds:
        no_false_claim(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
def test_infeasible_is_never_said_falsely_in_many_cases(part: int, pool: ChildPool) -> None:
    assert sum(no_false_claim(seed, pool) for seed in range(part * 50, part * 50 + 50))
