"""When sites are open, set up and closed, from the periods in which they serve: of many sites, or ways to use one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.time.joint import JointProblem

__all__ = ["Lives", "SitesOverTime"]


@dataclass(frozen=True, eq=False)
class Lives:
    """Lives of k sites; arrays of shape (k, n_periods), bool.

    Parameters
    ----------
    open : ndarray
        The site is open, and paid for.
    opens : ndarray
        A candidate serves for the first time.
    closes : ndarray
        It is open no longer; today's site that never serves closes in the first period.
    """

    open: Bools
    opens: Bools
    closes: Bools


@dataclass(frozen=True, eq=False)
class SitesOverTime:
    """What decides when a site is open.

    Parameters
    ----------
    of_today : ndarray of shape (n_providers,), bool
        It serves a demand of the case today.
    required, candidate : ndarray of shape (n_providers,), bool
    may, ended : ndarray of shape (n_providers, n_periods), bool
        It may serve; it may no longer.
    """

    of_today: Bools
    required: Bools
    candidate: Bools
    may: Bools
    ended: Bools

    @classmethod
    def of(cls, joint: JointProblem) -> SitesOverTime:
        """Those of a case."""
        used = np.zeros(joint.n_providers + 1, np.bool_)
        used[joint.current[joint.current >= 0]] = True
        status = [p.status for p in joint.case.providers]
        may = np.array([stage.serves for stage in joint.stages], np.bool_).reshape(joint.n_periods, -1).T
        return cls(
            of_today=used[:-1],
            required=np.array([s == "required" for s in status], np.bool_),
            candidate=np.array([s == "candidate" for s in status], np.bool_),
            may=may,
            ended=~may & np.logical_or.accumulate(may, axis=1),
        )

    def lives(self, site: Ints, serving: Bools) -> Lives:
        """Lives of sites; ``site`` of shape (k,), ``serving`` of shape (k, n_periods): it has work in the period."""
        begun = np.logical_or.accumulate(serving, axis=1)
        goes_on = np.logical_or.accumulate(serving[:, ::-1], axis=1)[:, ::-1]
        candidate, required = self.candidate[site][:, None], self.required[site][:, None]
        is_open = np.where(self.of_today[site][:, None], goes_on, begun & goes_on)
        is_open = np.where(candidate, begun & ~self.ended[site], is_open)
        is_open = np.where(required, self.may[site], is_open)
        before = np.zeros_like(begun)
        before[:, 1:] = begun[:, :-1]
        return Lives(is_open, begun & ~before & candidate, self._closes(site, is_open))

    def _closes(self, site: Ints, is_open: Bools) -> Bools:
        """The first period after the last in which each site is open."""
        out = np.zeros_like(is_open)
        later = np.logical_or.accumulate(is_open[:, ::-1], axis=1)[:, ::-1]
        out[:, 1:] = is_open[:, :-1] & ~later[:, 1:]
        out[:, 0] = ~later[:, 0] & self.of_today[site]
        return out
