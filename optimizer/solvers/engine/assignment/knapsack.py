"""Exact 0/1 knapsacks by dynamic programming: a Lagrangian bound in whole numbers, and what each pair adds to it.

Only the rows that serve each demand once are priced, so one knapsack by line is left. Prices and
pair costs are whole multiples of a grid (pair costs rounded down onto it), volumes whole too
(rounded down, should the table be too long otherwise): the value is computed without any
rounding, and bounds the cost of every plan whatever the prices are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.jit import kernel

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.solvers.engine.data import Data

__all__ = ["Knapsacks"]

MOST_CELLS = 4_000_000
"""Cells of a table at most; volumes are made coarser beyond."""
GRID_BITS, MOST_GRID = 50, 20
"""Bits that sums of prices may take, and bits of a unit of money at most."""


@kernel
def _forward(
    first: int, last: int, item: Ints, weight: Ints, capacity: int, profit: Ints, table: Ints, chosen: Ints
) -> int:
    """Fill ``table[q, w]``, the best of the first q items that pay within w; how many pay."""
    n = 0
    table[0, : capacity + 1] = 0
    for i in range(first, last):
        value, size = profit[item[i]], weight[i]
        if value <= 0 or size > capacity:
            continue
        for w in range(size):
            table[n + 1, w] = table[n, w]
        for w in range(size, capacity + 1):
            table[n + 1, w] = max(table[n, w], table[n, w - size] + value)
        chosen[n] = i
        n += 1
    return n


@kernel
def solve_lines(
    start: Ints, item: Ints, weight: Ints, capacity: Ints, profit: Ints, table: Ints, chosen: Ints, x: Floats
) -> int:
    """Sum of the lines' best profits; sets x of the pairs taken."""
    total = 0
    for k in range(len(x)):
        x[k] = 0.0
    for line in range(len(capacity)):
        n = _forward(start[line], start[line + 1], item, weight, capacity[line], profit, table, chosen)
        w = capacity[line]
        total += table[n, w]
        for q in range(n - 1, -1, -1):
            if table[q + 1, w] > table[q, w]:
                x[item[chosen[q]]] = 1.0
                w -= weight[chosen[q]]
    return total


@kernel
def _without(table: Ints, back: Ints, q: int, capacity: int) -> int:
    """Best profit within ``capacity`` of all paying items but the q-th."""
    best = 0
    for w in range(capacity + 1):
        best = max(best, table[q, w] + back[q + 1, capacity - w])
    return best


@kernel
def losses(
    start: Ints,
    item: Ints,
    weight: Ints,
    capacity: Ints,
    profit: Ints,
    table: Ints,
    back: Ints,
    chosen: Ints,
    taken: Ints,
    left: Ints,
) -> None:
    """What a line's best profit loses when a pair must be taken, and when it must be left."""
    for line in range(len(capacity)):
        first, last, room = start[line], start[line + 1], capacity[line]
        n = _forward(first, last, item, weight, room, profit, table, chosen)
        best = table[n, room]
        for i in range(first, last):
            k = item[i]
            left[k] = 0
            size = min(weight[i], room)
            taken[k] = best - profit[k] - table[n, room - size]
        back[n, : room + 1] = 0
        for q in range(n - 1, -1, -1):
            size, k = weight[chosen[q]], item[chosen[q]]
            for w in range(size):
                back[q, w] = back[q + 1, w]
            for w in range(size, room + 1):
                back[q, w] = max(back[q + 1, w], back[q + 1, w - size] + profit[k])
        for q in range(n):
            size, k = weight[chosen[q]], item[chosen[q]]
            left[k] = best - _without(table, back, q, room)
            taken[k] = best - profit[k] - _without(table, back, q, room - size)


class Knapsacks:
    """The knapsacks of a problem with one service, packed once.

    Parameters
    ----------
    data : Data
        One line a provider, all of them limited.
    cost : ndarray of shape (n_pairs,)
        Cost of each pair, line cost included.
    whole : bool
        Whether every cost is a whole number: bounds are then rounded up.
    """

    def __init__(self, data: Data, cost: Floats, whole: bool) -> None:
        self.whole, pairs = whole, len(cost)
        self.demand = np.repeat(np.arange(len(data.demand)), data.demand["stop"] - data.demand["start"])
        self.first = np.ascontiguousarray(data.demand["start"])
        line = data.line_of[data.pair["provider"], 0]
        self.item = np.argsort(line, kind="stable").astype(np.int64)
        self.start = np.searchsorted(line[self.item], np.arange(len(data.line) + 1)).astype(np.int64)
        self.weight = data.pair["volume"][self.item].astype(np.int64)
        self.capacity = np.zeros(len(data.line), dtype=np.int64)
        self.rows = int(np.diff(self.start).max(initial=0)) + 1
        self._shrink(data.line["capacity"])
        size = float(np.abs(cost).sum()) + 1.0
        self.grid = 2.0 ** min(MOST_GRID, GRID_BITS - 2 - int(np.ceil(np.log2(size))))
        scaled = cost * self.grid
        self.cost = np.floor(scaled if whole and self.grid >= 1.0 else scaled - 1e-9 * np.abs(scaled)).astype(np.int64)
        self.table = np.zeros((self.rows, int(self.capacity.max(initial=0)) + 1), dtype=np.int64)
        self.chosen = np.zeros(self.rows, dtype=np.int64)
        self.x = np.zeros(pairs)

    def _shrink(self, capacity: Floats) -> None:
        """Volumes by line in their greatest common unit, or rounded down to a coarser one."""
        for i in range(len(capacity)):
            mine = slice(self.start[i], self.start[i + 1])
            weight = self.weight[mine]
            unit = max(int(np.gcd.reduce(weight)), 1) if len(weight) else 1
            room = int(min(capacity[i], float(weight.sum()))) // unit
            coarse = room * self.rows // MOST_CELLS + 1
            self.weight[mine] = weight // unit // coarse
            self.capacity[i] = room // coarse

    def on_grid(self, prices: Floats) -> Ints:
        """Prices of the demands as whole multiples of the grid, kept within range."""
        most = 2.0**GRID_BITS / max(len(prices), 1)
        return np.clip(np.round(np.nan_to_num(prices) * self.grid), -most, most).astype(np.int64)

    def value(self, prices: Ints) -> int:
        """Bound on all plans in grid units; ``x`` holds the pairs that the knapsacks take."""
        profit = prices[self.demand] - self.cost
        packed = (self.start, self.item, self.weight, self.capacity)
        return int(prices.sum()) - int(solve_lines(*packed, profit, self.table, self.chosen, self.x))

    def least(self, prices: Ints) -> tuple[float, Floats]:
        """Bound on all plans, and on those that use each pair (and so no other pair of its demand)."""
        value = self.value(prices)
        profit = prices[self.demand] - self.cost
        taken, left = np.zeros_like(profit), np.zeros_like(profit)
        packed = (self.start, self.item, self.weight, self.capacity)
        losses(*packed, profit, self.table, np.zeros_like(self.table), self.chosen, taken, left)
        others = np.add.reduceat(left, self.first)[self.demand] - left
        return self.money(np.array([value]))[0], self.money(value + taken + others)

    def money(self, value: Ints) -> Floats:
        """Grid units as money, rounded up where every plan costs a whole sum."""
        if self.whole and self.grid >= 1.0:
            unit = int(self.grid)
            return (-(-value // unit)).astype(np.float64)
        return value / self.grid * (1.0 - np.copysign(1e-12, value))
