"""All single moves of stretches that keep every rule, with what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.time.moves.dates import Dates
from optimizer.model.time.moves.ends import StretchMoves
from optimizer.model.time.moves.joint_limits import keeps_growth, keeps_money, keeps_numbers
from optimizer.model.time.moves.sites import SiteChanges
from optimizer.model.time.moves.walk import Walk
from optimizer.model.time.moves.within import within

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import Path

__all__ = ["PricedStretches", "priced_stretches"]


@dataclass(frozen=True, eq=False)
class PricedStretches:
    """Moves that keep every rule, and the change of the discounted objective by each, shape (n_moves,)."""

    moves: StretchMoves
    extra: Floats


def priced_stretches(joint: JointProblem, path: Path) -> PricedStretches:
    """Every stretch of a path that keeps every rule, at every other source that keeps them too."""
    walk = Walk(joint, path)
    kept, running = within(walk).over(walk)
    number, source = np.nonzero(kept)
    moves = StretchMoves(walk, number.astype(np.int64), source.astype(np.int64))
    able = np.flatnonzero(moves.able & keeps_numbers(moves) & keeps_growth(moves))
    moves, extra = moves.some(able), running[number[able], source[able]]
    sites = SiteChanges(moves)
    in_time, risk = Dates(walk).holds(moves)
    holds = in_time & sites.keeps() & keeps_money(moves, sites)
    extra = extra + sites.extra + risk
    for end in (moves.start, moves.finish):
        extra = extra + walk.discount[end.t] * (end.money_now - end.money_was)
    at = np.flatnonzero(holds)
    return PricedStretches(moves.some(at), np.asarray(extra[at], np.float64))
