"""The verifier, which shares no code with the plan builder, finds nothing to correct."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.stating import price_case
from optimizer.testing import good_plan, random_plan
from optimizer.verify.checker import Evaluator
from tests.effort import share
from tests.plan.random_plans import any_rows, larger, quick, rich_cases, todays_rows


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def wrong(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """What the verifier would say instead."""
    found: list[dict[str, Any]] = plan["verification"]["mismatches"]
    return found


def priced(case: Case, rows: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    return price_case(case, [r for r in rows if r[2]])


def check_hand_made(case: Case, rng: random.Random) -> None:
    evaluator = Evaluator(case)
    good = good_plan(case, rng, evaluator)
    for rows in (random_plan(case, rng, evaluator), todays_rows(case), any_rows(case, rng)):
        plan = priced(case, rows)
        assert not wrong(plan), rows
    if good is not None:
        plan = priced(case, good)
        assert not wrong(plan), good
        assert plan["verification"]["ok"]


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_hand_made_plans(case: Case, rng: random.Random) -> None:
    check_hand_made(case, rng)


@pytest.mark.slow
@quick(2000)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_many_hand_made_plans(case: Case, rng: random.Random) -> None:
    check_hand_made(case, rng)


@pytest.mark.parametrize("first", [0, pytest.param(200, marks=pytest.mark.slow)])
def test_larger_cases(first: int) -> None:
    for seed in range(first, first + (share(50) if first < 200 else 1000)):
        rng = random.Random(seed)
        case = larger(seed, rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 5))
        evaluator = Evaluator(case)
        for rows in (random_plan(case, rng, evaluator), good_plan(case, rng, evaluator), todays_rows(case)):
            assert rows is None or not wrong(priced(case, rows)), seed


@quick(25)
@given(case=rich_cases())
def test_solved_plans(case: Case, pool: ChildPool) -> None:
    plan = solve_case(case, SolveParams(backend="highs", time_limit_s=60), watch=Watch(pool=pool))
    assert not wrong(plan), plan["status"]


@pytest.mark.slow
@quick(250)
@given(case=rich_cases())
def test_many_solved_plans(case: Case, pool: ChildPool) -> None:
    plan = solve_case(case, SolveParams(backend="highs", time_limit_s=60), watch=Watch(pool=pool))
    assert not wrong(plan), plan["status"]
