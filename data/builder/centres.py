"""What the published studies of service centres have in common: an organisation, its work, places to move it to.

The work is counted in posts: one unit is what one post of the centre does in a year. Today the organisation
does it itself; each place of the study is a candidate. What came out is in ``reference/published_studies.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from data.builder.assumptions import entry, remark
from data.builder.figures import figure, figures, value
from data.builder.policy import ELEMENTS, Policy, base_policy
from data.builder.small import provider
from data.tables import Row, Tables, num

__all__ = [
    "add_line",
    "choice",
    "moving_cost",
    "notes",
    "office",
    "posts",
    "service_of_posts",
    "site",
    "study_policy",
    "today_own",
]

CITIES = {
    "BUH": "Bucharest",
    "BUD": "Budapest",
    "MAA": "Chennai",
    "KUL": "Kuala Lumpur",
    "DEL": "New Delhi",
    "MNL": "Manila",
    "PRY": "Pretoria",
    "PRG": "Prague",
    "SCL": "Santiago",
    "BKK": "Bangkok",
}


def site(key: str, organisation: str, **more: str) -> Row:
    """Return a place of the study as a candidate centre."""
    return provider(
        key,
        f"Service centre, {CITIES[key]}",
        CITIES[key],
        None,
        status="candidate",
        organisation=organisation,
        site_fixed_cost="0",
        **more,
    )


def service_of_posts(key: str, name: str, **more: str) -> Row:
    """Return a service whose unit is one post of work."""
    return {
        "id": key,
        "name": name,
        "unit": "post of work",
        "location_class": "global",
        "minutes_per_unit": num(value("minutes_per_fte_year")),
        "language_rule": "none",
        "critical": "no",
        **more,
    }


def office(entity: str, service: str, volume: float, own_unit_cost: float) -> Row:
    """Return what an office does itself today, in posts of work, and what one costs it."""
    return {
        "entity": entity,
        "service": service,
        "volume": num(volume),
        "own_unit_cost": num(own_unit_cost),
        "own_fixed_cost": "0",
    }


def add_line(tables: Tables, key: str, service: str, unit_cost: float, **more: str) -> None:
    """Add what a place offers, at one price for each unit."""
    names = {"provider": key, "service": service}
    tables["offers"].append({**names, "fixed_cost": "0", **more})
    tables["tiers"].append({**names, "from_volume": "0", "unit_cost": num(unit_cost)})


def today_own(demands: list[Row]) -> list[Row]:
    """Return a baseline in which every office does its own work."""
    return [{"entity": d["entity"], "service": d["service"], "provider": "OWN"} for d in demands]


def choice(provider_id: str, reason: str, **more: str) -> Row:
    """Return the decision that all work goes to one place."""
    return {"action": "lock", "entity": "*", "provider": provider_id, "reason": reason, **more}


def posts(providers: list[str], counts: Mapping[str, int]) -> list[Row]:
    """Return the ``staffing`` rows of places that have the same mix of posts."""
    total, rows = sum(counts.values()), []
    for name in providers:
        shares = [round(n / total, 6) for n in counts.values()]
        shares[-1] = round(1 - sum(shares[:-1]), 6)
        for category, share in zip(counts, shares, strict=True):
            cost = num(value(f"centre.staff.{category}"))
            rows.append({"provider": name, "category": category, "share": num(share), "cost_per_fte": cost})
    return rows


def moving_cost() -> float:
    """Return the one-off cost of moving one post: all elements and the contingency (USD)."""
    elements = sum(value(f"transition.{name}") for name in ELEMENTS if name != "contingency_rate")
    return elements * (1 + value("transition.contingency_rate"))


def study_policy(start: date, unit: str, count: int, **more: Any) -> Policy:
    """Return the policy of a study: sums are plain, so nothing is discounted; each post moved costs its elements."""
    policy = {
        **base_policy(start),
        "calendar_year": start.year,
        "discount_rate": 0,
        "own_min_headcount": 0,
        "backup": False,
        "horizon": {"start": start, "unit": unit, "count": count},
        "transition": {name: value(f"transition.{name}") for name in ELEMENTS},
        **more,
    }
    return {name: item for name, item in policy.items() if item is not None}


def notes(tables: Tables, policy: Policy, counts: str) -> list[Row]:
    """Return what every study assumes; ``counts`` says where its mix of posts comes from."""
    elements = policy.get("transition", {})
    rows = [
        entry("policy", "*", "minutes_per_fte_year", figure("minutes_per_fte_year")),
        *(entry("policy", "*", f"transition.{name}", figure(f"transition.{name}")) for name in elements),
        remark("policy", "*", "discount_rate", "derived", "the printed sums are plain", "JIU/REP/2009/6"),
        remark(
            "offers", "*", "fixed_cost", "assumed", "the price of a post holds all cost", "made up for this example"
        ),
        remark("staffing", "*", "share", "published", counts, "JIU/REP/2009/6, table 5 and annex I"),
    ]
    for category in dict.fromkeys(r["category"] for r in tables["staffing"]):
        about = figures()[f"centre.staff.{category}"]
        rows += [
            entry("staffing", f"{r['provider']}|{category}", "cost_per_fte", about)
            for r in tables["staffing"]
            if r["category"] == category
        ]
    return rows
