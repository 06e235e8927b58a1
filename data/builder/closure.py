"""The case ``mission-closure``: one large mission leaves within six months, another loses its own support overnight.

Twenty-four months. The first is like Mali in 2023, the second like Afghanistan in 2021: its own staff cannot work any
more, centres must take over at once. Names and dates are made up; seats, headcounts and phases are the real ones'.
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

__all__ = ["mission_closure"]

LIKE = {"CLOSING": "MINUSMA", "CRISIS": "UNAMA"}
"""Seat, languages, headcount and arrangement of the two missions are those of these."""

THERE = ("UNMISS", "UNIFIL")
SERVICES = ("payroll", "benefits", "onboarding", "payables", "procurement", "property", "nonstaff")
PROVIDERS = ("RSCE", "KJSO", "UNON", "UNGSC", "ESCAP")
HIRING = ("KJSO", "RSCE", "UNON")
CRISIS_DAY, AFTER = "2027-08-15", "2028-02-15"
PHASES = (("drawdown", "all"), ("drawdown", "onboarding"), ("residual", "all"))
PLACES = (
    ("RSCE", "Entebbe", "UG"),
    ("KJSO", "Kuwait City", "KW"),
    ("UNON", "Nairobi", "KE"),
    ("UNGSC", "Brindisi", "IT"),
    ("ESCAP", "Bangkok", "TH"),
    ("OWN", "Kabul", "AF"),
)


def mission_closure() -> tuple[Tables, Policy]:
    """Return the two missions and two others, seven lines, five providers, twenty-four months."""
    everyone = {e["id"]: e for e in entity_rows()}
    entities = [_closing(everyone["MINUSMA"]), _in_crisis(everyone["UNAMA"]), *(everyone[i] for i in THERE)]
    plans = {e["id"]: _today(everyone[LIKE.get(e["id"], e["id"])]) for e in entities}
    by_reference = {LIKE.get(name, name): plan for name, plan in plans.items()}
    tables: Tables = {
        "entities": entities,
        "services": service_rows(tuple(line for line in LINES if line.id in SERVICES)),
        "demands": [r for r in demand_rows(entities) if r["service"] in SERVICES],
        **supply(Field(by_reference, SERVICES, PROVIDERS), list(everyone.values())),
        "current": [{"entity": e, "service": s, "provider": p} for e, plan in plans.items() for s, p in plan.items()],
        **_over_time(),
    }
    _room(tables)
    policy = field_policy(date(2027, 1, 1), "month", 24)
    tables["assumptions"] = [*assumption_rows("mission-closure", tables, policy), *_assumed()]
    return tables, policy


def _room(tables: Tables) -> None:
    """What centres can take up in a year, and a larger line for arrivals and departures."""
    for row in tables["providers"]:
        room = value(f"closure.absorb.{row['id']}", 0.0)
        row["absorb_fte"] = num(room) if room else ""
    for row in tables["offers"]:
        if row["service"] == "onboarding":
            row["capacity"] = num(float(row["capacity"]) * value("closure.surge_room"))


def _closing(like: Row) -> Row:
    ends = {"start": "2013-07-01", "end": "2028-01-01", "profile": "closing"}
    return {**like, "id": "CLOSING", "name": "Closing mission (example)", **ends}


def _in_crisis(like: Row) -> Row:
    return {**like, "id": "CRISIS", "name": "Mission in a crisis (example)"}


def _today(entity: Row) -> dict[str, str]:
    """Today's arrangement; the mission that is hit hires and pays by itself until then."""
    plan = {s: arrangement_of(entity)[s] for s in SERVICES}
    return {**plan, "onboarding": "OWN", "payables": "OWN"} if entity["id"] == "UNAMA" else plan


def _over_time() -> Tables:
    return {
        "decisions": _decisions(),
        "paths": [
            path("CRISIS|*", "volume", CRISIS_DAY, "closure.crisis.surge"),
            path("CRISIS|*", "volume", AFTER, "closure.crisis.after"),
        ],
        "profiles": [
            phase(
                "closing",
                "*" if of == "all" else of,
                name,
                value(f"closure.{name}.months"),
                value(f"closure.{name}.{of}"),
            )
            for name, of in PHASES
        ],
        "staffing": [row for place in PLACES for row in posts_at(*place)],
        "freezes": [year_end(year) for year in (2026, 2027, 2028)],
        "budgets": [{"year": str(y), "amount": num(value(f"closure.budget.{y}"))} for y in (1, 2)],
    }


def _decisions() -> list[Row]:
    """Nobody knows before the day; from it on, own staff cannot work, and Kuwait takes the work with people."""
    known, gone = "nobody knows of the crisis before", "own staff cannot work in the place any more"
    knows = "Kuwait knows the mission: it pays its staff already"
    return [
        {"action": "lock", "entity": "CRISIS", "reason": known, "until": CRISIS_DAY},
        {"action": "forbid", "entity": "CRISIS", "provider": "OWN", "reason": gone, "from": CRISIS_DAY},
        *(
            {
                "action": "lock",
                "entity": "CRISIS",
                "service": service,
                "provider": "KJSO",
                "reason": knows,
                "from": CRISIS_DAY,
            }
            for service in ("onboarding", "payables")
        ),
    ]


def _assumed() -> list[Row]:
    """What is assumed beside the figures of the large cases."""
    mix = "share of international posts that gives Entebbe its published cost; pay and premises by place as for centres"
    rows = [
        assumed("entities", name, "headcount", f"made up: seat, languages and headcount as {like}", "reference table")
        for name, like in LIKE.items()
    ]
    rows += [
        assumed("entities", "CLOSING", "start", "made up for this example"),
        assumed("entities", "CLOSING", "end", "made up for this example"),
        entry("policy", "*", "handover_months", figure("mission.handover_months")),
        *(entry("providers", p, "absorb_fte", figure(f"closure.absorb.{p}")) for p in ("KJSO", "RSCE")),
        *(entry("budgets", str(y), "amount", figure(f"closure.budget.{y}")) for y in (1, 2)),
    ]
    for name, of in PHASES:
        key = "|".join(("closing", "*" if of == "all" else of, name))
        rows += [entry("profiles", key, "months", figure(f"closure.{name}.months"))]
        rows += [entry("profiles", key, "factor", figure(f"closure.{name}.{of}"))]
    return [
        *rows,
        *(assumed("staffing", "*", c, mix, "cost of a post as for providers") for c in ("share", "cost_per_fte")),
    ]
