"""Rounding to cents by largest remainder."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.plan.cents import round_leaves, to_cents


def rounded(*leaves: float) -> list[int]:
    found: list[int] = round_leaves(np.array(leaves), math.fsum(leaves)).tolist()
    return found


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(0.0, 0), (1.0, 100), (0.004, 0), (0.005, 1), (0.1 + 0.2, 30), (0.0149, 1), (1e9 + 0.01, 100_000_000_001)],
)
def test_totals_round_half_up(amount: float, cents: int) -> None:
    assert to_cents(amount) == cents


@pytest.mark.parametrize("amount", [0.015, 1.005, 3.015, 37_253.685, 4.35 * 1.1 / 1.1 + 0.005])
def test_float_noise_below_a_half_is_that_half(amount: float) -> None:
    assert to_cents(amount) == round(amount * 1000 + 5) // 10


def test_float_noise_below_an_integer_is_that_integer() -> None:
    assert 0.29 * 100 < 29  # 28.999999999999996
    assert to_cents(0.29) == 29
    assert rounded(0.29, 0.58) == [29, 58]


def test_ties_go_to_the_first() -> None:
    assert rounded(100 / 3, 100 / 3, 100 / 3) == [3334, 3333, 3333]
    assert rounded(200 / 3, 200 / 3, 200 / 3) == [6667, 6667, 6666]


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


def test_leaves_lifted_to_an_integer_by_the_snap_go_down_again() -> None:
    leaves = np.full(2_000_000, (1 - 9e-7) / 100)  # each is one cent for the snap, together 1.8 cents less
    out = round_leaves(leaves, math.fsum(leaves.tolist()))
    assert int(out.sum()) == 1_999_998
    assert set(out.tolist()) == {0, 1}


money = st.lists(st.floats(0, 1e7, allow_nan=False), max_size=40)


@given(money)
def test_leaves_sum_to_the_rounded_total_within_a_cent_each(leaves: list[float]) -> None:
    out = rounded(*leaves)
    assert sum(out) == to_cents(math.fsum(leaves)) or not leaves
    assert all(cents >= 0 for cents in out)
    assert all(abs(cents - 100 * leaf) <= 1 + 1e-5 for cents, leaf in zip(out, leaves, strict=True))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_whole_cents_stay(cents: list[int]) -> None:
    assert rounded(*(c / 100 for c in cents)) == cents
