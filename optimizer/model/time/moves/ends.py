"""The two ends of a stretch whose source is another: the switch into it and the one out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.time.moves.walk import Walk
    from optimizer.model.time.stretches import Stretches

__all__ = ["End", "StretchMoves"]


class End(NamedTuple):
    """What happens at one end of each stretch; arrays of shape (n_moves,).

    Parameters
    ----------
    t : ndarray
        Its period; the first stands in where there is no such end.
    was, now : ndarray of bool
        The demand switches there in the path, and after the move.
    forced_was, forced_now, committed : ndarray of bool
    money_was, money_now : ndarray
        One-off money of the switch, not discounted; 0 without one.
    """

    t: Ints
    was: Bools
    now: Bools
    forced_was: Bools
    forced_now: Bools
    committed: Bools
    money_was: Floats
    money_now: Floats

    @property
    def free(self) -> Bools:
        """After the move it switches freely: order and waves bind it."""
        return self.now & ~self.forced_now & ~self.committed

    @property
    def was_free(self) -> Bools:
        """It does in the path."""
        return self.was & ~self.forced_was & ~self.committed


@dataclass(frozen=True, eq=False)
class StretchMoves:
    """Some stretches, each at another source; arrays of shape (n_moves,).

    Parameters
    ----------
    walk : Walk
    number : ndarray
        Which stretch, counted among ``Stretches``.
    source : ndarray
        Where it goes.
    """

    walk: Walk
    number: Ints
    source: Ints

    @property
    def stretches(self) -> Stretches:
        """All stretches of the path."""
        return self.walk.stretches

    @cached_property
    def demand(self) -> Ints:
        """Whose stretch it is."""
        return self.stretches.demand[self.number]

    @cached_property
    def here(self) -> Ints:
        """Where it is."""
        return self.stretches.source[self.number]

    @cached_property
    def covers(self) -> Bools:
        """Its periods, shape (n_moves, n_periods)."""
        return self.stretches.covers[self.number]

    @cached_property
    def begins(self) -> Bools:
        """The demand begins with it."""
        return np.asarray(self.stretches.before[self.number] < 0, np.bool_)

    @cached_property
    def start(self) -> End:
        """The switch into it."""
        before = self.stretches.before[self.number]
        return self._end(self.stretches.first[self.number], ~self.begins, (before, before), (self.here, self.source))

    @cached_property
    def finish(self) -> End:
        """The switch out of it."""
        then, after = self.stretches.then[self.number], self.stretches.after[self.number]
        return self._end(np.maximum(then, 0), then >= 0, (self.here, self.source), (after, after))

    def _end(self, t: Ints, some: Bools, left: tuple[Ints, Ints], came: tuple[Ints, Ints]) -> End:
        """``left`` and ``came``: the sources on both sides, before the move and after."""
        walk, d = self.walk, self.demand
        was, now = (np.asarray(some & (old != new), np.bool_) for old, new in zip(left, came, strict=True))
        forced = [~walk.ways.pair[t, d, old] for old in left]
        money = [np.where(s, walk.leaving[t, d, old], 0.0) for s, old in zip((was, now), left, strict=True)]
        return End(t, was, now, forced[0], forced[1], walk.committed[t, d], money[0], money[1])

    @cached_property
    def able(self) -> Bools:
        """The rules about one demand allow what happens at both ends."""
        walk, d, x = self.walk, self.demand, self.stretches
        ways, begin = walk.ways, self.start.t
        before, after, then = x.before[self.number], x.after[self.number], self.finish.t
        starts = np.where(self.begins, ways.new[begin, d, self.source], True)
        comes = ~self.start.now | (ways.leaves[begin, d, before] & ways.comes[begin, d, self.source])
        goes = ~self.finish.now | (ways.leaves[then, d, self.source] & ways.comes[then, d, after])
        return np.asarray(starts & comes & goes & (self.switches <= walk.joint.policy.max_switches), np.bool_)

    @cached_property
    def switches(self) -> Ints:
        """Switches of the demand after the move."""
        more = self.start.now.astype(np.int64) + self.finish.now - self.start.was - self.finish.was
        return np.asarray(self.walk.switch_count[self.demand] + more, np.int64)

    def made(self, k: int) -> Walk:
        """The path after one move, its backups as they were."""
        return self.walk.moved(int(self.demand[k]), self.covers[k], int(self.source[k]))

    def some(self, at: Ints) -> StretchMoves:
        """The moves at these positions, in their order."""
        return StretchMoves(self.walk, self.number[at], self.source[at])
