"""Today's arrangement: priced, its broken rules shown, what has no price left out."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, OWN, REFUSALS
from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.types import CurrentRow, Demand, Offer
from optimizer.testing import edited
from optimizer.testing.hand import BANGKOK, NEW_YORK, case, entity, provider, service
from tests.plan.hand import body
from tests.plan.test_served import ALL_P1, IT1, PAY1, PAY2, change, two_services


def today(c: Case, rows: dict[tuple[str, str], str], **unit_costs: float) -> Case:
    current = [CurrentRow(*k, who, unit_costs.get(f"{k[0]}_{k[1]}")) for k, who in sorted(rows.items())]
    return edited(c, current=tuple(current))


def baseline(c: Case) -> dict[str, Any]:
    found = body(c, {})["baseline"]
    assert isinstance(found, dict)
    return found


def broken(c: Case) -> list[tuple[str, str, str, str, float]]:
    rows = baseline(c)["violations"]
    assert rows == sorted(rows, key=lambda r: (r["rule"], r["entity"], r["service"], r["provider"]))
    return [(r["rule"], r["entity"], r["service"], r["provider"], r["amount"]) for r in rows]


def test_none_without_current_rows() -> None:
    assert body(two_services(), ALL_P1)["baseline"] is None
    stopped = edited(two_services(), current=(CurrentRow("E9", "pay", "P1"),))
    assert body(stopped, ALL_P1)["baseline"] is None


def test_priced_by_the_same_model_without_one_off() -> None:
    c = two_services(interface_cost=60.0, transition=Transition(separation=1e4))
    c = change(c, "providers", "P2", status="candidate", setup_cost=9e9, site_fixed_cost=500.0)
    found = baseline(today(c, {IT1: "P1", PAY1: OWN, PAY2: "P2"}))
    assert list(found) == [*COST_TERMS, "total", "running", "paid", "violations", "stopped"]
    assert {k: v for k, v in found.items() if isinstance(v, float) and v} == {
        "service": 40_000.0,
        "own": 9_000.0,
        "site": 500.0,
        "interface": 120.0,
        "total": 49_620.0,
        "running": 49_620.0,
    }


def test_demands_without_a_current_row_are_left_out() -> None:
    assert baseline(today(two_services(), {PAY2: "P1"}))["service"] == 30_000.0


def test_paid_is_a_memo_with_its_coverage_by_effort() -> None:
    c = today(two_services(), {IT1: "P1", PAY1: "P1", PAY2: "P1"}, E1_pay=12.345, E1_it=0.0)
    assert baseline(c)["paid"] == {"amount": 12_345.0, "coverage": round(1.5 / 4.5, 6)}
    assert baseline(today(two_services(), {PAY2: "P1"}))["paid"] == {"amount": 0.0, "coverage": 0.0}


def test_rows_without_a_price_are_listed_and_left_out() -> None:
    c = two_services()
    c = edited(c, offers=tuple(o for o in c.offers if o.key != ("P2", "it")))
    c = today(c, {IT1: "P2", PAY1: "P1", PAY2: OWN}, E1_it=3.0)
    assert baseline(c)["total"] == 10_000.0
    assert broken(c) == [("assign_once", "E1", "it", "P2", 1.0), ("assign_once", "E2", "pay", OWN, 1.0)]
    assert [v["message"] for v in baseline(c)["violations"]] == [REFUSALS["not_offered"], REFUSALS["own_not_given"]]
    assert baseline(c)["paid"] == {"amount": 3_000.0, "coverage": round(0.5 / 4.5, 6)}
    plan = body(c, ALL_P1)
    assert plan["savings"]["new_demand_cost"] == 40_000.0
    assert plan["savings"]["annual"] == 0.0


def test_all_rows_without_a_price_still_make_a_baseline() -> None:
    c = today(two_services(), {PAY2: OWN})
    assert baseline(c)["total"] == 0.0
    assert broken(c) == [("assign_once", "E2", "pay", OWN, 1.0)]
    assert body(c, ALL_P1)["savings"]["annual_rel"] is None


def test_stopped_services_are_listed_sorted() -> None:
    c = today(two_services(), {PAY2: "P1"})
    c = edited(c, current=(CurrentRow("E2", "it", "P2"), *c.current, CurrentRow("E1", "tax", "P1")))
    assert baseline(c)["stopped"] == [
        {"entity": "E1", "service": "tax", "provider": "P1"},
        {"entity": "E2", "service": "it", "provider": "P2"},
    ]


@pytest.mark.parametrize("keep_current", [True, False])
def test_refusals_are_shown_with_exemptions_undone(keep_current: bool) -> None:
    c = change(two_services(keep_current=keep_current), "services", "pay", max_distance_km=10.0, min_service_level=0.9)
    rows = baseline(today(c, {PAY2: "P1"}))["violations"]
    assert [(r["entity"], r["provider"], r["message"]) for r in rows] == [
        ("E2", "P1", REFUSALS["distance"]),
        ("E2", "P1", REFUSALS["service_level"]),
    ]


def test_rules_about_lines_sites_entities_bundles_and_the_whole() -> None:
    c = two_services(
        max_providers_per_entity=1,
        bundle_mode="together",
        site_count=SiteCount(3, None),
        zones=True,
        agency_share_max=0.5,
    )
    c = change(change(c, "services", "pay", bundle="hr"), "services", "it", bundle="hr")
    c = change(c, "offers", ("P1", "pay"), capacity=3_500.0, base_volume=250.0)
    c = change(c, "offers", ("P2", "it"), min_volume=1_500.0)
    c = change(c, "providers", "P1", capacity_fte=3.0, kind="agency")
    c = change(c, "providers", "P2", status="candidate", min_fte=2.0)
    c = today(c, {IT1: "P2", PAY1: "P1", PAY2: "P1"})
    assert broken(c) == [
        ("agency_share", "", "", "", 1.75),
        ("bundle_together", "E1", "hr", "", 1.0),
        ("line_capacity", "", "pay", "P1", 750.0),
        ("max_providers_per_entity", "E1", "", "", 1.0),
        ("minimum_volume", "", "", "P2", 1.5),
        ("minimum_volume", "", "it", "P2", 500.0),
        ("site_capacity", "", "", "P1", 1.0),
        ("site_count", "", "", "", 2.0),
        ("site_count", "", "", "", 1.0),
        ("site_count", "", "", "", 1.0),
    ]
    told = {r["rule"]: r["message"] for r in baseline(c)["violations"]}
    assert told["site_capacity"] == "4.00 FTE, at most 3.00 FTE"
    assert told["line_capacity"] == "4,000.00, at most 3,250.00"
    assert told["site_count"] == "no Secretariat site in zone rest"


def test_closed_providers_are_told_by_site_and_by_refusal() -> None:
    c = today(change(two_services(), "providers", "P1", status="closed"), {PAY1: "P1"})
    assert broken(c) == [("assign_once", "E1", "pay", "P1", 1.0), ("open_site", "", "", "P1", 1.0)]


def test_rules_about_change_do_not_speak_of_today() -> None:
    c = case(
        [entity(), entity("E2", BANGKOK, "Asia/Bangkok")],
        [service(critical=True)],
        [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 3000.0)],
        [provider(), provider("P2", NEW_YORK, "America/New_York")],
        [Offer("P1", "pay"), Offer("P2", "pay")],
        backup=True,
        max_moves=0,
        one_off_budget=0.0,
    )
    assert broken(today(c, {PAY1: "P1", PAY2: "P2"})) == []
