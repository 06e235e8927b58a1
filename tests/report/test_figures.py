"""Numbers in words and signs."""

from __future__ import annotations

import math

import pytest

from optimizer.report.numbers import DASH, count, decimal, payback, percent, short, some

T = "\u202f"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.4, "0"),
        (-0.4, "0"),
        (812, "812"),
        (1234, f"1.2{T}k"),
        (9949, f"9.9{T}k"),
        (9999, f"10{T}k"),
        (310_499, f"310{T}k"),
        (999_499, f"999{T}k"),
        (999_500, f"1.0{T}M"),
        (1_249_000, f"1.2{T}M"),
        (-18_004_498, f"−18.0{T}M"),
        (612_345_678, f"612.3{T}M"),
        (999_960_000, f"1.00{T}bn"),
        (3.05e9, f"3.05{T}bn"),
        (None, DASH),
        (math.nan, DASH),
        (math.inf, DASH),
    ],
)
def test_short(value: float | None, text: str) -> None:
    """Three ranges, one rounding, no unit with a value below one."""
    assert short(value) == text


def test_signs_and_groups() -> None:
    """True minus, plus only on request and never on zero, thin spaces between thousands."""
    assert count(-1234567.4) == f"−1{T}234{T}567"
    assert count(1234, plus=True) == f"+1{T}234"
    assert count(0.2, plus=True) == "0"
    assert decimal(-0.04) == "0.0"
    assert decimal(1234.56, 2) == f"1{T}234.56"
    assert some(1, "move") == "1 move"
    assert some(1200, "move") == f"1{T}200 moves"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0"),
        (0.0081, "0.8"),
        (0.0003, "0.03"),
        (0.00001, "0.001"),
        (1e-9, "under 0.0001"),
        (-0.0003, "−0.03"),
        (1.778, "177.8"),
    ],
)
def test_small_shares_never_look_like_zero(share: float, text: str) -> None:
    """A gap of 0.0003 % is not "0.0 %"."""
    assert percent(share) == f"{text}{T}%"


@pytest.mark.parametrize(
    ("years", "annual", "one_off", "text"),
    [
        (None, -5.0, 100.0, "never"),
        (None, 0.0, 100.0, "never"),
        (None, 0.0, 0.0, DASH),
        (None, None, 0.0, DASH),
        (0, 5.0, 0.0, "at once"),
        (0.01, 10_000.0, 100.0, f"1{T}month"),
        (0.33, 300.0, 100.0, f"4{T}months"),
        (0.99, 101.0, 100.0, f"1{T}year"),
        (2.44, 41.0, 100.0, f"2.4{T}years"),
    ],
)
def test_payback(years: float | None, annual: float | None, one_off: float, text: str) -> None:
    """As people say it; where nothing is paid and nothing saved, nothing is said."""
    assert payback({"payback_years": years, "annual": annual, "one_off": {"transition": one_off, "setup": 0.0}}) == text
