"""What a rule is: one name for its rows, for what a plan breaks of it, and for what a move leaves of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.model.aliases import Bools, Floats
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.resources import Wholes
    from optimizer.model.tally import Tally

__all__ = ["Broken", "Found", "Rule", "always", "over"]


class Broken(NamedTuple):
    """A rule that does not hold: by how much, and the indices and figures for a message."""

    rule: str
    amount: float
    data: dict[str, Any]


Found = list[Broken]


def always(_: Problem) -> bool:
    """A rule that no policy switches off."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One hard rule of the model.

    Parameters
    ----------
    name : str
        As in ``RULES`` of the domain, in messages and in documents.
    rows : callable
        Rows of the program that say it; none where it is off.
    excess : callable
        Where a plan breaks it, and by how much. Resources are compared in whole numbers, so a rule holds or it
        does not; figures in messages are floats. Whether a plan may leave is decided by other code.
    keeps : callable, optional
        Whether it holds after each single move of a plan that keeps every rule; ``None`` where it is off.
        Left out where no move can break it: moves go to eligible providers, and locked demands do not move.
    on : callable, optional
        Whether it can bind in a case at all; asked where a backend does not know the rule.
    """

    name: str
    rows: Callable[[Layout], Iterator[Block]]
    excess: Callable[[Problem, Tally], Found]
    keeps: Callable[[Moves], Bools | None] | None = None
    on: Callable[[Problem], bool] = always


def over(rule: str, who: str, load: Wholes, most: Wholes, value: Floats, limit: Floats) -> Found:
    """One finding for each position over its limit; ``who`` names the index in the data."""
    at = np.flatnonzero(load > most)
    found = zip(at.tolist(), value[at].tolist(), limit[at].tolist(), strict=True)
    return [Broken(rule, max(v - top, 0.0), {who: i, "value": v, "limit": top}) for i, v, top in found]
