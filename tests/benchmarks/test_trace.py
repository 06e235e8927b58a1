"""Figures drawn from a stream of plans and bounds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.trace import KEPT_PLANS, Point, Trace, gap, held_at, primal_integral, thin
from optimizer.model.parts import Choice
from optimizer.solvers.base import Incumbent, Progress

NOTHING = Choice(np.zeros(0, np.int64), np.zeros(0, np.int64))
STEPS = [Point(1.0, None, 50.0), Point(2.0, 200.0, 50.0), Point(4.0, 125.0, 80.0), Point(8.0, 100.0, 100.0)]


def test_gap_is_never_negative_and_turns_with_the_sense():
    assert gap(100.0, 90.0) == pytest.approx(0.1)
    assert gap(100.0, 110.0) == 0.0
    assert gap(100.0, 110.0, -1) == pytest.approx(0.1)
    assert gap(0.0, -0.5) == pytest.approx(0.5)
    assert gap(None, 1.0) is None
    assert gap(1.0, None) is None


def test_what_was_held_when():
    assert held_at(STEPS, 0.5) is None
    assert held_at(STEPS, 1.0) == STEPS[0]
    assert held_at(STEPS, 3.9) == STEPS[1]
    assert held_at(STEPS, 100) == STEPS[3]


def test_primal_integral_by_hand():
    """1 until 2 s, then (200 − 100) / 200, then (125 − 100) / 125, then 0; over 10 s."""
    assert primal_integral(STEPS, 100.0, 10.0) == pytest.approx((2 * 1 + 2 * 0.5 + 4 * 0.2 + 0) / 10)
    assert primal_integral(STEPS, 100.0, 3.0) == pytest.approx((2 * 1 + 1 * 0.5) / 3)
    assert primal_integral([], 100.0, 10.0) == 1.0
    assert primal_integral([Point(0.0, 0.0, None)], 0.0, 10.0) == 0.0


def test_only_better_plans_and_bounds_are_points():
    trace = Trace()
    for objective in (9.0, 11.0, 8.0, 8.0):
        trace(Incumbent(NOTHING, objective))
    for bound in (1.0, 0.5, 1.0 + 1e-9, 3.0, None):
        trace(Progress(0.0, None, bound))
    assert [(p.incumbent, p.bound) for p in trace.points] == [(9.0, None), (8.0, None), (8.0, 1.0), (8.0, 3.0)]
    assert len(trace.plans) == 2
    assert trace.first() == trace.points[0].seconds


def test_only_the_latest_plans_are_kept():
    trace = Trace()
    for objective in range(100, 0, -1):
        trace(Incumbent(NOTHING, float(objective)))
    assert [p.objective for p in trace.plans] == [float(i) for i in range(KEPT_PLANS, 0, -1)]


def test_a_backend_that_streams_nothing_has_its_end():
    trace = Trace()
    trace.note(5.0, 7.0, 6.0)
    assert trace.points == [Point(5.0, 7.0, 6.0)]
    assert trace.first() == 5.0


def test_thinning_keeps_the_ends_the_marks_and_the_first_plan():
    points = [Point(i / 10, None if i < 777 else 1000.0 - i / 10, float(i)) for i in range(5000)]
    few = thin(points, 50)
    assert len(few) <= 55
    assert few[0] == points[0]
    assert few[-1] == points[-1]
    for mark in (10, 60, 300):
        assert held_at(few, mark) == held_at(points, mark)
    assert next(p for p in few if p.incumbent is not None) == points[777]
    assert thin(points[:20], 50) == points[:20]
