"""What was held when: plans and bounds on a monotonic clock, and the figures drawn from them."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.solvers.base import Incumbent, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MARKS", "Point", "Trace", "gap", "held_at", "primal_integral", "reached", "thin"]

MARKS = (10, 60, 300)
"""Seconds at which a run is looked at."""
KEPT_PLANS = 5
KEPT_POINTS = 200
MIN_RISE = 1e-6
"""Relative rise of the bound that is worth a point of its own."""


@dataclass(frozen=True, slots=True)
class Point:
    """From ``seconds`` on: the best plan's objective and the best bound; ``None`` = none yet."""

    seconds: float
    incumbent: float | None
    bound: float | None


class Trace:
    """Listens to a backend's stream; minimised objectives as the backend claims them.

    ``plans`` holds the latest improvements, in case the last one does not survive the judge.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.points: list[Point] = []
        self.plans: deque[Incumbent] = deque(maxlen=KEPT_PLANS)
        self.best = math.inf
        self.bound = -math.inf

    def __call__(self, news: Incumbent | Progress) -> None:
        now = time.monotonic() - self.began
        if isinstance(news, Incumbent):
            if news.objective < self.best:
                self.plans.append(news)
                self.note(now, news.objective, None)
        elif news.bound is not None:
            self.note(now, None, news.bound)

    def note(self, seconds: float, objective: float | None, bound: float | None) -> None:
        """Take a plan or a bound, and keep a point when it is news."""
        better = objective is not None and objective < self.best
        if better and objective is not None:
            self.best = float(objective)  # backends hand out NumPy's numbers too
        rises = bound is not None and math.isfinite(bound) and self._rises(bound)
        if bound is not None and bound > self.bound:
            self.bound = float(bound)
        if better or rises:
            self.points.append(Point(seconds, _finite(self.best), _finite(self.bound)))

    def _rises(self, bound: float) -> bool:
        last = self.points[-1].bound if self.points else None
        return last is None or bound > last + MIN_RISE * max(abs(last), 1.0)

    def first(self) -> float | None:
        """Seconds to the first plan."""
        return next((p.seconds for p in self.points if p.incumbent is not None), None)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def thin(points: Sequence[Point], keep: int = KEPT_POINTS) -> list[Point]:
    """At most so many points: the first and the last, those that hold at the marks, and an even choice."""
    if len(points) <= keep:
        return list(points)
    times = [p.seconds for p in points]
    must = {0, len(points) - 1, *(bisect_right(times, m) - 1 for m in MARKS)} - {-1}
    must |= {i for i in range(1, len(points)) if points[i - 1].incumbent is None and points[i].incumbent is not None}
    room = max(keep - len(must), 2)
    even = {round(k * (len(points) - 1) / (room - 1)) for k in range(room)}
    return [points[i] for i in sorted(must | even)]


def held_at(points: Sequence[Point], seconds: float) -> Point | None:
    """What was held at a moment; ``None`` before the first point."""
    at = bisect_right([p.seconds for p in points], seconds) - 1
    return points[at] if at >= 0 else None


def gap(objective: float | None, bound: float | None, sense: int = 1) -> float | None:
    """max(0, objective − bound) / max(|objective|, 1); the other way round for a maximum."""
    if objective is None or bound is None:
        return None
    return max(0.0, sense * (objective - bound)) / max(abs(objective), 1.0)


def reached(points: Sequence[Point], wanted: float, sense: int = 1) -> float | None:
    """Seconds until the proven gap was at most ``wanted``; ``None`` = never."""
    for p in points:
        held = gap(p.incumbent, p.bound, sense)
        if held is not None and held <= wanted:
            return p.seconds
    return None


def primal_integral(points: Sequence[Point], reference: float, end: float) -> float:
    """Mean distance to the reference over ``end`` seconds, from 1 (no plan) to 0.

    Berthold's primal gap: |plan − reference| / max(|plan|, |reference|), 1 while there is no plan
    or the signs differ, 0 when both are 0 or the plan is better than the reference.
    """
    if end <= 0:
        return 0.0
    total, since, value = 0.0, 0.0, 1.0
    for p in points:
        now = min(p.seconds, end)
        total += value * (now - since)
        since, value = now, _primal_gap(p.incumbent, reference)
    return (total + value * (end - since)) / end


def _primal_gap(plan: float | None, reference: float) -> float:
    if plan is None or plan * reference < 0:
        return 1.0
    largest = max(abs(plan), abs(reference))
    return min(1.0, abs(plan - reference) / largest) if largest else 0.0
