"""Periods of a horizon in words and on an axis, and figures added up by planning year."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from optimizer.report.numbers import tell
from optimizer.report.places import Month, Quarter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Periods"]

_TICKS: Final = 8
"""Most marks on an axis, so that their texts do not touch on a phone."""


class Periods:
    """The horizon of a document.

    Parameters
    ----------
    plan : mapping
        ``designate.plan/2``.
    """

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.rows: list[dict[str, Any]] = plan["horizon"]["periods"]
        self.begins = [date.fromisoformat(r["begin"]) for r in self.rows]
        self.end = date.fromisoformat(self.rows[-1]["end"])
        self.unit: str = plan["horizon"]["unit"]

    def __len__(self) -> int:
        return len(self.rows)

    def month(self, number: int) -> str:
        """First month of a period, counted from 1: ``April 2027``."""
        return Month(self.begins[number - 1])

    def label(self, number: int) -> str:
        """Short name of a period: ``Apr 2027``, ``Q2 2027``, ``2027``; where it begins at an odd month, that month."""
        begin = self.begins[number - 1]
        if self.unit == "quarter" and begin.month % 3 == 1:
            return Quarter(begin)
        if self.unit == "year" and begin.month == 1:
            return str(begin.year)
        return Month(begin, short=True)

    def after_months(self, months: int) -> str:
        """The month at whose end so many months have passed."""
        return Month(self.day_after(months))

    def day_after(self, months: int) -> date:
        """First day of the month at whose end so many months have passed."""
        first = self.begins[0]
        whole = first.year * 12 + first.month - 1 + max(months, 1) - 1
        return date(whole // 12, whole % 12 + 1, 1)

    @property
    def span(self) -> str:
        """``January 2027 to December 2030``."""
        return tell("{first} to {last}", first=self.month(1), last=self.after_months(self.months))

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return (self.end.year - self.begins[0].year) * 12 + self.end.month - self.begins[0].month

    @property
    def years(self) -> list[int]:
        """Planning years, from 1."""
        return sorted({r["planning_year"] for r in self.rows})

    def year_of(self, number: int) -> int:
        """Planning year of a period."""
        year: int = self.rows[number - 1]["planning_year"]
        return year

    def year_label(self, year: int) -> str:
        """``2027`` where planning years are those of the calendar, else ``2027/28``."""
        begin = next(b for b, r in zip(self.begins, self.rows, strict=True) if r["planning_year"] == year)
        return str(begin.year) if begin.month == 1 else f"{begin.year}/{(begin.year + 1) % 100:02d}"

    def by_year(self, rows: Iterable[Mapping[str, Any]], column: str) -> dict[int, float]:
        """A figure of rows with ``period``, added up by planning year."""
        out: dict[int, float] = defaultdict(float)
        for row in rows:
            out[self.year_of(row["period"])] += row[column] or 0.0
        return {year: out[year] for year in self.years}

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Marks of an axis: share of its length, and text; each at the beginning of a planning year."""
        first = [(i / len(self.rows), y) for y in self.years for i in [self._first(y)]]
        step = -(-len(first) // _TICKS)
        return [(at, self.year_label(year)) for at, year in first[::step]]

    def _first(self, year: int) -> int:
        return next(i for i, r in enumerate(self.rows) if r["planning_year"] == year)
