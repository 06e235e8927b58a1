"""The plan held as arrays, against the independent evaluator on the case of each sample: to the cent."""

from __future__ import annotations

import pytest

from optimizer.studies.ranges.arrays import HeldOverTime
from optimizer.studies.ranges.draws import uniforms
from optimizer.studies.ranges.figures import RangedFigures
from optimizer.studies.ranges.held import HeldPlan, Outcome, evaluated
from optimizer.studies.ranges.sampled import sampled_case
from tests.effort import few
from tests.ranges.cases import dynamic

CENT = 0.005


def assert_same(found: Outcome, expected: Outcome, told: str) -> None:
    for name in ("running", "one_off", "saving", "npv", "discounted"):
        a, b = getattr(found, name), getattr(expected, name)
        assert (a is None) == (b is None), (told, name)
        if a is not None:
            assert abs(a - b) < CENT, (told, name, a, b)
    assert found.break_even == expected.break_even, told
    assert found.broken == expected.broken, told


@pytest.mark.parametrize("seed", few(range(120), 12))
def test_arrays_agree_with_the_evaluator_to_the_cent(seed: int) -> None:
    case, document = dynamic(seed)
    figures = RangedFigures(case)
    assert case.policy.horizon is not None
    held, plan = HeldOverTime(figures, document, case.policy.horizon), HeldPlan(document)
    assert held.as_arrays or case.policy.worse_off_max is not None
    for k, u in enumerate([figures.still(), *uniforms(12, len(figures.rows), seed)]):
        found = held.outcome(u)
        if found is not None:
            expected = evaluated(sampled_case(figures, figures.draw(u)), plan)
            assert_same(found, expected, f"seed {seed}, sample {k}")
