"""Periods of a dynamic case, and what a period is worth today."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

__all__ = ["MONTHS", "PERIODS_MAX", "Horizon", "Period", "Unit", "add_months"]

Unit = Literal["month", "quarter", "year"]

MONTHS: Final[dict[Unit, int]] = {"month": 1, "quarter": 3, "year": 12}
"""Months of each unit."""

PERIODS_MAX: Final = 120
"""Most periods of a horizon."""


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Period:
    """One period [begin, end).

    Parameters
    ----------
    number : int
        From 1.
    begin, end : date
        First day, and first day of the next period.
    years : Fraction
        Length L: 1/12, 1/4 or 1, whatever its days.
    planning_year : int
        Twelve months from the start of the horizon, counted from 1.
    is_target : bool
        The target rules bind: it begins on or after ``target_from``.
    """

    number: int
    begin: date
    end: date
    years: Fraction
    planning_year: int
    is_target: bool

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.end - self.begin).days


@dataclass(frozen=True, slots=False)
class Horizon:
    """``[horizon]`` of the policy: ``count`` periods of one ``unit`` from ``start``.

    Parameters
    ----------
    start : date
        First of a month; a good start is that of a budget year.
    unit : {"month", "quarter", "year"}
    count : int
        1 to 120.
    target_from : date
        The target rules bind in periods that begin on or after it.
    """

    start: date
    unit: Unit
    count: int
    target_from: date

    @property
    def months(self) -> int:
        """Months of a period."""
        return MONTHS[self.unit]

    @property
    def end(self) -> date:
        """First day after the last period."""
        return add_months(self.start, self.months * self.count)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Every period, in order."""
        begins = [add_months(self.start, self.months * k) for k in range(self.count + 1)]
        length = Fraction(self.months, 12)
        return tuple(
            Period(
                number=k + 1,
                begin=begins[k],
                end=begins[k + 1],
                years=length,
                planning_year=self.months * k // 12 + 1,
                is_target=begins[k] >= self.target_from,
            )
            for k in range(self.count)
        )

    def discount(self, period: Period, rate: float) -> float:
        """What 1 in the middle of a period is worth at the start: (1 + r)^−((t − ½)·L)."""
        return float((1.0 + rate) ** -float((period.number - Fraction(1, 2)) * period.years))

    def as_mapping(self) -> dict[str, str | int]:
        """As in ``policy.toml``."""
        return {
            "start": self.start.isoformat(),
            "unit": self.unit,
            "count": self.count,
            "target_from": self.target_from.isoformat(),
        }
