"""Ascent of the Lagrangian bound with exact knapsacks, and what it says of each pair."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.engine.assignment.knapsack import Knapsacks
from optimizer.solvers.engine.pricing.reduced_costs import USED, ReducedCosts
from optimizer.solvers.engine.pricing.root_bound import preferred_of

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.data import Data
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Ascent", "costs_are_whole", "pair_costs"]

STEP, SETTLED, PATIENCE, SLOWER = 1.0, 2e-3, 8, 0.7
"""First step factor, the one at which prices have settled, steps without gain until it falls, and by how much."""
MIX = 0.2
"""Weight of a new solution in the running mean."""
CHOICES = 3
"""Pairs by demand that neighbourhoods try."""
AHEAD = 0.002
"""How far above the best bound steps aim, at most, as a share of it."""
WHOLE_SUM = 2.0**46
"""Sum of costs up to which whole costs are added without rounding in grid units."""


def pair_costs(problem: Problem) -> Floats:
    """Cost of each pair, that of its line included."""
    lines = problem.lines
    line = lines.index[problem.pairs.provider, 0]
    out: Floats = problem.pairs.linear + lines.tier_cost[lines.tier_start[line]] * problem.pair_volume
    return out


def costs_are_whole(problem: Problem) -> bool:
    """Whether every plan costs a whole sum, beyond doubt: whole terms and nothing paid by volume."""
    cost = problem.pairs.linear
    return (
        not bool((problem.lines.tier_cost != 0).any())
        and bool((cost == np.round(cost)).all())
        and float(np.abs(cost).sum()) < WHOLE_SUM
    )


class Ascent:
    """Prices of the demands raised by steps along the mean subgradient; best bound, and bound by pair.

    Parameters
    ----------
    problem : Problem
    data : Data
    shared : SharedState
    """

    def __init__(self, problem: Problem, data: Data, shared: SharedState) -> None:
        self.problem, self.shared = problem, shared
        self.cost = pair_costs(problem)
        self.knapsacks = Knapsacks(data, self.cost, costs_are_whole(problem))
        self.prices = np.zeros(problem.n_demands)
        self.bound = -math.inf
        self.least = np.full(problem.n_pairs, -math.inf)
        self.mean = np.zeros(problem.n_pairs)
        self.steps = 0

    def run(self, prices: Floats, share: float) -> None:
        """Climb from ``prices`` until they settle or ``share`` of the budget is spent."""
        shared, knapsacks, factor, waited, best = self.shared, self.knapsacks, STEP, 0, -math.inf
        start, centre = self.problem.pairs.start[:-1], np.array(prices)
        now, work = centre, 1 + int(knapsacks.capacity.sum()) * self.problem.n_pairs // 20_000_000
        while factor > SETTLED and not shared.stop() and shared.spent() < share:
            value = knapsacks.value(knapsacks.on_grid(now)) / knapsacks.grid
            self.steps += 1
            shared.add_work(work)
            self.mean += (1.0 if self.steps == 1 else MIX) * (knapsacks.x - self.mean)
            waited = 0 if value > best + 1e-7 * abs(best) else waited + 1
            if value > best:
                best, centre = value, now
            if waited >= PATIENCE:
                factor, waited = factor * SLOWER, 0
            slope = 1.0 - np.add.reduceat(self.mean, start)
            length = float(slope @ slope)
            if length < 1e-12:
                break
            aim = min(shared.objective - best, AHEAD * abs(best) + 1e-9)
            now = centre + factor * max(aim, 1e-5 * abs(best)) / length * slope
        self.prices = centre
        if best > -math.inf:
            self.note(knapsacks.on_grid(centre))

    def note(self, prices: Ints) -> None:
        """Take the bounds that whole prices give: on all plans and on the plans with each pair."""
        bound, least = self.knapsacks.least(prices)
        self.least = np.maximum(self.least, least)
        self.bound = max(self.bound, bound)
        self.shared.raise_bound(self.bound)
        self.shared.stats["knapsack_bound"] = self.bound
        self.shared.stats["knapsack_steps"] = self.steps

    def excess(self) -> Floats:
        """What a plan with the pair costs at least above one with the best pair of its demand."""
        least = np.minimum.reduceat(self.least, self.problem.pairs.start[:-1])
        return self.least - least[self.problem.pairs.demand]

    def reduced_costs(self) -> ReducedCosts:
        """Pairs worth trying: ``CHOICES`` by demand on average, those of least excess."""
        excess, used = self.excess(), self.mean > USED
        return ReducedCosts(excess, used, used | self._best(CHOICES))

    def _best(self, count: int) -> Bools:
        """Pairs of least excess, ``count`` by demand on average."""
        excess = self.excess()
        out: Bools = excess <= np.sort(excess)[min(count * self.problem.n_demands, len(excess)) - 1]
        return out

    def worth(self, objective: float, count: int) -> Bools:
        """Pairs that a plan cheaper than ``objective`` may use, the best ``count`` by demand on average."""
        out: Bools = ((self.least < objective) & self._best(count)) | (self.excess() <= 0.0)
        return out

    def preferred(self) -> Ints:
        """Provider that the mean of the knapsacks' solutions likes best for each demand."""
        return preferred_of(self.problem, self.mean)
