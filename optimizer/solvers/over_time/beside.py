"""The bounds of a run by parts, raised beside the search for plans where there are two threads."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import BackendError
from optimizer.solvers.base import Progress, Request
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from optimizer.model.problem import Problem
    from optimizer.solvers.base import Incumbent
    from optimizer.solvers.over_time.bounding import Bounds
    from optimizer.solvers.over_time.run import Run

__all__ = ["BoundsBeside"]

BOUNDS_SHARE: Final = 0.6
"""Share of the time for the bounds where nothing runs beside."""
SMALL_PAIRS: Final = 12_000
"""Eligible pairs of each period up to which the steady engine bounds periods by themselves first."""
TOGETHER: Final = "optimizer.solvers.over_time.ascent:BoundsOverTime"
"""What raises the bound of all periods together, in a child process."""


class BoundsBeside:
    """Bounds of each period by itself where these are small, then of all periods together.

    Parameters
    ----------
    ongoing : Run
    bounds : Bounds
    """

    def __init__(self, ongoing: Run, bounds: Bounds) -> None:
        self.run, self.bounds = ongoing, bounds
        self.beside = ongoing.params.threads > 1
        self.share = 1.0 if self.beside else BOUNDS_SHARE
        self.thread = threading.Thread(target=self._safely, daemon=True)
        self.run.raise_bound(bounds.total)

    def start(self) -> None:
        """Begin, where there is a thread for it and it has not begun."""
        if self.beside and self.thread.ident is None:
            self.thread.start()

    def in_turn(self) -> None:
        """Do all of it now, where there was no thread for it."""
        if not self.beside:
            self._safely()

    def end(self) -> None:
        """Wait for what began."""
        if self.thread.ident is not None:
            self.thread.join()

    def claim(self, t: int, bound: float | None) -> None:
        """Take a bound of a period's problem, money a year."""
        self.bounds.claim(t, bound)
        self.run.raise_bound(self.bounds.total)

    def _safely(self) -> None:
        """A plan is worth keeping whatever happens here: an error is told with it."""
        try:
            self.raise_all()
        except Exception as error:  # whatever it is, it is told
            self.run.failed("bounds", error)

    def raise_all(self) -> None:
        """For as long as there is time; not where a demand has no source in a period: there is no plan to bound."""
        if not math.isfinite(self.bounds.total):
            return
        joint = self.bounds.relaxed.joint
        if max(s.problem.n_pairs for s in joint.stages) <= SMALL_PAIRS:
            self._each(0.5 * self.share)
        self._together(self.share)

    def _each(self, share: float) -> None:
        """Each period by the steady engine, the last one first."""
        periods = self.bounds.relaxed.joint.n_periods
        until = self.run.elapsed() + self.run.share(share)
        for k, t in enumerate(reversed(range(periods))):
            if self.run.stop():
                return
            each = (until - self.run.elapsed()) / (periods - k)

            def ask(problem: Problem, seconds: float = each, t: int = t) -> float | None:
                outcome = self.run.engine(problem, seconds, 1)
                if outcome is not None and outcome.infeasible:
                    self.run.suspect = t
                return None if outcome is None else outcome.bound

            self.bounds.raise_by(t, ask)
            self.run.raise_bound(self.bounds.total)

    def _together(self, share: float) -> None:
        """Prices of all periods and of what ties them together."""
        seconds = self.run.share(share)
        if seconds <= 0 or self.run.stop():
            return
        request = Request(self.bounds.shared(), None, self.run.limits(seconds, 1))  # type: ignore[arg-type]

        def heard(news: Incumbent | Progress) -> None:
            if isinstance(news, Progress):
                self.run.raise_bound(news.bound)

        try:
            outcome = run(
                "highs", request, on_progress=heard, cancelled=self.run.stop, pool=self.run.pool, target=TOGETHER
            )
        except BackendError as error:
            self.run.failed("prices over time", error)
            return
        self.run.raise_bound(outcome.bound)
