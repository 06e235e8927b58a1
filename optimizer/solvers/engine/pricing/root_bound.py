"""A bound within seconds at any size: prices improved until they no longer pay."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.units import by_index, pair_lines
from optimizer.solvers.engine.pricing.lagrange import ascend
from optimizer.solvers.engine.pricing.prices import make_prices
from optimizer.solvers.engine.pricing.reduced_costs import reduced_costs_of
from optimizer.solvers.engine.search.weights import typical_cost

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.data import Data
    from optimizer.solvers.engine.pricing.prices import Prices
    from optimizer.solvers.engine.pricing.reduced_costs import ReducedCosts
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Pricing", "preferred_of", "reduced_costs_at"]

STEPS, STEPS_PAIRS = 25, 8_000_000
"""Steps between two looks at the clock, and how many pairs they may go through together."""
STEP, NEW, STIR = 1.0, 0.1, 0.1
"""First step factor, first weight of a new solution in the mean, step factor of a second round."""
SETTLED = 1e-4
"""Step factor below which the prices have settled."""
AHEAD = 0.03
"""How far above the best bound the steps aim, at most."""


class Pricing:
    """Lagrangian prices that go on from where they were.

    Parameters
    ----------
    problem : Problem
    data : Data
    shared : SharedState
    """

    def __init__(self, problem: Problem, data: Data, shared: SharedState) -> None:
        self.problem, self.data, self.shared = problem, data, shared
        self.prices = make_prices(problem, data)
        self.best = -math.inf
        self._control = np.array([STEP, -math.inf, 0.0, NEW])
        self._stirred = False
        self.guess = 1.3 * typical_cost(problem)

    def run(self, share: float) -> None:
        """Raise the bound until the prices settle or ``share`` of the budget is spent."""
        shared, n_pairs = self.shared, self.problem.n_pairs
        steps = max(1, min(STEPS, STEPS_PAIRS // max(n_pairs, 1)))
        while not shared.stop() and shared.spent() < share and self._goes_on():
            near = self.best + AHEAD * abs(self.best) if math.isfinite(self.best) else self.guess
            bound = ascend(self.data, self.prices, steps, min(shared.objective, near), self._control)
            shared.add_work(1 + steps * n_pairs // 500_000)
            self.best = max(self.best, bound)
            shared.raise_bound(self.best)
        shared.stats["lagrangian_bound"] = self.best

    def _goes_on(self) -> bool:
        """Whether the prices still move; they are stirred up once when they have settled."""
        if self._control[0] <= SETTLED and not self._stirred:
            self._stirred = True
            self._control[0], self._control[2], self._control[3] = STIR, 0.0, 0.1 * STIR
        return bool(self._control[0] > SETTLED)

    def preferred(self) -> Ints:
        """Provider that the relaxation prefers for each demand: a good plan but for rules it breaks."""
        return preferred_of(self.problem, self.prices.mean.x)

    def reduced_costs(self) -> ReducedCosts:
        """Which pairs are worth trying."""
        return reduced_costs_at(self.problem, self.prices)


def reduced_costs_at(problem: Problem, prices: Prices) -> ReducedCosts:
    """What prices say of each pair."""
    lines, line = problem.lines, pair_lines(problem)
    slope = np.minimum.reduceat(lines.tier_cost, lines.tier_start[:-1])
    on_line = by_index(slope, line) * problem.pair_volume
    return reduced_costs_of(problem, prices.price + on_line, prices.mean.x)


def preferred_of(problem: Problem, x: Floats) -> Ints:
    """Provider with the largest x of each demand, the first on ties; locks win."""
    pairs = problem.pairs
    most = np.maximum.reduceat(x, pairs.start[:-1])
    at = np.flatnonzero(x >= most[pairs.demand])
    first = at[np.searchsorted(pairs.demand[at], np.arange(problem.n_demands))]
    return np.where(problem.locked >= 0, problem.locked, pairs.provider[first]).astype(np.int64)
