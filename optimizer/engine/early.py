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

__all__ = ["early_bound"]

STEPS = 25
SETTLED = 1e-4
"""Step factor below which the prices have settled."""
AHEAD = 0.1
"""How far above the best bound the steps aim, at most."""


def early_bound(problem: Problem, data: Data, board: Board, share: float = 1.0) -> Ints:
    """Raise the board's bound by Lagrangian relaxation until it settles or ``share`` of the budget is spent.

    Returns
    -------
    ndarray of shape (n_demands,)
        Provider that the relaxation prefers for each demand: a good plan but for rules it breaks.
    """
    prices = make_prices(problem, data)
    control = np.array([1.0, -math.inf, 0.0])
    guess = 1.3 * typical_cost(problem)
    best = -math.inf
    while not board.stop() and board.spent() < share and control[0] > SETTLED:
        near = best + AHEAD * abs(best) if math.isfinite(best) else math.inf
        target = min(board.objective, near if math.isfinite(near) else guess)
        bound = ascend(data, prices, STEPS, target, control)
        board.add_work(1 + STEPS * problem.n_pairs // 500_000)
        best = max(best, bound)
        board.raise_bound(best)
    board.stats["lagrangian_bound"] = best
    return _preferred(problem, prices.mean)


def _preferred(problem: Problem, mean: Floats) -> Ints:
    """Provider with the largest mean x of each demand, the first on ties; locks win."""
    pairs = problem.pairs
    order = np.lexsort((np.arange(len(mean)), -mean, pairs.demand))
    provider = pairs.provider[order[pairs.start[:-1]]]
    return np.where(problem.locked >= 0, problem.locked, provider).astype(np.int64)
