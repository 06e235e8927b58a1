"""Annealing for generalised assignment over the pairs that may pay, by ejection chains.

Far fewer things to keep than in ``optimizer.solvers.engine.search.state``, so many more steps a second. Overloads are
allowed at a price by line that swings: it rises until there are none, and begins anew (compare
Glover 1977 on strategic oscillation).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.assignment.chains import DEPTH, Plan, Table, anneal_chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.engine.data import Data
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Shifts"]

CHAINS = 4
"""Chains by demand between two looks at the clock."""
WORK_CHAINS = 400
"""Chains that count as a unit of work."""
SOFT, GROWTH, BEYOND, HARD = 1.1, 1.02, 1.25, 1000.0
"""Price of overloads at the beginning of a swing, in what room is worth to the relaxation; its growth; how far it
goes on to grow after the first plan without overload, and its end where there is none."""


class Shifts:
    """Annealing on one plan; one object for each thread.

    Parameters
    ----------
    data : Data
    cost : ndarray of shape (n_pairs,)
        Cost of each pair, line cost included.
    prices : ndarray of shape (n_demands,)
        Price of each demand in the relaxation.
    worth : ndarray of shape (n_providers,)
        What a unit of room is worth to the relaxation.
    shared : SharedState
    seed : int
    """

    def __init__(self, data: Data, cost: Floats, prices: Floats, worth: Floats, shared: SharedState, seed: int) -> None:
        self.data, self.cost, self.shared = data, cost, shared
        n, m = shape = (len(data.demand), data.n_providers)
        each = np.repeat(np.arange(n), data.demand["stop"] - data.demand["start"])
        self.demand, self.provider = each, np.ascontiguousarray(data.pair["provider"])
        costs, volume = np.full(shape, math.inf), np.zeros(shape)
        costs[each, self.provider], volume[each, self.provider] = cost - prices[each], data.pair["volume"]
        self.offset = float(prices.sum())
        capacity = np.zeros(m)
        capacity[data.line["provider"]] = data.line["capacity"]
        self.capacity = capacity
        none = np.zeros(0, dtype=np.int64)
        self.table = Table(costs, volume, none, none, none)
        scale, each_takes = float(np.abs(cost).mean()) + 1e-9, max(float(data.pair["volume"].mean()), 1.0)
        self.worth = np.maximum(worth, 0.1 * scale / each_takes)
        self.unit = float(self.worth.mean()) * each_takes
        self.plan = Plan(
            at=np.zeros(n, dtype=np.int64),
            room=capacity.copy(),
            price=np.zeros(m),
            member=np.zeros((m, n), dtype=np.int64),
            held=np.zeros(m, dtype=np.int64),
            place=np.zeros(n, dtype=np.int64),
            best=np.zeros(n, dtype=np.int64),
            figure=np.array([0.0, 0.0, math.inf]),
            random=np.random.SeedSequence([seed, 11]).generate_state(1, np.uint64) | np.uint64(1),
            stamp=np.zeros(m + 1, dtype=np.int64),
            link=np.zeros(2 * DEPTH + 4, dtype=np.int64),
            sum=np.zeros(5),
        )
        self._soft, self._end = SOFT, HARD

    def follow(self, excess: Floats, worth: Bools) -> None:
        """Try only pairs that are worth it."""
        order = np.lexsort((excess, self.demand))
        order = order[worth[order]]
        count = np.bincount(self.demand[order], minlength=len(self.plan.at))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        free = np.flatnonzero(count > 1).astype(np.int64)
        self.table = self.table._replace(start=start, choice=self.provider[order].astype(np.int64), free=free)

    def begin_at(self, provider: Ints) -> None:
        """Load a plan, whatever it overloads."""
        plan, each = self.plan, np.arange(len(provider))
        plan.at[:] = provider
        plan.room[:] = self.capacity
        np.subtract.at(plan.room, provider, self.table.volume[each, provider])
        plan.held[:] = np.bincount(provider, minlength=len(plan.held))
        order = np.argsort(provider, kind="stable")
        plan.place[order] = each - np.concatenate([[0], np.cumsum(plan.held)])[provider[order]]
        plan.member[provider, plan.place] = each
        plan.figure[0] = float(self.table.cost[each, provider].sum())
        plan.figure[1] = float(np.maximum(-plan.room, 0.0).sum())
        plan.figure[2] = min(self.shared.objective - self.offset, plan.figure[2])

    def run(self, done: Callable[[], float], hot: float, cold: float, offer: Callable[[Ints], None]) -> None:
        """Anneal from ``hot`` to ``cold`` while ``done()``, the share done, is below 1; better plans are offered.

        Temperatures are in what room for an average demand is worth.
        """
        shared, chains = self.shared, CHAINS * len(self.plan.at)
        while len(self.table.free) and not shared.stop():
            share = done()
            if share >= 1.0:
                return
            self.plan.price[:] = self.worth * self._soft
            before = self.plan.figure[2]
            anneal_chains(self.table, self.plan, chains, self.unit * hot * (cold / hot) ** share)
            shared.add_work(chains // WORK_CHAINS + 1)
            if self.plan.figure[2] < before:
                offer(self.plan.best.copy())
            shared.tell()
            self._swing()

    def _swing(self) -> None:
        """Overloads cost more and more until there are none, and a little beyond; then they are cheap again."""
        self._soft *= GROWTH
        if self.plan.figure[1] == 0.0:
            self._end = min(self._end, BEYOND * self._soft)
        if self._soft > self._end:
            self._soft, self._end = SOFT, HARD
