"""Sums and parts by whole numbers are what fractions say, digit by digit."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.verify.exactly import exact_sum, remainder_of, scaled
from optimizer.verify.leaves import apportion, rounded_cents
from tests.effort import share

amounts = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**7)


@settings(max_examples=share(300), deadline=None)
@given(st.lists(amounts, max_size=30))
def test_sums(values):
    assert exact_sum(values) == sum(values, Fraction(0))


@settings(max_examples=share(300), deadline=None)
@given(amounts, st.integers(0, 10**12), st.integers(1, 10**12))
def test_parts(amount, part, whole):
    assert scaled(amount, part, whole) == amount * Fraction(part, whole)


@settings(max_examples=share(300), deadline=None)
@given(amounts)
def test_remainders(amount):
    low, above = remainder_of(amount)
    assert low == floor(amount)
    assert above == float(amount - low)


@settings(max_examples=share(300), deadline=None)
@given(st.lists(amounts, min_size=1, max_size=20))
def test_leaves_are_rounded_by_largest_remainder(values):
    exact = {(0, f"E{k:02}", "pay"): v for k, v in enumerate(values)}
    made = apportion(exact)
    assert sum(made.values()) == rounded_cents(sum(values, Fraction(0)))
    rest = {who: round(float(v - floor(v)), 9) for who, v in exact.items()}
    up = sorted(exact, key=lambda who: (-rest[who], who))[: sum(made.values()) - sum(map(floor, values))]
    assert made == {who: floor(v) + (who in up) for who, v in exact.items()}
