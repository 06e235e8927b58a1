"""Sources beyond the first in a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import exact
from optimizer.model.costs.base import (
    Charge,
    CostTerm,
    by_effort,
    by_group,
)
from optimizer.model.program.block import Term, entries, keys, limit
from optimizer.model.program.links import bundle_sources, on_columns, source_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Layout
    from optimizer.model.served import Served
    from optimizer.model.tally import Tally


def columns(layout: Layout) -> Term:
    """Sources beyond the first in a bundle: handover_cost · Σ_g (Σ_p b_gp − 1).

    With x_dp ≤ b_gp. When demands may stay unserved, Σ_p b_gp ≥ 1 keeps an empty bundle at 0.
    """
    amount = layout.problem.scalars.handover_cost
    if not amount:
        return Term(np.zeros(layout.n_columns))
    group, row, column = bundle_sources(layout)
    shared = layout.problem.scalars.bundle_together
    blocks = () if shared else tuple(source_links(layout, "cost:handover"))
    if layout.options.relax_assign:
        some = limit("cost:handover", "g", keys(group), entries((row, column, 1.0)), lower=1.0, part="some")
        blocks = (*blocks, some)
    return Term(on_columns(layout, (column, amount)), -amount * len(group), blocks)


def amount(x: Problem, t: Tally) -> float:
    """Money a year of a plan."""
    return x.scalars.handover_cost * int(t.handovers.sum())


def charges(x: Served) -> Iterator[Charge]:
    """handover_cost of each source beyond the first of an entity's bundle, by effort."""
    cost = exact(x.case.policy.handover_cost)
    if cost:
        inside = np.flatnonzero((x.problem.bundle >= 0) & (x.provider >= 0))
        for g, members in by_group(x.problem.bundle[inside].tolist(), inside.tolist()).items():
            if extra := int(x.tally.handovers[g]):
                yield by_effort(x, cost * extra, members)


def change(x: Moves) -> Floats:
    """Sources of the bundle."""
    return x.sources_more * np.float64(x.problem.scalars.handover_cost)


TERM: Final = CostTerm("handover", columns, amount, charges, change)
