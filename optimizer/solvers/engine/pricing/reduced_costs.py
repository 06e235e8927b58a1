"""What the relaxation thinks of each pair: which are worth trying, and what a pair costs too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem

__all__ = ["ReducedCosts", "no_reduced_costs", "reduced_costs_of"]

USED = 1e-3
"""Mean x from which the relaxation is said to use a pair."""
NEAR = 0.005
"""Pairs that cost no more than this above their demand's cheapest are worth trying too, in mean pair costs."""


@dataclass(frozen=True, eq=False)
class ReducedCosts:
    """Advice of a relaxation; shape (n_pairs,) each.

    Parameters
    ----------
    excess : ndarray
        Price of the pair above that of its demand's cheapest, money a year.
    used : ndarray of bool
        Used by the relaxation, or own capacity.
    strong : ndarray of bool
        Worth trying: used, or nearly as cheap.
    """

    excess: Floats
    used: Bools
    strong: Bools

    def regret(self, problem: Problem, provider: Ints) -> Floats:
        """What each demand's provider costs above the demand's cheapest, shape (n_demands,)."""
        at = problem.pair_index(np.arange(problem.n_demands), provider)
        return np.where(at >= 0, self.excess[np.maximum(at, 0)], self.excess.max(initial=0.0))


def no_reduced_costs(problem: Problem) -> ReducedCosts:
    """Everything is worth trying."""
    every = np.ones(problem.n_pairs, dtype=bool)
    return ReducedCosts(np.zeros(problem.n_pairs), every, every)


def reduced_costs_of(problem: Problem, price: Floats, mean: Floats) -> ReducedCosts:
    """Advice from prices of pairs (line cost included) and the mean x of a relaxation."""
    pairs = problem.pairs
    filled = np.flatnonzero(np.diff(pairs.start) > 0)
    least = np.full(problem.n_demands, np.inf)
    least[filled] = np.minimum.reduceat(price, pairs.start[filled])
    excess = price - least[pairs.demand]
    scale = float(np.abs(problem.pairs.linear).mean() + 1e-9)
    used = (mean > USED) | (pairs.provider == problem.n_providers)
    return ReducedCosts(excess, used, used | (excess <= NEAR * scale))
