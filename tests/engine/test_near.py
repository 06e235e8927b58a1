"""Rules on means, worse-off entities, exposed places and shares: the kernels say what the model says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.model.rules import check
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.near import _floats
from optimizer.solvers.engine.pricing.lagrange import ascend
from optimizer.solvers.engine.pricing.prices import make_prices
from optimizer.solvers.engine.search.incremental import load, shift
from optimizer.solvers.engine.search.state import (
    AUTO,
    DISTANCE,
    EXPOSURE,
    N_KINDS,
    OVERLAP,
    SHARE,
    WORSE,
    State,
    empty_state,
)
from optimizer.solvers.pool import ChildPool
from optimizer.testing import best_plan
from tests.property.nearness import KEYS, near_case

KINDS = dict(zip(KEYS, (OVERLAP, DISTANCE, WORSE, EXPOSURE, SHARE), strict=True))
SEEDS, QUICK, FULL = 60, 6, 240


def choosable(seed: int) -> Problem | None:
    problem = build_problem(near_case(seed))
    return problem if (np.diff(problem.pairs.start) > 0).all() else None


def same(one: State, two: State) -> None:
    for field in one._fields:
        a, b = getattr(one, field), getattr(two, field)
        for name in a.dtype.names or [None]:
            left, right = (a, b) if name is None else (a[name], b[name])
            np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-6, err_msg=f"{field} {name}")


def test_shifts_break_what_the_model_says_is_broken() -> None:
    """And the state after them is the one told from nothing."""
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        problem, rng = choosable(seed), np.random.default_rng(seed)
        if problem is None:
            continue
        data, start, stop = pack(problem), problem.pairs.start[:-1], problem.pairs.start[1:]
        state, fresh = empty_state(data, np.ones(N_KINDS)), empty_state(data, np.ones(N_KINDS))
        load(data, state, problem.pairs.provider[rng.integers(start, stop)], np.full(problem.n_demands, AUTO))
        for _ in range(25):
            d = int(rng.integers(problem.n_demands))
            shift(data, state, d, int(rng.choice(problem.pairs.provider[start[d] : stop[d]])), int(AUTO))
            broken = {b.rule for b in check(problem, Choice(state.provider.copy(), state.backup.copy()))} & set(KEYS)
            assert {name for name, kind in KINDS.items() if state.rule["broken"][kind]} == broken, seed
            seen.update(broken or {"kept"})
        load(data, fresh, state.provider.copy(), state.backup.copy())
        same(state, fresh)
    assert set(seen) == {*KEYS, "kept"}


def test_sums_beyond_floats_are_rounded_up() -> None:
    """What is accepted keeps the rule; no sum of three leaves the whole numbers that floats have."""
    amount = np.array([2**70 + 1, -(2**70) - 1, 3], object)
    floats, rounded = _floats(amount, 3)
    assert rounded
    step = 2 ** ((3 * (2**70 + 1)).bit_length() - 52)
    assert [int(f) * step >= a for f, a in zip(floats.tolist(), amount.tolist(), strict=True)] == [True] * 3
    assert np.abs(floats).sum() < 2**53
    assert _floats(np.array([5, -7], np.int64), 2)[0].tolist() == [5.0, -7.0]


@pytest.mark.parametrize("outwards", [False, True])
def test_lagrangian_bounds_are_below_the_optimum(*, outwards: bool) -> None:
    """At every set of prices on the way, and they rise by the rules that are priced."""
    higher: Counter[str] = Counter()
    for seed in range(1, 2 * SEEDS, 2):
        key = KEYS[seed // 2 % len(KEYS)]
        case = near_case(seed, only=key)
        problem, best = build_problem(case), best_plan(case)
        if best is None or (np.diff(problem.pairs.start) == 0).any():
            continue
        free = replace(problem, scalars=replace(problem.scalars, **{key: None}))
        bounds = []
        for one in (problem, free):
            data = pack(one, resourced(one, outwards=outwards))
            prices, control = make_prices(one, data), np.array([1.0, -np.inf, 0.0, 0.1])
            for _ in range(20):
                bounds.append(ascend(data, prices, 10, float(best.cost) * 1.1, control))
                assert bounds[-1] <= float(best.cost) + 0.01, (seed, key)
        higher[key] += bounds[19] > bounds[39] * 1.001
    assert all(higher[key] for key in set(KEYS) - {"worse_off_max"}), higher


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def finds_the_best(seeds: range, pool: ChildPool) -> None:
    for seed in seeds:
        case = near_case(seed, only=KEYS[seed // 2 % len(KEYS)] if seed % 2 else "")
        best = best_plan(case)
        plan = solve_case(case, SolveParams(backend="engine", time_limit_s=20), watch=Watch(pool=pool))
        assert not plan["verification"]["mismatches"], seed
        if best is None:
            assert plan["status"]["solution"] in ("infeasible", "no_solution"), seed
            continue
        assert plan["verification"]["ok"], seed
        assert plan["bounds"]["objective"] == pytest.approx(float(best.cost), abs=0.01), seed
        assert plan["bounds"]["best_bound"] <= float(best.cost) + 0.01, seed


def test_the_engine_finds_what_enumeration_finds(pool: ChildPool) -> None:
    finds_the_best(range(QUICK), pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_the_engine_finds_what_enumeration_finds_on_many(part: int, pool: ChildPool) -> None:
    finds_the_best(range(part * FULL // 8, (part + 1) * FULL // 8), pool)
