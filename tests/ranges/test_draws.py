"""Draws: rows in canonical order, uniforms of a seed, the quantile of the triangular distribution."""

from __future__ import annotations

import numpy as np
import pytest

import optimizer as dg
from optimizer.studies.ranges.draws import quantile, range_rows, uniforms
from optimizer.testing.draw import Draw
from tests.effort import few


def one(u: float, low: float, mode: float, high: float) -> float:
    return float(quantile(*(np.array([x]) for x in (u, low, mode, high)))[0])


def share_below(x: float, low: float, mode: float, high: float) -> float:
    """The distribution function, written down apart from its inverse."""
    if x <= mode:
        return (x - low) ** 2 / ((high - low) * (mode - low)) if mode > low else 0.0
    return 1.0 - (high - x) ** 2 / ((high - low) * (high - mode))


@pytest.mark.parametrize("seed", few(range(50), 15))
def test_the_quantile_is_the_inverse_of_the_distribution(seed: int) -> None:
    draw = Draw(f"triangle {seed}")
    low, mode, high = sorted(draw.pick((-3.5, 0.0, 0.1, 2.0, 7.25, 1e6, 12.0)) for _ in range(3))
    if low == high:
        return
    for u in (0.0, 1e-9, 0.1, 0.37, 0.5, 0.9, 1.0 - 1e-9):
        x = one(u, low, mode, high)
        assert low <= x <= high
        assert share_below(x, low, mode, high) == pytest.approx(u, abs=1e-9)


def test_the_density_has_its_peak_at_the_figure() -> None:
    u = np.random.default_rng(5).random(200_000)
    drawn = quantile(u, *(np.full(len(u), x) for x in (0.0, 1.0, 4.0)))
    count, _ = np.histogram(drawn, bins=8, range=(0.0, 4.0))
    middles = np.arange(8) * 0.5 + 0.25
    density = np.where(middles < 1.0, middles / 2.0, (4.0 - middles) / 6.0)
    assert count / len(u) / 0.5 == pytest.approx(density, abs=0.01)
    assert drawn.mean() == pytest.approx(5.0 / 3.0, abs=0.01)


@pytest.mark.parametrize("u", [0.0, 0.3, 1.0])
def test_equal_ends_leave_the_figure_alone(u: float) -> None:
    assert one(u, 12.0, 12.0, 12.0) == 12.0


def test_the_ends_are_taken_exactly() -> None:
    for low, mode, high in ((0.1, 0.2, 0.7), (0.1, 0.1, 0.7), (0.1, 0.7, 0.7)):
        assert (one(0.0, low, mode, high), one(1.0, low, mode, high)) == (low, high)


def test_uniforms_are_those_of_the_default_generator() -> None:
    assert uniforms(3, 4, 7).tolist() == np.random.default_rng(7).random((3, 4)).tolist()
    assert uniforms(3, 4, 7).tolist() != uniforms(3, 4, 8).tolist()


def test_rows_come_in_canonical_order_whatever_that_of_the_input(case: dg.Case) -> None:
    turned = dg.replace(case, assumptions=[*reversed(case.tables["assumptions"])])
    assert range_rows(turned) == range_rows(case)
    rows = range_rows(case)
    assumed = [(r.table, r.key, r.column) for r in rows if r.source == "assumptions"]
    assert assumed == sorted(assumed)
    assert [r.source for r in rows] == ["assumptions"] * len(assumed) + ["paths"]


def test_rows_without_both_ends_are_no_draws(case: dg.Case) -> None:
    both = [a for a in case.assumptions if a.low is not None and a.high is not None]
    assert len(range_rows(case)) == len(both) + 1 < len(case.assumptions)
