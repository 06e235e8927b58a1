"""What lines and sites carry, exactly, before and after a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.model.resources import added

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.resources import Wholes
    from optimizer.model.tally import Tally

__all__ = ["loaded", "takes", "worked"]


def loaded(x: Problem, t: Tally) -> Wholes:
    """Volume of each line, in the measure of lines; ineligible demands with their own."""
    at = np.flatnonzero(t.line >= 0)
    taken, pair = x.exact.volume[at], t.pair[at]
    if x.n_pairs:
        taken = np.where(pair >= 0, x.exact.line.amount[pair], taken)
    return added(t.line[at], taken, len(t.line_volume))


def worked(x: Problem, t: Tally) -> Wholes:
    """Minutes at each site, in the measure of sites."""
    at = np.flatnonzero((t.provider >= 0) & (t.provider < x.n_providers))
    return added(t.provider[at], x.exact.site.amount[at], x.n_providers)


def takes(x: Moves, load: Wholes, where: Ints, kind: Literal["lines", "sites"]) -> Bools:
    """Whether loads fit with the worst that may fall there, which no longer comes from the demand itself."""
    exact, falls = x.problem.exact, x.counts.fallback
    most, fall, mine = (
        (exact.line.most, falls.lines, x.take) if kind == "lines" else (exact.site.most, falls.sites, x.work)
    )
    backed = x.problem.critical[x.demand] & x.leave.real & (x.counts.tally.backup[x.demand] == x.join.provider)
    worst = fall.worst_without(x.leave.provider, where, np.where(backed, mine, mine * 0))
    return np.asarray(~x.join.real | (load + worst <= most[where]), np.bool_)
