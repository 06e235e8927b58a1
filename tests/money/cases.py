"""A small case made by hand: two providers of payroll, one required site without work, prices of today."""

from __future__ import annotations

from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.stating import price_case
from optimizer.testing import hand

__all__ = ["ROWS", "planned", "small"]

ROWS = (("E1", "pay", "P1"), ("E2", "pay", "P2"), ("E3", "pay", "P1"), ("E3", "trv", "OWN"))
"""E1 and E3 at P1 (1,000 and 3,000 units), E2 at P2 (2,000 units); E3 does its travel itself."""


def small(*, unit_cost: float = 10.0, site: float = 4000.0, **policy: Any) -> Case:
    """P1: 4,000 units at 10 and a site of 4,000; P2: 2,000 units at 12; P3 stays open for 700 and has no work.

    With a provision of 5 % P1 costs 46,000 (11.50 a unit), P2 25,200 (12.60).
    """
    more: dict[str, Any] = {"reserve_opening": 1000.0}
    return hand.case(
        [hand.entity("E1", kind="rco"), hand.entity("E2", kind="mission"), hand.entity("E3", kind="rco")],
        [hand.service(unit="payslip", risk_rate=0.03, liability_rate=0.02), hand.service("trv")],
        [
            *(Demand(e, "pay", v) for e, v in (("E1", 1000.0), ("E2", 2000.0), ("E3", 3000.0))),
            Demand("E3", "trv", 100.0, own_unit_cost=7.0),
        ],
        [
            hand.provider("P1", site_fixed_cost=site, **more),
            hand.provider("P2", hand.GENEVA, "Europe/Zurich", **more),
            hand.provider("P3", hand.NEW_YORK, "America/New_York", status="required", site_fixed_cost=700.0),
        ],
        [Offer("P1", "pay"), Offer("P2", "pay")],
        [Tier("P1", "pay", 0.0, unit_cost), Tier("P2", "pay", 0.0, 12.0)],
        [CurrentRow("E1", "pay", "P1", 10.0), CurrentRow("E2", "pay", "P1", 15.0), CurrentRow("E3", "trv", "OWN", 6.0)],
        backup=False,
        **policy,
    )


def planned(case: Case) -> dict[str, Any]:
    """The plan of ``ROWS``, verified."""
    plan = price_case(case, ROWS)
    assert plan["verification"]["ok"], plan["issues"]
    return plan
