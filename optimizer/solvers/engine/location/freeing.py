"""Better location plans by small programs: a few facilities near each other and their customers set free."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.programs.highs import Limits, solve_mip

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.solvers.engine.location.handover import Reduced
    from optimizer.solvers.engine.location.problem import Location
    from optimizer.solvers.engine.search.searcher import Searcher

__all__ = ["Freeing"]

CUSTOMERS, LEAST = 25.0, 8.0
"""Customers set free at first, and at least."""
GROW, SHRINK = 1.1, 0.85
"""Change of that number after a program that was solved, and after one that was not."""
CLOSED = 0.7
"""Closed facilities that may open, for each open one set free."""
NOISE = 0.4
NODES, SECONDS = 100, 1.5
"""Nodes, and seconds without a work limit, for one program."""


class Freeing:
    """One small program after another around the plan held; one object for each thread.

    Parameters
    ----------
    place : Location
        With the penalties of the root, which are copied.
    reduced : Reduced
    searcher : Searcher
        Checks every plan.
    seed : int
    """

    def __init__(self, place: Location, reduced: Reduced, searcher: Searcher, seed: int) -> None:
        self.place, self.reduced, self.searcher, self.shared = place, reduced, searcher, place.shared
        self.opened, self.pair = place.opened.copy(), place.pair.copy()
        self.cost = np.where(np.isfinite(place.cost), place.cost, 2.0 * place.cost[np.isfinite(place.cost)].max())
        self.customers = CUSTOMERS
        self._random = np.random.default_rng(seed)

    def step(self) -> bool:
        """Solve one program; whether it gave a better plan."""
        shared, place = self.shared, self.place
        if shared.choice is None:
            return False
        to = place.problem.lines.index[shared.choice.provider, 0]
        chosen, free = self._draw(to)
        allowed = np.zeros(place.cost.shape, dtype=np.bool_)
        allowed[np.ix_(chosen, free)] = self.pair[np.ix_(chosen, free)] <= place.limit(shared.objective)
        allowed[to, np.arange(len(to))] = True
        shut: Bools = allowed.sum(axis=1) == 0
        forced = np.bincount(to[~free], minlength=len(shut)) > 0
        small = self.reduced.restricted(shut, forced, allowed)
        if small is None or not len(small.columns):
            return False
        held, start = shared.objective, self.reduced.program.encode(shared.choice)[small.columns]
        answer = solve_mip(small.model, self._limits(), start)
        shared.add_work(10 + answer.work // 20)
        solved = answer.status == "kOptimal"
        self.customers = float(np.clip(self.customers * (GROW if solved else SHRINK), LEAST, len(to)))
        shared.stats["freed"] = int(shared.stats.get("freed", 0)) + 1
        if answer.values is None:
            return False
        cost = self.searcher.price(self.reduced.program.decode(small.widen(answer.values)))
        return cost < held and shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)

    def _draw(self, to: Ints) -> tuple[Ints, Bools]:
        """Facilities that take part, and which customers are free."""
        load = np.bincount(to, minlength=len(self.place.fixed))
        is_open = load > 0
        first = int(self._random.choice(np.flatnonzero(is_open)))
        near = self.cost[:, to == first].mean(axis=1) * self._noise()
        near[first] = -math.inf
        order = np.argsort(np.where(is_open, near, np.inf), kind="stable")[: is_open.sum()]
        count = max(2, int(np.searchsorted(np.cumsum(load[order]), self.customers)))
        chosen = order[:count]
        free: Bools = np.isin(to, chosen)
        now = self.cost[to[free], np.flatnonzero(free)]
        saved = np.maximum(now - self.cost[:, free], 0.0).sum(axis=1) * self._noise() - self.place.fixed
        may = ~is_open & (self.opened <= self.place.limit(self.shared.objective))
        others = np.argsort(np.where(may, -saved, np.inf), kind="stable")[: min(int(CLOSED * count) + 1, may.sum())]
        return np.concatenate([chosen, others]), free

    def _noise(self) -> Floats:
        return 1.0 + NOISE * (self._random.random(len(self.place.fixed)) - 0.5)

    def _limits(self) -> Limits:
        shared = self.shared
        if shared.deterministic:
            return Limits(shared.cancelled, nodes=NODES, seed=shared.params.seed)
        left = shared.left()
        seconds = SECONDS if left is None else min(SECONDS, max(left, 0.01))
        return Limits(shared.stop, seconds=seconds, nodes=NODES, seed=shared.params.seed)
