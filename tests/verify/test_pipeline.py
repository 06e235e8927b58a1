"""The product's own documents, judged; and its optima against every plan there is."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.pipeline import solve_case
from optimizer.stating import price_case
from optimizer.testing import Sizes, best_plan, enumerate_plans, good_plan, random_case, random_plan
from optimizer.verify import Evaluator, verify
from tests.effort import few, share
from tests.verify.test_document import RICH, ROWS


def priced(seed: int) -> tuple[Any, dict[str, Any]]:
    """A random case, and the document of a plan for it that may break rules or leave demands unserved."""
    c = random_case(seed, rich=True)
    evaluator = Evaluator(c)
    rows = good_plan(c, Random(seed), evaluator, tries=10) or random_plan(c, Random(seed), evaluator)
    return c, price_case(c, [row[:3] for row in rows if row[2]])


@pytest.mark.parametrize("seed", few(range(40), 10))
def test_documents_of_random_plans_are_consistent(seed: int):
    c, plan = priced(seed)
    report = verify(c, plan)
    assert report.consistent, report.mismatches
    assert report.feasible == (plan["status"]["solution"] in ("optimal", "feasible"))


@settings(max_examples=share(60, 4), deadline=None)
@given(st.integers(0, 11), st.integers(0, 3), st.sampled_from(["P1", "P2", "P3", "OWN", None]))
def test_changed_assignments_are_objected_to_or_equal(seed: int, k: int, other: str | None):
    c, plan = priced(seed)
    row = plan["assignments"][k % len(plan["assignments"])]
    if row["provider"] == other:
        return
    changed = copy.deepcopy(plan)
    changed["assignments"][k % len(plan["assignments"])]["provider"] = other
    before, after = verify(c, plan), verify(c, changed)
    assert not after.ok
    assert after.mismatches
    if after.feasible and before.feasible:
        stated = plan["bounds"]["objective"]
        same = abs(after.cost_recomputed["total"] - stated) <= 0.01
        assert same != any(m.path == "bounds.objective" for m in after.mismatches)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_proven_optima_are_those_of_brute_force(seed: int):
    c = random_case(seed, rich=True, without=("allow_unserved",), sizes=Sizes((2,), (2,), (3,)))
    best = best_plan(c)
    plan = solve_case(c)
    assert verify(c, plan).consistent
    if best is None:
        assert plan["status"]["solution"] == "infeasible"
    else:
        assert plan["status"]["solution"] == "optimal"
        assert plan["bounds"]["objective"] == pytest.approx(float(best.cost), abs=0.011)


def test_the_optimum_of_the_rich_case():
    plans = enumerate_plans(RICH)
    plan = solve_case(RICH)
    assert len(plans) > 10
    assert float(plans[0].cost) <= Evaluator(RICH).cost(ROWS)["total"]
    assert plan["bounds"]["objective"] == pytest.approx(float(plans[0].cost), abs=0.011)
    assert verify(RICH, plan).ok
