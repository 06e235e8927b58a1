"""Cents: largest remainder, ties by id, and roundings that noise may tip either way."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow, exact
from optimizer.testing import edited
from optimizer.testing.hand import changed, two_by_two
from optimizer.verify import Evaluator
from optimizer.verify.leaves import apportion, bearer, empty_site, exact_leaves, fairly_rounded, rounded_cents
from tests.verify.cases import Rows

A, B, C = (0, "A", "s"), (0, "B", "s"), (0, "C", "s")
BOTH_P1: Rows = [("E1", "pay", "P1", ""), ("E2", "pay", "P1", "")]


def exactly(leaves: dict) -> dict:
    """Amounts as the verifier has them; a float stands for the decimal number it prints."""
    return {who: exact(amount) for who, amount in leaves.items()}


@pytest.mark.parametrize(
    ("floats", "rounded"),
    [
        ({A: 33.4, B: 33.3, C: 33.3}, {A: 34, B: 33, C: 33}),
        ({A: 33.25, B: 33.25, C: 33.5}, {A: 33, B: 33, C: 34}),
        ({B: 0.5, A: 0.5}, {A: 1, B: 0}),
        ({A: 0.5}, {A: 1}),
        ({A: 0.4999}, {A: 0}),
        ({A: 6.9999999, B: 3.0000001}, {A: 7, B: 3}),
        ({empty_site("P"): 0.5, B: 0.5}, {empty_site("P"): 0, B: 1}),
        ({}, {}),
    ],
)
def test_largest_remainder(floats: dict, rounded: dict):
    assert apportion(exactly(floats)) == rounded


def test_halves_round_up_even_when_noise_takes_a_little_away():
    assert rounded_cents(2.5) == 3
    assert rounded_cents(2.9999999999) == 3
    assert rounded_cents(2.4999) == 2


amounts = st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=8)


@given(amounts)
def test_apportioned_cents_are_a_fair_rounding(values: list[float]):
    leaves = exactly({(0, str(k), ""): v for k, v in enumerate(values)})
    rounded = apportion(leaves)
    assert fairly_rounded(leaves, rounded)
    assert sum(rounded.values()) == rounded_cents(sum(leaves.values()))


@given(amounts, st.integers(0, 7), st.sampled_from([-2, -1, 1, 2]))
def test_one_wrong_leaf_is_never_fair(values: list[float], which: int, error: int):
    """A cent more or less breaks the total, unless the total itself was half a cent from the other side."""
    leaves = exactly({(0, str(k), ""): round(v, 1) for k, v in enumerate(values)})
    leaves[0, "x", ""] = Fraction(1, 5) - sum(leaves.values()) % 1 + 1
    rounded = apportion(leaves)
    rounded[sorted(rounded)[which % len(rounded)]] += error
    assert not fairly_rounded(leaves, rounded)


def test_a_swapped_cent_is_fair_only_in_a_tie():
    assert fairly_rounded(exactly({A: 0.5, B: 0.5}), {A: 0, B: 1})
    assert not fairly_rounded(exactly({A: 0.6, B: 0.4}), {A: 0, B: 1})


def leaves_of(c, rows: Rows, term: str) -> dict:
    return exact_leaves(Evaluator(c).tally(rows))[term]


def test_line_cost_by_volume_and_site_cost_by_effort():
    """E1 has a quarter of volume and effort."""
    c = changed(two_by_two(), "providers", "P1", site_fixed_cost=100.0)
    assert leaves_of(c, BOTH_P1, "service") == {(0, "E1", "pay"): 1e6, (0, "E2", "pay"): 3e6}
    assert leaves_of(c, BOTH_P1, "site") == {(0, "E1", "pay"): 2500, (0, "E2", "pay"): 7500}


def test_an_empty_required_site_falls_on_nobody():
    c = changed(two_by_two(), "providers", "P2", status="required", site_fixed_cost=100.0)
    assert leaves_of(c, BOTH_P1, "site")[empty_site("P2")] == 10000


def test_transition_falls_on_the_demand_that_moves():
    c = edited(two_by_two(transition=Transition(travel=10.0)), current=(CurrentRow("E2", "pay", "P2"),))
    assert list(leaves_of(c, BOTH_P1, "transition_annualised")) == [(0, "E2", "pay")]


def test_bearers_sort_as_ties_are_broken():
    demand = Evaluator(two_by_two()).facts.demands["E1", "pay"]
    assert sorted([empty_site("A"), bearer(demand)]) == [bearer(demand), empty_site("A")]
