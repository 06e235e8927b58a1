"""What profiles make of demand in every period, as arrays: the factor of each demand over the days of a period."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.horizon import add_months
from optimizer.domain.time.figures import ANY

if TYPE_CHECKING:
    from datetime import date

    from optimizer.model.aliases import Floats, Ints
    from optimizer.studies.ranges.periods import Columns, PeriodFigures

    Rows = dict[tuple[str, str, str], int]

__all__ = ["ProfileDays"]

_PHASES: Final = ("start_up", "drawdown", "residual")
_FOREVER: Final = 10**7
"""More days than there are dates."""


class ProfileDays:
    """Factors of the demands of a case, added up by day; months and factors of the profiles may vary.

    Parameters
    ----------
    columns : Columns
    """

    def __init__(self, columns: Columns) -> None:
        case, periods = columns.case, columns.horizon.periods
        self.begin = np.array([p.begin.toordinal() for p in periods])[:, None]
        self.end = np.array([p.end.toordinal() for p in periods])[:, None]
        rows: Rows = {(r.profile, r.phase, r.service or ANY): at for at, r in enumerate(case.profiles)}
        lives: dict[tuple[date | None, date | None, tuple[int, ...]], int] = {}
        group = []
        for d in case.demands:
            entity = case.entity[d.entity]
            named = tuple(_row(rows, entity.profile, phase, d.service) for phase in _PHASES)
            group.append(lives.setdefault((entity.start, entity.end, named), len(lives)))
        self._lives = tuple(lives)
        self._group = np.array(group, np.int64)
        self._known: Floats | None = None

    def __call__(self, figures: PeriodFigures) -> Floats:
        """Factors of all days of each period, in millionths, shape (n_periods, n_demands); whole numbers."""
        if any(table == "profiles" for table, _ in figures.values):
            return self._sums(figures)[:, self._group]
        if self._known is None:
            self._known = self._sums(figures)[:, self._group]
        return self._known

    def _sums(self, figures: PeriodFigures) -> Floats:
        """By life, shape (n_periods, n_lives)."""
        months, factor = figures.once("profiles", "months"), np.rint(figures.once("profiles", "factor") * 1e6)
        start = np.array([_ordinal(s, -_FOREVER) for s, _, _ in self._lives])
        end = np.array([_ordinal(e, _FOREVER) for _, e, _ in self._lives])
        turn, f = np.empty((3, len(start)), np.int64), np.zeros((3, len(start)))
        for k, (begins, ends, named) in enumerate(self._lives):
            for phase, at in enumerate(named):
                day, sign = (begins, 1) if phase == 0 else (ends, -1 if phase == 1 else 1)
                there = at >= 0 and day is not None
                turn[phase, k] = _turn(day, sign * int(months[at])) if there else (start, end, end)[phase][k]
                f[phase, k] = factor[at] if there else 0.0
        late = np.maximum(start, turn[1])
        early = self._days(start, np.minimum(turn[0], end))
        drawn = self._days(late, end)
        both = self._days(np.maximum(start, late), np.minimum(turn[0], end))
        plain = self._days(start, end) - early - drawn + both
        total = plain * 1e6 + (early - both) * f[0] + (drawn - both) * f[1] + both * np.maximum(f[0], f[1])
        after = self._days(np.maximum(start, end), turn[2])
        return np.asarray(total + after * f[2])

    @property
    def days(self) -> Ints:
        """Days of each period, shape (n_periods, 1)."""
        return np.asarray(self.end - self.begin)

    def _days(self, first: Ints, last: Ints) -> Ints:
        """Days of [first, last) in each period."""
        return np.asarray(np.maximum(0, np.minimum(self.end, last) - np.maximum(self.begin, first)))


def _row(rows: Rows, profile: str, phase: str, service: str) -> int:
    """Position of the row of a phase, −1 for none; a row that names the service replaces ``*``."""
    if not profile:
        return -1
    return rows.get((profile, phase, service), rows.get((profile, phase, ANY), -1))


def _ordinal(day: date | None, blank: int) -> int:
    return blank if day is None else day.toordinal()


@lru_cache(maxsize=1 << 14)
def _turn(day: date | None, months: int) -> int:
    assert day is not None
    return add_months(day, months).toordinal()
