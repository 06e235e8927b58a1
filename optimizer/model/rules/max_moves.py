"""How many demands change provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.program.block import entries, keys_of_one, limit
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
    """At most so many demands change provider: Σ_{p ≠ today's} x_dp ≤ most."""
    most = layout.problem.scalars.max_moves
    if most is not None:
        content = entries((0, np.flatnonzero(layout.problem.pairs.is_move), 1.0))
        yield limit("max_moves", "", keys_of_one(), content, upper=most, unit="moves")


def excess(x: Problem, t: Tally) -> Found:
    """Number of moves; amount in moves."""
    most, number = x.scalars.max_moves, int(t.moves.sum())
    if most is None or number <= most:
        return []
    return [Broken("max_moves", float(number - most), {"value": number, "limit": most})]


def keeps(x: Moves) -> Bools | None:
    """Number of moves, where it grows."""
    most, is_move = x.problem.scalars.max_moves, x.problem.pairs.is_move
    if most is None:
        return None
    more = is_move[x.pair].astype(np.int64) - is_move[x.chosen]
    return np.asarray(int(x.counts.tally.moves.sum()) + more <= most, np.bool_)


RULE: Final = Rule("max_moves", rows, excess, keeps)
