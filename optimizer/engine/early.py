"""A bound within seconds at any size: prices improved until they no longer pay."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.engine.lagrange import ascend, make_prices
from optimizer.engine.weights import typical_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.arrays.problem import Problem
    from optimizer.engine.board import Board
    from optimizer.engine.data import Data

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Pricing", "preferred_of"]

STEPS = 25
SETTLED = 1e-4
"""Step factor below which the prices have settled."""
AHEAD = 0.1
"""How far above the best bound the steps aim, at most."""


class Pricing:
    """Lagrangian prices that go on from where they were.

    Parameters
    ----------
    problem : Problem
    data : Data
    board : Board
    """

    def __init__(self, problem: Problem, data: Data, board: Board) -> None:
        self.problem, self.data, self.board = problem, data, board
        self.prices = make_prices(problem, data)
        self.best = -math.inf
        self._control = np.array([1.0, -math.inf, 0.0])
        self._guess = 1.3 * typical_cost(problem)

    def run(self, share: float) -> None:
        """Raise the board's bound until the prices settle or ``share`` of the budget is spent."""
        board = self.board
        while not board.stop() and board.spent() < share and self._control[0] > SETTLED:
            near = self.best + AHEAD * abs(self.best) if math.isfinite(self.best) else self._guess
            bound = ascend(self.data, self.prices, STEPS, min(board.objective, near), self._control)
            board.add_work(1 + STEPS * self.problem.n_pairs // 500_000)
            self.best = max(self.best, bound)
            board.raise_bound(self.best)
        board.stats["lagrangian_bound"] = self.best

    def preferred(self) -> Ints:
        """Provider that the relaxation prefers for each demand: a good plan but for rules it breaks."""
        return preferred_of(self.problem, self.prices.mean)


def preferred_of(problem: Problem, mean: Floats) -> Ints:
    """Provider with the largest mean x of each demand, the first on ties; locks win."""
    pairs = problem.pairs
    order = np.lexsort((np.arange(len(mean)), -mean, pairs.demand))
    provider = pairs.provider[order[pairs.start[:-1]]]
    return np.where(problem.locked >= 0, problem.locked, provider).astype(np.int64)
