"""Single-source location: recognised, bounded, solved to the end, repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks.layouts import Raw
from benchmarks.literature import load, to_problem
from optimizer.arrays.problem import Problem
from optimizer.backends.base import Outcome, Request
from optimizer.backends.process import ChildPool, run
from optimizer.engine.location import is_location
from optimizer.params import SolveParams
from tests.engine.helpers import random_problem, with_pair_volumes

PACKAGED = Path(__file__).parents[2] / "benchmarks" / "instances"


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    """One child for all solves of this module."""
    with ChildPool() as children:
        yield children


def _solve(pool: ChildPool, problem: Problem, **limits) -> Outcome:
    return run("engine", Request(problem, None, SolveParams(backend="engine", **limits)), pool=pool)


def _raw(seed: int, facilities: int, customers: int, slack: float) -> Raw:
    rng = np.random.default_rng(seed)
    take = rng.integers(3, 12, customers).astype(float)
    capacity = rng.integers(6, 14, facilities).astype(float)
    capacity = np.maximum(np.round(capacity * slack * take.sum() / capacity.sum()), take.max())
    cost = rng.integers(10, 90, (facilities, customers)).astype(float)
    return Raw(cost, take, rng.integers(50, 200, facilities).astype(float), capacity)


def _brute(raw: Raw) -> float:
    """Least cost over all assignments; infinite when none fits."""
    m, n = raw.cost.shape
    best = np.inf
    for to in product(range(m), repeat=n):
        where = np.array(to)
        if (np.bincount(where, weights=raw.take, minlength=m) <= raw.capacity).all():
            total = raw.cost[where, np.arange(n)].sum() + raw.fixed[np.unique(where)].sum()
            best = min(best, float(total))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_small_location_is_solved_to_the_optimum(pool: ChildPool, seed: int) -> None:
    """Plan and bound meet at the brute-force optimum."""
    raw = _raw(seed, 4, 7, 1.6)
    best = _brute(raw)
    outcome = _solve(pool, to_problem(raw), time_limit_s=30.0)
    if best == np.inf:
        assert outcome.infeasible
        return
    assert outcome.objective == pytest.approx(best, abs=1e-4)
    assert outcome.bound == pytest.approx(best, abs=0.02)
    assert outcome.bound <= best + 1e-6


def test_a_packaged_file_is_proven(pool: ChildPool) -> None:
    """Holmberg p10: 7,617 is known and is reached and proven."""
    instance = load(PACKAGED / "sscflp_holmberg", "sscflp_holmberg", "p10", "sscflp")
    outcome = _solve(pool, instance.problem, time_limit_s=60.0)
    assert outcome.objective == pytest.approx(7617.0)
    assert outcome.bound == pytest.approx(7617.0, abs=0.01)


def test_a_work_limit_repeats(pool: ChildPool) -> None:
    """The same plan and bound twice under a limit of work."""
    problem = to_problem(_raw(3, 12, 40, 2.0))
    one, two = (_solve(pool, problem, work_limit=400) for _ in range(2))
    assert one.objective == two.objective
    assert one.bound == two.bound
    assert one.choice is not None
    assert two.choice is not None
    assert np.array_equal(one.choice.provider, two.choice.provider)


def test_the_shape_is_recognised() -> None:
    """Location is; medians, assignment with volumes by pair, several services are not."""
    raw = _raw(0, 4, 8, 1.6)
    problem = to_problem(raw)
    assert is_location(problem)
    assert not is_location(to_problem(replace(raw, sites=2)))
    assert not is_location(with_pair_volumes(problem, 0))
    assert not is_location(random_problem(0))
    assert not is_location(replace(problem, scalars=replace(problem.scalars, max_moves=3)))
