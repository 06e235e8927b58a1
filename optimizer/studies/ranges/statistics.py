"""From samples to figures: quantiles, cash curves, single rows at their ends, thresholds."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from optimizer.plan.ranges import MEASURES, Band, CashBand, Crossing, End, RangedRow, Spread, Swing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from optimizer.model.aliases import Floats
    from optimizer.studies.ranges.figures import RangedFigures
    from optimizer.studies.ranges.held import Outcome

__all__ = [
    "Asker",
    "Remembered",
    "band_of",
    "broken_rules",
    "cash_of",
    "crossings",
    "ranged_rows",
    "spreads",
    "tornado",
]

_PARTS: Final = (0.1, 0.5, 0.9)
_STEPS: Final = 60
"""Halvings of an interval: beyond them floats do not tell its ends apart."""
_NODES: Final = 5
"""Most distinct places at which the figures of a row may stand that are looked at in the search for thresholds."""


class Remembered:
    """What was asked before is not asked again: rows at their ends, and the case as it is.

    Parameters
    ----------
    asker : Asker
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._known: dict[bytes, Outcome | None] = {}

    def outcome(self, u: Floats) -> Outcome | None:
        """The plan held."""
        key = u.tobytes()
        if key not in self._known:
            self._known[key] = self._asker.outcome(u)
        return self._known[key]


class Asker(Protocol):
    """What the plan comes to for draws of all rows; NaN leaves a row's figures as they are, ``None``: no valid case."""

    def outcome(self, u: Floats) -> Outcome | None:
        """The plan held."""
        ...


def band_of(values: Sequence[float | None]) -> Band:
    """P10, P50 and P90 of amounts, between two of them in proportion; to the cent."""
    found = [v for v in values if v is not None]
    if not found or len(found) < len(values):
        return Band(None, None, None)
    return Band(*(round(float(p), 2) + 0.0 for p in np.quantile(found, _PARTS)))


def _months_of(values: Sequence[int | None]) -> Band:
    """P10, P50 and P90 of months, those that never come last: the month that stands there, or the next."""
    if not values:
        return Band(None, None, None)
    ordered = sorted(values, key=lambda v: (v is None, v or 0))
    return Band(*(ordered[ceil(part * (len(ordered) - 1))] for part in _PARTS))


def spreads(planned: Outcome | None, samples: Sequence[Outcome]) -> dict[str, Spread]:
    """What is told of the plan, by ``MEASURES``."""
    out = {}
    for name in MEASURES:
        values: list[Any] = [getattr(s, name) for s in samples]
        band = _months_of(values) if name == "break_even" else band_of(values)
        out[name] = Spread(_cents(planned, name), band.p10, band.p50, band.p90)
    return out


def _cents(outcome: Outcome | None, name: str) -> Any:
    value = None if outcome is None else getattr(outcome, name)
    return value if value is None or name == "break_even" else round(value, 2) + 0.0


def cash_of(planned: Outcome | None, samples: Sequence[Outcome], begins: Sequence[date]) -> tuple[CashBand, ...]:
    """The cumulative curve with its range; nothing where there is no baseline."""
    if planned is None or planned.cumulative is None or planned.cumulative_discounted is None:
        return ()
    out = []
    for t, begin in enumerate(begins):
        paid = [None if s.cumulative is None else float(s.cumulative[t]) for s in samples]
        worth = [None if s.cumulative_discounted is None else float(s.cumulative_discounted[t]) for s in samples]
        both = []
        for own, values in ((planned.cumulative[t], paid), (planned.cumulative_discounted[t], worth)):
            band = band_of(values)
            both.append(Spread(round(float(own), 2) + 0.0, band.p10, band.p50, band.p90))
        out.append(CashBand(t + 1, begin.isoformat(), *both))
    return tuple(out)


def broken_rules(samples: Sequence[Outcome]) -> dict[str, float]:
    """Share of the samples in which each rule is broken, most frequent first."""
    found = Counter(rule for s in samples for rule in s.broken)
    return {rule: round(n / len(samples), 6) for rule, n in sorted(found.items(), key=lambda x: (-x[1], x[0]))}


def ranged_rows(figures: RangedFigures) -> tuple[RangedRow, ...]:
    """The rows as they are told."""
    out = []
    for n, r in enumerate(figures.rows):
        held = [value for _, _, value in figures.governed(n)]
        least, most = (min(held), max(held)) if held else (None, None)
        out.append(
            RangedRow(n + 1, r.source, r.table, r.key, r.column, r.begins, r.low, r.high, len(held), least, most)
        )
    return tuple(out)


def tornado(asker: Asker, figures: RangedFigures) -> tuple[Swing, ...]:
    """Each row that governs a figure at its two ends, all others as the case says them; largest swing first."""
    out = []
    for n in range(len(figures.rows)):
        if figures.governed(n):
            low, high = (_end(_at(asker, figures, n, u)) for u in (0.0, 1.0))
            swing = None if low.npv is None or high.npv is None else round(abs(high.npv - low.npv), 2)
            out.append(Swing(n + 1, low, high, swing))
    return tuple(sorted(out, key=lambda s: (s.swing is None, -(s.swing or 0.0), s.row)))


def _at(asker: Asker, figures: RangedFigures, n: int, u: float) -> Outcome | None:
    """The plan with one row at a quantile."""
    draws = figures.still()
    draws[n] = u
    return asker.outcome(draws)


def _end(outcome: Outcome | None) -> End:
    if outcome is None:
        return End(False, None, None, None, None, None, ())
    money = {name: _cents(outcome, name) for name in MEASURES}
    return End(True, **money, broken=tuple(sorted(outcome.broken)))


def crossings(asker: Asker, figures: RangedFigures) -> tuple[Crossing, ...]:
    """Where the net present value turns its sign as the figures of one row move from low to high, by bisection."""
    return tuple(c for n in range(len(figures.rows)) if figures.governed(n) for c in _crossings(asker, figures, n))


def _crossings(asker: Asker, figures: RangedFigures, n: int) -> Iterator[Crossing]:
    row, held = figures.rows[n], [value for _, _, value in figures.governed(n)]
    if row.low == row.high:
        return
    places = sorted({(value - row.low) / (row.high - row.low) for value in held})
    step = max(1, -(-len(places) // _NODES))
    nodes = sorted({0.0, 1.0, *places[::step]})
    alone = places[0] if len(places) == 1 else None  # there every figure is as the case says it
    worth = [_npv(asker, figures, None if u == alone else n, u) for u in nodes]
    for k in range(len(nodes) - 1):
        a, b = worth[k], worth[k + 1]
        if a is None or b is None or (a >= 0) == (b >= 0):
            continue
        place = _bisect(asker, figures, n, (nodes[k], nodes[k + 1]), rises=b > a)
        if place is not None:
            figure = _figure(figures, n, place) if len(set(held)) == 1 else None
            yield Crossing(n + 1, round(place, 9), figure, "positive" if b > a else "negative")


def _figure(figures: RangedFigures, n: int, u: float) -> float:
    """The figure that a row governs, at a quantile."""
    draws = figures.still()
    draws[n] = u
    name, target = next((name, t) for name, t in figures.targets.items() if (t.row == n).any())
    return float(figures.draw(draws)[name][target.row == n][0])


def _npv(asker: Asker, figures: RangedFigures, n: int | None, u: float) -> float | None:
    found = asker.outcome(figures.still()) if n is None else _at(asker, figures, n, u)
    return None if found is None else found.npv


def _bisect(asker: Asker, figures: RangedFigures, n: int, between: tuple[float, float], *, rises: bool) -> float | None:
    """The quantile at which the sign turns; ``None`` where a case on the way is not valid."""
    low, high = between
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        worth = _npv(asker, figures, n, middle)
        if worth is None:
            return None
        low, high = (low, middle) if (worth >= 0) == rises else (middle, high)
    return high
