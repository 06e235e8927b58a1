"""The kernels' state says the same as a plan told from nothing, whatever was moved and taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from optimizer.model.evaluate import evaluate
from optimizer.model.parts import Choice
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.search.anneal import anneal
from optimizer.solvers.engine.search.incremental import load, shift
from optimizer.solvers.engine.search.moves import propose
from optimizer.solvers.engine.search.state import AUTO, N_KINDS, broken, cost, empty_state
from optimizer.solvers.engine.search.trail import make_trail, take_back
from tests.effort import few, share
from tests.engine.helpers import ALL_RULES, oracle, random_problem, with_pair_volumes

KINDS = {
    "line_capacity": (1,),
    "site_capacity": (2,),
    "max_providers_per_entity": (3,),
    "bundle_together": (4,),
    "agency_share": (5,),
    "site_count": (6,),
    "minimum_volume": (7,),
    "backup": (8, 9),
    "max_moves": (10,),
    "one_off_budget": (11,),
}
EVERYTHING = {**ALL_RULES, "zones": True, "max_moves": 4, "one_off_budget": 3000.0, "locks": True}


def _setting(seed: int, by_pair: bool = False):
    problem = random_problem(seed, 5, 3, 4, rules={**EVERYTHING, "bundle_together": bool(seed % 2)})
    if by_pair:
        problem = with_pair_volumes(problem, seed)
    data = pack(problem)
    return problem, data, empty_state(data, np.ones(N_KINDS)), np.random.default_rng(seed)


def _random_plan(problem, rng) -> np.ndarray:
    start, stop = problem.pairs.start[:-1], problem.pairs.start[1:]
    plan = problem.pairs.provider[rng.integers(start, stop)]
    return np.where(problem.locked >= 0, problem.locked, plan)


def _same(one, two) -> None:
    for field in one._fields:
        a, b = getattr(one, field), getattr(two, field)
        for name in a.dtype.names or [None]:
            left, right = (a, b) if name is None else (a[name], b[name])
            np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-6, err_msg=f"{field} {name}")


def _broken_names(state) -> set[str]:
    return {name for name, kinds in KINDS.items() if any(state.rule["broken"][k] for k in kinds)}


@settings(max_examples=share(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=some.integers(0, 10_000), moves=some.integers(1, 80), by_pair=some.booleans())
def test_shifts_keep_the_state_equal_to_a_fresh_one(seed: int, moves: int, by_pair: bool) -> None:
    """Costs, loads, counts and broken rules after random shifts equal those told from nothing."""
    problem, data, state, rng = _setting(seed, by_pair)
    plan = _random_plan(problem, rng)
    load(data, state, plan, np.full(len(plan), AUTO))
    for d in rng.integers(0, problem.n_demands, moves).tolist():
        options = problem.pairs.provider[problem.pairs.start[d] : problem.pairs.start[d + 1]]
        shift(data, state, d, int(rng.choice([*options, -1])), int(AUTO))
    fresh = empty_state(data, np.ones(N_KINDS))
    load(data, fresh, state.provider.copy(), state.backup.copy())
    _same(state, fresh)


@settings(max_examples=share(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=some.integers(0, 10_000), by_pair=some.booleans())
def test_cost_and_rules_agree_with_the_plain_oracle(seed: int, by_pair: bool) -> None:
    """The same rules are broken and the same money is spent as when written out plainly."""
    problem, data, state, rng = _setting(seed, by_pair)
    plan = _random_plan(problem, rng)
    load(data, state, plan, np.full(len(plan), AUTO))
    choice = Choice(state.provider.copy(), state.backup.copy())
    total, bad = oracle(problem, choice)
    assert cost(state) == pytest.approx(total, rel=1e-9)
    assert evaluate(problem, choice).total == pytest.approx(total, rel=1e-9)
    assert _broken_names(state) == bad - {"lock"}
    assert (broken(state) == 0) == (not bad - {"lock"})


@settings(max_examples=share(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=some.integers(0, 10_000), by_pair=some.booleans())
def test_proposals_are_taken_back_exactly(seed: int, by_pair: bool) -> None:
    """After taking back, the plan is the one before, and locked demands never moved."""
    problem, data, state, rng = _setting(seed, by_pair)
    plan = _random_plan(problem, rng)
    load(data, state, plan, np.full(len(plan), AUTO))
    before = empty_state(data, np.ones(N_KINDS))
    load(data, before, state.provider.copy(), state.backup.copy())
    trail = make_trail(data, seed)
    for _ in range(30):
        propose(data, state, trail, 5)
        assert (state.provider[problem.locked >= 0] == plan[problem.locked >= 0]).all()
        take_back(data, state, trail)
    _same(state, before)


def test_whole_numbers_decide_capacity_without_tolerance() -> None:
    """A line filled to the last millionth is within capacity; one millionth more is not."""
    problem = random_problem(3, 2, 1, 2, own=0.0, density=1.0, tiers=False)
    total = float(problem.volume.sum())
    for spare, fits in ((0.0, True), (-1e-6, False)):
        problem.lines.capacity[:] = round(total + spare, 6)
        problem.sites.capacity_minutes[:] = np.inf
        problem.lines.min_volume[:] = 0.0
        data = pack(replace(problem))
        state = empty_state(data, np.ones(N_KINDS))
        load(data, state, np.zeros(2, dtype=np.int64), np.full(2, -1))
        assert ("line_capacity" not in _broken_names(state)) is fits


@pytest.mark.parametrize("seed", few(range(6), 2))
def test_line_loads_are_the_volumes_of_the_pairs(seed: int) -> None:
    """After moves every line carries the sum of its pairs' volumes, to the last millionth."""
    problem, data, state, rng = _setting(seed, True)
    load(data, state, _random_plan(problem, rng), np.full(problem.n_demands, AUTO))
    trail = make_trail(data, seed)
    for _ in range(50):
        propose(data, state, trail, 5)
        trail.done[0] = 0
    wanted = np.zeros(len(problem.lines.provider))
    for d, p in enumerate(state.provider.tolist()):
        if 0 <= p < problem.n_providers:
            line = problem.lines.index[p, problem.demand_service[d]]
            wanted[line] += round(problem.pair_volume[problem.pair_of[d, p]] * 1e6)
    np.testing.assert_array_equal(state.line["volume"], wanted)


@pytest.mark.parametrize("seed", few(range(8), 3))
def test_the_best_plan_kept_is_the_one_its_cost_belongs_to(seed: int) -> None:
    """Annealing keeps the plan itself, not one a move later (weights low: it leaves feasible plans often)."""
    problem = random_problem(seed, 3, 2, 3, slack=1.8, rules={**ALL_RULES})
    data = pack(problem)
    state = empty_state(data, np.full(N_KINDS, 0.01))
    load(data, state, _random_plan(problem, np.random.default_rng(seed)), np.full(problem.n_demands, AUTO))
    trail, best = make_trail(data, seed), np.array([np.inf])
    provider, backup = np.full(problem.n_demands, -1), np.full(problem.n_demands, -1)
    for heat in (3000.0, 300.0, 30.0):
        anneal(data, state, trail, 500, heat, heat, 4, provider, backup, best)
        if best[0] < np.inf:
            total, bad = oracle(problem, Choice(provider, backup))
            assert not bad
            assert total == pytest.approx(best[0], rel=1e-9)
