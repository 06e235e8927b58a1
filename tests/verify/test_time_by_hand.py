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


def changed(rows: Any, provider: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The document of the same case with other tables, ``provider`` put into the first; verified on the way."""
    given = {**tables(), **more}
    given["providers"][0] |= provider or {}
    case = case_of(given)
    document = document_of(case, rows)
    report = TimeEvaluator(case).verify(document)
    assert report.ok, (report.mismatches, [v for r in report.rules for v in r.violations])
    return document


LATER = [("E1", "pay", t, "P1" if t < 3 else "P2", "") for t in range(1, 9)]


def test_a_source_that_ends_forces_a_switch_and_is_no_saving() -> None:
    document = changed(LATER, {"end": "2027-07-01", "exit_cost": 500})
    saved, third = document["savings"], document["cash_flow"][2]
    assert (saved["one_off_forced"], saved["source_ended_cost"], saved["total"]) == (3000.0, 6 * 1500.0, 0.0)
    assert (third["baseline_one_off"], third["one_off"]["exit"], third["flow"]) == (500.0, 500.0, -3000.0)
    assert document["assignments"][1]["forced"]
    assert document["assignments"][1]["cost"]["exit"] == 500.0  # whose switch empties the site
    assert (saved["break_even"], saved["irr"]) == (None, None)


def test_an_exit_that_today_pays_too_is_not_paid_for_the_plan() -> None:
    moved = [("E1", "pay", t, "P2", "") for t in range(1, 9)]
    free = {"transition": {"travel": 0}}
    given = {**tables(**free), "current": [{"entity": "E1", "service": "pay", "provider": "P1"}]}
    given["providers"][0] |= {"end": "2027-03-01", "exit_cost": 500}  # cannot serve in any quarter
    case = case_of(given)
    document = document_of(case, moved)
    assert TimeEvaluator(case).verify(document).ok
    assert [row["baseline_one_off"] for row in document["cash_flow"]][:2] == [500.0, 0.0]
    assert [row["one_off_total"] for row in document["cash_flow"]][:2] == [500.0, 0.0]
    assert document["savings"] is None  # no period in which today's source is there


def test_a_site_of_today_without_work_that_ends_later_is_left_at_its_end_on_today_s_path() -> None:
    gone = [{"id": "E1", "name": "e1", "city": "Geneva", "headcount": 100, "end": "2027-04-01"}]
    stay = [("E1", "pay", 1, "P1", "")]
    document = changed(stay, {"end": "2027-12-31", "exit_cost": 500}, entities=gone)
    assert [row["baseline_one_off"] for row in document["cash_flow"]] == [0, 0, 0, 500.0, 0, 0, 0, 0]
    assert [row["one_off"]["exit"] for row in document["cash_flow"]] == [0, 500.0, 0, 0, 0, 0, 0, 0]
    assert document["unallocated"] == [{"period": 2, "term": "exit", "amount": 500.0}]


def test_a_required_site_of_today_that_starts_later_closes_for_nothing() -> None:
    away = [("E1", "pay", t, "P2", "") for t in range(1, 9)]
    late = {"status": "required", "start": "2027-04-01", "exit_cost": 500, "site_fixed_cost": 400}
    document = changed(away, late)
    assert document["cost"]["exit"] == 0.0
    assert [row["amount"] for row in document["unallocated"]] == [100.0] * 7  # open without work from its start
    assert document["assignments"][0]["forced"]


def test_the_price_index_counts_sites_too() -> None:
    document = changed(ROWS, {"site_fixed_cost": 8000})
    (entity,) = document["entities"]
    assert entity["price_index"] == 0.3  # 1,500 a quarter against 3,000 and 2,000 for the site


LOCK = {"action": "lock", "entity": "E1", "service": "pay", "provider": "P2", "reason": "agreed"}
COMMITTED = {"entity": "E1", "service": "pay", "from": "2027-04-01", "provider": "P2"}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "proposed"),
        ({"commitments": [COMMITTED]}, "committed"),
        ({"decisions": [{**LOCK, "from": "2027-04-01"}]}, "refined"),
    ],
)
def test_how_firm_a_wave_is(more: dict[str, Any], state: str) -> None:
    assert [w["state"] for w in changed(ROWS, **more)["waves"]] == ["proposed", state, *["proposed"] * 6]


def test_twelve_months_stand_in_their_order() -> None:
    rows = [("E1", "pay", t, "P1" if t < 11 else "P2", "") for t in range(1, 13)]
    document = made(rows, horizon={"start": "2027-01-01", "unit": "month", "count": 12})
    assert [row["period"] for row in document["cash_flow"]] == [*range(1, 13)]
    assert [(a["from_period"], a["until_period"]) for a in document["assignments"]] == [(1, 10), (11, 12)]
    assert document["savings"]["run_rate"] == 1000.0  # two months of 500
