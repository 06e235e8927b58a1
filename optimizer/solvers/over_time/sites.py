"""When sites are open, and what opening, closing and staying open without work costs; for all sites at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats
    from optimizer.solvers.over_time.period_arrays import Figures

__all__ = ["SiteMoney", "SiteRules"]


class SiteMoney(NamedTuple):
    """By period: discounted money of openings, closings and open sites without work; one-offs undiscounted."""

    discounted: Floats
    once: Floats


class SiteRules:
    """The rules of open sites over the serving ones, as ``Trace`` has them, for a search that asks often.

    Parameters
    ----------
    figures : Figures
    """

    def __init__(self, figures: Figures) -> None:
        self.figures, joint = figures, figures.joint
        n = joint.n_providers
        self.of_today = np.zeros(n, np.bool_)
        used = joint.current[(joint.current >= 0) & (joint.current < n)]
        self.of_today[used] = True
        status = [p.status for p in joint.case.providers]
        self.required = np.array([s == "required" for s in status], np.bool_)
        self.candidate = np.array([s == "candidate" for s in status], np.bool_)
        self.may = np.array([stage.serves for stage in joint.stages], np.bool_)
        self.ended = ~self.may & np.logical_or.accumulate(self.may, axis=0)
        self.starts_later = self.required & self.may.any(axis=0) & ~self.may[0]

    def money(self, serving: Bools) -> SiteMoney:
        """What sites cost beside serving; ``serving`` of shape (n_periods, n_providers)."""
        f, n = self.figures, len(self.of_today)
        begun = np.logical_or.accumulate(serving, axis=0)
        goes_on = np.logical_or.accumulate(serving[::-1], axis=0)[::-1]
        is_open = np.where(self.of_today, goes_on, begun & goes_on)
        is_open = np.where(self.candidate, begun & ~self.ended, is_open)
        is_open = np.where(self.required, self.may, is_open)
        opens = np.diff(begun, axis=0, prepend=False) & self.candidate
        before = np.concatenate([self.of_today[None] & ~self.starts_later, is_open[:-1]])
        later = np.logical_or.accumulate(is_open[::-1], axis=0)[::-1]
        closes = before & ~later
        idle = np.where(is_open & ~serving & ~self.required, f.site[:, :n], 0.0)
        once = np.where(opens, f.money_setup[:, :n], 0.0) + np.where(closes, f.money_exit[:, :n], 0.0)
        worth = np.where(opens, f.setup[:, :n], 0.0) + np.where(closes, f.exit[:, :n], 0.0)
        return SiteMoney((idle + worth).sum(axis=1), once.sum(axis=1))
