"""Least mean of the hours that entities share with those who serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.measured import hours
from optimizer.model.rules.base import Rule
from optimizer.model.rules.means import Mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally

MEAN: Final = Mean("mean_overlap_min", "hours", True, lambda x: x.scalars.mean_overlap_min, hours)


def rows(layout: Layout) -> Iterator[Block]:
    """Mean overlap by effort, own capacity aside: Σ_{p ≠ OWN} m_d (least − overlap_ep) x_dp ≤ 0.

    Overlap and limit count in millionths of an hour, rounded half up. Where no provider has work the rule holds.
    """
    yield from MEAN.rows(layout)


def excess(x: Problem, t: Tally) -> Found:
    """Mean overlap of what providers do reaches its least; amount in hours a day."""
    return MEAN.excess(x, t)


def keeps(x: Moves) -> Bools | None:
    """Mean overlap at least as large as its limit."""
    return MEAN.keeps(x)


RULE: Final = Rule("mean_overlap_min", rows, excess, keeps, on=MEAN.on)
