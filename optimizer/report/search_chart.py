"""The course of a search: best plan so far, and the cost that no plan is below, as lines of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Chart", "Reading", "chart"]

WIDTH: Final = 1000.0
HEIGHT: Final = 300.0
_ROWS: Final = 6
_POINTS: Final = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """What was known at a moment of a search; money a year, seconds since its beginning."""

    elapsed_s: float
    best: float | None
    bound: float | None

    @property
    def between(self) -> float | None:
        """How much cheaper a plan can still be."""
        return None if self.best is None or self.bound is None else max(0.0, self.best - self.bound)


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines and labels; ``rows`` are the readings of its table."""

    plan: str
    bound: str
    between: str
    top: float
    bottom: float
    until_s: float
    rows: tuple[Reading, ...]


def chart(readings: Sequence[Reading], limit_s: float | None) -> Chart | None:
    """The chart of a search; none before there is a course to draw.

    Parameters
    ----------
    readings : sequence of Reading
        With the best known up to each, oldest first.
    limit_s : float, optional
        When the search ends; the axis goes that far as long as it is not passed by.
    """
    known = [v for r in readings for v in (r.best, r.bound) if v is not None]
    if len(readings) < 3 or not known:
        return None
    last = readings[-1].elapsed_s
    until = max(last, min(limit_s, 4 * last) if limit_s else last, 1.0)
    top, bottom = _ends(readings)
    thin = _thinned(readings)

    def x(seconds: float) -> float:
        return WIDTH * seconds / until

    def y(value: float) -> float:
        return HEIGHT * (top - min(max(value, bottom), top)) / (top - bottom)

    plan = [(x(r.elapsed_s), y(r.best)) for r in thin if r.best is not None]
    bound = [(x(r.elapsed_s), y(r.bound)) for r in thin if r.bound is not None]
    stairs = _stairs(plan)
    area = [*stairs, *reversed(bound)] if plan and bound else []
    step = max(1, math.ceil(len(readings) / _ROWS))
    rows = tuple(readings[::-1][::step][:_ROWS][::-1])
    return Chart(_text(stairs), _text(bound), _text(area), top, bottom, until, rows)


def _ends(readings: Sequence[Reading]) -> tuple[float, float]:
    """Ends of the axis of money: what is far above the present plan says little, and would flatten the rest."""
    best = [r.best for r in readings if r.best is not None]
    bounds = [r.bound for r in readings if r.bound is not None]
    low = min([*bounds, *best])
    if best:
        low = max(low, best[-1] - 4 * max(abs(best[-1]) * 0.05, best[-1] - (bounds[-1] if bounds else best[-1])))
        high = min(max(best), best[-1] + 3 * max(best[-1] - low, abs(best[-1]) * 0.01))
    else:
        high = max(bounds)
    room = max((high - low) * 0.08, abs(high) * 0.001, 1.0)
    return high + room, low - room


def _thinned(readings: Sequence[Reading]) -> Sequence[Reading]:
    step = max(1, math.ceil(len(readings) / _POINTS))
    thin = list(readings[::step])
    return thin if thin[-1] is readings[-1] else [*thin, readings[-1]]


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A plan holds until a better one is found."""
    out: list[tuple[float, float]] = []
    for x, y in points:
        if out and out[-1][1] != y:
            out.append((x, out[-1][1]))
        out.append((x, y))
    return out


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
