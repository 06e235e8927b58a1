"""Figures of documents over time, worked out on paper from the definitions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from optimizer.verify.time import TimeEvaluator
from optimizer.verify.time.leaves import settled
from optimizer.verify.time.savings import break_even, internal_rate
from tests.verify.time_documents import case_of, document_of


def tables(**policy: Any) -> dict[str, Any]:
    """Eight quarters; 1,000 units a year at 12 today, at 6 elsewhere; 0.1 FTE, whose move costs 3,000."""
    own = {"calendar_year": 2026, "minutes_per_fte_year": 100000, "transition": {"travel": 30000}}
    return {
        "policy": {**own, "horizon": {"start": "2027-01-01", "unit": "quarter", "count": 8}, **policy},
        "entities": [{"id": "E1", "name": "e1", "city": "Geneva", "headcount": 100}],
        "services": [{"id": "pay", "name": "pay", "location_class": "global", "minutes_per_unit": 10}],
        "demands": [{"entity": "E1", "service": "pay", "volume": 1000}],
        "providers": [
            {"id": "P1", "name": "p1", "kind": "secretariat", "status": "open", "city": "Geneva"},
            {"id": "P2", "name": "p2", "kind": "secretariat", "status": "open", "city": "Nairobi"},
        ],
        "offers": [{"provider": "P1", "service": "pay"}, {"provider": "P2", "service": "pay"}],
        "tiers": [
            {"provider": "P1", "service": "pay", "from_volume": 0, "unit_cost": 12},
            {"provider": "P2", "service": "pay", "from_volume": 0, "unit_cost": 6},
        ],
        "current": [{"entity": "E1", "service": "pay", "provider": "P1"}],
    }


ROWS = [("E1", "pay", t, "P1" if t == 1 else "P2", "") for t in range(1, 9)]
"""It moves at the beginning of the second quarter."""


def made(rates: Any = ROWS, **policy: Any) -> dict[str, Any]:
    """The document, verified on the way."""
    case = case_of(tables(**policy))
    document = document_of(case, rates)
    report = TimeEvaluator(case).verify(document)
    assert report.ok, (report.mismatches, [v for r in report.rules for v in r.violations])
    return document


def test_what_is_saved_and_what_it_costs() -> None:
    document = made(discount_rate=0.1)
    flow = [row["flow"] for row in document["cash_flow"]]
    assert flow == [0.0, 1500.0 - 3000.0, *[1500.0] * 6]
    assert document["cost"]["service"] == 3000.0 + 7 * 1500.0
    assert document["cost"]["transition"] == document["waves"][1]["one_off"] == 3000.0
    assert document["savings"]["run_rate"] == document["savings"]["annual"] == 6000.0
    assert document["savings"]["npv"] == round(sum(f * 1.1 ** (-(t + 0.5) / 4) for t, f in enumerate(flow)), 2)
    assert (document["savings"]["five_years"], document["savings"]["ten_years"]) == (None, None)


def test_it_is_earned_back_between_the_ends_of_periods() -> None:
    # 3,000 are paid on the first day of month 4; 500 come in each month: they are back at the end of month 9,
    # the ninth of the horizon. At 10 per cent the savings of months 7 to 9 weigh less than what was paid: 34 lack.
    assert made(discount_rate=0.0)["savings"]["break_even"] == 9
    assert made(discount_rate=0.1)["savings"]["break_even"] == 10
    assert made(discount_rate=0.1)["savings"]["payback_years"] == 0.75


def test_the_internal_rate_solves_its_equation() -> None:
    # −1,500 after two quarters, then 1,500 six times: x + … + x⁶ = 1 for x the factor of a quarter.
    rate = made(discount_rate=0.1)["savings"]["irr"]
    x = (1 + rate) ** -0.25
    assert sum(x**k for k in range(1, 7)) == pytest.approx(1.0, abs=1e-8)


def test_a_year_pays_back_at_its_rate() -> None:
    assert internal_rate([Fraction(-100), Fraction(150)], 1.0) == pytest.approx(0.5)
    assert internal_rate([Fraction(-100), Fraction(200), Fraction(-50)], 1.0) is None  # turns twice
    assert internal_rate([Fraction(100), Fraction(-150)], 1.0) is None  # turns the other way
    assert internal_rate([Fraction(-100), Fraction(50)], 1.0) == pytest.approx(-0.5)


def test_break_even_of_nothing_paid_and_of_nothing_earned() -> None:
    nothing, ten = [Fraction(0)] * 2, [Fraction(10)] * 2
    assert break_even(ten, nothing, [1.0, 1.0], 3) == 0
    assert break_even(nothing, nothing, [1.0, 1.0], 3) is None
    assert break_even(ten, [Fraction(2), Fraction(0)], [1.0, 1.0], 12) == 3  # 10/12 a month: 2.4 months
    assert break_even([Fraction(12), Fraction(-30)], nothing, [1.0, 1.0], 12) is None
    assert break_even([Fraction(-12), Fraction(30)], nothing, [1.0, 1.0], 12) == 17  # −12 + 2.5 · 5 > 0


def test_posts_are_created_in_one_place_and_go_in_another() -> None:
    rows = [row for row in made()["staffing"] if row["period"] == 2 and row["source"] is None]
    told = {r["place"]: (r["fte"], r["created"], r["abolished"], r["redeployed"], r["separated"]) for r in rows}
    assert told == {"Geneva, CH": (0.0, 0.0, 0.1, 0.0, 0.1), "Nairobi, KE": (0.1, 0.1, 0.0, 0.0, 0.0)}
    (served,) = [r for r in made()["staffing"] if r["period"] == 2 and r["source"] == "P2"]
    assert served["fte_per_1000_heads"] == 1.0  # 0.1 FTE for 100 heads


def test_one_category_in_one_place_is_redeployed() -> None:
    near = tables()
    near["providers"][1]["city"] = "Geneva"
    document = document_of(case_of(near), ROWS)
    (row,) = [r for r in document["staffing"] if r["period"] == 2 and r["source"] is None]
    assert (row["created"], row["abolished"], row["redeployed"], row["separated"]) == (0.1, 0.1, 0.1, 0.0)


def test_cents_go_to_the_largest_remainders_of_each_period() -> None:
    three = tables()
    three["providers"][0]["site_fixed_cost"] = 100
    three["entities"] = [{"id": f"E{k}", "name": "e", "city": "Geneva", "headcount": 1} for k in (1, 2, 3)]
    three["demands"] = [{"entity": f"E{k}", "service": "pay", "volume": 1000} for k in (1, 2, 3)]
    three["current"] = [{"entity": f"E{k}", "service": "pay", "provider": "P1"} for k in (1, 2, 3)]
    case = case_of(three)
    document = document_of(case, [(f"E{k}", "pay", t, "P1", "") for k in (1, 2, 3) for t in range(1, 9)])
    # 25 a quarter among three: 8.34, 8.33, 8.33, and that eight times
    assert [a["cost"]["site"] for a in document["assignments"]] == [66.72, 66.64, 66.64]
    assert TimeEvaluator(case).verify(document).ok


def test_a_leaf_is_loose_only_where_noise_decides() -> None:
    third = Fraction(100, 3)
    tie = settled({"site": {(0, "A", "s"): third, (0, "B", "s"): third, (0, "C", "s"): third}})
    assert [*tie.cents["site"].values()] == [34, 33, 33]
    assert not tie.loose["site"]
    near = settled({"overlap": {(0, "A", "s"): third, (0, "B", "s"): third + Fraction(1, 10**8), (0, "C", "s"): third}})
    assert near.cents["overlap"][0, "B", "s"] == 34
    assert near.loose["overlap"] == {(0, "A", "s"), (0, "B", "s"), (0, "C", "s")}


def test_a_stated_total_decides_half_a_measured_cent() -> None:
    half = {"distance": {(0, "A", "s"): Fraction(5, 2)}}
    assert settled(half).total("distance") == 3
    assert settled(half, lambda _: 0.02).total("distance") == 2
    assert settled({"site": half["distance"]}, lambda _: 0.02).total("site") == 3  # exact: up
