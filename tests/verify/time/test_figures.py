"""Figures that change, and the life of a client, by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from optimizer.domain.time.horizon import Horizon
from optimizer.domain.time.rows import PathRow, ProfileRow
from optimizer.testing.hand import entity, provider
from optimizer.verify.time.figures import Changes, half_even, months_later
from optimizer.verify.time.life import Lives, may_serve, stays_there

YEAR = Horizon(date(2026, 1, 1), "year", 3, date(2026, 1, 1)).periods
MONTH = Horizon(date(2026, 1, 1), "month", 24, date(2026, 1, 1)).periods


def price(*rows: PathRow, begin: date = date(2028, 1, 1), given: float | None = 10.0, key: object = ("P1", "pay", 0.0)):
    return Changes(rows, begin).figure("tiers", "unit_cost", key, given)  # type: ignore[arg-type]


def row(key: str = "*", day: date = date(2026, 1, 1), **amount: float) -> PathRow:
    return PathRow("tiers", key, "unit_cost", day, **amount)  # type: ignore[arg-type]


def test_a_figure_without_rows_stays():
    assert price(PathRow("tiers", "P2|*|*", "unit_cost", date(2026, 1, 1), value=3.0)) == 10.0


def test_a_row_counts_from_the_period_that_begins_on_its_date():
    late = row(day=date(2028, 1, 1), value=3.0)
    assert price(late) == 3.0
    assert price(late, begin=date(2027, 12, 1)) == 10.0


def test_a_value_ends_what_came_before_and_factors_compound_after_it():
    rows = (row(factor=2.0), row(day=date(2026, 6, 1), value=4.0), row(day=date(2027, 1, 1), factor=1.5))
    assert price(*rows, row("P1|pay|0", date(2027, 1, 1), factor=0.5)) == 3.0


def test_on_one_day_any_comes_before_exact_and_value_before_factor_before_growth():
    assert price(row("P1|pay|0", value=7.0), row(value=4.0)) == 7.0
    assert price(row("P1|pay|0", factor=2.0), row("P1|pay|0", value=7.0)) == 14.0
    assert price(row("*", factor=2.0), row("P1|pay|0", value=7.0)) == 7.0, "the value of the exact key comes later"
    assert price(row("*|pay|*", value=5.0), row("P1|*|*", value=6.0)) == 6.0, "by key where as exact"


def test_growth_compounds_on_each_anniversary():
    grown = row(day=date(2025, 3, 1), growth=0.1)
    assert price(grown, begin=date(2026, 2, 1)) == 10.0
    assert price(grown, begin=date(2026, 3, 1)) == 11.0
    assert price(grown, begin=date(2028, 3, 1)) == 13.31
    assert price(row(day=date(2024, 2, 29), growth=0.1), begin=date(2025, 3, 1)) == 11.0


def test_a_blank_is_passed_by_until_a_value_fills_it():
    assert price(row(factor=2.0), given=None) is None
    assert price(row(factor=2.0), row(day=date(2027, 1, 1), value=3.0), row(day=date(2027, 2, 1), factor=2.0)) == 6.0


def test_the_volume_of_a_tier_is_a_number():
    assert price(row("P1|pay|1200.50", value=3.0), key=("P1", "pay", 1200.5)) == 3.0
    assert price(row("P1|pay|1000000", value=3.0), key=("P1", "pay", 1e6)) == 3.0
    assert price(row("P1|pay|many", value=3.0)) == 10.0


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.0000005", 0.0), ("0.0000015", 2e-6), ("0.00000150001", 2e-6), ("1.2345674", 1.234567)]
)
def test_rounding_is_half_even(amount: str, rounded: float):
    assert half_even(Fraction(amount)) == rounded


def test_months():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2026, 3, 15), -3) == date(2025, 12, 15)
    assert months_later(date(2026, 12, 31), 12) == date(2027, 12, 31)


PROFILE = (
    ProfileRow("m", "*", "start_up", 2, 1.5),
    ProfileRow("m", "*", "drawdown", 3, 2.0),
    ProfileRow("m", "*", "residual", 1, 0.25),
    ProfileRow("m", "pay", "residual", 2, 0.5),
)


def test_a_life_by_months():
    """There from mid-January to the end of June: start-up to mid-March, drawdown from April, residual July (August)."""
    e = entity(start=date(2026, 1, 16), end=date(2026, 7, 1), profile="m")
    lives = Lives(PROFILE)
    means = [lives.mean(e, "hr", p) for p in MONTH[:9]]
    middle = Fraction(15 * 3 + 16 * 2, 2 * 31)
    assert means == [Fraction(16, 31) * Fraction(3, 2), Fraction(3, 2), middle, 2, 2, 2, Fraction(1, 4), 0, 0]
    assert [lives.mean(e, "pay", p) for p in MONTH[6:9]] == [Fraction(1, 2), Fraction(1, 2), 0]


def test_the_larger_where_start_up_and_drawdown_overlap():
    e = entity(start=date(2026, 1, 1), end=date(2026, 4, 1), profile="m")
    assert [Lives(PROFILE).mean(e, "hr", p) for p in MONTH[:4]] == [2, 2, 2, Fraction(1, 4)]
    assert Lives(PROFILE).mean(e, "hr", YEAR[0]) == (90 * 2 + 30 * Fraction(1, 4)) / 365


def test_without_a_profile_demand_is_flat():
    e = entity(start=date(2026, 7, 1), end=date(2027, 7, 2))
    assert [Lives(PROFILE).mean(e, "hr", p) for p in YEAR] == [Fraction(184, 365), Fraction(182, 365), 0]


def test_residual_days_are_no_presence():
    e = entity(end=date(2027, 1, 1), profile="m")
    assert [stays_there(e, p) for p in YEAR] == [True, False, False]
    assert stays_there(entity(end=date(2027, 1, 2)), YEAR[1])
    assert not stays_there(entity(start=date(2027, 1, 1)), YEAR[0])


def test_who_may_serve_is_there_all_the_period():
    assert [may_serve(provider(end=date(2028, 1, 1)), p) for p in YEAR] == [True, True, False]
    assert [may_serve(provider(end=date(2027, 12, 31)), p) for p in YEAR] == [True, False, False]
    assert [may_serve(provider(start=date(2026, 1, 2)), p) for p in YEAR] == [False, True, True]
