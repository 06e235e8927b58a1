"""What the cases about missions share: some missions, some lines, the centres that serve them, rows over time.

Work for all other clients, and other work for these, is base load of the centres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.builder.arrangement import arrangement_of
from data.builder.assumptions import remark
from data.builder.capacities import Scope, loads_today
from data.builder.figures import figure, value
from data.builder.pay import field_share, parts
from data.builder.policy import Policy, priced_policy
from data.builder.providers import Base, provider_tables
from data.tables import Row, Tables, num

__all__ = ["Field", "assumed", "field_policy", "path", "phase", "posts_at", "supply", "year_end"]


@dataclass(frozen=True, slots=True)
class Field:
    """Missions with today's arrangement (entity to service to provider), lines and centres of a case."""

    today: Mapping[str, Mapping[str, str]]
    services: tuple[str, ...]
    providers: tuple[str, ...]


def supply(field: Field, everyone: list[Row]) -> Tables:
    """Return the centres; entities keep their ids of the reference table here."""
    plans = {e["id"]: {**arrangement_of(e), **field.today.get(e["id"], {})} for e in everyone}
    inside = {i: set(field.services) if i in field.today else set() for i in plans}
    mine = {i: {s: p for s, p in plan.items() if s in inside[i]} for i, plan in plans.items()}
    others = {i: {s: p for s, p in plan.items() if s not in inside[i]} for i, plan in plans.items()}
    heads: dict[str, float] = {}
    for entity in everyone:
        centre = plans[entity["id"]]["payroll"]
        heads[centre] = heads.get(centre, 0.0) + float(entity["headcount"])
    extra: Base = {p: dict(v) for p, v in loads_today(others, everyone).items()}
    found = provider_tables(loads_today(mine, everyone), heads, extra, _scope(), candidates=False)
    kept, lines = field.providers, field.services
    return {
        "providers": [p for p in found["providers"] if p["id"] in kept],
        "offers": [o for o in found["offers"] if o["provider"] in kept and o["service"] in lines],
        "tiers": [t for t in found["tiers"] if t["provider"] in kept and t["service"] in lines],
    }


def _scope() -> Scope:
    """Spare capacity for these missions; other clients keep the centres open anyway."""
    heads = value("mission.spare_heads")
    return Scope(value("mission.spare_fte"), heads, 2 * heads, 0.0, value("scope.rco.fixed_share"), 0.0)


def field_policy(start: date, unit: str, count: int) -> Policy:
    """Return prices as in the large cases; what depends on other entities is off."""
    policy = priced_policy()
    for name in ("agency_min_saving", "agency_share_max", "max_providers_per_entity"):
        del policy[name]
    moves: dict[str, Any] = {k: v for k, v in policy.pop("transition").items() if k != "double_running"}
    return {
        **policy,
        "as_of": start,
        "calendar_year": 2027,
        "backup": False,
        "wave_by": "demand",
        "handover_months": value("mission.handover_months"),
        "horizon": {"start": start, "unit": unit, "count": count},
        "transition": moves,
    }


def posts_at(provider: str, city: str, code: str) -> list[Row]:
    """Return international and local posts, in Entebbe's published mix; premises on top of each."""
    world, local, operating = parts(city, code)
    share = round(field_share(), 3)
    return [
        {"provider": provider, "category": "P", "share": num(share), "cost_per_fte": num(world + operating, 0)},
        {"provider": provider, "category": "GS", "share": num(1 - share), "cost_per_fte": num(local + operating, 0)},
    ]


def phase(profile: str, service: str, name: str, months: float, factor: float) -> Row:
    """Return a row of ``profiles``."""
    row = {"profile": profile, "service": service, "phase": name}
    return {**row, "months": num(months), "factor": num(factor)}


def path(key: str, column: str, day: str, name: str, table: str = "demands") -> Row:
    """Return a factor of the register that counts from a day on."""
    about = figure(name)
    return {
        "table": table,
        "key": key,
        "column": column,
        "from": day,
        "factor": num(about.value),
        "reason": about.reason,
        "source": about.source,
        "basis": about.basis,
        "low": num(about.low),
        "high": num(about.high),
    }


def year_end(year: int) -> Row:
    """Return the freeze in which a year is closed."""
    return {"from": f"{year}-12-15", "until": f"{year + 1}-02-01", "entity": "*", "service": "*"}


def assumed(table: str, key: str, column: str, reason: str, source: str = "made up for this example") -> Row:
    """Return the note on a figure that nobody published."""
    return remark(table, key, column, "assumed", reason, source)
