"""The case ``mission-start``: Entebbe takes up a new mission and helps it to close, over sixteen quarters.

Places, headcounts and prices are those of ``secretariat``; the mission itself, its dates and its profile are made up.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from data.builder.arrangement import arrangement_of
from data.builder.assumptions import assumption_rows, entry, remark
from data.builder.capacities import Scope, loads_today
from data.builder.entities import entity_rows
from data.builder.figures import figure, value
from data.builder.pay import field_share, parts
from data.builder.policy import Policy, priced_policy
from data.builder.providers import Base, provider_tables
from data.builder.services import LINES, service_rows
from data.builder.volumes import demand_rows
from data.tables import Row, Tables, num

__all__ = ["mission_start"]

NEW = "MISSION"
LIKE = "MINUSCA"
"""Seat, languages and headcount of the new mission are those of this one."""

THERE = ("MONUSCO", "UNMISS", "UNISFA")
SERVICES = ("payroll", "benefits", "onboarding", "payables", "procurement", "property", "nonstaff")
PROVIDERS = ("RSCE", "UNON", "UNGSC")


def mission_start() -> tuple[Tables, Policy]:
    """Return the new mission and three others, seven lines, three providers."""
    everyone = entity_rows()
    there = [e for e in everyone if e["id"] in THERE]
    entities = [_new_mission(next(e for e in everyone if e["id"] == LIKE)), *there]
    tables: Tables = {
        "entities": entities,
        "services": service_rows(tuple(line for line in LINES if line.id in SERVICES)),
        "demands": [r for r in demand_rows(entities) if r["service"] in SERVICES],
        **_supply(everyone),
        "current": _today(there),
        "decisions": [],
        **_over_time(),
    }
    policy = _policy()
    tables["assumptions"] = [*assumption_rows("mission-start", tables, policy), *_assumed()]
    return tables, policy


def _new_mission(like: Row) -> Row:
    return {
        **like,
        "id": NEW,
        "name": "New mission (example)",
        "start": "2027-03-01",
        "end": "2029-12-31",
        "profile": "mission",
    }


def _supply(everyone: list[Row]) -> Tables:
    """The three centres; work for all other clients, and other work for these, is base load."""
    plans = {e["id"]: arrangement_of(e) for e in everyone}
    mine = {i: {s: p for s, p in plan.items() if i in THERE and s in SERVICES} for i, plan in plans.items()}
    others = {i: {s: p for s, p in plan.items() if s not in mine[i]} for i, plan in plans.items()}
    heads: dict[str, float] = {}
    for entity in everyone:
        centre = plans[entity["id"]]["payroll"]
        heads[centre] = heads.get(centre, 0.0) + float(entity["headcount"])
    extra: Base = {p: dict(v) for p, v in loads_today(others, everyone).items()}
    found = provider_tables(loads_today(mine, everyone), heads, extra, _scope(), candidates=False)
    out = {
        "providers": [p for p in found["providers"] if p["id"] in PROVIDERS],
        "offers": [o for o in found["offers"] if o["provider"] in PROVIDERS and o["service"] in SERVICES],
        "tiers": [t for t in found["tiers"] if t["provider"] in PROVIDERS and t["service"] in SERVICES],
    }
    for row in out["providers"]:
        row["absorb_fte"] = num(value("mission.absorb_fte")) if row["id"] == "RSCE" else ""
    return out


def _scope() -> Scope:
    """Spare capacity for these missions; other clients keep the centres open anyway."""
    heads = value("mission.spare_heads")
    return Scope(value("mission.spare_fte"), heads, 2 * heads, 0.0, value("scope.rco.fixed_share"), 0.0)


def _today(there: list[Row]) -> list[Row]:
    """Today's arrangement; the buyers of one mission have a year's notice."""
    return [
        {
            "entity": e["id"],
            "service": s,
            "provider": arrangement_of(e)[s],
            "notice_until": "2027-07-01" if (e["id"], s) == ("UNMISS", "procurement") else "",
        }
        for e in there
        for s in SERVICES
    ]


def _over_time() -> Tables:
    """Figures and rules that change with time."""
    return {
        "paths": [_shrinks()],
        "profiles": [_phase(*of) for of in _PHASES],
        "staffing": [row for place in _PLACES for row in _posts(*place)],
        "freezes": [_year_end(year) for year in (2026, 2027, 2028, 2029)],
        "budgets": [
            {"year": str(year), "amount": num(value(f"mission.budget.{min(year, 2)}"))} for year in range(1, 5)
        ],
        "commitments": [{"entity": NEW, "service": "payroll", "from": "2027-03-01", "provider": "RSCE"}],
    }


_PHASES = (
    ("start_up", "all"),
    ("start_up", "onboarding"),
    ("drawdown", "all"),
    ("drawdown", "onboarding"),
    ("residual", "all"),
)
_PLACES = (("RSCE", "Entebbe", "UG"), ("UNON", "Nairobi", "KE"), ("UNGSC", "Brindisi", "IT"), ("OWN", "Juba", "SS"))


def _posts(provider: str, city: str, code: str) -> list[Row]:
    """International and local posts, in the mix that gives Entebbe its published cost; premises on top of each."""
    world, local, operating = parts(city, code)
    share = round(field_share(), 3)
    return [
        {"provider": provider, "category": "P", "share": num(share), "cost_per_fte": num(world + operating, 0)},
        {"provider": provider, "category": "GS", "share": num(1 - share), "cost_per_fte": num(local + operating, 0)},
    ]


def _phase(phase: str, of: str) -> Row:
    return {
        "profile": "mission",
        "service": "*" if of == "all" else of,
        "phase": phase,
        "months": num(value(f"mission.{phase}.months")),
        "factor": num(value(f"mission.{phase}.{of}")),
    }


def _shrinks() -> Row:
    about = figure("mission.shrink")
    return {
        "table": "demands",
        "key": "MONUSCO|*",
        "column": "volume",
        "from": "2028-07-01",
        "factor": num(about.value),
        "reason": about.reason,
        "source": about.source,
        "basis": about.basis,
        "low": num(about.low),
        "high": num(about.high),
    }


def _year_end(year: int) -> Row:
    return {"from": f"{year}-12-15", "until": f"{year + 1}-02-01", "entity": "*", "service": "*"}


def _policy() -> Policy:
    """Prices as in the large cases; what depends on other entities is off."""
    policy = priced_policy()
    for name in ("agency_min_saving", "agency_share_max", "max_providers_per_entity"):
        del policy[name]
    moves: dict[str, Any] = {k: v for k, v in policy.pop("transition").items() if k != "double_running"}
    return {
        **policy,
        "as_of": date(2027, 1, 1),
        "calendar_year": 2027,
        "backup": False,
        "wave_by": "demand",
        "handover_months": value("mission.handover_months"),
        "horizon": {"start": date(2027, 1, 1), "unit": "quarter", "count": 16},
        "transition": moves,
    }


def _assumed() -> list[Row]:
    """What is assumed beside the figures of the large cases."""
    like = f"made up: seat, languages and headcount as {LIKE}"
    rows = [
        _note("entities", NEW, "headcount", like, "reference table of entities"),
        _note("entities", NEW, "start", "made up for this example", "made up for this example"),
        _note("entities", NEW, "end", "made up for this example", "made up for this example"),
        entry("policy", "*", "handover_months", figure("mission.handover_months")),
        entry("providers", "RSCE", "absorb_fte", figure("mission.absorb_fte")),
    ]
    for phase, of in _PHASES:
        key = "|".join(("mission", "*" if of == "all" else of, phase))
        rows += [entry("profiles", key, "months", figure(f"mission.{phase}.months"))]
        rows += [entry("profiles", key, "factor", figure(f"mission.{phase}.{of}"))]
    rows += [entry("budgets", str(y), "amount", figure(f"mission.budget.{min(y, 2)}")) for y in range(1, 5)]
    mix = "share of international posts that gives Entebbe its published cost; pay and premises by place as for centres"
    return [
        *rows,
        *(_note("staffing", "*", c, mix, "cost of a post as for providers") for c in ("share", "cost_per_fte")),
    ]


def _note(table: str, key: str, column: str, reason: str, source: str) -> Row:
    return remark(table, key, column, "assumed", reason, source)
