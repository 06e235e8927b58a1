"""Savings against today, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import Policy, Transition
from optimizer.domain.types import Assumption, CurrentRow
from optimizer.plan.savings import net_present_value, payback_years
from optimizer.testing import edited
from tests.plan.hand import savings
from tests.plan.test_baseline import today
from tests.plan.test_served import ALL_P1, IT1, PAY1, PAY2, change, two_services


def cheap_p2(**policy: Any) -> Case:
    """P2 costs 8 a unit instead of 10; all is at P1 today."""
    c = two_services(**policy)
    c = edited(c, tiers=tuple(replace(t, unit_cost=8.0) if t.provider == "P2" else t for t in c.tiers))
    return today(c, ALL_P1)


ALL_P2 = dict.fromkeys(ALL_P1, "P2")


def test_annual_and_its_parts() -> None:
    found = savings(cheap_p2(), {**ALL_P1, PAY2: "P2"}, bound=40_123.456)
    assert found["annual"] == 6_000.0
    assert found["annual_rel"] == 0.12
    assert found["upper_limit"] == 9_876.54
    assert found["by_entity"] == [
        {"id": "E1", "baseline": 20_000.0, "plan": 20_000.0, "saving": 0.0},
        {"id": "E2", "baseline": 30_000.0, "plan": 24_000.0, "saving": 6_000.0},
    ]
    assert found["by_service"] == [
        {"id": "it", "baseline": 10_000.0, "plan": 10_000.0, "saving": 0.0},
        {"id": "pay", "baseline": 40_000.0, "plan": 34_000.0, "saving": 6_000.0},
    ]
    assert found["by_provider"] == [
        {"id": "P1", "baseline": 50_000.0, "plan": 20_000.0, "saving": 30_000.0},
        {"id": "P2", "baseline": 0.0, "plan": 24_000.0, "saving": -24_000.0},
    ]


def test_new_demands_are_apart() -> None:
    c = edited(cheap_p2(), current=(CurrentRow(*IT1, "P1"), CurrentRow(*PAY1, OWN)))
    found = savings(c, {IT1: "P2", PAY1: OWN, PAY2: "P2"})
    assert found["new_demand_cost"] == 24_000.0
    assert found["annual"] == 2_000.0
    assert found["annual_rel"] == round(2 / 19, 6)
    assert [r["id"] for r in found["by_provider"]] == [OWN, "P1", "P2"]
    assert [r["id"] for r in found["by_entity"]] == ["E1"]
    assert found["upper_limit"] is None


def test_new_demands_share_site_costs_with_the_old() -> None:
    c = change(edited(cheap_p2(), current=(CurrentRow(*PAY1, "P1"),)), "providers", "P1", site_fixed_cost=450.0)
    found = savings(c, ALL_P1)
    assert found["new_demand_cost"] == 40_350.0  # (0.5 + 3) of 4.5 FTE bear the site
    assert found["annual"] == 350.0  # 10,450 today, 10,100 in the plan


def test_empty_required_sites_are_in_the_total_and_in_no_list() -> None:
    c = change(cheap_p2(), "providers", "P1", status="required", site_fixed_cost=900.0)
    found = savings(c, ALL_P2)
    assert found["annual"] == 10_000.0  # 50,900 today, 40,900 in the plan, the site stays
    assert sum(r["saving"] for r in found["by_entity"]) == 10_900.0


def test_one_off_payback_and_present_value() -> None:
    c = cheap_p2(discount_rate=0.1, horizon_years=2, transition=Transition(training=1000.0, contingency_rate=0.5))
    c = change(c, "providers", "P2", status="candidate", setup_cost=2_000.0)
    found = savings(c, ALL_P2)
    assert found["one_off"] == {"transition": 6_750.0, "setup": 2_000.0}
    assert found["annual"] == 10_000.0
    assert found["payback_years"] == 0.875
    assert found["npv"] == round(-8_750 + 10_000 / 1.1 + 10_000 / 1.21, 2)
    assert found["horizon_years"] == 2


def test_payback() -> None:
    assert payback_years(Fraction(0), Fraction(5)) == 0
    assert payback_years(Fraction(0), Fraction(0)) is None
    assert payback_years(Fraction(10), Fraction(0)) is None
    assert payback_years(Fraction(10), Fraction(-1)) is None
    assert payback_years(Fraction(10), Fraction(4)) == 2.5


def test_net_present_value() -> None:
    assert net_present_value(Fraction(100), Fraction(30), Policy(discount_rate=0.0, horizon_years=5)) == 50
    assert net_present_value(Fraction(0), Fraction(0), Policy()) == 0
    worth = net_present_value(Fraction(0), Fraction(30), Policy(discount_rate=0.03, horizon_years=3))
    assert worth == sum(30 / Fraction(103, 100) ** t for t in (1, 2, 3))


@pytest.mark.parametrize("plan", [{PAY1: "P1"}, {}])
def test_nothing_is_told_with_unserved_demands(plan: dict[tuple[str, str], str]) -> None:
    found = savings(cheap_p2(), plan, bound=1.0)
    told = {k: v for k, v in found.items() if v not in (None, [])}
    assert told == {"one_off": {"transition": 0.0, "setup": 0.0}, "horizon_years": 5}
    assert list(found) == list(savings(cheap_p2(), ALL_P1))


def test_nothing_is_told_without_a_baseline() -> None:
    assert savings(edited(cheap_p2(), current=()), ALL_P1, bound=1.0)["upper_limit"] is None


# Savings by demand of ALL_P2: it 2,000, E1 pay 2,000, E2 pay 6,000.
@pytest.mark.parametrize(
    ("table", "key", "column", "share"),
    [
        ("demands", "E1|it", "volume", 0.2),
        ("demands", "E1|*", "volume", 0.4),
        ("demands", "*|pay", "volume", 0.8),
        ("demands", "*|*", "*", 1.0),
        ("demands", "*", "volume", 1.0),
        ("demands", "E1", "volume", 0.0),
        ("demands", "E1|it", "own_unit_cost", 0.0),  # own capacity serves nobody, today or in the plan
        ("demands", "E1|it", "headcount", 0.0),
        ("services", "pay", "minutes_per_unit", 0.8),
        ("services", "*", "*", 1.0),
        ("services", "pay", "units_per_head", 0.0),  # nothing is estimated
        ("offers", "P1|it", "fee_rate", 0.2),  # today's provider counts
        ("offers", "P2|it", "fixed_cost", 0.2),  # and the plan's
        ("offers", "P2|*", "base_volume", 1.0),
        ("offers", "P2", "fixed_cost", 0.0),
        ("offers", "P2|it", "capacity", 0.0),
        ("tiers", "P2|pay", "unit_cost", 0.8),
        ("tiers", "P2|pay|0", "unit_cost", 0.8),
        ("tiers", "P2|pay|0.00", "from_volume", 0.8),
        ("tiers", "P2|pay|5", "unit_cost", 0.0),
        ("tiers", "*|it|*", "*", 0.2),
        ("tiers", "P2|*", "unit_cost", 1.0),
        ("providers", "P2", "site_fixed_cost", 1.0),
        ("providers", "P2", "cost_per_fte", 0.0),  # all lines have tiers
        ("providers", "P9", "*", 0.0),
    ],
)
def test_share_on_assumptions(table: str, key: str, column: str, share: float) -> None:
    c = edited(cheap_p2(), assumptions=(Assumption(table, key, column, "assumed"),))
    assert savings(c, ALL_P2)["on_assumptions_rel"] == share
    published = edited(c, assumptions=(Assumption(table, key, column, "published"),))
    assert savings(published, ALL_P2)["on_assumptions_rel"] == 0.0


def test_lines_without_tiers_rest_on_cost_per_fte() -> None:
    c = change(cheap_p2(), "providers", "P2", cost_per_fte=8_000.0)
    c = edited(c, tiers=tuple(t for t in c.tiers if (t.provider, t.service) != ("P2", "pay")))
    c = edited(c, assumptions=(Assumption("providers", "P2", "cost_per_fte", "assumed"),))
    assert savings(c, ALL_P2)["on_assumptions_rel"] == 0.8


def test_own_capacity_rests_on_its_own_figures() -> None:
    c = edited(cheap_p2(), assumptions=(Assumption("demands", "E1|pay", "own_unit_cost", "assumed"),))
    assert savings(c, {**ALL_P2, PAY1: OWN})["on_assumptions_rel"] == round(1 / 9, 6)


def test_estimated_volumes_count_as_assumed() -> None:
    c = change(cheap_p2(), "demands", IT1, basis="estimated")
    assert savings(c, ALL_P2)["on_assumptions_rel"] == 0.2


def test_no_share_when_nothing_changes() -> None:
    assert savings(cheap_p2(), ALL_P1)["on_assumptions_rel"] is None
