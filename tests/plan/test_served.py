"""Who bears what: leaves of each term against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, OWN
from optimizer.domain.policy import Transition
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.testing import edited
from optimizer.testing.hand import BANGKOK, NEW_YORK, case, entity, provider, service, with_policy
from tests.plan.hand import body, floats, leaves, served

PAY1, PAY2, IT1 = ("E1", "pay"), ("E2", "pay"), ("E1", "it")


def two_services(**policy: Any) -> Case:
    """E1: pay 1,000 (1 FTE) and it 1,000 (0.5 FTE); E2: pay 3,000 (3 FTE). Demands sort E1 it, E1 pay, E2 pay."""
    return case(
        [entity(), entity("E2", BANGKOK, "Asia/Bangkok")],
        [service(), service("it", 48.0)],
        [Demand("E1", "it", 1000.0), Demand("E1", "pay", 1000.0, own_unit_cost=9.0), Demand("E2", "pay", 3000.0)],
        [provider(), provider("P2", NEW_YORK, "America/New_York")],
        [Offer(p, s) for p in ("P1", "P2") for s in ("it", "pay")],
        **policy,
    )


ALL_P1 = {IT1: "P1", PAY1: "P1", PAY2: "P1"}


def change(c: Case, table: str, key: object, **fields: Any) -> Case:
    """The case with some fields of one row changed; ``key`` is an id or a key."""
    rows: Any = tuple(
        replace(r, **fields) if (getattr(r, "id", None) or getattr(r, "key", None)) == key else r
        for r in getattr(c, table)
    )
    return edited(c, **{table: rows})


def test_service_by_volume_stacked_on_base_volume_with_fixed_cost_and_fee() -> None:
    c = two_services()
    c = change(c, "offers", ("P1", "pay"), base_volume=500.0, fixed_cost=100.0, fee_rate=0.1)
    tiers = [t for t in c.tiers if (t.provider, t.service) != ("P1", "pay")]
    tiers += [Tier("P1", "pay", 0.0, 10.0), Tier("P1", "pay", 2000.0, 8.0)]
    c = edited(c, tiers=tuple(sorted(tiers, key=lambda t: (t.provider, t.service, t.from_volume))))
    # 4,000 units above 500: 1,500 at 10, 2,500 at 8, 100 fixed, all with 10 %: 38,610, shared 1 : 3
    assert leaves(c, ALL_P1, "service") == pytest.approx([10_000.0, 9_652.5, 28_957.5])


def test_own_capacity() -> None:
    c = change(two_services(), "demands", PAY1, own_fixed_cost=55.5)
    plan = {**ALL_P1, PAY1: OWN}
    assert leaves(c, plan, "own") == [0.0, 9_055.5, 0.0]
    assert leaves(c, plan, "service") == [10_000.0, 0.0, 30_000.0]
    assert leaves(c, plan, "distance") == [0.0, 0.0, 0.0]


def test_site_by_effort_share() -> None:
    c = change(two_services(), "providers", "P1", site_fixed_cost=450.0)
    assert leaves(c, ALL_P1, "site") == pytest.approx([50.0, 100.0, 300.0])
    assert leaves(c, {**ALL_P1, PAY2: "P2"}, "site") == pytest.approx([150.0, 300.0, 0.0])


def test_empty_required_site_is_borne_by_nobody() -> None:
    c = change(two_services(), "providers", "P2", site_fixed_cost=777.777, status="required")
    plan = body(c, ALL_P1)
    assert plan["unallocated"] == [{"provider": "P2", "term": "site", "amount": 777.78}]
    assert plan["cost"]["site"] == 777.78
    assert [a["cost"]["site"] for a in plan["assignments"]] == [0.0, 0.0, 0.0]
    assert [s["open"] for s in plan["sites"]] == [True, True]
    used = body(c, {**ALL_P1, PAY2: "P2"})
    assert used["unallocated"] == []
    assert used["cost"]["site"] == used["assignments"][2]["cost"]["site"] == 777.78


def test_odd_cents_go_to_demands_before_empty_sites() -> None:
    c = change(two_services(), "providers", "P1", site_fixed_cost=0.015)  # 0.17, 0.33, 1.0 cents
    c = change(c, "providers", "P2", site_fixed_cost=0.005, status="required")
    plan = body(c, ALL_P1)
    assert plan["cost"]["site"] == 0.02
    assert [a["cost"]["site"] for a in plan["assignments"]] == [0.0, 0.0, 0.01]
    assert plan["unallocated"][0]["amount"] == 0.01  # remainder 0.5, the largest


def test_interface_by_effort_within_entity_and_provider() -> None:
    c = two_services(interface_cost=60.0)
    assert leaves(c, ALL_P1, "interface") == pytest.approx([20.0, 40.0, 60.0])
    assert leaves(c, {**ALL_P1, IT1: "P2"}, "interface") == pytest.approx([60.0, 60.0, 60.0])
    assert leaves(c, {**ALL_P1, PAY1: OWN}, "interface") == pytest.approx([60.0, 0.0, 60.0])


def test_handover_by_effort_within_entity_and_bundle_own_capacity_one_source() -> None:
    c = two_services(handover_cost=30.0)
    c = change(change(c, "services", "pay", bundle="hr"), "services", "it", bundle="hr")
    assert leaves(c, ALL_P1, "handover") == [0.0, 0.0, 0.0]
    assert leaves(c, {**ALL_P1, IT1: "P2"}, "handover") == pytest.approx([10.0, 20.0, 0.0])
    assert leaves(c, {**ALL_P1, PAY1: OWN}, "handover") == pytest.approx([10.0, 20.0, 0.0])
    assert leaves(c, {PAY1: OWN, PAY2: "P1"}, "handover") == [0.0, 0.0, 0.0]


def test_distance_and_overlap_stay_with_their_demand() -> None:
    c = two_services(distance_cost_per_fte_1000km=100.0, overlap_cost_per_fte_hour=7.0)
    c = change(c, "services", "pay", target_overlap_hours=8.0)
    side = served(c, ALL_P1)
    km, hours = side.problem.distance_km[:, 0], side.problem.overlap_hours[:, 0]
    assert floats(side, "distance") == pytest.approx([0.05 * km[0], 0.1 * km[0], 0.3 * km[1]])
    assert floats(side, "overlap") == pytest.approx([0.0, 7 * (8 - hours[0]), 21 * (8 - hours[1])])


def test_language_counts_what_is_missing_at_the_first_tier_with_fee() -> None:
    c = two_services(language_mode="price", language_cost_rate=0.1)
    c = change(c, "entities", "E1", languages=frozenset({"en", "fr", "es"}))
    c = change(change(c, "providers", "P1", languages=frozenset({"en"})), "services", "pay", language_rule="all")
    c = change(change(c, "services", "it", language_rule="any"), "offers", ("P1", "pay"), fee_rate=0.5)
    assert leaves(c, ALL_P1, "language") == pytest.approx([0.0, 0.1 * 1000 * 15 * 2, 0.0])


def test_dispersion_by_volume_over_what_providers_serve() -> None:
    c = two_services(dispersion_loss=(0.0, 0.125, 0.25))
    c = edited(c, demands=(*c.demands[:2], replace(c.demands[2], own_unit_cost=9.0)))
    c = change(c, "offers", ("P2", "pay"), fee_rate=0.5)  # the reference knows no fee
    split = {IT1: "P1", PAY1: "P1", PAY2: "P2"}
    assert leaves(c, split, "dispersion") == pytest.approx([0.0, 1_250.0, 3_750.0])  # 12.5 % of 40,000
    assert leaves(c, {**split, PAY2: OWN}, "dispersion") == [0.0, 0.0, 0.0]


def test_dispersion_reference_leaves_closed_providers_out() -> None:
    c = two_services(dispersion_loss=(0.5,))
    dear = edited(c, tiers=tuple(replace(t, unit_cost=20.0) if t.provider == "P2" else t for t in c.tiers))
    assert leaves(dear, ALL_P1, "dispersion") == pytest.approx([7_500.0, 7_500.0, 22_500.0])
    closed = change(dear, "providers", "P2", status="closed")
    assert leaves(closed, ALL_P1, "dispersion") == pytest.approx([5_000.0, 5_000.0, 15_000.0])


def test_setup_by_effort_share_annualised() -> None:
    c = change(two_services(discount_rate=0.0), "providers", "P1", setup_cost=2250.0, status="candidate")
    assert leaves(c, ALL_P1, "setup_annualised") == pytest.approx([50.0, 100.0, 300.0])
    assert served(c, ALL_P1).one_off_setup == 2250.0
    annuity = 0.03 / (1 - 1.03**-5)
    earning = with_policy(c, discount_rate=0.03)
    assert leaves(earning, ALL_P1, "setup_annualised")[2] == pytest.approx(1500.0 * annuity)
    assert leaves(c, dict.fromkeys(ALL_P1, "P2"), "setup_annualised") == [0.0, 0.0, 0.0]
    assert leaves(change(c, "providers", "P1", status="open"), ALL_P1, "setup_annualised") == [0.0, 0.0, 0.0]


def test_transition_of_moves_only() -> None:
    money = Transition(separation=1000.0, training=200.0, contingency_rate=0.25)
    c = two_services(discount_rate=0.0, transition=money)
    c = change(c, "demands", PAY2, own_unit_cost=9.0)  # today has a price, so that leaving it is a move to pay for
    c = edited(c, current=(CurrentRow(*IT1, "P1"), CurrentRow(*PAY2, OWN)))
    side = served(c, ALL_P1)
    assert side.moved.tolist() == [False, False, True]
    assert floats(side, "transition_annualised") == pytest.approx([0.0, 0.0, 3 * 1200 * 1.25 / 5])
    assert side.one_off_transition == pytest.approx(4_500.0)


def test_a_pair_without_a_price_costs_what_can_be_told() -> None:
    c = change(two_services(interface_cost=10.0), "demands", PAY2, own_fixed_cost=12.0)
    c = edited(c, offers=tuple(o for o in c.offers if o.key != ("P2", "it")))
    plan = body(c, {IT1: "P2", PAY1: "P1", PAY2: OWN})
    assert plan["cost"] is None, "a total without it would be too low"
    terms = {t: sum(a["cost"][t] for a in plan["assignments"]) for t in COST_TERMS}
    assert terms == {**dict.fromkeys(COST_TERMS, 0.0), "service": 10_000.0, "own": 12.0, "interface": 20.0}


def test_unserved_demands_cost_nothing() -> None:
    plan = body(two_services(), {PAY2: "P1"})
    first = plan["assignments"][0]
    assert (first["provider"], first["price"], first["distance_km"]) == (None, None, None)
    assert set(first["cost"].values()) == {0.0}
    assert plan["cost"] is None, "the cost of a part compares with nothing"
    assert sum(sum(a["cost"].values()) for a in plan["assignments"]) == 30_000.0
