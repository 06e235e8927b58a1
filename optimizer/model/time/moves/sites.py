"""What a stretch at another source changes for sites: when they are open, what that costs, the rules about it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.names import ZONES
from optimizer.domain.types import exact
from optimizer.model.time.moves.walk import at_most

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.lives import Lives
    from optimizer.model.time.moves.ends import StretchMoves

__all__ = ["Side", "SiteChanges"]


@dataclass(frozen=True, eq=False)
class Side:
    """Sites that moves come to, or leave; arrays of shape (n_changed,) and (n_changed, n_periods).

    Parameters
    ----------
    moves : StretchMoves
    move, site : ndarray
        Which move changes which site.
    sign : int
        1: work comes; −1: it leaves.
    """

    moves: StretchMoves
    move: Ints
    site: Ints
    sign: int

    @classmethod
    def of(cls, moves: StretchMoves, source: Ints, sign: int) -> Side:
        """Own capacity has no site."""
        move = np.flatnonzero(source < moves.walk.joint.n_providers)
        return cls(moves, move, source[move], sign)

    @cached_property
    def before(self) -> Lives:
        """Lives of the sites in the path."""
        return self.moves.walk.sites.lives(self.site, self.moves.walk.served.T[self.site] > 0)

    @cached_property
    def after(self) -> Lives:
        """Their lives after the moves."""
        served = self.moves.walk.served.T[self.site] + self.sign * self.moves.covers[self.move]
        return self.moves.walk.sites.lives(self.site, served > 0)

    @cached_property
    def opened(self) -> Ints:
        """1 in periods in which the site is open only after the move, −1 where only before."""
        return np.asarray(self.after.open.astype(np.int64) - self.before.open, np.int64)

    @cached_property
    def once(self) -> Floats:
        """Change of one-off money by period, not discounted."""
        stages, out = self.moves.walk.joint.stages, np.zeros(self.opened.shape)
        for happens, prices in (("opens", [s.setup for s in stages]), ("closes", [s.exit for s in stages])):
            more = getattr(self.after, happens).astype(np.float64) - getattr(self.before, happens)
            out += more * np.array(prices, np.float64).T[self.site]
        return out

    @cached_property
    def extra(self) -> Floats:
        """Change of the objective."""
        walk = self.moves.walk
        fixed = np.array([s.site_cost for s in walk.joint.stages], np.float64).T[self.site]
        return np.asarray((self.opened * fixed) @ walk.weight + self.once @ walk.discount, np.float64)

    def reaches(self) -> Bools:
        """Whether each candidate that is open in a target period carries its least effort."""
        walk, moves = self.moves.walk, self.moves
        year = walk.joint.policy.minutes_per_fte_year
        least = np.array([s.min_fte for s in walk.joint.stages], np.float64).T[self.site] * year
        row, t = np.nonzero(self.after.open & (least > 0))
        k = self.move[row]
        work = walk.worked[t, self.site[row]] + self.sign * moves.covers[k, t] * walk.minutes[t, moves.demand[k]]
        fine = at_most(least[row, t], work, lambda i: self._reaches(int(row[i]), int(t[i])))
        out = np.ones(len(self.site), np.bool_)
        out[row[~fine]] = False
        return out

    def _reaches(self, row: int, t: int) -> bool:
        """The same exactly, of one site and period."""
        k, site, walk = int(self.move[row]), int(self.site[row]), self.moves.walk
        after = self.moves.made(k).path.provider[t]
        work = sum((walk.exact_effort(t, d) for d in np.flatnonzero(after == site).tolist()), Fraction(0))
        return work >= exact(float(walk.joint.stages[t].min_fte[site]))


@dataclass(frozen=True, eq=False)
class SiteChanges:
    """Both sides of moves; arrays of shape (n_moves,) and (n_moves, n_periods)."""

    moves: StretchMoves

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Where the stretch goes, and where it was."""
        return Side.of(self.moves, self.moves.source, 1), Side.of(self.moves, self.moves.here, -1)

    @cached_property
    def once(self) -> Floats:
        """Change of one-off money by period, not discounted."""
        out = np.zeros(self.moves.covers.shape)
        for side in self.sides:
            out[side.move] += side.once
        return out

    @cached_property
    def extra(self) -> Floats:
        """Change of the objective."""
        out = np.zeros(len(self.moves.source))
        for side in self.sides:
            out[side.move] += side.extra
        return out

    def keeps(self) -> Bools:
        """Number and zones of open sites, and least effort of candidates, in target periods."""
        out = self._counted()
        for side in self.sides:
            out[side.move] &= side.reaches()
        return out

    def _counted(self) -> Bools:
        joint, out = self.moves.walk.joint, np.ones(len(self.moves.source), np.bool_)
        count, zones = joint.policy.site_count, joint.policy.zones
        target = np.array([s.period.is_target for s in joint.stages], np.bool_)
        sites = joint.stages[0].problem.sites
        if count is not None:
            least, most = count.min or 0, np.inf if count.max is None else count.max
            number = self._open(np.asarray(sites.is_secretariat, np.bool_))[:, target]
            out &= ((number >= least) & (number <= most)).all(axis=1)
        for zone in range(len(ZONES)) if zones else ():
            here = np.asarray(sites.is_secretariat & (sites.zone == zone), np.bool_)
            out &= (self._open(here)[:, target] >= 1).all(axis=1)
        return out

    def _open(self, which: Bools) -> Ints:
        """How many of some sites are open after each move, by period."""
        walk = self.moves.walk
        now = walk.trace.open[:, which].sum(axis=1)
        out = np.repeat(now[None], len(self.moves.source), axis=0).astype(np.int64)
        for side in self.sides:
            out[side.move] += np.where(which[side.site][:, None], side.opened, 0)
        return out
