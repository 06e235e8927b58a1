"""Bounds of a horizon: the sum of the bounds of its periods, each by the steady engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.solvers.over_time.courses import Courses, Limits
from optimizer.solvers.over_time.intervals import Openings
from optimizer.solvers.over_time.prices import setup_prices, spread
from optimizer.solvers.over_time.relaxed import plain_bound
from optimizer.solvers.over_time.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.solvers.over_time.relaxed import Relaxed

__all__ = ["Bounds"]


class Bounds:
    """Bounds of all periods under one spread of what leaving costs; only those of one spread may be added up.

    Parameters
    ----------
    relaxed : Relaxed
    dates : ndarray of shape (n_demands,), optional
        As in ``spread``.
    """

    def __init__(self, relaxed: Relaxed, dates: Ints | None = None) -> None:
        self.relaxed, joint = relaxed, relaxed.joint
        self.away: Floats = spread(joint, relaxed.reach, relaxed.leaving, dates)
        self.weight = np.array([s.weight for s in joint.stages])
        self.by_period = np.array([plain_bound(self.problem(t)) for t in range(joint.n_periods)])

    def problem(self, t: int, *, backups: bool = True) -> Problem:
        """The steady problem below a period."""
        return self.relaxed.problem(t, self.away[t], backups=backups)

    def shared(self) -> Shared:
        """What the ascent of all prices together works on."""
        joint, relaxed = self.relaxed.joint, self.relaxed
        none = np.zeros(joint.n_demands)
        problems = (relaxed.problem(t, none, backups=not relaxed.tightens(t)) for t in range(joint.n_periods))
        return Shared(
            problems=tuple(problems),
            demands=tuple(s.demand for s in joint.stages),
            weight=self.weight,
            first=self.away,
            there=joint.local >= 0,
            courses=Courses.of(joint, relaxed.reach),
            limits=Limits.of(joint),
            openings=Openings.of(joint, setup_prices(joint)),
        )

    @property
    def total(self) -> float:
        """What any path costs at least, discounted."""
        return float(self.by_period @ self.weight)

    def claim(self, t: int, bound: float | None) -> None:
        """Take a bound of the period's problem, money a year."""
        if bound is not None and np.isfinite(bound):
            self.by_period[t] = max(self.by_period[t], bound)

    def raise_by(self, t: int, ask: Callable[[Problem], float | None]) -> None:
        """Ask for the bound of a period; where backups and what sites take in share room, of both ways to see it."""
        self.claim(t, ask(self.problem(t)))
        if self.relaxed.tightens(t):
            self.claim(t, ask(self.problem(t, backups=False)))
