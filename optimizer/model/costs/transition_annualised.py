"""One-off cost of moves, a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    alone,
    of_pair,
    on_eligible,
)
from optimizer.model.costs.one_off import move_amount
from optimizer.model.lines import annuity_factor
from optimizer.model.program.block import Term
from optimizer.model.program.links import on_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.costs.some import SomePairs
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Moves: Σ one_off_dp · annuity_e · x_dp over the moves of demands that have a price today.

    one_off_dp = a_d · Σ elements of ``transition`` · (1 + contingency_rate). annuity_e spreads it over
    min(horizon_years, years from as_of to the entity's end, begun years whole): r / (1 − (1 + r)^−n).
    """
    return on_pairs(layout, layout.problem.pairs.transition)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return on_eligible(x.pairs.transition, t)


def charges(x: Served) -> Iterator[Charge]:
    """One-off cost of each move, over the horizon or the entity's remaining years if these are fewer."""
    if x.move_cost_per_fte:
        for d in np.flatnonzero(x.moved).tolist():
            if amount := move_amount(x, d):
                yield alone(amount * x.annuity(_years(x, d)), d)


def _years(x: Served, d: int) -> int:
    policy: Policy = x.case.policy
    left = x.case.entity[x.demands[d].entity].years_left(policy.as_of)
    return policy.horizon_years if left is None else min(policy.horizon_years, left)


def change(x: Moves) -> Floats:
    """The move itself."""
    return of_pair(x.problem.pairs.transition, x)


def one_off(x: SomePairs, moved: Bools) -> Floats:
    """One-off cost of moves: effort · Σ transition elements · (1 + contingency_rate).

    A demand whose today has no price is compared with nothing, so its move costs nothing here either.
    """
    counted = moved & x.columns.demands.priced_today[x.demand]
    return np.where(counted, x.columns.demands.effort_fte[x.demand] * float(x.policy.transition.per_fte), 0.0)


def move_annuity(x: SomePairs) -> Floats:
    """Yearly cost of a one-off cost of 1, over the horizon or the entity's remaining years if these are fewer."""
    policy = x.policy
    years = [min(policy.horizon_years, e.years_left(policy.as_of) or policy.horizon_years) for e in x.columns.entities]
    factor = np.array([annuity_factor(policy.discount_rate, n) for n in years], np.float64)
    return np.asarray(factor[x.columns.demands.entity[x.demand]], np.float64)


TERM: Final = CostTerm("transition_annualised", columns, amount, charges, change)
