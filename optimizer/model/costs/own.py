"""What the entity's own capacity costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    alone,
    of_pair,
    on_eligible,
)
from optimizer.model.program.block import Term
from optimizer.model.program.links import on_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.costs.some import SomePairs
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Own capacity: Σ (own_fixed_cost_d + v_d own_unit_cost_d) x_d,OWN."""
    return on_pairs(layout, layout.problem.pairs.own)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return on_eligible(x.pairs.own, t)


def charges(x: Served) -> Iterator[Charge]:
    """own_fixed_cost + volume · own_unit_cost of each demand on own capacity."""
    for d in np.flatnonzero(x.provider == x.problem.n_providers).tolist():
        row = x.demands[d]
        known = row.own_cost(exact(row.volume))
        yield alone(exact(row.own_fixed_cost) if known is None else known, d)  # without a price: what can be told


def change(x: Moves) -> Floats:
    """Own capacity taken up or given up."""
    return of_pair(x.problem.pairs.own, x)


def per_pair(x: SomePairs) -> Floats:
    """own_fixed_cost + volume · own_unit_cost, for own capacity only."""
    demands = x.columns.demands
    out = np.zeros(len(x.demand))
    mine = np.flatnonzero(x.provider == len(x.columns.providers))
    d = x.demand[mine]
    out[mine] = demands.own_fixed_cost[d] + demands.volume[d] * demands.own_unit_cost[d]
    return out


TERM: Final = CostTerm("own", columns, amount, charges, change)
