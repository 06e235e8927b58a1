"""Shared working hours that are missing."""

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
    """Missing shared hours: Σ overlap_cost_per_fte_hour · a_d · max(0, target_s − overlap_ep) · x_dp."""
    return on_pairs(layout, layout.problem.pairs.overlap)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return on_eligible(x.pairs.overlap, t)


def charges(x: Served) -> Iterator[Charge]:
    """Rate · effort · hours that mean overlap lacks to the target."""
    rate = exact(x.case.policy.overlap_cost_per_fte_hour)
    if rate:
        for d, e, p in x.remote():
            target = exact(x.case.service[x.demands[d].service].target_overlap_hours or 0.0)
            lack = target - Fraction(float(x.problem.overlap_hours[e, p]))
            if lack > 0:
                yield alone(rate * x.effort(d) * lack, d)


def change(x: Moves) -> Floats:
    """Hours that are missing."""
    return of_pair(x.problem.pairs.overlap, x)


def per_pair(x: SomePairs) -> Floats:
    """overlap_cost_per_fte_hour · effort · max(0, target − mean overlap)."""
    rate = x.policy.overlap_cost_per_fte_hour
    if not rate:
        return np.zeros(len(x.demand))
    target = np.array([s.target_overlap_hours or 0.0 for s in x.columns.services])
    d = x.demand[x.site]
    lack = target[x.columns.demands.service[d]] - x.overlap_hours[x.cell]
    return x.spread(rate * x.columns.demands.effort_fte[d] * np.maximum(lack, 0.0))


TERM: Final = CostTerm("overlap", columns, amount, charges, change)
