"""Generalised assignment: recognised, bounded by exact knapsacks, solved to the end, repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks.layouts import Raw
from benchmarks.literature import load, to_problem
from optimizer.domain.params import SolveParams
from optimizer.model.conditions import keep_pairs
from optimizer.model.formulate import build_program
from optimizer.model.problem import Problem
from optimizer.solvers.base import Outcome, Request
from optimizer.solvers.engine.amounts import MICRO
from optimizer.solvers.engine.assignment.ascent import costs_are_whole, pair_costs
from optimizer.solvers.engine.assignment.assigning import is_generalised_assignment
from optimizer.solvers.engine.assignment.knapsack import Knapsacks
from optimizer.solvers.engine.assignment.shifts import Shifts
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.shared_state import SharedState
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from tests.effort import few
from tests.engine.helpers import random_problem
from tests.property.nearness import KEYS

PACKAGED = Path(__file__).parents[2] / "benchmarks" / "instances"


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    """One child for all solves of this module."""
    with ChildPool() as children:
        yield children


def _solve(pool: ChildPool, problem: Problem, **limits) -> Outcome:
    return run("engine", Request(problem, None, SolveParams(backend="engine", **limits)), pool=pool)


def _raw(seed: int, lines: int, demands: int, whole: bool = True) -> Raw:
    """Random costs and volumes, the lines about four fifths full."""
    rng = np.random.default_rng(seed)
    take = rng.integers(3, 15, (lines, demands)).astype(float)
    cost = rng.integers(10, 60, (lines, demands)) + (0.0 if whole else rng.random((lines, demands)).round(3))
    room = np.maximum(np.floor(take.sum(axis=1) / lines / 0.8), take.max())
    return Raw(cost, take, np.zeros(lines), room)


def _plans(raw: Raw) -> Iterator[tuple[np.ndarray, float]]:
    """All plans that keep the capacities, and their costs."""
    m, n = raw.cost.shape
    each = np.arange(n)
    for to in product(range(m), repeat=n):
        where = np.array(to)
        if (np.bincount(where, weights=raw.take[where, each], minlength=m) <= raw.capacity).all():
            yield where, float(raw.cost[where, each].sum())


def _knapsacks(problem: Problem, whole: bool) -> tuple[Problem, Knapsacks]:
    problem = keep_pairs(problem, possible_pairs(problem))
    return problem, Knapsacks(pack(problem), pair_costs(problem), whole)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", few(range(5), 2))
def test_knapsacks_bound_every_plan_and_every_pair(seed: int, whole: bool) -> None:
    """Whatever the prices: no plan is cheaper than the bound, nor than the bound of any pair it uses."""
    raw = _raw(seed, 3, 7, whole)
    problem, knapsacks = _knapsacks(to_problem(raw), whole)
    rng = np.random.default_rng(seed)
    plans = list(_plans(raw))
    for prices in (raw.cost.min(axis=0), raw.cost.mean(axis=0), rng.uniform(-20, 90, 7)):
        bound, least = knapsacks.least(knapsacks.on_grid(prices))
        for where, cost in plans:
            pairs = problem.pair_index(np.arange(7), where)
            assert bound <= cost + 1e-9
            assert least[pairs].max() <= cost + 1e-9


def test_knapsacks_value_is_the_lagrangian() -> None:
    """The value in grid units is that of knapsacks by enumeration."""
    raw = _raw(3, 3, 8)
    _, knapsacks = _knapsacks(to_problem(raw), True)
    prices = raw.cost.mean(axis=0).round()
    expected = prices.sum()
    for i in range(3):
        sets = np.array(list(product((0, 1), repeat=8)))
        fits = sets @ raw.take[i] <= raw.capacity[i]
        expected -= (sets[fits] @ (prices - raw.cost[i])).max()
    assert knapsacks.value(knapsacks.on_grid(prices)) == expected * knapsacks.grid


def test_coarser_volumes_still_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that would be too long give a weaker bound, not a wrong one."""
    raw = _raw(1, 3, 7)
    prices = raw.cost.mean(axis=0)
    _, fine = _knapsacks(to_problem(raw), True)
    monkeypatch.setattr("optimizer.solvers.engine.assignment.knapsack.MOST_CELLS", 40)
    _, coarse = _knapsacks(to_problem(raw), True)
    assert coarse.capacity.max() < fine.capacity.max()
    best = min(cost for _, cost in _plans(raw))
    weak, strong = (k.least(k.on_grid(prices))[0] for k in (coarse, fine))
    assert weak <= strong <= best


@pytest.mark.parametrize(
    "limits", [{"time_limit_s": 200.0}, {"time_limit_s": 200.0, "threads": 2}, {"work_limit": 5000}]
)
@pytest.mark.parametrize("seed", few(range(3), 1))
def test_small_assignment_is_solved_to_the_optimum(pool: ChildPool, seed: int, limits: dict) -> None:
    """Plan and bound meet at what the whole program has as its optimum."""
    problem = to_problem(_raw(seed, 8, 40))
    assert problem.n_pairs > 300
    got = _solve(pool, problem, **limits)
    exact = run(
        "highs", Request(problem, build_program(problem), SolveParams(backend="highs", time_limit_s=60.0)), pool=pool
    )
    assert got.objective == pytest.approx(exact.objective)
    assert got.bound is not None
    assert got.objective - 0.01 <= got.bound <= got.objective + 1e-6


def test_work_limit_is_repeatable(pool: ChildPool) -> None:
    """Two runs under the same work limit agree in every figure."""
    problem = to_problem(_raw(5, 12, 90))
    one, two = (_solve(pool, problem, work_limit=300, seed=3) for _ in range(2))
    assert one.choice is not None
    assert two.choice is not None
    assert (one.choice.provider == two.choice.provider).all()
    assert (one.objective, one.bound, one.work) == (two.objective, two.bound, two.work)


def test_chains_keep_their_books() -> None:
    """After annealing, room, lists by line and cost are those of the plan, and offers keep every capacity."""
    raw = _raw(4, 6, 50)
    problem = keep_pairs(to_problem(raw), possible_pairs(to_problem(raw)))
    data, each = pack(problem), np.arange(50)
    shared = SharedState(SolveParams(backend="engine", work_limit=10**6), lambda _event: None, lambda: False)
    shifts = Shifts(data, pair_costs(problem), raw.cost.min(axis=0), np.full(6, 3e-6), shared, 1)
    shifts.follow(np.zeros(problem.n_pairs), np.ones(problem.n_pairs, dtype=bool))
    shifts.begin_at(raw.cost.argmin(axis=0))
    offers: list[np.ndarray] = []
    shifts.run(lambda: shared.work / 300, 0.05, 0.005, lambda provider: offers.append(provider))
    plan = shifts.plan
    used = np.bincount(plan.at, weights=raw.take[plan.at, each], minlength=6)
    assert plan.room == pytest.approx((raw.capacity - used) * MICRO)
    assert plan.figure[0] + shifts.offset == pytest.approx(raw.cost[plan.at, each].sum())
    assert (plan.member[plan.at, plan.place] == each).all()
    assert (plan.held == np.bincount(plan.at, minlength=6)).all()
    costs = [raw.cost[to, each].sum() for to in offers]
    assert len(costs) > 1
    assert (np.diff(costs) < 0).all()
    for to in offers:
        assert (np.bincount(to, weights=raw.take[to, each], minlength=6) <= raw.capacity).all()


def test_packaged_file_is_proven(pool: ChildPool) -> None:
    """A known optimum of the literature is found and proven."""
    instance = load(PACKAGED / "gap_orlib", "gap_orlib", "a20100", "gap-min")
    got = _solve(pool, instance.problem, time_limit_s=60.0, threads=2)
    assert got.objective == 1158
    assert got.bound == 1158


@pytest.mark.parametrize(("whole", "expected"), [(True, 11.0), (False, 10.2)])
def test_bounds_round_up_for_whole_costs_only(whole: bool, expected: float) -> None:
    """Next to a whole sum nothing is rounded up."""
    shared = SharedState(SolveParams(backend="engine"), lambda _event: None, lambda: False, whole=whole)
    shared.raise_bound(10.2)
    assert shared.bound == expected
    shared.raise_bound(12.0004)
    assert shared.bound == (12.0 if whole else 12.0004)


def test_whole_costs_are_told() -> None:
    """A fraction in a pair, or a price by volume, and costs are not whole."""
    problem = to_problem(_raw(0, 3, 7))
    assert costs_are_whole(problem)
    assert not costs_are_whole(to_problem(_raw(0, 3, 7, whole=False)))
    priced = replace(problem.lines, tier_cost=problem.lines.tier_cost + 1.0)
    assert not costs_are_whole(replace(problem, lines=priced))


def test_only_generalised_assignment_is_recognised() -> None:
    """Every rule or cost beside pairs and capacities sends a problem the general way."""
    problem = to_problem(_raw(0, 3, 7))
    assert is_generalised_assignment(problem)
    lines, sites, rules = problem.lines, problem.sites, problem.scalars
    others = [
        replace(problem, lines=replace(lines, fixed_cost=lines.fixed_cost + 1.0)),
        replace(problem, lines=replace(lines, min_volume=lines.min_volume + 1.0)),
        replace(problem, lines=replace(lines, capacity=np.full(3, np.inf))),
        replace(problem, sites=replace(sites, capacity_minutes=np.full(3, 99.0))),
        replace(problem, sites=replace(sites, is_candidate=np.ones(3, dtype=bool))),
        replace(problem, scalars=replace(rules, interface_cost=1.0)),
        replace(problem, scalars=replace(rules, site_max=2)),
        replace(problem, scalars=replace(rules, max_moves=2)),
        replace(problem, scalars=replace(rules, one_off_budget=2.0)),
        replace(problem, scalars=replace(rules, agency_share_max=0.5)),
        *(replace(problem, scalars=replace(rules, **{key: 1})) for key in KEYS),
        replace(problem, scalars=replace(rules, backup=True)),
        replace(problem, scalars=replace(rules, dispersion_loss=(0.0, 0.1))),
        random_problem(2, entities=10, services=5, providers=5),
    ]
    assert not any(is_generalised_assignment(other) for other in others)
