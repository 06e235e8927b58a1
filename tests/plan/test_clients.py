"""What each entity gets, and what is worse than today."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.types import Demand, Offer
from optimizer.model.build import build_problem
from optimizer.plan.clients import lead_provider
from optimizer.testing import edited
from optimizer.testing.hand import BANGKOK, NEW_YORK, case, entity, provider, service, with_policy
from tests.plan.hand import Plan, body
from tests.plan.test_baseline import today
from tests.plan.test_served import change

PAY, IT = ("E1", "pay"), ("E1", "it")


def one_entity(**policy: Any) -> Case:
    """E1 in Nairobi: pay 3 FTE, it 1 FTE; P1 in Vienna, P2 in New York, both at P1 today."""
    c = case(
        [entity(languages=frozenset({"en", "fr"}))],
        [service(bundle="hr"), service("it", bundle="hr")],
        [Demand(*PAY, 3000.0, own_unit_cost=9.0), Demand(*IT, 1000.0, own_unit_cost=9.0)],
        [
            provider(languages=frozenset({"en", "fr"})),
            provider("P2", NEW_YORK, "America/New_York", languages=frozenset({"en"})),
        ],
        [Offer(p, s) for p in ("P1", "P2") for s in ("pay", "it")],
        **policy,
    )
    return today(c, {PAY: "P1", IT: "P1"})


def row(c: Case, plan: Plan) -> dict[str, Any]:
    found = body(c, plan)["entities"]
    assert len(found) == 1
    return dict(found[0])


def kinds(c: Case, plan: Plan) -> list[str]:
    return [w["kind"] for w in row(c, plan)["worse_than_today"]]


@pytest.mark.parametrize(
    ("shares", "preference", "lead"),
    [
        ([("P1", 1.0), ("P2", 2.0)], "P1", "P2"),
        ([("P1", 1.0), ("P2", 0.4), ("P2", 0.6)], "", "P1"),
        ([("P1", 1.0), ("P2", 1.0), ("P3", 1.0)], "P3", "P3"),
        ([("P2", 1.0), ("P1", 1.0)], "P9", "P1"),
        ([("P1", 0.3), ("P2", 0.1), ("P2", 0.2)], "P2", "P2"),  # 0.1 + 0.2 > 0.3 in floats
        ([], "P1", None),
    ],
)
def test_lead_provider(shares: list[tuple[str, float]], preference: str, lead: str | None) -> None:
    assert lead_provider(shares, preference) == lead


def test_own_capacity_leads_nobody() -> None:
    found = row(one_entity(), {PAY: OWN, IT: "P2"})
    assert found["lead_provider"] == "P2"
    assert found["providers"] == [OWN, "P2"]
    assert found["handovers"] == 1
    alone = row(one_entity(), {PAY: OWN, IT: OWN})
    assert (alone["lead_provider"], alone["overlap_hours_mean"], alone["distance_km_mean"]) == (None, None, None)
    assert (alone["overlap_hours_worst"], alone["languages_missing"], alone["handovers"]) == (None, 0, 0)


def test_means_are_weighted_by_effort_over_other_providers() -> None:
    c = one_entity()
    x = build_problem(c)
    found = row(c, {PAY: "P1", IT: "P2"})
    assert found["distance_km_mean"] == pytest.approx((3 * x.distance_km[0, 0] + x.distance_km[0, 1]) / 4)
    assert found["overlap_hours_mean"] == pytest.approx((3 * x.overlap_hours[0, 0] + x.overlap_hours[0, 1]) / 4)
    assert found["overlap_hours_worst"] == pytest.approx(x.overlap_hours_worst[0, 1])
    assert row(c, {PAY: OWN, IT: "P2"})["distance_km_mean"] == pytest.approx(x.distance_km[0, 1])


def test_price_index_over_demands_with_a_price_today() -> None:
    assert row(one_entity(), {PAY: OWN, IT: "P1"})["price_index"] == round(37 / 40, 6)
    c = today(one_entity(), {IT: "P1"})
    assert row(c, {PAY: OWN, IT: OWN})["price_index"] == 0.9
    assert row(today(one_entity(), {}), {PAY: "P1", IT: "P1"})["price_index"] is None


@pytest.mark.parametrize(("nudge", "worse"), [(-1e-6, True), (1e-6, False)])
def test_thresholds_of_distance_and_overlap(nudge: float, worse: bool) -> None:
    c = with_policy(one_entity(), worse_overlap_hours=24.0, worse_distance_km=1e5, worse_languages=9)
    x = build_problem(c)
    farther = (x.distance_km[0, 1] - x.distance_km[0, 0]) / 4
    less = (x.overlap_hours[0, 0] - x.overlap_hours[0, 1]) / 4
    plan = {PAY: "P1", IT: "P2"}
    assert kinds(c, plan) == []
    assert kinds(with_policy(c, worse_distance_km=float(farther + nudge)), plan) == ["distance"] * worse
    assert kinds(with_policy(c, worse_overlap_hours=float(less + nudge)), plan) == ["overlap"] * worse


def test_thresholds_of_language_and_price() -> None:
    c = with_policy(one_entity(), worse_overlap_hours=24.0, worse_distance_km=1e5)
    plan = {PAY: "P1", IT: "P2"}
    assert row(c, plan)["worse_than_today"] == [{"kind": "language", "today": 0, "plan": 1}]
    assert kinds(with_policy(c, worse_languages=1), plan) == []
    dear = change(with_policy(c, worse_languages=1), "offers", ("P2", "it"), fee_rate=0.2)  # 42,000 of 40,000
    assert kinds(with_policy(dear, worse_price_rel=0.05), plan) == []
    found = row(with_policy(dear, worse_price_rel=0.0499), plan)["worse_than_today"]
    assert found == [{"kind": "price", "today": 1.0, "plan": 1.05}]


def test_own_capacity_counts_as_near_as_can_be() -> None:
    c = with_policy(one_entity(), worse_overlap_hours=0.0, worse_distance_km=0.0)
    at_home = today(c, {PAY: OWN, IT: OWN})
    found = {w["kind"]: w for w in row(at_home, {PAY: "P1", IT: "P1"})["worse_than_today"]}
    assert found["overlap"]["today"] == 8.0  # the working day, 9 to 17
    assert found["distance"]["today"] == 0.0
    assert kinds(c, {PAY: OWN, IT: OWN}) == []
    half = change(
        at_home, "entities", "E1", work=replace(c.entities[0].work, start=c.entities[0].work.start.replace(minute=30))
    )
    told = {w["kind"]: w for w in row(half, {PAY: "P1", IT: "P1"})["worse_than_today"]}
    assert told["overlap"]["today"] == 7.5


def test_new_demands_are_not_compared() -> None:
    c = with_policy(today(one_entity(), {IT: "P1"}), worse_distance_km=0.0, worse_languages=0)
    assert kinds(c, {PAY: "P2", IT: "P1"}) == []
    assert row(c, {PAY: "P2", IT: "P1"})["languages_missing"] == 1


def test_entities_without_demands_have_no_row() -> None:
    c = one_entity()
    more = edited(c, entities=(*c.entities, entity("E2", BANGKOK, "Asia/Bangkok")))
    assert [e["id"] for e in body(more, {PAY: "P1", IT: "P1"})["entities"]] == ["E1"]
