"""Single-source location: recognised, bounded, solved to the end, repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from benchmarks.layouts import Raw
from benchmarks.literature import load, to_problem
from optimizer.domain.params import SolveParams
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.solvers.base import Outcome, Request
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.location.branch import Tree
from optimizer.solvers.engine.location.problem import Location, is_location
from optimizer.solvers.engine.location.searcher import FacilitySearch
from optimizer.solvers.engine.search.searcher import Searcher
from optimizer.solvers.engine.shared_state import SharedState
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from tests.effort import few
from tests.engine.helpers import random_problem, with_pair_volumes
from tests.property.nearness import KEYS

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


def _parts(problem: Problem, work_limit: int = 10_000) -> tuple[SharedState, Searcher, Location]:
    """SharedState, searcher and priced location in this process."""
    shared = SharedState(SolveParams(backend="engine", work_limit=work_limit), lambda _event: None, lambda: False)
    place = Location(problem, shared)
    place.price(1.0)
    return shared, Searcher(problem, pack(problem), shared, 0), place


@pytest.mark.parametrize("seed", few(range(12), 4))
def test_penalties_hold_for_every_plan(seed: int) -> None:
    """The bound is at most the optimum, and so is what any facility or pair of an optimal plan is said to cost."""
    raw = _raw(seed, 4, 7, 1.3)
    m, n = raw.cost.shape
    best, plan = np.inf, np.zeros(n, dtype=int)
    for to in product(range(m), repeat=n):
        where = np.array(to)
        if (np.bincount(where, weights=raw.take, minlength=m) <= raw.capacity).all():
            total = float(raw.cost[where, np.arange(n)].sum() + raw.fixed[np.unique(where)].sum())
            best, plan = (total, where) if total < best else (best, plan)
    shared, _, place = _parts(to_problem(raw))
    if best == np.inf:
        assert shared.choice is None
        return
    place.penalise()
    used = np.bincount(plan, minlength=m) > 0
    assert place.bound <= best
    assert (place.opened[used] <= best).all()
    assert (place.closed[~used] <= best).all()
    assert (place.pair[plan, np.arange(n)] <= best).all()


@pytest.mark.parametrize("seed", few(range(3), 1))
def test_the_facility_search_counts_as_the_searcher_does(seed: int) -> None:
    """The cost of the best plan held is what the kernels of all rules say."""
    problem = to_problem(_raw(seed, 10, 40, 1.8))
    shared, searcher, place = _parts(problem)
    place.penalise()
    facilities = FacilitySearch(place, searcher, seed)
    facilities.polish(200)
    best = facilities.site.best
    assert (best >= 0).all()
    provider = problem.lines.provider[best]
    cost = searcher.price(Choice(provider, np.full(len(provider), -1, dtype=np.int64)))
    assert cost == pytest.approx(facilities.site.totals[3] + place.offset, rel=1e-9)
    assert shared.objective == pytest.approx(cost, rel=1e-9)


def _guess_and_branch(seed: int) -> tuple[float, float, float]:
    """Bound after a guess, then plan and bound of the tree; for a child, which may load solvers."""
    shared, searcher, place = _parts(to_problem(_raw(seed, 4, 7, 1.6)))
    place.penalise()
    tree = Tree(place, searcher, FacilitySearch(place, searcher, 1), None)
    tree.guess(0.5)
    guessed = shared.bound
    tree.run()
    return guessed, shared.objective, shared.bound


def test_a_wrong_guess_is_a_bound_only() -> None:
    """A guess below the optimum raises the bound to no more than it, and the tree still ends at the optimum."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        answers = list(child.map(_guess_and_branch, range(1, 5)))
    for seed, (guessed, objective, bound) in enumerate(answers, start=1):
        best = _brute(_raw(seed, 4, 7, 1.6))
        assert guessed <= best + 1e-6
        assert objective == pytest.approx(best)
        assert bound == pytest.approx(best, abs=0.02)


@pytest.mark.parametrize("seed", few(range(6), 2))
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
    for key in ("max_moves", *KEYS):
        assert not is_location(replace(problem, scalars=replace(problem.scalars, **{key: 1})))
