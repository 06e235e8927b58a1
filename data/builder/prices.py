"""Tiers and fixed costs of the lines, from the cost of a post at the provider's place."""

from __future__ import annotations

from collections.abc import Mapping

from data.builder.figures import value
from data.builder.volumes import effort_fte
from data.tables import Row, num

__all__ = ["TIERS", "fee_rate", "first_tier", "line_fixed_cost", "site_fixed_cost", "tier_rows"]

TIERS = (1, 2, 3, 4)


def _unit(provider: Mapping[str, str], service: str, tier: int) -> float:
    full = effort_fte(service, 1.0) * float(provider["cost_per_fte"])
    return full * value(f"tier.{tier}.factor")


def first_tier(provider: Mapping[str, str], service: str) -> float:
    """Return the first tier's unit cost (USD a unit)."""
    return _unit(provider, service, 1)


def tier_rows(provider: Mapping[str, str], service: str) -> list[Row]:
    """Return four tiers: thresholds are staff served, times the line's units per head."""
    per_head = value(f"units.{service}")
    rows: list[Row] = []
    for tier in TIERS:
        heads = 0.0 if tier == 1 else value(f"tier.{tier}.heads")
        rows.append(
            {
                "provider": provider["id"],
                "service": service,
                "from_volume": num(heads * per_head),
                "unit_cost": num(_unit(provider, service, tier), 4),
            }
        )
    return rows


def line_fixed_cost(provider: Mapping[str, str], share: float = 1.0) -> str:
    """Return the yearly fixed cost of an open line (USD), or the share of it the clients cause."""
    return num(share * value("line.fixed_fte") * float(provider["cost_per_fte"]), 0)


def site_fixed_cost(cost_per_fte: float, lines: int, share: float = 1.0) -> str:
    """Return the yearly fixed cost of an open site with so many lines on offer (USD)."""
    posts = value("site.fixed_fte") + value("site.fixed_fte_line") * lines
    return num(share * posts * cost_per_fte if lines else 0.0, 0)


def fee_rate(provider: str, kind: str) -> float:
    """Return the mark-up on cost; the Secretariat's own centres have none."""
    if kind != "agency":
        return 0.0
    return value(f"fee.{provider.split('-')[0]}", value("fee.default"))
