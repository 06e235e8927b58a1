"""Rounding to cents by largest remainder, exact at any size."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.types import exact
from optimizer.model.costs.base import Charge
from optimizer.plan.cents import Leaf, leaves_of, round_leaves, to_cents


def cents_of(amount: Fraction) -> Leaf:
    return amount.numerator * 100, amount.denominator


def rounded(*leaves: float | Fraction) -> list[int]:
    amounts = [leaf if isinstance(leaf, Fraction) else exact(leaf) for leaf in leaves]
    return round_leaves([cents_of(a) for a in amounts], sum(amounts, Fraction(0)))


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(0.0, 0), (1.0, 100), (0.004, 0), (0.005, 1), (0.29, 29), (0.0149, 1), (1e9 + 0.01, 100_000_000_001)],
)
def test_totals_round_half_up(amount: float, cents: int) -> None:
    assert to_cents(exact(amount)) == cents


@pytest.mark.parametrize("amount", ["0.015", "1.005", "3.015", "37253.685", "9999999999999.995"])
def test_a_written_half_is_a_half_at_any_size(amount: str) -> None:
    assert to_cents(Fraction(amount)) == (Fraction(amount) * 1000 + 5) // 10


def test_half_a_cent_less_than_floats_can_tell_is_less() -> None:
    assert to_cents(Fraction("9999999999999.994999999999")) == 999_999_999_999_999


def test_ties_go_to_the_first() -> None:
    third = Fraction(100, 3)
    assert rounded(third, third, third) == [3334, 3333, 3333]
    assert rounded(2 * third, 2 * third, 2 * third) == [6667, 6667, 6666]


def test_largest_remainder_wins_wherever_it_stands() -> None:
    assert rounded(0.001, 0.002, 0.009) == [0, 0, 1]  # 0.1 + 0.2 + 0.9 cents
    assert rounded(1.002, 1.008, 1.005) == [100, 101, 101]  # remainders 0.2, 0.8, 0.5 of 1.5 → half up


def test_total_decides_even_when_no_leaf_would_round_up() -> None:
    assert rounded(0.002, 0.002, 0.002) == [1, 0, 0]


def test_a_single_leaf_follows_the_total() -> None:
    assert rounded(0.005) == [1]
    assert rounded(0.0049) == [0]


def test_no_leaves() -> None:
    assert rounded() == []


def test_shares_are_exact_where_floats_lose_the_cent() -> None:
    charge = Charge(Fraction(10**13), (0, 1, 2), (1, 1, 1))
    leaves = leaves_of([charge], 3)
    assert round_leaves(leaves, charge.amount) == [333_333_333_333_334, 333_333_333_333_333, 333_333_333_333_333]


def test_what_nobody_bears_stands_at_the_end() -> None:
    charges = [Charge(Fraction(7), (), ()), Charge(Fraction(9), (1,), (5,))]
    assert round_leaves(leaves_of(charges, 2), Fraction(16)) == [0, 900, 700]


money = st.lists(st.fractions(0, 10**13, max_denominator=10**6), max_size=40)


@given(money)
def test_leaves_sum_to_the_rounded_total_within_a_cent_each(leaves: list[Fraction]) -> None:
    out = rounded(*leaves)
    assert sum(out) == to_cents(sum(leaves, Fraction(0)))
    assert all(cents >= 0 and abs(cents - 100 * leaf) < 1 for cents, leaf in zip(out, leaves, strict=True))


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=30))
def test_whole_cents_stay(cents: list[int]) -> None:
    assert rounded(*(Fraction(c, 100) for c in cents)) == cents
