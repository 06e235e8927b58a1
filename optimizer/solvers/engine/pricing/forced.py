"""The relaxation evaluated anew with one pair forced or barred, at the prices that it has: a bound for each pair.

Every multiplier gives a valid bound, so those found for the whole case are good enough for a case with one more
condition; nothing is searched. Forcing a pair takes the demand's other pairs away, and its own is taken in
whatever it costs; barring takes it away. Only the lines and sites of the demand's pairs are touched.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.solvers.base import PairBounds
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.data import Data, pack
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.presolve import possible_pairs
from optimizer.solvers.engine.pricing.lagrange import _copy
from optimizer.solvers.engine.pricing.prices import BUDGET, Prices
from optimizer.solvers.engine.pricing.relaxation import _line, relaxed_value
from optimizer.solvers.engine.pricing.root_bound import Pricing

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["bounds_of_pairs", "pair_bounds"]


@kernel
def _values(data: Data, pr: Prices, line_value: Floats, site_value: Floats) -> None:
    """Value of each line and of each site with its lines, at the prices ``now``."""
    for p in range(data.n_providers):
        value = data.site[p].cost + pr.now.whole[BUDGET] * data.site[p].one_off / 1e6
        if pr.now.site[p] > 0.0:
            value -= pr.now.site[p] * data.site[p].capacity / 1e6
        for s in range(len(data.service)):
            line = data.line_of[p, s]
            if line >= 0:
                line_value[line] = _line(data, pr, line)
                value += line_value[line]
        site_value[p] = value


@kernel
def _barred(data: Data, pr: Prices, k: int, line_value: Floats, site_value: Floats) -> float:
    """By how much the bound rises when a pair is taken away."""
    d, p = pr.pair_demand[k], data.pair[k].provider
    price = pr.price[k]
    if p == data.n_providers:
        return float(max(0.0, -price))
    line = data.line_of[p, data.demand[d].service]
    pr.price[k] = np.inf
    more = _line(data, pr, line) - line_value[line]
    pr.price[k] = price
    before, after = site_value[p], site_value[p] + more
    if not data.site[p].required:
        before, after = min(0.0, before), min(0.0, after)
    return float(max(0.0, after - before))


@kernel
def _taken(data: Data, pr: Prices, k: int, line_value: Floats, site_value: Floats) -> float:
    """By how much the bound rises when a pair is taken in: a reward that it takes is paid back."""
    d, p = pr.pair_demand[k], data.pair[k].provider
    price = pr.price[k]
    if p == data.n_providers:
        return float(max(0.0, price))
    line = data.line_of[p, data.demand[d].service]
    start, stop = data.line[line].tier_start, data.line[line].tier_stop
    reward = abs(price) + abs(pr.line_part[line]) * data.pair[k].volume / 1e6 + abs(pr.line_cut[line])
    for tier in range(start, stop):
        reward = max(reward, abs(price) + data.tier[tier].cost * data.pair[k].volume / 1e6 + abs(pr.cut[tier]))
    reward += abs(line_value[line]) + abs(site_value[p])
    pr.price[k] = price - reward
    more = _line(data, pr, line) - line_value[line]
    pr.price[k] = price
    before, after = site_value[p], site_value[p] + more
    if not data.site[p].required:
        before, after = min(0.0, before), min(0.0, after)
    return float(max(0.0, after - before + reward - 1e-11 * (reward + abs(price))))


@kernel
def _related(data: Data, pr: Prices, k: int) -> float:
    """By how much the bound rises when the entity deals with the provider, and the bundle has it as a source."""
    d, p = pr.pair_demand[k], data.pair[k].provider
    e, g, more = data.demand[d].entity, data.demand[d].group, 0.0
    if p < data.n_providers and pr.solution.dealing[e, p] == 0.0:
        count, worst = 0, -np.inf
        for q in range(data.n_providers):
            if pr.solution.dealing[e, q] > 0.0:
                count += 1
                worst = max(worst, pr.dealing_price[e, q])
        full = count >= data.rules[0].max_providers
        more += max(0.0, pr.dealing_price[e, p] - (worst if full and count > 0 else 0.0))
    if g >= 0 and pr.solution.source[g, p] == 0.0:
        most, count, worst = 1 if data.rules[0].together else data.n_providers + 1, 0, -np.inf
        for q in range(data.n_providers + 1):
            if pr.solution.source[g, q] > 0.0:
                count += 1
                worst = max(worst, pr.source_price[g, q])
        if count >= most or (count == 1 and worst > 0.0):  # the one that had to be there gives way
            more += max(0.0, pr.source_price[g, p] - worst)
        else:
            more += max(0.0, pr.source_price[g, p])
    return more


@kernel
def pair_bounds(
    data: Data, pr: Prices, x: Floats, line_value: Floats, site_value: Floats, with_: Floats, without: Floats
) -> float:
    """Bound of all plans, and of those with and without each pair, at the best prices so far.

    Parameters
    ----------
    data : Data
    pr : Prices
        After an ascent; its solution is not kept.
    x : ndarray of shape (n_pairs,)
        Scratch: the solution that the bound rests on.
    line_value, site_value : ndarray of shape (n_lines,), (n_providers,)
        Scratch.
    with_, without : ndarray of shape (n_pairs,)
        Set: money a year.

    Returns
    -------
    float
        Bound of all plans, money a year.
    """
    _copy(pr.now, pr.centre)
    total = relaxed_value(data, pr)
    for k in range(len(x)):
        x[k] = pr.solution.x[k]
    _values(data, pr, line_value, site_value)
    for k in range(len(x)):
        without[k] = _barred(data, pr, k, line_value, site_value) if x[k] > 0.0 else 0.0
    first = 0
    while first < len(x):
        last = first
        while last < len(x) and pr.pair_demand[last] == pr.pair_demand[first]:
            last += 1
        others = 0.0
        for k in range(first, last):
            others += without[k]
        for k in range(first, last):
            more = others - without[k] + _taken(data, pr, k, line_value, site_value) + _related(data, pr, k)
            with_[k] = total + more - 1e-9 * more
        first = last
    for k in range(len(x)):
        without[k] = total + without[k] - 1e-9 * without[k]
    return float(total)


def bounds_of_pairs(problem: Problem, shared: SharedState) -> PairBounds:
    """Bounds of all plans, and of those with and without each pair.

    Parameters
    ----------
    problem : Problem
    shared : SharedState
        With the time; it gets the bound too.
    """
    keep = possible_pairs(problem)
    smaller = keep_pairs(problem, keep)
    with_, without = np.full(problem.n_pairs, math.inf), np.full(problem.n_pairs, -math.inf)
    if not smaller.n_demands or (np.diff(smaller.pairs.start) == 0).any():
        return PairBounds(-math.inf, np.full(problem.n_pairs, -math.inf), without)
    data = pack(smaller, resourced(smaller, outwards=True))
    pricing = Pricing(smaller, data, shared)
    pricing.run(1.0)
    n, lines = smaller.n_pairs, len(smaller.lines.provider)
    some, others, x = np.zeros(n), np.zeros(n), np.zeros(n)
    sites = np.zeros(smaller.n_providers)
    least = pair_bounds(data, pricing.prices, x, np.zeros(lines), sites, some, others)
    with_[keep], without[:] = some, least
    without[keep] = others
    return PairBounds(least, with_, without)
