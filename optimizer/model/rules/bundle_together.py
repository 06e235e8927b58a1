"""Linked services of an entity stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys, limit
from optimizer.model.program.links import bundle_sources, source_links
from optimizer.model.rules.base import Broken, Rule

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
    """One source per entity and bundle: Σ_p b_gp ≤ 1, with x_dp ≤ b_gp (own capacity is a source)."""
    if not layout.problem.scalars.bundle_together:
        return
    yield from source_links(layout, "bundle_together")
    group, row, column = bundle_sources(layout)
    yield limit("bundle_together", "g", keys(group), entries((row, column, 1.0)), upper=1.0, unit="sources")


def excess(x: Problem, t: Tally) -> Found:
    """One source per entity and bundle; amount in extra sources."""
    if not x.scalars.bundle_together:
        return []
    split = np.flatnonzero(t.handovers).tolist()
    return [Broken("bundle_together", float(t.handovers[b]), {"bundle": b}) for b in split]


def keeps(x: Moves) -> Bools | None:
    """The bundle still has one source."""
    if not x.problem.scalars.bundle_together:
        return None
    return x.sources_more <= 0


RULE: Final = Rule("bundle_together", rows, excess, keeps)
