"""What the process of a task says while it works: better plans, bounds, the course of its search."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from optimizer.solvers.accept.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.line import Line
    from optimizer.solvers.accept.solve import Incumbent, Progress

__all__ = ["PhasedReports", "Reports"]

COURSE_POINTS = 2000
"""Points of its course that a search remembers; of more, every second one."""
INCUMBENT_EVERY_S = 0.5
PROGRESS_EVERY_S = 0.25


class Reports:
    """Passes on progress and plans, not more often than anyone reads."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._began = time.monotonic()
        self._sent = {"incumbent": -1e9, "progress": -1e9}
        self._best: float | None = None
        self._standing = Standing()
        self.course: list[tuple[float, float | None, float | None]] = []

    def incumbent(self, objective: float, rows: Callable[[], list[tuple[Any, ...]]]) -> None:
        """A better plan."""
        if (self._best is None or objective < self._best) and self._due("incumbent", INCUMBENT_EVERY_S):
            self._best = objective
            self._line.send("incumbent", objective=objective, rows=rows())

    def progress(self, news: Incumbent | Progress) -> None:
        """A step of the solve."""
        if not self._standing.take(news) and not self._due("progress", PROGRESS_EVERY_S):
            return
        known = self._standing
        elapsed = round(time.monotonic() - self._began, 3)
        self._line.send("progress", elapsed_s=elapsed, incumbent=known.incumbent, bound=known.bound, phase=known.phase)
        self.course.append((elapsed, known.incumbent, known.bound))
        if len(self.course) > COURSE_POINTS:
            del self.course[1::2]

    def _due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now - self._sent[what] < every:
            return False
        self._sent[what] = now
        return True


class PhasedReports(Reports):
    """Passes on the plans of every point, which all hold for the last, but only the last one's bounds.

    In step 1 figures are moves, and nothing but its name is told.
    """

    def __init__(self, line: Line, last: int) -> None:
        super().__init__(line)
        self._last, self._doing = last, "fewest moves"
        self._counts = self._final = False

    def phase(self, name: str, budget: int | None) -> None:
        """A step begins."""
        self._counts = name == "cost"
        self._final = self._counts and budget in (None, self._last)
        self._doing = "fewest moves" if name == "moves" else f"least cost, {budget or 0} more moves"
        self._standing = Standing()
        self._standing.incumbent = self._best  # plans hold for all points that follow, bounds do not
        self._sent["progress"] = -1e9

    def incumbent(self, objective: float, rows: Callable[[], list[tuple[Any, ...]]]) -> None:
        """A better plan."""
        if self._counts:
            super().incumbent(objective, rows)

    def progress(self, news: Incumbent | Progress) -> None:
        """A step of the solve."""
        if self._final:
            super().progress(news)
        elif self._due("progress", PROGRESS_EVERY_S):
            elapsed = round(time.monotonic() - self._began, 3)
            self._line.send("progress", elapsed_s=elapsed, incumbent=self._best, bound=None, phase=self._doing)
