"""The policy of the packaged cases and how it is written as TOML."""

from __future__ import annotations

from datetime import date
from typing import Any

from data.builder.figures import value

__all__ = ["Policy", "base_policy", "priced_policy", "to_toml"]

Policy = dict[str, Any]
"""Keys of ``policy.toml`` to values; absent = default or off."""

ELEMENTS = (
    "separation",
    "double_running",
    "recruitment",
    "training",
    "knowledge_transfer",
    "travel",
    "project",
    "contingency_rate",
)
PRICES = (
    "interface_cost",
    "handover_cost",
    "distance_cost_per_fte_1000km",
    "overlap_cost_per_fte_hour",
    "language_cost_rate",
    "agency_min_saving",
    "agency_share_max",
)


def base_policy(as_of: date) -> Policy:
    """Return the keys every packaged case states."""
    return {
        "currency": "USD",
        "as_of": as_of,
        "calendar_year": 2026,
        "horizon_years": 5,
        "discount_rate": value("policy.discount_rate"),
        "minutes_per_fte_year": int(value("minutes_per_fte_year")),
    }


def priced_policy() -> Policy:
    """Return the policy of the Secretariat-sized cases.

    The date is that of the Secretary-General's report, so that its entities are all present.
    """
    policy = base_policy(date(2023, 10, 30))
    policy["horizon_years"] = 10
    policy.update({key: value(f"policy.{key}") for key in PRICES})
    policy.update(
        {
            "language_mode": "price",
            "dispersion_loss": [],
            "max_providers_per_entity": 4,
            "bundle_mode": "price",
            "max_hardship_class": "C",
            "own_min_headcount": int(value("own.min_headcount")),
            "keep_current": True,
            "zones": False,
            "backup": True,
            "allow_unserved": False,
            "worse_overlap_hours": 1.0,
            "worse_distance_km": 1000,
            "worse_languages": 0,
            "worse_price_rel": 0.05,
            "transition": {key: value(f"transition.{key}") for key in ELEMENTS},
        }
    )
    return policy


def _toml(item: Any) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    if isinstance(item, int | float):
        return str(item)
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, list):
        return f"[{', '.join(_toml(i) for i in item)}]"
    return f'"{item}"'


def to_toml(policy: Policy) -> str:
    """Return a flat TOML text; tables go last."""
    plain = [f"{k} = {_toml(v)}" for k, v in policy.items() if not isinstance(v, dict)]
    for name, table in policy.items():
        if isinstance(table, dict):
            plain += ["", f"[{name}]", *(f"{k} = {_toml(v)}" for k, v in table.items())]
    return "\n".join(plain) + "\n"
