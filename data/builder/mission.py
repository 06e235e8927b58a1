"""The case ``mission-start``: Entebbe takes up a new mission and helps it to close, over sixteen quarters.

Places, headcounts and prices are those of ``secretariat``; the mission itself, its dates and its profile are made up.
"""

from __future__ import annotations

from datetime import date

from data.builder.arrangement import arrangement_of
from data.builder.assumptions import assumption_rows, entry
from data.builder.entities import entity_rows
from data.builder.field import Field, assumed, field_policy, path, phase, posts_at, supply, year_end
from data.builder.figures import figure, value
from data.builder.policy import Policy
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
    policy = field_policy(date(2027, 1, 1), "quarter", 16)
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
    plans = {e["id"]: {s: arrangement_of(e)[s] for s in SERVICES} for e in everyone if e["id"] in THERE}
    out = supply(Field(plans, SERVICES, PROVIDERS), everyone)
    for row in out["providers"]:
        row["absorb_fte"] = num(value("mission.absorb_fte")) if row["id"] == "RSCE" else ""
    return out


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
        "paths": [path("MONUSCO|*", "volume", "2028-07-01", "mission.shrink")],
        "profiles": [_phase(*of) for of in _PHASES],
        "staffing": [row for place in _PLACES for row in posts_at(*place)],
        "freezes": [year_end(year) for year in (2026, 2027, 2028, 2029)],
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


def _phase(name: str, of: str) -> Row:
    service = "*" if of == "all" else of
    return phase("mission", service, name, value(f"mission.{name}.months"), value(f"mission.{name}.{of}"))


def _assumed() -> list[Row]:
    """What is assumed beside the figures of the large cases."""
    like = f"made up: seat, languages and headcount as {LIKE}"
    rows = [
        assumed("entities", NEW, "headcount", like, "reference table of entities"),
        assumed("entities", NEW, "start", "made up for this example", "made up for this example"),
        assumed("entities", NEW, "end", "made up for this example", "made up for this example"),
        entry("policy", "*", "handover_months", figure("mission.handover_months")),
        entry("providers", "RSCE", "absorb_fte", figure("mission.absorb_fte")),
    ]
    for name, of in _PHASES:
        key = "|".join(("mission", "*" if of == "all" else of, name))
        rows += [entry("profiles", key, "months", figure(f"mission.{name}.months"))]
        rows += [entry("profiles", key, "factor", figure(f"mission.{name}.{of}"))]
    rows += [entry("budgets", str(y), "amount", figure(f"mission.budget.{min(y, 2)}")) for y in range(1, 5)]
    mix = "share of international posts that gives Entebbe its published cost; pay and premises by place as for centres"
    return [
        *rows,
        *(assumed("staffing", "*", c, mix, "cost of a post as for providers") for c in ("share", "cost_per_fte")),
    ]
