"""Pairs that no plan, or no better plan, can use: found from the arrays alone and left out.

A plan is told in providers, not in pairs, so one of the smaller problem is one of the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.units import by_index, pair_lines

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools
    from optimizer.model.problem import Problem

__all__ = ["possible_pairs"]


def possible_pairs(problem: Problem) -> Bools:
    """Pairs that fit into their line, their site and the rules on totals when nothing else does.

    In whole numbers, as the verifier counts. A locked demand keeps its locked pair only. The pairs of
    critical demands are its possible backups too: of them only those go that fit nowhere.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    ndarray of shape (n_pairs,), bool
    """
    pairs, sites, scalars, exact = problem.pairs, problem.sites, problem.scalars, problem.exact
    line = pair_lines(problem)
    inside = line >= 0
    site = np.where(inside, pairs.provider, -1)
    minutes = exact.site.amount[pairs.demand]
    too_big = inside & (exact.line.amount > by_index(exact.line.most, line))
    too_big |= inside & (minutes > by_index(exact.site.most, site))
    barred = np.zeros(len(line), np.bool_)
    if exact.agency is not None:
        barred |= inside & ~by_index(sites.is_secretariat, site) & (minutes > exact.agency.most[0])
    if exact.share is not None:
        barred |= inside & (minutes > exact.share.most[0])
    if exact.exposure is not None and problem.quality is not None:
        barred |= inside & by_index(problem.quality.exposed, site) & (minutes > exact.exposure.most[0])
    if scalars.max_moves is not None and scalars.max_moves <= 0:
        barred |= pairs.is_move
    if exact.budget is not None:
        barred |= exact.budget.amount > exact.budget.most[0]
    locked = problem.locked[pairs.demand]
    barred |= (locked >= 0) & (locked != pairs.provider)
    backups = problem.critical[pairs.demand] & scalars.backup
    possible: Bools = ~too_big & (~barred | backups)
    return possible
