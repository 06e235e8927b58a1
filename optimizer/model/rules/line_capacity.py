"""What a line can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import carried, numbering
from optimizer.model.rules.base import Rule, over
from optimizer.model.rules.loads import loaded, takes

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
    """Volume of a line within its capacity: Σ v_d x_dp ≤ capacity_ps · y_ps.

    Without a variable y the right side is the capacity itself. Lines that all eligible demand
    together cannot fill have no row.
    """
    units, lines = layout.units, layout.problem.lines
    chosen = np.flatnonzero(np.isfinite(units.line_capacity))
    row = numbering(chosen, len(lines.provider))[layout.line]
    capacity, y = units.line_capacity[chosen], layout.y[chosen]
    content = entries(carried(row, units.take), (np.arange(len(chosen)), y, -capacity))
    index = keys(lines.provider[chosen], lines.service[chosen])
    upper = np.where(y >= 0, 0.0, capacity)
    yield limit("line_capacity", "ps", index, content, upper=upper, unit="units", scale=units.line[chosen])


def excess(x: Problem, t: Tally) -> Found:
    """Volume of a line within what its base volume leaves; amount in units."""
    return over("line_capacity", "line", loaded(x, t), x.exact.line.most, t.line_volume, x.lines.capacity)


def keeps(x: Moves) -> Bools | None:
    """The line joined takes the volume, the worst that may fall to it included."""
    return takes(x, x.join.load + x.take, x.join.line, "lines")


RULE: Final = Rule("line_capacity", rows, excess, keeps)
