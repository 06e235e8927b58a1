"""Lagrangian bound: every row that ties demands together gets a price, the rest falls apart.

Priced: assign_once (λ), x ≤ z of interfaces (μ), x ≤ b of bundles (ν), site capacity (σ), agency
share, moves and one-off budget. What is left: one knapsack with fixed cost and tiers for each
line (its linear relaxation), one choice for each site, entity and bundle. Left out, which can only
lower the bound: minimum volumes, site counts, dispersion, backups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from optimizer.engine.data import MICRO, NO_LIMIT, Data
from optimizer.engine.jit import constant, kernel
from optimizer.engine.order import sort_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Prices", "ascend", "make_prices"]

AGENCY: Final = constant(0)
MOVES: Final = constant(1)
BUDGET: Final = constant(2)


class Prices(NamedTuple):
    """Multipliers, their subgradients and scales, and room to work in.

    ``line_pair`` lists pairs by line (``line_start`` slices it); ``whole`` prices the rules on
    totals (agency share, moves, budget). ``mean`` is the running mean of x, near a solution of
    the relaxation.
    """

    line_start: Ints
    line_pair: Ints
    pair_demand: Ints
    cut: Floats
    demand: Floats
    link: Floats
    source: Floats
    site: Floats
    whole: Floats
    demand_scale: Floats
    site_scale: Floats
    whole_scale: Floats
    x: Floats
    mean: Floats
    price: Floats
    ratio: Floats
    order: Ints
    dealing: Floats
    used: Floats
    group_price: Floats
    group_used: Floats
    site_work: Floats
    site_open: Floats
    whole_work: Floats


def make_prices(problem: Problem, data: Data) -> Prices:
    """First prices: each demand at its cheapest, links at an even share of what they guard."""
    pairs, lines, own = problem.pairs, problem.lines, problem.n_providers
    inside = pairs.provider < own
    line = np.where(inside, lines.index[np.where(inside, pairs.provider, 0), problem.demand_service[pairs.demand]], -1)
    order = np.argsort(line, kind="stable")
    order = order[line[order] >= 0]
    cheapest = np.minimum.reduceat(lines.tier_cost, lines.tier_start[:-1])
    size = np.bincount(problem.demand_entity, minlength=len(problem.entity_ids))[problem.demand_entity[pairs.demand]]
    rules = data.rules[0]
    link = np.where(inside, rules["interface"] / size, 0.0)
    bundled = problem.bundle[pairs.demand] >= 0
    group_size = np.bincount(np.maximum(problem.bundle, 0), minlength=1)[np.maximum(problem.bundle[pairs.demand], 0)]
    source = np.where(bundled, rules["handover"] / np.maximum(group_size, 1), 0.0)
    cost = pairs.linear + np.where(inside, cheapest[line], 0.0) * problem.pair_volume + link + source
    first = np.minimum.reduceat(cost, pairs.start[:-1])
    minute = float(first.sum() / problem.minutes.sum())
    capacity = problem.sites.capacity_minutes
    e, g, p = len(problem.entity_ids), len(data.group), own
    return Prices(
        line_start=np.searchsorted(line[order], np.arange(len(lines.provider) + 1)).astype(np.int64),
        line_pair=order.astype(np.int64),
        pair_demand=pairs.demand,
        cut=_intercepts(data),
        demand=first.copy(),
        link=link,
        source=source,
        site=np.zeros(p),
        whole=np.zeros(3),
        demand_scale=np.maximum(np.abs(first), 1e-3 * float(np.abs(first).mean()) + 1e-9),
        site_scale=np.where(np.isfinite(capacity) & (capacity > 0), minute / np.maximum(capacity, 1e-9), 0.0),
        whole_scale=_whole_scale(data, minute, float(first.mean())),
        x=np.zeros(problem.n_pairs),
        mean=np.zeros(problem.n_pairs),
        price=np.zeros(problem.n_pairs),
        ratio=np.zeros(problem.n_demands + 1),
        order=np.zeros(problem.n_demands + 1, dtype=np.int64),
        dealing=np.zeros((e, p)),
        used=np.zeros((e, p)),
        group_price=np.zeros((g, p + 1)),
        group_used=np.zeros((g, p + 1)),
        site_work=np.zeros(p),
        site_open=np.zeros(p),
        whole_work=np.zeros(3),
    )


def _intercepts(data: Data) -> Floats:
    """Cost at volume 0 of each tier's straight line, fixed cost included."""
    out = np.zeros(len(data.tier))
    for line in data.line:
        total = float(line["fixed"])
        for k in range(int(line["tier_start"]), int(line["tier_stop"])):
            if k > line["tier_start"]:
                total += float((data.tier["cost"][k - 1] - data.tier["cost"][k]) * data.tier["start"][k])
            out[k] = total
    return out


def _whole_scale(data: Data, minute: float, demand: float) -> Floats:
    rules = data.rules[0]
    scale = np.zeros(3)
    if np.isfinite(rules["agency_limit"]):
        scale[AGENCY] = minute / max(float(rules["agency_limit"]) / MICRO, 1.0)
    if rules["max_moves"] < NO_LIMIT:
        scale[MOVES] = demand / max(float(rules["max_moves"]), 1.0)
    if np.isfinite(rules["budget"]):
        scale[BUDGET] = 1.0 / max(float(rules["budget"]) / MICRO, 1.0)
    return scale


@kernel
def _price_pairs(data: Data, pr: Prices) -> None:
    """Cost of each pair with all prices on it, but for its line."""
    own = data.n_providers
    for k in range(len(pr.price)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        value = data.pair[k].cost - pr.demand[d] + pr.source[k]
        value += pr.whole[MOVES] * data.pair[k].move + pr.whole[BUDGET] * data.pair[k].one_off / 1e6
        if p < own:
            work = pr.site[p]
            if not data.site[p].secretariat:
                work += pr.whole[AGENCY]
            value += pr.link[k] + work * data.demand[d].minutes / 1e6
        pr.price[k] = value
        pr.x[k] = 1.0 if p == own and value < 0.0 else 0.0


@kernel
def _line_up(data: Data, pr: Prices, line: int) -> int:
    """Sort the pairs of a line that take any of it by price of a unit; how many there are."""
    n = 0
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        k = pr.line_pair[i]
        if data.pair[k].volume > 0.0:
            pr.ratio[n], pr.order[n] = pr.price[k] * 1e6 / data.pair[k].volume, k
            n += 1
    sort_by(pr.ratio, pr.order, n)
    return n


@kernel
def _weightless(data: Data, pr: Prices, line: int, x: float) -> float:
    """Sum of the prices below 0 of pairs that take nothing of a line; sets their x."""
    total = 0.0
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        k = pr.line_pair[i]
        if data.pair[k].volume <= 0.0 and pr.price[k] < 0.0:
            total += pr.price[k]
            pr.x[k] = x
    return total


@kernel
def _fill_line(data: Data, pr: Prices, line: int) -> float:
    """Least cost of one line over all volumes within capacity; sets x of its pairs."""
    n, free = _line_up(data, pr, line), _weightless(data, pr, line, 0.0)
    capacity, best, best_tier = data.line[line].capacity / 1e6, 0.0, -1
    for tier in range(data.line[line].tier_start, data.line[line].tier_stop):
        if data.tier[tier].start >= capacity and tier > data.line[line].tier_start:
            break
        room, value, slope = capacity, pr.cut[tier] + free, data.tier[tier].cost
        for i in range(n):
            if pr.ratio[i] + slope >= 0.0 or room <= 0.0:
                break
            take = min(room, data.pair[pr.order[i]].volume / 1e6)
            value += take * (pr.ratio[i] + slope)
            room -= take
        if value < best:
            best, best_tier = value, tier
    if best_tier >= 0:
        room, slope = capacity, data.tier[best_tier].cost
        for i in range(n):
            if pr.ratio[i] + slope >= 0.0 or room <= 0.0:
                break
            volume = data.pair[pr.order[i]].volume / 1e6
            pr.x[pr.order[i]] = min(room, volume) / volume
            room -= min(room, volume)
        _weightless(data, pr, line, 1.0)
    return best


@kernel
def _sites(data: Data, pr: Prices) -> float:
    """Every site open with its lines, or closed, whichever is cheaper."""
    total = 0.0
    for p in range(data.n_providers):
        value = data.site[p].cost + pr.whole[BUDGET] * data.site[p].one_off / 1e6
        if pr.site[p] > 0.0:
            value -= pr.site[p] * data.site[p].capacity / 1e6
        for s in range(len(data.service)):
            line = data.line_of[p, s]
            if line >= 0:
                value += _fill_line(data, pr, line)
        is_open = data.site[p].required or value < 0.0
        pr.site_open[p] = 1.0 if is_open else 0.0
        if is_open:
            total += value
    for k in range(len(pr.x)):
        p = data.pair[k].provider
        if p < data.n_providers and pr.site_open[p] == 0.0:
            pr.x[k] = 0.0
        elif p == data.n_providers:
            total += min(0.0, pr.price[k])
    return total


@kernel
def _choose(price: Floats, used: Floats, n: int, least: int, most: int) -> float:
    """Cheapest choice of ``least`` to ``most`` of n prices."""
    total, count = 0.0, 0
    used[:n] = 0.0
    while count < min(most, n):
        best = -1
        for p in range(n):
            if used[p] == 0.0 and (best < 0 or price[p] < price[best]):
                best = p
        if price[best] >= 0.0 and count >= least:
            break
        used[best] = 1.0
        total += price[best]
        count += 1
    return total


@kernel
def _relations(data: Data, pr: Prices) -> float:
    """Interfaces by entity and sources by bundle, each at the prices of their links."""
    own, rules, total = data.n_providers, data.rules[0], 0.0
    for e in range(len(data.entity)):
        for p in range(own):
            pr.dealing[e, p] = rules.interface
    for g in range(len(data.group)):
        for p in range(own + 1):
            pr.group_price[g, p] = rules.handover
    for k in range(len(pr.x)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        if p < own:
            pr.dealing[data.demand[d].entity, p] -= pr.link[k]
        if data.demand[d].group >= 0:
            pr.group_price[data.demand[d].group, p] -= pr.source[k]
    for e in range(len(data.entity)):
        total += _choose(pr.dealing[e], pr.used[e], own, 0, rules.max_providers)
    for g in range(len(data.group)):
        most = 1 if rules.together else own + 1
        total += _choose(pr.group_price[g], pr.group_used[g], own + 1, 1, most) - rules.handover
    return total


@kernel
def _value(data: Data, pr: Prices) -> float:
    """The bound at the present prices, with room for rounding; x and the choices are set."""
    _price_pairs(data, pr)
    total = _sites(data, pr) + _relations(data, pr)
    size = abs(total)
    for d in range(len(pr.demand)):
        total += pr.demand[d]
        size += abs(pr.demand[d])
    rules = data.rules[0]
    for i in range(3):
        limit = (rules.agency_limit / 1e6, float(rules.max_moves), rules.budget / 1e6)[i]
        if pr.whole[i] > 0.0:
            total -= pr.whole[i] * limit
    return float(total - 1e-11 * size)


@kernel
def _work(data: Data, pr: Prices) -> None:
    """What x asks of the priced totals, less what there is."""
    rules = data.rules[0]
    for p in range(data.n_providers):
        pr.site_work[p] = -data.site[p].capacity / 1e6 * pr.site_open[p]
    pr.whole_work[AGENCY] = -rules.agency_limit / 1e6
    pr.whole_work[MOVES] = -float(rules.max_moves)
    pr.whole_work[BUDGET] = -rules.budget / 1e6
    for p in range(data.n_providers):
        pr.whole_work[BUDGET] += data.site[p].one_off / 1e6 * pr.site_open[p]
    for k in range(len(pr.x)):
        if pr.x[k] == 0.0:
            continue
        p = data.pair[k].provider
        pr.whole_work[MOVES] += pr.x[k] * data.pair[k].move
        pr.whole_work[BUDGET] += pr.x[k] * data.pair[k].one_off / 1e6
        if p < data.n_providers:
            minutes = pr.x[k] * data.demand[pr.pair_demand[k]].minutes / 1e6
            pr.site_work[p] += minutes
            if not data.site[p].secretariat:
                pr.whole_work[AGENCY] += minutes


@kernel
def _links(data: Data, pr: Prices, step: float) -> float:
    """Squared length of the subgradient on links and sources (step 0), or a step along it."""
    rules, length, own = data.rules[0], 0.0, data.n_providers
    for k in range(len(pr.x)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        if p < own and rules.interface + rules.max_providers > 0.0:
            slope = pr.x[k] - pr.used[data.demand[d].entity, p]
            if slope > 0.0 or pr.link[k] > 0.0:
                length += slope * slope * pr.demand_scale[d] * 0.1
                pr.link[k] = max(0.0, pr.link[k] + step * slope * pr.demand_scale[d] * 0.1)
        g = data.demand[d].group
        if g >= 0:
            slope = pr.x[k] - pr.group_used[g, p]
            if slope > 0.0 or pr.source[k] > 0.0:
                length += slope * slope * pr.demand_scale[d] * 0.1
                pr.source[k] = max(0.0, pr.source[k] + step * slope * pr.demand_scale[d] * 0.1)
    return length


@kernel
def _move(data: Data, pr: Prices, step: float) -> float:
    """Squared length of the subgradient (step 0), or a step along it, in the metric of the scales."""
    length = _links(data, pr, step)
    for d in range(len(pr.demand)):
        slope = 1.0
        for k in range(data.demand[d].start, data.demand[d].stop):
            slope -= pr.x[k]
        length += slope * slope * pr.demand_scale[d]
        pr.demand[d] += step * slope * pr.demand_scale[d]
    for p in range(data.n_providers):
        if pr.site_scale[p] > 0.0 and (pr.site_work[p] > 0.0 or pr.site[p] > 0.0):
            length += pr.site_work[p] * pr.site_work[p] * pr.site_scale[p]
            pr.site[p] = max(0.0, pr.site[p] + step * pr.site_work[p] * pr.site_scale[p])
    for i in range(3):
        if pr.whole_scale[i] > 0.0 and (pr.whole_work[i] > 0.0 or pr.whole[i] > 0.0):
            length += pr.whole_work[i] * pr.whole_work[i] * pr.whole_scale[i]
            pr.whole[i] = max(0.0, pr.whole[i] + step * pr.whole_work[i] * pr.whole_scale[i])
    return length


@kernel
def ascend(data: Data, pr: Prices, steps: int, target: float, control: Floats) -> float:
    """Subgradient steps of Polyak's length towards ``target``.

    Parameters
    ----------
    control : ndarray of shape (3,)
        Step factor, best bound so far, steps since it rose; updated.

    Returns
    -------
    float
        Best bound so far: valid whatever the prices are.
    """
    for _ in range(steps):
        value = _value(data, pr)
        if value > control[1]:
            control[2] = control[2] + 1.0 if value < control[1] + 1e-5 * abs(value) else 0.0
            control[1] = value
        else:
            control[2] += 1.0
        if control[2] >= 40.0:
            control[0] *= 0.75
            control[2] = 0.0
        for k in range(len(pr.x)):
            pr.mean[k] += 0.03 * (pr.x[k] - pr.mean[k])
        _work(data, pr)
        length = _move(data, pr, 0.0)
        if length <= 0.0:
            break
        _move(data, pr, control[0] * max(target - value, 1e-6 * abs(value)) / length)
    return float(control[1])
