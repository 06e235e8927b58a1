"""Ejection chains for generalised assignment: kernels of the annealing in ``shifts``.

A demand goes to a line and drives another one from there, which drives a third from its next line, and
so on; each line takes part once. At every link all ways to end the chain are priced: in the room
left on a line, or in the room that the first demand left. Costs are less the price of the demand, so
that the sum of an open chain says what it is worth (compare Yagiura, Ibaraki and Glover 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.solvers.engine.draws import below, uniform
from optimizer.solvers.engine.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints

__all__ = ["DEPTH", "Plan", "Table", "anneal_chains"]

DEPTH, TRIES, SEEN = 10, 4, 32
"""Links of a chain, lines tried at each, and demands looked at on each line, at most."""
NOISE, MARGIN = 2.0, 3.0
"""In units of heat: noise in the choice of a link, and what an open chain may be worse than allowed in the end."""


class Plan(NamedTuple):
    """Plan, room left, prices of overloads, demands by line, and the best plan met."""

    at: Ints
    room: Floats
    price: Floats
    member: Ints
    held: Ints
    place: Ints
    """Demands of each line, how many, and the place of each demand among those of its line."""
    best: Ints
    figure: Floats
    """Cost now, sum of overloads, best cost."""
    random: NDArray[np.uint64]
    stamp: Ints
    """Last chain that used each line; the last entry counts chains."""
    link: Ints
    """Demand and line of each link, in turn; then demand and line that end the chain; then the next link."""
    sum: Floats
    """Least total found, worth of the open chain, worth with the next link, room and charge on the first line."""


class Table(NamedTuple):
    """Costs and volumes by demand and provider (cost infinite where not eligible), and pairs worth trying."""

    cost: Floats
    volume: Floats
    start: Ints
    choice: Ints
    free: Ints


@kernel
def _charge(price: float, room: float) -> float:
    """What a line pays for its overload."""
    return -room * price if room < 0.0 else 0.0


@kernel
def _over(room: float) -> float:
    return -room if room < 0.0 else 0.0


@kernel
def _go(table: Table, plan: Plan, d: int, to: int) -> None:
    """Move a demand; room, lists and figures follow."""
    old = plan.at[d]
    plan.figure[1] -= _over(plan.room[old]) + _over(plan.room[to])
    plan.room[old] += table.volume[d, old]
    plan.room[to] -= table.volume[d, to]
    plan.figure[1] += _over(plan.room[old]) + _over(plan.room[to])
    plan.figure[0] += table.cost[d, to] - table.cost[d, old]
    last = plan.held[old] - 1
    moved = plan.member[old, last]
    plan.member[old, plan.place[d]] = moved
    plan.place[moved] = plan.place[d]
    plan.held[old] = last
    plan.place[d] = plan.held[to]
    plan.member[to, plan.place[d]] = d
    plan.held[to] += 1
    plan.at[d] = to


@kernel
def _look(table: Table, plan: Plan, j: int, k: int, first: int, most: float, noise: float, key: float) -> float:
    """Demand ``j`` goes to line ``k``: ends of the chain there, and demands it may drive on; the least key so far."""
    total, link, free, charge = plan.sum, plan.link, plan.sum[3], plan.sum[4]
    room, price = plan.room[k] - table.volume[j, k], plan.price[k]
    base = total[1] + table.cost[j, k] - _charge(price, plan.room[k])
    end = base + _charge(price, room) + _charge(plan.price[first], free) - charge
    if end < total[0]:
        total[0], link[2 * DEPTH], link[2 * DEPTH + 1] = end, k, -1
    n = plan.held[k]
    at = below(plan.random, n) if n > SEEN else 0
    for _ in range(min(n, SEEN)):
        e = plan.member[k, at]
        at = at + 1 if at + 1 < n else 0
        worth = base + _charge(price, room + table.volume[e, k]) - table.cost[e, k]
        if worth > most:
            continue
        end = worth + table.cost[e, first] + _charge(plan.price[first], free - table.volume[e, first]) - charge
        if end < total[0]:
            total[0], link[2 * DEPTH], link[2 * DEPTH + 1] = end, k, e
        drawn = worth + noise * uniform(plan.random)
        if drawn < key:
            key, total[2], link[2 * DEPTH + 2], link[2 * DEPTH + 3] = drawn, worth, k, e
    return key


@kernel
def _apply(table: Table, plan: Plan, links: int, first: int) -> None:
    """Move all demands of a chain with its end."""
    link = plan.link
    for q in range(links):
        _go(table, plan, link[2 * q], link[2 * q + 1])
    if link[2 * DEPTH + 1] >= 0:
        _go(table, plan, link[2 * DEPTH + 1], first)


@kernel
def _chain(table: Table, plan: Plan, d: int, limit: float, heat: float) -> bool:
    """Build a chain that begins with a demand; the first end found within ``limit`` is taken."""
    first, link, total = plan.at[d], plan.link, plan.sum
    plan.stamp[-1] += 1
    mark = plan.stamp[-1]
    plan.stamp[first] = mark
    total[0], total[1] = limit + 1e-12, -table.cost[d, first]
    total[3], total[4] = plan.room[first] + table.volume[d, first], _charge(plan.price[first], plan.room[first])
    most, j = total[1] + limit + MARGIN * heat, d
    for q in range(DEPTH):
        n, key = table.start[j + 1] - table.start[j], np.inf
        link[2 * DEPTH] = -1
        for i in range(min(n, TRIES)):
            at = i if n <= TRIES else below(plan.random, n)
            k = table.choice[table.start[j] + at]
            if plan.stamp[k] != mark:
                key = _look(table, plan, j, k, first, most, NOISE * heat, key)
        link[2 * q] = j
        if link[2 * DEPTH] >= 0:
            link[2 * q + 1] = link[2 * DEPTH]
            _apply(table, plan, q + 1, first)
            return True
        if key == np.inf:
            return False
        k, j, total[1] = link[2 * DEPTH + 2], link[2 * DEPTH + 3], total[2]
        link[2 * q + 1] = k
        plan.stamp[k] = mark
    return False


@kernel
def anneal_chains(table: Table, plan: Plan, chains: int, heat: float) -> None:
    """Try so many chains at one temperature; the best plan without overload is kept."""
    for _ in range(chains):
        d = table.free[below(plan.random, len(table.free))]
        if not _chain(table, plan, d, -heat * np.log(1.0 - uniform(plan.random)), heat):
            continue
        if plan.figure[1] == 0.0 and plan.figure[0] < plan.figure[2] - 1e-6:
            plan.figure[2] = plan.figure[0]
            for i in range(len(plan.at)):
                plan.best[i] = plan.at[i]
