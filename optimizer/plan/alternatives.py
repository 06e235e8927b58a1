"""The runner-up of each demand: the cheapest other provider if only this demand moved.

Every rule is kept and nothing else is re-optimised, the demand's backup included; the extra cost is
the change of the total. ``single_moves`` says what moves there are, ``move_costs`` what they cost,
``move_rules`` which are allowed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.moves.move_costs import extra_cost
from optimizer.moves.move_rules import allowed
from optimizer.moves.single_moves import Counts, moves_of

if TYPE_CHECKING:
    from optimizer.arrays.problem import Choice, Problem

__all__ = ["RunnerUp", "runner_ups"]

RunnerUp = tuple[int, float]
"""(provider index, change of the total in money a year)."""

_BLOCK_PAIRS: Final = 1 << 16
"""Pairs looked at together, so that temporaries stay small."""


def runner_ups(problem: Problem, choice: Choice) -> list[RunnerUp | None]:
    """Cheapest allowed alternative of every demand, ties (to the cent) by provider.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        A plan that keeps every rule; demands that are unserved or locked get ``None``.

    Returns
    -------
    list of (provider index, extra cost) or None, one per demand
    """
    out: list[RunnerUp | None] = [None] * problem.n_demands
    if not len(problem.lines.provider):
        return out
    counts = Counts.of(problem, choice)
    for first, last in _blocks(problem):
        moves = moves_of(counts, first, last)
        extra = extra_cost(moves)
        ok = np.flatnonzero(allowed(moves))
        demand, new, extra = moves.demand[ok], moves.new[ok], extra[ok]
        order = np.lexsort((new, np.round(extra, 2), demand))
        best = order[np.unique(demand[order], return_index=True)[1]]
        for d, p, cost in zip(demand[best].tolist(), new[best].tolist(), extra[best].tolist(), strict=True):
            out[d] = (p, cost)
    return out


def _blocks(problem: Problem) -> list[tuple[int, int]]:
    """Runs of demands with about ``_BLOCK_PAIRS`` pairs each."""
    steps = np.arange(0, problem.n_pairs, _BLOCK_PAIRS)
    edges = np.unique([*np.searchsorted(problem.pairs.start, steps).tolist(), problem.n_demands]).tolist()
    return list(pairwise(edges))
