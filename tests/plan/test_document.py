"""The document's body: its shape, and every total the sum of the leaves shown."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, OWN, RUNNING_TERMS
from optimizer.domain.types import Decision, Tier
from optimizer.model.build import build_problem
from optimizer.plan import document
from optimizer.plan.document import bounds_block, plan_body
from optimizer.stating import price_case
from optimizer.testing import edited, good_plan, random_plan
from optimizer.verify.checker import Evaluator
from tests.plan.hand import body
from tests.plan.random_plans import any_rows, is_rising, quick, rich_cases
from tests.plan.test_baseline import today
from tests.plan.test_served import ALL_P1, IT1, PAY1, PAY2, change, two_services

TERMS = list(COST_TERMS)
HEAD = ["schema", "run", "status"]
BODY = ["bounds", "cost", "baseline", "savings", "people", "assignments", "unallocated", "lines", "sites", "entities"]
SHAPE: dict[str, list[str]] = {
    "": [*HEAD, *BODY, "verification", "issues"],
    "status": ["solution", "stopped_by", "detail"],
    "bounds": ["objective", "best_bound", "gap_abs", "gap_rel"],
    "cost": [*TERMS, "total", "running"],
    "baseline": [*TERMS, "total", "running", "paid", "violations", "stopped"],
    "baseline.paid": ["amount", "coverage"],
    "baseline.violations": ["rule", "entity", "service", "provider", "message", "amount"],
    "baseline.stopped": ["entity", "service", "provider"],
    "savings": [
        "annual",
        "annual_rel",
        "upper_limit",
        "one_off",
        "payback_years",
        "npv",
        "horizon_years",
        "new_demand_cost",
        "on_assumptions_rel",
        "by_entity",
        "by_provider",
        "by_service",
    ],
    "savings.one_off": ["transition", "setup"],
    "savings.by_entity": ["id", "baseline", "plan", "saving"],
    "savings.by_provider": ["id", "baseline", "plan", "saving"],
    "savings.by_service": ["id", "baseline", "plan", "saving"],
    "people": ["by_provider", "by_place", "by_organisation"],
    "people.by_provider": ["id", "fte_today", "fte_plan", "fte_in", "fte_out"],
    "people.by_place": ["id", "fte_today", "fte_plan", "fte_in", "fte_out"],
    "people.by_organisation": ["id", "fte_today", "fte_plan", "fte_in", "fte_out"],
    "assignments": [
        "entity",
        "service",
        "provider",
        "backup",
        "volume",
        "volume_basis",
        "effort_fte",
        "cost",
        "price",
        "distance_km",
        "overlap_hours",
        "overlap_hours_worst",
        "languages_missing",
        "moved_from",
        "by_decision",
        "exempted",
        "runner_up",
    ],
    "assignments.cost": TERMS,
    "assignments.runner_up": ["provider", "extra_cost"],
    "unallocated": ["provider", "term", "amount"],
    "lines": ["provider", "service", "volume", "base_volume", "capacity", "utilisation", "tier", "unit_cost_average"],
    "sites": ["provider", "open", "effort_fte", "base_fte", "capacity_fte", "utilisation", "entities"],
    "entities": [
        "id",
        "providers",
        "lead_provider",
        "handovers",
        "overlap_hours_mean",
        "overlap_hours_worst",
        "distance_km_mean",
        "languages_missing",
        "price_index",
        "worse_than_today",
    ],
    "entities.worse_than_today": ["kind", "today", "plan"],
}
SORTED = {
    "baseline.violations": ("rule", "entity", "service", "provider"),
    "baseline.stopped": ("entity", "service", "provider"),
    "savings.by_entity": ("id",),
    "savings.by_provider": ("id",),
    "savings.by_service": ("id",),
    "people.by_provider": ("id",),
    "people.by_place": ("id",),
    "people.by_organisation": ("id",),
    "assignments": ("entity", "service"),
    "unallocated": ("provider", "term"),
    "lines": ("provider", "service"),
    "sites": ("provider",),
    "entities": ("id",),
}


def check_shape(value: Any, path: str = "") -> None:
    """Keys and their order, sorting of lists, plain finite values."""
    if isinstance(value, dict):
        assert list(value) in (SHAPE.get(path, list(value)), BODY), path
        for key, inner in value.items():
            check_shape(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        if path in SORTED:
            keys = [tuple(row[k] for k in SORTED[path]) for row in value]
            assert keys == sorted(keys)
            assert path == "baseline.violations" or is_rising(keys)
        for inner in value:
            check_shape(inner, path)
    else:
        assert value is None or type(value) in (str, bool, int, float), (path, type(value))
        assert not isinstance(value, float) or (math.isfinite(value) and str(value) != "-0.0"), (path, value)


def in_cents(amount: float) -> int:
    """Whole cents of a money figure that must have no more than two decimals."""
    assert amount == round(amount, 2)
    return round(amount * 100)


def check_sums(plan: dict[str, Any]) -> None:
    """Every money total is the sum of the leaves shown."""
    by_term: dict[str, int] = defaultdict(int)
    for a in plan["assignments"]:
        for term, amount in a["cost"].items():
            by_term[term] += in_cents(amount)
            assert amount >= 0
        running = sum(in_cents(a["cost"][t]) for t in RUNNING_TERMS)
        assert a["price"] is None or a["price"] == round(running / 100 / a["volume"], 6)
    for row in plan["unallocated"]:
        by_term[row["term"]] += in_cents(row["amount"])
    if plan["cost"] is None:  # a part of the case
        assert plan["savings"] is plan["bounds"]["objective"] is None
        return
    cost = {k: in_cents(v) for k, v in plan["cost"].items()}
    assert {t: cost[t] for t in TERMS} == {t: by_term[t] for t in TERMS}
    assert cost["total"] == sum(by_term.values())
    assert cost["running"] == sum(by_term[t] for t in RUNNING_TERMS)
    if plan["bounds"]["objective"] is not None:
        assert abs(plan["bounds"]["objective"] - plan["cost"]["total"]) <= 0.005 * len(TERMS) + 1e-6
    if plan["baseline"]:
        base = {k: in_cents(plan["baseline"][k]) for k in (*TERMS, "total", "running")}
        assert base["running"] == base["total"] == sum(base[t] for t in TERMS)
        check_savings(plan, base["running"])


def check_savings(plan: dict[str, Any], base: int) -> None:
    """Annual saving from its parts; the three lists tell the same comparable demands."""
    found = plan["savings"]
    if found["annual"] is None:
        return
    new = in_cents(found["new_demand_cost"])
    assert in_cents(found["annual"]) == base - (in_cents(plan["cost"]["running"]) - new)
    sums = {
        tuple(sum(in_cents(r[k]) for r in found[by]) for k in ("baseline", "plan", "saving"))
        for by in ("by_entity", "by_provider", "by_service")
    }
    assert len(sums) == 1
    before, after, saving = sums.pop()
    assert saving == before - after
    assert all(in_cents(r["saving"]) == in_cents(r["baseline"]) - in_cents(r["plan"]) for r in found["by_provider"])
    unallocated = sum(in_cents(r["amount"]) for r in plan["unallocated"])
    assert after == in_cents(plan["cost"]["running"]) - new - unallocated


def check_people(plan: dict[str, Any]) -> None:
    """Every grouping holds all effort; in and out explain the change row by row."""
    effort = math.fsum(a["effort_fte"] for a in plan["assignments"] if a["provider"])
    for rows in plan["people"].values():
        assert sum(r["fte_plan"] for r in rows) == pytest.approx(effort, abs=1e-4)
        for r in rows:
            assert r["fte_plan"] - r["fte_today"] == pytest.approx(r["fte_in"] - r["fte_out"], abs=1e-5)
    sites = sum(s["effort_fte"] for s in plan["sites"])
    own = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] == OWN)
    assert sites + own == pytest.approx(effort, abs=1e-4)
    lines, served = (sum(r["volume"] for r in rows) for rows in (plan["lines"], plan["assignments"]))
    assert lines <= served + 1e-6


@quick(60)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_shape_and_sums(case: Case, rng: random.Random) -> None:
    evaluator = Evaluator(case)
    for rows in (good_plan(case, rng, evaluator), random_plan(case, rng, evaluator), any_rows(case, rng)):
        if rows is not None:
            plan = price_case(case, [r for r in rows if r[2]])
            check_shape(plan)
            check_sums(plan)
            check_people(plan)
            assert json.loads(json.dumps(plan, allow_nan=False)) == plan


@quick(40)
@given(case=rich_cases())
def test_no_plan_has_the_same_keys(case: Case) -> None:
    plan = plan_body(case, build_problem(case), None, None)
    check_shape(plan)
    assert plan["bounds"]["objective"] is None
    assert plan["assignments"] == []


@pytest.mark.parametrize(
    ("objective", "bound", "gap_abs", "gap_rel"),
    [
        (None, None, None, None),
        (5.0, None, None, None),
        (None, 5.0, None, None),
        (200.0, 150.0, 50.0, 0.25),
        (150.0, 200.0, 0.0, 0.0),
        (0.5, 0.0, 0.5, 0.5),
        (1e6, 1e6 - 0.004, 0.004, 4e-9),
    ],
)
def test_bounds(objective: float | None, bound: float | None, gap_abs: float | None, gap_rel: float | None) -> None:
    found = bounds_block(objective, bound)
    assert (found["gap_abs"], found["gap_rel"]) == (gap_abs, gap_rel)


def test_lines_by_hand() -> None:
    c = change(two_services(), "offers", ("P1", "pay"), base_volume=500.0, capacity=9_000.0, fixed_cost=100.0)
    c = change(c, "offers", ("P1", "it"), capacity=0.0)
    tiers = [t for t in c.tiers if (t.provider, t.service) != ("P1", "pay")]
    tiers += [Tier("P1", "pay", s, u) for s, u in ((0.0, 10.0), (1500.0, 9.0), (1500.000001, 8.0), (4500.0, 7.0))]
    c = edited(c, tiers=tuple(sorted(tiers, key=lambda t: (t.provider, t.service, t.from_volume))))
    it, pay = body(c, ALL_P1)["lines"]
    assert it["utilisation"] is None
    assert pay == {
        "provider": "P1",
        "service": "pay",
        "volume": 4_000.0,
        "base_volume": 500.0,
        "capacity": 9_000.0,
        "utilisation": 0.5,
        "tier": 3,
        "unit_cost_average": round((100 + 10_000 + 24_000) / 4_000, 6),
    }
    first = body(c, {PAY1: "P1"})["lines"][0]
    assert (first["volume"], first["tier"]) == (1_000.0, 1)  # 1,500 in all does not reach beyond 1,500


def test_sites_by_hand() -> None:
    c = change(two_services(), "providers", "P1", base_fte=0.5, capacity_fte=8.0)
    p1, p2 = body(c, {IT1: "P1", PAY1: OWN, PAY2: "P1"})["sites"]
    assert p1 == {
        "provider": "P1",
        "open": True,
        "effort_fte": 3.5,
        "base_fte": 0.5,
        "capacity_fte": 8.0,
        "utilisation": 0.5,
        "entities": 2,
    }
    assert p2 == {
        "provider": "P2",
        "open": False,
        "effort_fte": 0.0,
        "base_fte": 0.0,
        "capacity_fte": None,
        "utilisation": None,
        "entities": 0,
    }


def test_assignment_facts() -> None:
    c = today(two_services(), {IT1: "P2", PAY1: OWN})
    c = change(c, "entities", "E1", languages=frozenset({"es", "en", "fr"}))
    c = change(c, "providers", "P1", languages=frozenset({"en"}))
    it, pay, other = body(c, {IT1: "P1", PAY1: OWN, PAY2: "P1"})["assignments"]
    assert (it["moved_from"], it["languages_missing"], it["price"]) == ("P2", ["es", "fr"], 10.0)
    assert (pay["moved_from"], pay["distance_km"], pay["overlap_hours"], pay["price"]) == (None, 0.0, None, 9.0)
    assert (other["moved_from"], other["effort_fte"], other["volume_basis"]) == (None, 3.0, "given")


def test_exemptions_of_today_and_of_decisions() -> None:
    c = change(two_services(), "services", "pay", max_distance_km=10.0, min_service_level=0.5)
    c = today(c, {PAY1: "P1", PAY2: "P1"})
    lock = edited(c, decisions=(Decision("lock", "E2", "so decided", "pay", "P2"),))
    _, kept, locked = body(lock, {PAY1: "P1", PAY2: "P2"})["assignments"]
    assert (kept["exempted"], kept["by_decision"]) == (["distance"], False)  # the service level still stands
    assert (locked["exempted"], locked["by_decision"]) == (["distance", "service_level"], True)


def test_runner_ups_only_for_plans_that_keep_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    assert body(two_services(), ALL_P1)["assignments"][0]["runner_up"] == {"provider": "P2", "extra_cost": 0.0}
    assert body(two_services(), {IT1: "P1"})["assignments"][0]["runner_up"] is None
    accepted = body(two_services(allow_unserved=True), {IT1: "P1"})["assignments"]
    assert accepted[0]["runner_up"] == {"provider": "P2", "extra_cost": 0.0}
    monkeypatch.setattr(document, "MAX_PAIRS_FOR_RUNNER_UPS", 1)
    assert body(two_services(), ALL_P1)["assignments"][0]["runner_up"] is None


def test_numpy_stays_inside() -> None:
    plan = body(two_services(), ALL_P1, bound=float(np.float64(3.0)))
    check_shape(plan)
