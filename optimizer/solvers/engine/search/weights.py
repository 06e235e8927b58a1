"""What a broken rule weighs in the search: money per minute, per count or per unit of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.units import by_index, pair_lines
from optimizer.solvers.engine.search.state import (
    AGENCY,
    BACKUP,
    BUDGET,
    DISTANCE,
    EXPOSURE,
    LINE,
    MINIMUM,
    MOVES,
    N_KINDS,
    OVERLAP,
    PROVIDERS,
    RESERVE,
    SHARE,
    SITE,
    SITES,
    TOGETHER,
    UNSERVED,
    WORSE,
)

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.search.state import State

__all__ = ["adapt", "first_weights", "typical_cost"]


def typical_cost(problem: Problem) -> float:
    """Rough yearly cost of a plan: cheapest first-tier price of every demand, pair terms aside."""
    pairs, lines = problem.pairs, problem.lines
    price = by_index(lines.first_unit_cost, pair_lines(problem)) * problem.pair_volume + pairs.linear
    filled = np.flatnonzero(np.diff(problem.pairs.start) > 0)
    if not len(filled):
        return 1.0
    return max(float(np.minimum.reduceat(price, pairs.start[filled]).sum()), 1.0)


def first_weights(problem: Problem) -> Floats:
    """Weights to begin with; ``adapt`` changes them as the search goes."""
    total = typical_cost(problem)
    minute = total / max(float(problem.minutes.sum()), 1e-9)
    demand = total / max(problem.n_demands, 1)
    weight = np.zeros(N_KINDS)
    weight[[LINE, SITE, AGENCY, MINIMUM, RESERVE, SHARE, EXPOSURE, OVERLAP, DISTANCE]] = 2.0 * minute
    weight[UNSERVED] = 50.0 * minute
    weight[[PROVIDERS, TOGETHER, BACKUP, MOVES, WORSE]] = demand
    weight[SITES] = 0.1 * total
    weight[BUDGET] = 2.0
    return weight


def adapt(st: State, up: float = 1.5, down: float = 0.9) -> None:
    """Raise the weights of rules broken now, lower the others a little (not that of unserved work)."""
    factor = np.where(st.rule["broken"] > 0, up, down)
    factor[UNSERVED] = max(1.0, factor[UNSERVED])
    st.rule["weight"] *= factor
