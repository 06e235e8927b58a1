"""Distance to the provider."""

from __future__ import annotations

from fractions import Fraction
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
    """Distance: Σ distance_cost_per_fte_1000km · a_d · km_ep / 1000 · x_dp."""
    return on_pairs(layout, layout.problem.pairs.distance)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return on_eligible(x.pairs.distance, t)


def charges(x: Served) -> Iterator[Charge]:
    """Rate · effort · km / 1000."""
    rate = exact(x.case.policy.distance_cost_per_fte_1000km) / 1000
    if rate:
        for d, e, p in x.remote():
            yield alone(rate * x.effort(d) * Fraction(float(x.problem.distance_km[e, p])), d)


def change(x: Moves) -> Floats:
    """Distance to the provider."""
    return of_pair(x.problem.pairs.distance, x)


def per_pair(x: SomePairs) -> Floats:
    """distance_cost_per_fte_1000km · effort · km / 1000."""
    rate = x.policy.distance_cost_per_fte_1000km
    effort = x.columns.demands.effort_fte[x.demand[x.site]]
    return x.spread(rate * effort * x.km[x.cell] / 1000.0) if rate else np.zeros(len(x.demand))


TERM: Final = CostTerm("distance", columns, amount, charges, change)
