"""Annealing for generalised assignment: shifts, swaps and cycles of three over the pairs that may pay.

Far fewer things to keep than in ``optimizer.engine.state``, so many more steps a second. Overloads are
allowed at a price by line, which rises while the line is overloaded and falls while it is not.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.engine.jit import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from optimizer.engine.board import Board
    from optimizer.engine.data import Data

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Shifts"]

CHUNK, CHUNK_S = 50_000, 0.1
WORK_STEPS = 4000
"""Steps that count as a unit of work."""
SOFT, HARD = 2.0, 16.0
"""Price of overloads at the beginning and at the end, in what room is worth to the relaxation."""
SHIFT, SWAP = 0.05, 0.4
"""Shares of the kinds of steps: shifts below the first, swaps below the second, cycles above."""
NEAR = 2
"""How far in the order by volume a demand of like volume is sought, in numbers of lines."""


class _Plan(NamedTuple):
    """Plan, room left, prices of overloads, and the best plan met."""

    at: Ints
    room: Floats
    price: Floats
    best: Ints
    figure: Floats
    """Cost now, sum of overloads, best cost."""
    random: NDArray[np.uint64]


class _Table(NamedTuple):
    """Costs and volumes by demand and provider (cost infinite where not eligible), and pairs worth trying."""

    cost: Floats
    volume: Floats
    order: Ints
    rank: Ints
    """Demands of each line in the order of their volumes there, and the place of each demand in it."""
    start: Ints
    choice: Ints
    free: Ints


@kernel
def _uniform(random: NDArray[np.uint64]) -> float:
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    return float(x >> np.uint64(11)) * 2.0**-53


@kernel
def _below(plan: _Plan, n: int) -> int:
    return min(int(_uniform(plan.random) * n), n - 1)


@kernel
def _over(room: float) -> float:
    return -room if room < 0.0 else 0.0


@kernel
def _toll(plan: _Plan, line: int, change: float) -> float:
    """What the overload of a line costs more when its room changes."""
    return float(plan.price[line] * (_over(plan.room[line] + change) - _over(plan.room[line])))


@kernel
def _go(table: _Table, plan: _Plan, d: int, to: int) -> None:
    """Move a demand; room and figures follow."""
    old = plan.at[d]
    plan.figure[1] -= _over(plan.room[old]) + _over(plan.room[to])
    plan.room[old] += table.volume[d, old]
    plan.room[to] -= table.volume[d, to]
    plan.figure[1] += _over(plan.room[old]) + _over(plan.room[to])
    plan.figure[0] += table.cost[d, to] - table.cost[d, old]
    plan.at[d] = to


@kernel
def _pick(table: _Table, plan: _Plan, d: int) -> int:
    """A provider worth trying for a demand, those thought better more often."""
    n = table.start[d + 1] - table.start[d]
    u = _uniform(plan.random)
    return int(table.choice[table.start[d] + min(int(u * u * n), n - 1)])


@kernel
def _like(table: _Table, plan: _Plan, d: int, line: int) -> int:
    """A demand on a line whose volume there is near to what ``d`` would take; −1: none found."""
    n = len(plan.at)
    reach = max(NEAR * table.order.shape[0], 8)
    at = table.rank[line, d] + _below(plan, 2 * reach + 1) - reach
    way = 1 if _uniform(plan.random) < 0.5 else -1
    for _ in range(reach):
        if at < 0 or at >= n:
            break
        e = table.order[line, at]
        if plan.at[e] == line and e != d:
            return int(e)
        at += way
    return -1


@kernel
def _swap(table: _Table, plan: _Plan, d: int, to: int, limit: float) -> None:
    """A demand changes places with one of like volume on the line it goes to, at no more than ``limit``."""
    old, e = plan.at[d], _like(table, plan, d, to)
    if e < 0:
        return
    gain = table.cost[d, to] - table.cost[d, old] + table.cost[e, old] - table.cost[e, to]
    gain += _toll(plan, old, table.volume[d, old] - table.volume[e, old])
    gain += _toll(plan, to, table.volume[e, to] - table.volume[d, to])
    if gain <= limit:
        _go(table, plan, d, to)
        _go(table, plan, e, old)


@kernel
def _cycle(table: _Table, plan: _Plan, d: int, to: int, limit: float) -> None:
    """A demand goes to a second line, one of like volume there to a third, and one of that to the first."""
    old, e = plan.at[d], _like(table, plan, d, to)
    if e < 0:
        return
    on = _pick(table, plan, e)
    if on in (to, old):
        return
    f = _like(table, plan, e, on)
    if f < 0:
        return
    gain = table.cost[d, to] - table.cost[d, old] + table.cost[e, on] - table.cost[e, to]
    gain += table.cost[f, old] - table.cost[f, on]
    gain += _toll(plan, to, table.volume[e, to] - table.volume[d, to])
    gain += _toll(plan, on, table.volume[f, on] - table.volume[e, on])
    gain += _toll(plan, old, table.volume[d, old] - table.volume[f, old])
    if gain <= limit:
        _go(table, plan, d, to)
        _go(table, plan, e, on)
        _go(table, plan, f, old)


@kernel
def anneal_shifts(table: _Table, plan: _Plan, steps: int, heat: float) -> None:
    """Run so many proposals at one temperature; the best plan without overload is kept."""
    for _ in range(steps):
        d = table.free[_below(plan, len(table.free))]
        to, old = _pick(table, plan, d), plan.at[d]
        if to == old:
            continue
        limit = -heat * np.log(1.0 - _uniform(plan.random))
        u = _uniform(plan.random)
        if u < SHIFT:
            gain = table.cost[d, to] - table.cost[d, old]
            gain += _toll(plan, old, table.volume[d, old]) + _toll(plan, to, -table.volume[d, to])
            if gain <= limit:
                _go(table, plan, d, to)
        elif u < SWAP:
            _swap(table, plan, d, to, limit)
        else:
            _cycle(table, plan, d, to, limit)
        if plan.figure[1] == 0.0 and plan.figure[0] < plan.figure[2] - 1e-6:
            plan.figure[2] = plan.figure[0]
            for i in range(len(plan.at)):
                plan.best[i] = plan.at[i]


class Shifts:
    """Annealing on one plan; one object for each thread.

    Parameters
    ----------
    data : Data
    cost : ndarray of shape (n_pairs,)
        Cost of each pair, line cost included.
    board : Board
    seed : int
    """

    def __init__(self, data: Data, cost: Floats, worth: Floats, board: Board, seed: int) -> None:
        self.data, self.cost, self.board = data, cost, board
        shape = (len(data.demand), data.n_providers)
        each = np.repeat(np.arange(shape[0]), data.demand["stop"] - data.demand["start"])
        self.demand, self.provider = each, np.ascontiguousarray(data.pair["provider"])
        costs, volume = np.full(shape, math.inf), np.zeros(shape)
        costs[each, self.provider], volume[each, self.provider] = cost, data.pair["volume"]
        capacity = np.zeros(shape[1])
        capacity[data.line["provider"]] = data.line["capacity"]
        self.capacity = capacity
        none = np.zeros(0, dtype=np.int64)
        order = np.argsort(volume.T, axis=1, kind="stable")
        self.table = _Table(costs, volume, order, np.argsort(order, axis=1, kind="stable"), none, none, none)
        start = np.random.SeedSequence([seed, 11]).generate_state(1, np.uint64) | np.uint64(1)
        self.scale = float(np.abs(cost).mean()) + 1e-9
        self.plan = _Plan(
            at=np.zeros(shape[0], dtype=np.int64),
            room=capacity.copy(),
            price=np.zeros(shape[1]),
            best=np.zeros(shape[0], dtype=np.int64),
            figure=np.array([0.0, 0.0, math.inf]),
            random=start,
        )
        self.worth = np.maximum(worth, 0.1 * self.scale / max(float(data.pair["volume"].mean()), 1.0))
        self._chunk = CHUNK

    def follow(self, excess: Floats, worth: Bools) -> None:
        """Try only pairs that are worth it, those of least excess more often."""
        order = np.lexsort((excess, self.demand))
        order = order[worth[order]]
        count = np.bincount(self.demand[order], minlength=len(self.plan.at))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        free = np.flatnonzero(count > 1).astype(np.int64)
        self.table = self.table._replace(start=start, choice=self.provider[order].astype(np.int64), free=free)

    def begin_at(self, provider: Ints) -> None:
        """Load a plan, whatever it overloads; prices of overloads stay."""
        plan, n = self.plan, len(provider)
        plan.at[:] = provider
        plan.room[:] = self.capacity
        each = np.arange(n)
        np.subtract.at(plan.room, provider, self.table.volume[each, provider])
        plan.figure[0] = float(self.table.cost[each, provider].sum())
        plan.figure[1] = float(np.maximum(-plan.room, 0.0).sum())
        plan.figure[2] = min(self.board.objective, plan.figure[2])

    def run(self, done: Callable[[], float], hot: float, cold: float, offer: Callable[[Ints], None]) -> None:
        """Anneal from ``hot`` to ``cold`` while ``done()``, the share done, is below 1; better plans are offered."""
        board = self.board
        while len(self.table.free) and not board.stop():
            share = done()
            if share >= 1.0:
                return
            self.plan.price[:] = self.worth * SOFT * (HARD / SOFT) ** share
            before, began = self.plan.figure[2], time.monotonic()
            anneal_shifts(self.table, self.plan, self._chunk, hot * (cold / hot) ** share)
            board.add_work(self._chunk // WORK_STEPS + 1)
            if self.plan.figure[2] < before:
                offer(self.plan.best.copy())
            board.tell()
            if not board.deterministic:
                took = max(time.monotonic() - began, 1e-6)
                self._chunk = int(np.clip(self._chunk * CHUNK_S / took, 2000, 4_000_000))
