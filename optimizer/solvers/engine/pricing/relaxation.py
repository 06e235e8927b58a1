"""Lagrangian relaxation: what is left of the model once every row that ties demands together has a price.

Priced: assign_once (λ), x ≤ z of interfaces (μ), x ≤ b of bundles (ν), site capacity or a site's share (σ), what
the lines of a critical service must keep free (ρ, see ``lagrange``), agency share, moves, one-off budget, exposure
and both means. What is left falls apart: one knapsack with fixed cost and tiers for each line (its
linear relaxation: exact knapsacks gave nothing, see the lab notes), one choice for each site, entity
and bundle. Left out, which can only lower the bound: minimum volumes, site counts, dispersion, entities worse off
than today, and what else backups ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.data import Data
from optimizer.solvers.engine.jit import kernel
from optimizer.solvers.engine.pricing.prices import AGENCY, BUDGET, EXPOSED, HOURS, KM, MOVES, Prices

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats

__all__ = ["relaxed_value", "site_room"]


@kernel
def site_room(data: Data, p: int) -> float:
    """Most work at a site, by its capacity and by its share, in millionths of a minute."""
    return float(min(data.site[p].capacity, data.rules[0].share_limit))


@kernel
def _price_pairs(data: Data, pr: Prices) -> None:
    """Cost of each pair with all prices on it, but for its line; own capacity is taken when that is below 0."""
    own, now = data.n_providers, pr.now
    hour, km = now.whole[HOURS] * data.rules[0].overlap_unit, now.whole[KM] * data.rules[0].distance_unit
    for k in range(len(pr.price)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        value = data.pair[k].cost - now.demand[d] + now.source[k]
        value += now.whole[MOVES] * data.pair[k].move + now.whole[BUDGET] * data.pair[k].one_off / 1e6
        value += hour * data.pair[k].overlap + km * data.pair[k].distance
        if p < own:
            work = now.site[p]
            if not data.site[p].secretariat:
                work += now.whole[AGENCY]
            if data.site[p].exposed:
                work += now.whole[EXPOSED]
            value += now.link[k] + work * data.demand[d].minutes / 1e6
        pr.price[k] = value
        pr.solution.x[k] = 1.0 if p == own and value < 0.0 else 0.0


@kernel
def _reserve_prices(data: Data, pr: Prices) -> None:
    """Price of a unit of each service for what must be kept free, and what each line earns by being open."""
    for line in range(len(pr.line_cut)):
        p, s = data.line[line].provider, data.line[line].service
        total = 0.0
        for q in range(data.n_providers):
            total += pr.now.reserve[s, q]
        pr.line_part[line] = total
        pr.line_cut[line] = 0.0
        if total > 0.0:
            pr.line_cut[line] = -(total - pr.now.reserve[s, p]) * data.line[line].capacity / 1e6


@kernel
def _gather(pr: Prices, line: int, most: float) -> int:
    """Pairs of a line that could pay below ``most`` a unit: price of a unit and weight; how many there are."""
    n = 0
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        volume = pr.line_volume[i]
        if volume > 0.0:
            ratio = pr.price[pr.line_pair[i]] * 1e6 / volume
            if ratio < most:
                pr.ratio[n], pr.weight[n] = ratio, volume
                n += 1
    return n


@kernel
def _critical(ratio: Floats, weight: Floats, n: int, room: float) -> tuple[float, float]:
    """Price by unit at which ``room`` is full, and the share of the pairs at just that price; infinite if all fit.

    Quickselect by weight: linear on average, and no order is needed elsewhere.
    """
    low, high = 0, n
    while low < high:
        a, b, c = ratio[low], ratio[(low + high) // 2], ratio[high - 1]
        pivot = max(min(a, b), min(max(a, b), c))
        i, less, same, top = low, 0.0, 0.0, high
        at = low
        while i < top:
            r, w = ratio[i], weight[i]
            if r < pivot:
                ratio[i], weight[i] = ratio[at], weight[at]
                ratio[at], weight[at] = r, w
                less += w
                at += 1
                i += 1
            elif r > pivot:
                top -= 1
                ratio[i], weight[i] = ratio[top], weight[top]
                ratio[top], weight[top] = r, w
            else:
                same += w
                i += 1
        if less > room:
            high = at
        elif less + same > room:
            return float(pivot), float((room - less) / same)
        else:
            room -= less + same
            low = top
    return np.inf, 0.0


@kernel
def _weightless(pr: Prices, line: int, x: float) -> float:
    """Sum of the prices below 0 of pairs that take nothing of a line; sets their x."""
    total = 0.0
    if not pr.line_light[line]:
        return total
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        k = pr.line_pair[i]
        if pr.line_volume[i] <= 0.0 and pr.price[k] < 0.0:
            total += pr.price[k]
            pr.solution.x[k] = x
    return total


@kernel
def _close(pr: Prices, line: int) -> None:
    """Nothing on a line that is decided to be closed."""
    pr.solution.line[line] = 0.0
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        pr.solution.x[pr.line_pair[i]] = 0.0


@kernel
def _line(data: Data, pr: Prices, line: int) -> float:
    """Least cost of one line over all volumes within capacity; sets x of its pairs."""
    if pr.decided[line] < 0:
        _close(pr, line)
        return 0.0
    part, capacity = pr.line_part[line], data.line[line].capacity
    start, stop = data.line[line].tier_start, data.line[line].tier_stop
    n = _gather(pr, line, -part - data.tier[stop - 1].cost)
    free = _weightless(pr, line, 0.0) + pr.line_cut[line]
    edge, share = _critical(pr.ratio, pr.weight, n, capacity)
    best, best_tier = np.inf if pr.decided[line] > 0 else 0.0, -1
    for tier in range(start, stop):
        if data.tier[tier].start >= capacity / 1e6 and tier > start:
            break
        slope, value = part + data.tier[tier].cost, pr.cut[tier] + free
        limit = min(edge, -slope)
        for i in range(n):
            if pr.ratio[i] < limit:
                value += pr.weight[i] / 1e6 * (pr.ratio[i] + slope)
            elif pr.ratio[i] == edge and edge < -slope:
                value += share * pr.weight[i] / 1e6 * (edge + slope)
        if value < best:
            best, best_tier = value, tier
    pr.solution.line[line] = 0.0
    if best_tier >= 0:
        pr.solution.line[line] = 1.0
        _take(pr, line, edge, share, -part - data.tier[best_tier].cost)
    return best


@kernel
def _take(pr: Prices, line: int, edge: float, share: float, most: float) -> None:
    """Set x of the pairs of an open line that pay at ``most`` and fit before the edge."""
    for i in range(pr.line_start[line], pr.line_start[line + 1]):
        k = pr.line_pair[i]
        volume = pr.line_volume[i]
        if volume > 0.0:
            ratio = pr.price[k] * 1e6 / volume
            if ratio < min(edge, most):
                pr.solution.x[k] = 1.0
            elif ratio == edge and edge < most:
                pr.solution.x[k] = share
    _weightless(pr, line, 1.0)


@kernel
def _sites(data: Data, pr: Prices) -> float:
    """Every site open with its lines, or closed, whichever is cheaper; own capacity where it pays."""
    total, now = 0.0, pr.now
    for p in range(data.n_providers):
        is_open = data.site[p].required
        value = data.site[p].cost + now.whole[BUDGET] * data.site[p].one_off / 1e6
        if now.site[p] > 0.0:
            value -= now.site[p] * site_room(data, p) / 1e6
        for s in range(len(data.service)):
            line = data.line_of[p, s]
            if line >= 0:
                value += _line(data, pr, line)
                is_open = is_open or pr.decided[line] > 0
        is_open = is_open or value < 0.0
        pr.solution.site[p] = 1.0 if is_open else 0.0
        if is_open:
            total += value
        else:
            for s in range(len(data.service)):
                if data.line_of[p, s] >= 0:
                    pr.solution.line[data.line_of[p, s]] = 0.0
    for k in range(len(pr.price)):
        p = data.pair[k].provider
        if p < data.n_providers and pr.solution.site[p] == 0.0:
            pr.solution.x[k] = 0.0
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
    pr.dealing_price[:, :] = rules.interface
    pr.source_price[:, :] = rules.handover
    for k in range(len(pr.price)):
        d, p = pr.pair_demand[k], data.pair[k].provider
        if p < own:
            pr.dealing_price[data.demand[d].entity, p] -= pr.now.link[k]
        if data.demand[d].group >= 0:
            pr.source_price[data.demand[d].group, p] -= pr.now.source[k]
    for e in range(len(data.entity)):
        total += _choose(pr.dealing_price[e], pr.solution.dealing[e], own, 0, rules.max_providers)
    most = 1 if rules.together else own + 1
    for g in range(len(data.group)):
        total += _choose(pr.source_price[g], pr.solution.source[g], own + 1, 1, most) - rules.handover
    return total


@kernel
def relaxed_value(data: Data, pr: Prices) -> float:
    """The bound at the prices ``now``, with room for rounding; the solution is set."""
    _reserve_prices(data, pr)
    _price_pairs(data, pr)
    total = _sites(data, pr) + _relations(data, pr)
    size = abs(total)
    for d in range(len(pr.now.demand)):
        total += pr.now.demand[d]
        size += abs(pr.now.demand[d])
    rules = data.rules[0]
    for i in range(4):  # the means have no limit but 0
        limits = (rules.agency_limit / 1e6, float(rules.max_moves), rules.budget / 1e6, rules.exposure_limit / 1e6)
        limit = limits[i]
        if pr.now.whole[i] > 0.0:
            total -= pr.now.whole[i] * limit
            size += pr.now.whole[i] * limit
    return float(total - (1e-11 + 1e-16 * len(pr.price)) * size)
