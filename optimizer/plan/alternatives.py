"""The runner-up of each demand: the cheapest other provider if only this demand moved.

Every rule is kept and nothing else is re-optimised; only the demand's own backup may change. The
extra cost is the change of the total. ``optimizer.model.moves.single_moves`` says what moves there are, the
rules and terms of the model which are allowed and what they cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.moves.single_moves import Counts
from optimizer.model.scan import priced_moves

if TYPE_CHECKING:
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["RunnerUp", "runner_ups"]

RunnerUp = tuple[int, float]
"""(provider index, change of the total in money a year)."""


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
    for found in priced_moves(Counts.of(problem, choice)):
        demand, new, extra = found.moves.demand[found.at], found.moves.new[found.at], found.extra
        order = np.lexsort((new, np.round(extra, 2), demand))
        best = order[np.unique(demand[order], return_index=True)[1]]
        for d, p, cost in zip(demand[best].tolist(), new[best].tolist(), extra[best].tolist(), strict=True):
            out[d] = (p, cost)
    return out
