"""Periods, months and discount factors."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from optimizer.domain.time.horizon import Horizon, add_months


def horizon(
    start: date = date(2027, 1, 1), unit: str = "quarter", count: int = 8, target: date | None = None
) -> Horizon:
    return Horizon(start, unit, count, target or start)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2027, 11, 5), 3, date(2028, 2, 5)),
        (date(2027, 1, 1), -12, date(2026, 1, 1)),
    ],
)
def test_months_keep_their_day_or_end_with_the_month(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_periods_follow_each_other_without_a_gap() -> None:
    periods = horizon(date(2027, 11, 1), "quarter", 5).periods
    assert [p.number for p in periods] == [1, 2, 3, 4, 5]
    assert all(a.end == b.begin for a, b in pairwise(periods))
    assert periods[1].begin == date(2028, 2, 1)
    assert periods[1].days == 90  # February 2028 has 29 days


@pytest.mark.parametrize(("unit", "length"), [("month", Fraction(1, 12)), ("quarter", Fraction(1, 4)), ("year", 1)])
def test_a_length_does_not_depend_on_days(unit: str, length: Fraction) -> None:
    assert {p.years for p in horizon(unit=unit).periods} == {length}


def test_planning_years_are_twelve_months_from_the_start() -> None:
    assert [p.planning_year for p in horizon(date(2027, 7, 1), "quarter", 9).periods] == [1] * 4 + [2] * 4 + [3]
    assert [p.planning_year for p in horizon(unit="month", count=13).periods] == [1] * 12 + [2]


def test_target_rules_bind_in_periods_that_begin_on_or_after_their_day() -> None:
    periods = horizon(target=date(2027, 4, 2)).periods
    assert [p.is_target for p in periods] == [False, False] + [True] * 6
    assert horizon(target=date(2027, 4, 1)).periods[1].is_target


def test_a_period_is_discounted_from_its_middle() -> None:
    years = horizon(unit="year", count=2)
    assert years.discount(years.periods[0], 0.21) == pytest.approx(1 / 1.1)
    assert years.discount(years.periods[1], 0.21) == pytest.approx(1 / 1.1 / 1.21)
    assert years.discount(years.periods[1], 0.0) == 1.0
