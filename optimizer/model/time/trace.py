"""What a path does, counted from it: switches, and when sites are open. Exact, and no solver's word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.model.time.lives import SitesOverTime

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.lives import Lives

__all__ = ["Switch", "Trace"]


class Switch(NamedTuple):
    """A demand's source differs from the last one it had; ``t`` counts from 0."""

    t: int
    d: int
    old: int
    new: int
    forced: bool
    """The old source is not eligible in the period."""
    beside: bool
    """The demand was present in the period before, or this is the first: work can be handed over side by side."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A path and what follows from it.

    Parameters
    ----------
    joint : JointProblem
    provider : ndarray of shape (n_periods, n_demands)
        Source in each period, −1 where absent or served by nobody.
    as_baseline : bool
        Today's path: nothing switches, and sites close only by their end.
    """

    joint: JointProblem
    provider: Ints
    as_baseline: bool = False

    @cached_property
    def switches(self) -> tuple[Switch, ...]:
        """Every switch, by period and demand."""
        if self.as_baseline:
            return ()
        out = []
        for d, presence in enumerate(self.joint.presence):
            last, before = int(self.joint.current[d]), -1
            for k, t in enumerate(presence):
                now = int(self.provider[t, d])
                if last not in (-1, now) and now >= 0:
                    beside = t == 0 or (k > 0 and before == t - 1)
                    out.append(Switch(t, d, last, now, self.joint.pair(t, d, last) < 0, beside))
                last, before = (now if now >= 0 else last), t
        return tuple(sorted(out))

    @cached_property
    def serving(self) -> Bools:
        """Which sites have work, shape (n_periods, n_providers)."""
        n = self.joint.n_providers
        out = np.zeros((self.joint.n_periods, n), np.bool_)
        for t, row in enumerate(self.provider):
            out[t, np.unique(row[(row >= 0) & (row < n)])] = True
        return out

    @cached_property
    def sites(self) -> SitesOverTime:
        """What decides when sites are open."""
        return SitesOverTime.of(self.joint)

    @property
    def of_today(self) -> Bools:
        """Sites that serve a demand of the case today, shape (n_providers,)."""
        return self.sites.of_today

    @cached_property
    def lives(self) -> Lives:
        """When each site is open, set up and closed."""
        return self.sites.lives(np.arange(self.joint.n_providers), self.serving.T)

    @property
    def open(self) -> Bools:
        """Which sites are open, and paid for, shape (n_periods, n_providers)."""
        return self.lives.open.T

    @cached_property
    def opens(self) -> tuple[tuple[int, int], ...]:
        """(period, candidate) in which it serves for the first time."""
        return () if self.as_baseline else tuple((t, p) for p, t in np.argwhere(self.lives.opens).tolist())

    @cached_property
    def closes(self) -> tuple[tuple[int, int], ...]:
        """(period, site) in which it is no longer open; today's site that never serves closes in the first period.

        On today's path sites close by their end alone, in the first period that it leaves out.
        """
        if self.as_baseline:
            return self._ends
        return tuple(sorted((t, p) for p, t in np.argwhere(self.lives.closes).tolist()))

    @property
    def _ends(self) -> tuple[tuple[int, int], ...]:
        """(period, site) in which the end of a site that serves today, or is open, has come."""
        out = []
        for p, row in enumerate(self.joint.case.providers):
            ended = (t for t, s in enumerate(self.joint.stages) if row.end is not None and row.end < s.period.end)
            at = next(ended, None)
            if at is not None and (self.of_today[p] or self.open[:, p].any()):
                out.append((at, p))
        return tuple(sorted(out))

    @cached_property
    def bang(self) -> int | None:
        """Period in which the first unforced switch takes effect; ``None`` when there is none."""
        return next((s.t for s in self.switches if not s.forced), None)
