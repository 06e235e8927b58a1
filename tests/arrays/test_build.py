"""build_problem as a whole: order, shapes, read-only arrays, laws."""

from __future__ import annotations

from optimizer.arrays.build import build_problem


def test_smoke(make):
    problem = build_problem(make.two())
    assert problem.n_pairs == 8
