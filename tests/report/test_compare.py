"""Difference of two plans."""

from __future__ import annotations

import json

import pytest

from optimizer.domain.names import COST_TERMS
from optimizer.report import diff
from tests.report.conftest import Library


def test_a_plan_does_not_differ_from_itself(library: Library) -> None:
    """Nothing moved, nothing changed, same case, same cost."""
    plan = library.plan("usual")
    changes = diff(plan, plan)
    assert changes["same_case"]
    assert (
        changes["moved"] == changes["only_in_a"] == changes["only_in_b"] == changes["sites"] == changes["rules"] == []
    )
    assert changes["repriced"] == {"demands": 0, "change": 0}
    assert all(r["change"] == 0 for r in changes["cost"])
    assert "Both cost the same." in changes["notes"]


def test_changes_add_up_to_the_total(library: Library) -> None:
    """Moved and repriced demands together explain the change of the total."""
    a, b = library.plan("usual"), library.plan("usual", seed=3)
    changes = diff(a, b)
    total = next(r["change"] for r in changes["cost"] if r["term"] == "total")
    assert sum(m["change"] for m in changes["moved"]) + changes["repriced"]["change"] == pytest.approx(total, abs=0.01)
    assert sum(r["change"] for r in changes["cost"] if r["term"] in COST_TERMS) == pytest.approx(total, abs=0.01)
    changed = [abs(m["change"]) for m in changes["moved"]]
    assert changed == sorted(changed, reverse=True)
    assert json.loads(json.dumps(changes)) == changes


def test_one_moved_demand_is_named(library: Library) -> None:
    """Entity, service, from, to, cost of both."""
    a, b = library.plan("usual"), library.plan("usual")
    row = next(x for x in b["assignments"] if x["provider"] != "OWN")
    row["provider"] = "OWN"
    row["cost"]["own"] += 100.5
    (moved,) = diff(a, b)["moved"]
    assert (moved["entity"], moved["service"], moved["to"]) == (row["entity"], row["service"], "OWN")
    assert moved["change"] == 100.5


def test_other_cases_and_settings_are_said(library: Library) -> None:
    """Case, solver, limits, seed, zone database, rules in force."""
    a, b = library.plan("usual"), library.plan("usual")
    b["run"] |= {"case_hash": "0" * 64, "seed": 8, "zone_database": "2025b"}
    b["run"]["solver"]["backend"] = "cpsat"
    b["run"]["limits"]["time_limit_s"] = 60
    b["verification"]["rules"][-1]["checked"] = 0
    b["assignments"].pop()
    changes = diff(a, b)
    notes = " ".join(changes["notes"])
    for words in (
        "different cases",
        "engine and by cpsat",
        "time_limit_s 120 and 60",
        "Seeds differ",
        "2026f and 2025b",
        "“Lock” is in force only in A",
    ):
        assert words in notes
    assert "cheaper" not in notes
    assert len(changes["only_in_a"]) == 1


def test_contradicting_proofs_are_exposed(library: Library) -> None:
    """A plan under the other run's bound means that one proof is wrong."""
    a, b = library.plan("usual"), library.plan("usual")
    b["bounds"]["best_bound"] = a["bounds"]["objective"] + 5
    assert any("one of the two proofs is wrong" in n for n in diff(a, b)["notes"])


def test_plans_without_answer_compare(library: Library) -> None:
    """Missing figures stay missing."""
    changes = diff(library.plan("nothing"), library.plan("infeasible"))
    assert not changes["same_case"]
    annual = next(r for r in changes["savings"] if r["figure"] == "annual")
    assert annual == {"figure": "annual", "a": None, "b": None, "change": None}
