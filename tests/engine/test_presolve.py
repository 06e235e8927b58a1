"""Pairs left out before the search: only what no plan can use goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.model.conditions import keep_pairs
from optimizer.model.program.units import pair_lines
from optimizer.solvers.engine.data import pack
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.reduced_costs import no_reduced_costs, reduced_costs_of
from optimizer.solvers.engine.search.trail import make_trail
from tests.effort import few
from tests.engine.helpers import ALL_RULES, brute_force, random_problem


@pytest.mark.parametrize("seed", few(range(20), 6))
def test_the_optimum_keeps_its_pairs(seed: int) -> None:
    """Providers and backups of a cheapest plan are among the pairs kept, whatever the rules."""
    problem = random_problem(seed, 3, 2, 3, slack=1.4, rules={**ALL_RULES, "max_moves": (None, 0, 2)[seed % 3]})
    best, plan = brute_force(problem)
    if plan is None:
        assert best == np.inf
        return
    smaller = keep_pairs(problem, possible_pairs(problem))
    assert smaller.n_pairs < problem.n_pairs or seed % 3 != 1
    each = np.arange(problem.n_demands)
    assert (smaller.pair_index(each, plan.provider) >= 0).all()
    backed = plan.backup >= 0
    assert (smaller.pair_index(each[backed], plan.backup[backed]) >= 0).all()


def test_own_capacity_stays_where_nobody_offers_anything() -> None:
    """Providers without a single line: there is nothing to look up for a pair."""
    problem = random_problem(1, 3, 2, 3, slack=3.0, rules={"backup": False})
    alone = keep_pairs(problem, pair_lines(problem) < 0)
    lines = alone.lines
    none, first = np.zeros(0, np.int64), np.zeros(1, np.int64)
    empty = {name: np.zeros(0) for name in ("capacity", "min_volume", "fixed_cost", "tier_from", "tier_cost")}
    bare = replace(lines, provider=none, service=none, tier_start=first, index=np.full_like(lines.index, -1), **empty)
    bare = replace(bare, first_unit_cost=np.zeros(0))
    problem = replace(alone, lines=bare, given=None)
    assert problem.n_pairs > 0
    assert possible_pairs(problem).all()


def test_a_pair_that_fits_exactly_stays_and_one_millionth_more_goes() -> None:
    problem = random_problem(1, 3, 2, 3, slack=3.0, rules={"backup": False})
    line = pair_lines(problem)
    k = int(np.flatnonzero(line >= 0)[0])
    capacity = problem.lines.capacity.copy()
    capacity[line[k]] = problem.pair_volume[k]
    exact = replace(problem, lines=replace(problem.lines, capacity=capacity))
    assert possible_pairs(exact)[k]
    capacity = capacity.copy()
    capacity[line[k]] -= 1e-6
    less = replace(problem, lines=replace(problem.lines, capacity=capacity))
    assert not possible_pairs(less)[k]


def test_keeping_all_pairs_is_the_same_problem() -> None:
    problem = random_problem(2, 3, 2, 3)
    assert keep_pairs(problem, np.ones(problem.n_pairs, dtype=bool)) is problem


def test_smaller_problems_are_consistent() -> None:
    problem = random_problem(3, 4, 2, 3)
    keep = np.arange(problem.n_pairs) % 3 != 1
    smaller = keep_pairs(problem, keep)
    assert smaller.n_pairs == keep.sum()
    np.testing.assert_array_equal(smaller.pairs.provider, problem.pairs.provider[keep])
    counted = np.bincount(problem.pairs.demand[keep], minlength=problem.n_demands)
    np.testing.assert_array_equal(np.diff(smaller.pairs.start), counted)


def test_guide_knows_cheapest_and_regret() -> None:
    problem = random_problem(4, 3, 2, 3)
    price = np.arange(problem.n_pairs, dtype=np.float64)
    reduced_costs = reduced_costs_of(problem, price, np.zeros(problem.n_pairs))
    first = problem.pairs.start[:-1]
    assert (reduced_costs.excess[first] == 0.0).all()
    assert reduced_costs.strong[first].all()
    last = problem.pairs.provider[problem.pairs.start[1:] - 1]
    np.testing.assert_array_equal(reduced_costs.regret(problem, last), np.diff(problem.pairs.start) - 1.0)


def test_trail_lists_the_pairs_worth_trying() -> None:
    problem = random_problem(5, 3, 2, 3)
    data = pack(problem)
    strong = np.arange(problem.n_pairs) % 2 == 0
    trail = make_trail(data, 0, None, strong)
    for d in range(problem.n_demands):
        span = slice(int(problem.pairs.start[d]), int(problem.pairs.start[d + 1]))
        listed = trail.likely[trail.likely_start[d] : trail.likely_start[d + 1]]
        np.testing.assert_array_equal(listed, problem.pairs.provider[span][strong[span]])
    assert no_reduced_costs(problem).strong.all()
