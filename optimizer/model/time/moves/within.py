"""What each other source of a demand would change in one period: its rules and its running cost, sites aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.conditions import keep_pairs
from optimizer.model.moves.new_backups import needs_backup, new_backups
from optimizer.model.moves.single_moves import Counts, Moves
from optimizer.model.parts import Choice
from optimizer.model.scan import priced_moves

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.joint import Stage
    from optimizer.model.time.moves.walk import Walk

__all__ = ["Within", "arriving", "within"]


@dataclass(frozen=True, eq=False)
class Within:
    """Sums over the periods before each; arrays of shape (n_periods + 1, n_demands, n_providers + 1).

    Parameters
    ----------
    kept : ndarray
        Periods in which every rule of the period holds when the demand alone goes to the source.
    extra : ndarray
        Discounted change of the running cost in them, what open sites cost aside.
    present : ndarray of shape (n_periods + 1, n_demands)
        Periods in which the demand is present.
    """

    kept: Ints
    extra: Floats
    present: Ints

    def over(self, walk: Walk) -> tuple[Bools, Floats]:
        """Of each stretch and source: whether all its periods keep their rules, and the change over them."""
        x = walk.stretches
        until, begin = x.last + 1, x.first
        periods = self.present[until, x.demand] - self.present[begin, x.demand]
        kept = self.kept[until, x.demand] - self.kept[begin, x.demand] == periods[:, None]
        return np.asarray(kept, np.bool_), self.extra[until, x.demand] - self.extra[begin, x.demand]


def within(walk: Walk) -> Within:
    """Every period looked at by itself."""
    joint = walk.joint
    shape = joint.n_periods + 1, joint.n_demands, joint.n_providers + 1
    kept, extra = np.zeros(shape, np.int64), np.zeros(shape)
    for t, stage in enumerate(joint.stages):
        _one_period(walk, t, stage, kept[t + 1], extra[t + 1])
    present = np.zeros(shape[:2], np.int64)
    present[1:] = joint.local >= 0
    return Within(kept.cumsum(axis=0), extra.cumsum(axis=0), present.cumsum(axis=0))


def _one_period(walk: Walk, t: int, stage: Stage, kept: Ints, extra: Floats) -> None:
    here, backup = walk.path.provider[t, stage.demand], walk.path.backup[t, stage.demand]
    counts = Counts.of(stage.problem, Choice(here, backup))
    strict = arriving(stage, counts)
    for found in priced_moves(counts):
        moves, more = found.moves.some(found.at), found.extra
        good = _backed(moves, strict)
        d, source = moves.demand[good], moves.new[good]
        dearer = stage.compliance[source] - stage.compliance[here[d]]
        kept[stage.demand[d], source] = 1
        extra[stage.demand[d], source] = stage.weight * (more[good] + dearer * stage.problem.effort_fte[d])


def arriving(stage: Stage, counts: Counts) -> Counts:
    """The same counts where only pairs that may be new ones can be backups."""
    if stage.arrives.all() or not stage.problem.scalars.backup:
        return counts
    return replace(counts, problem=keep_pairs(stage.problem, stage.arrives))


def _backed(moves: Moves, strict: Counts) -> Bools:
    """Whether each move leaves the demand a backup that the agency test lets in."""
    if strict is moves.counts:
        return np.ones(len(moves.pair), np.bool_)
    x = replace(moves, counts=strict)
    return np.asarray(~needs_backup(x) | (new_backups(x) >= 0), np.bool_)
