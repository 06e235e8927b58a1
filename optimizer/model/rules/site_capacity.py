"""What a site can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import carried, numbering
from optimizer.model.rules.base import Rule, over
from optimizer.model.rules.loads import takes, worked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """Minutes at a site within its capacity: Σ m_d x_dp ≤ capacity_p · o_p.

    Without a variable o the right side is the capacity itself.
    """
    units, problem = layout.units, layout.problem
    chosen = np.flatnonzero(np.isfinite(units.site_capacity))
    row = np.where(layout.line >= 0, numbering(chosen, problem.n_providers)[problem.pairs.provider], -1)
    capacity, o = units.site_capacity[chosen], layout.o[chosen]
    content = entries(carried(row, units.work), (np.arange(len(chosen)), o, -capacity))
    upper = np.where(o >= 0, 0.0, capacity)
    yield limit("site_capacity", "p", keys(chosen), content, upper=upper, unit="minutes", scale=units.site[chosen])


def excess(x: Problem, t: Tally) -> Found:
    """Minutes at a site within what its base load leaves; amount in minutes."""
    most, limit = x.exact.site.most, x.sites.capacity_minutes
    return over("site_capacity", "provider", worked(x, t), most, t.site_minutes, limit)


def keeps(x: Moves) -> Bools | None:
    """The site joined takes the work, the worst that may fall to it included."""
    return takes(x, x.join.work + x.work, x.join.provider, "sites")


RULE: Final = Rule("site_capacity", rows, excess, keeps)
