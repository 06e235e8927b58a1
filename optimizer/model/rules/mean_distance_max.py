"""Largest mean of the distance between entities and those who serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.model.measured import distances
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

MEAN: Final = Mean("mean_distance_max", "km", False, lambda x: x.scalars.mean_distance_max, distances)


def rows(layout: Layout) -> Iterator[Block]:
    """Mean distance by effort, own capacity aside: Σ_{p ≠ OWN} m_d (km_ep − most) x_dp ≤ 0.

    Distance and limit count in millionths of a kilometre, rounded half up. Where no provider has work the rule holds.
    """
    yield from MEAN.rows(layout)


def excess(x: Problem, t: Tally) -> Found:
    """Mean distance of what providers do within its limit; amount in km."""
    return MEAN.excess(x, t)


def keeps(x: Moves) -> Bools | None:
    """Mean distance no larger than its limit."""
    return MEAN.keeps(x)


RULE: Final = Rule("mean_distance_max", rows, excess, keeps, on=MEAN.on)
