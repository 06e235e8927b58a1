"""Base loads and capacities: today's load with some headroom, published posts where known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from data.builder.capabilities import Capability
from data.builder.figures import value
from data.builder.services import LINES, minutes_per_head
from data.builder.volumes import effort_fte, volume_of
from data.tables import Row

__all__ = [
    "Loads",
    "Scope",
    "agency_base",
    "fte_of",
    "line_capacity",
    "loads_today",
    "offices_only",
    "secretariat_base",
    "site_fte",
    "whole_secretariat",
]


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of the centres' capacity and fixed cost belongs to the clients of a case.

    ``floor_fte``, ``floor_heads`` and ``critical_heads`` are least spare capacities (posts, staff
    served); ``fixed_share`` and ``site_share`` the parts of fixed costs these clients cause.
    """

    floor_fte: float
    floor_heads: float
    critical_heads: float
    agency_headroom: float
    fixed_share: float = 1.0
    site_share: float = 1.0


def whole_secretariat() -> Scope:
    """Return the scope of a case with all entities."""
    heads = value("floor.line_heads")
    return Scope(value("floor.site_fte"), heads, heads, value("headroom.agency"))


def offices_only() -> Scope:
    """Return the scope of the coordinator offices: other clients keep the sites open anyway."""
    heads = value("scope.rco.floor_line_heads")
    return Scope(
        value("scope.rco.floor_site_fte"),
        heads,
        2 * heads,
        value("scope.rco.headroom_agency"),
        value("scope.rco.fixed_share"),
        0.0,
    )


Loads = dict[str, dict[str, float]]
"""Provider to service to units a year."""

CRITICAL = {line.id for line in LINES if line.critical}
STEP = 10
"""Line capacities are rounded up to tens of units."""


def loads_today(arrangements: Mapping[str, Mapping[str, str]], entities: list[Row]) -> Loads:
    """Return units a year that today's arrangement puts on each line (own capacity left out)."""
    loads: Loads = defaultdict(lambda: defaultdict(float))
    for entity in entities:
        for service, provider in arrangements[entity["id"]].items():
            if provider != "OWN":
                loads[provider][service] += volume_of(entity, service)
    return loads


def secretariat_base(provider: str, lines: tuple[str, ...], heads_served: float) -> dict[str, float]:
    """Return units a year for clients outside the case.

    Entebbe: its published clients less the civilians of the case. Others: staff of other
    organisations by the register.
    """
    heads = value(f"base.{provider}", 0.0)
    if provider == "RSCE":
        heads = max(0.0, value("anchor.clients") - heads_served)
    return {s: round(heads * value(f"units.{s}")) for s in lines}


def agency_base(provider: str, capability: Capability) -> dict[str, float]:
    """Return units a year an agency centre does for its own side, from its posts.

    Posts are spread over its lines by the minutes one staff member takes of each.
    """
    if provider == "UNDP-CPH":
        heads = value("staff.UNDP-CPH")
        base = {s: float(round(heads * value(f"units.{s}"))) for s in capability.lines}
        return {**base, "payroll": value("payslips.UNDP-CPH")}
    posts = value(f"posts.{provider}", value("posts.agency"))
    total = sum(minutes_per_head(s) for s in capability.lines)
    heads = posts * value("minutes_per_fte_year") / total if total else 0.0
    return {s: float(round(heads * value(f"units.{s}"))) for s in capability.lines}


def _up(units: float) -> float:
    return float(ceil(round(units, 6) / STEP) * STEP)


def line_capacity(provider: Mapping[str, str], service: str, base: float, load: float, scope: Scope) -> float:
    """Return the capacity of a line (units a year), its base volume included."""
    per_head = value(f"units.{service}")
    if provider["status"] == "candidate":
        return _up(value("candidate.line_heads") * per_head)
    critical = service in CRITICAL
    headroom = value("headroom.critical" if critical else "headroom.line")
    heads = scope.critical_heads if critical else scope.floor_heads
    return _up(base + max(load * headroom, heads * per_head))


def site_fte(kind: str, base: float, load: float, scope: Scope) -> float:
    """Return the capacity of an existing site (posts), its base load included."""
    if kind == "agency":
        return round(base * (1 + scope.agency_headroom), 1)
    spare = max(load * (value("headroom.site") - 1), scope.floor_fte)
    return round(base + load + spare + 0.05, 1)


def fte_of(volumes: Mapping[str, float]) -> float:
    """Return posts of work in volumes by service."""
    return sum(effort_fte(s, v) for s, v in volumes.items())
