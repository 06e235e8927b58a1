"""Where a plan is held in periods that a sample has and the plan has not."""

from __future__ import annotations

from optimizer.studies.ranges.held import HeldPlan
from tests.ranges.cases import document_of

KEY = ("E", "S")


def test_a_period_of_no_stretch_belongs_to_the_one_before() -> None:
    held = HeldPlan(document_of([("E", "S", 2, "A", "X"), ("E", "S", 3, "A", "X"), ("E", "S", 6, "B", "")]))
    assert [held.at(KEY, t) for t in range(1, 8)] == [("A", "X")] * 5 + [("B", "")] * 2


def test_a_demand_that_the_plan_does_not_know_has_no_source() -> None:
    held = HeldPlan(document_of([("E", "S", 2, "A", "")]))
    assert held.at(("E", "T"), 2) == ("", "")
    assert held.rows({("E", "T"): (1, 2), KEY: (4,)}) == [
        ("E", "T", 1, "", ""),
        ("E", "T", 2, "", ""),
        (*KEY, 4, "A", ""),
    ]
