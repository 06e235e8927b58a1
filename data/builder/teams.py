"""Country cases: the offices of one country team share what can only be done on the spot.

``country_case`` makes one from the reference table of country teams, the same at each call. Staff are published;
every other figure is assumed and says so. ``bos_demo`` is one country made up by hand.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from data.builder.assumptions import entry, remark
from data.builder.entities import entity_rows
from data.builder.field import assumed
from data.builder.figures import figure, value
from data.builder.pay import parts
from data.builder.policy import Policy, base_policy
from data.builder.small import entity, line, note, provider, tables_of
from data.builder.sources import country, reference
from data.tables import Row, Tables, num

__all__ = ["COUNTRY_SERVICES", "bos_demo", "country_case", "country_codes"]

START: Final = date(2027, 1, 1)

COUNTRY_SERVICES: Final = {
    "premises": ("Common premises", "workplace", "fixed"),
    "drivers": ("Drivers and vehicles", "trip by car", "fixed"),
    "travel": ("Travel", "booking", "local"),
    "security": ("Security", "person", "fixed"),
    "hr_local": ("Human resources, local staff", "case", "local"),
    "ict": ("Information technology on the spot", "ticket", "local"),
    "cleaning": ("Cleaning", "workplace", "fixed"),
}
"""Services that depend on the place: name, unit, how near the provider must be."""

_SECRETARIAT: Final = "UN"


@cache
def _teams() -> dict[str, list[tuple[str, float]]]:
    """Staff of each organisation by country, the largest first."""
    out: dict[str, list[tuple[str, float]]] = {}
    for row in reference("country_teams"):
        out.setdefault(row["country"], []).append((row["organisation"], float(row["staff"])))
    return {code: sorted(rows, key=lambda r: (-r[1], r[0])) for code, rows in out.items()}


def country_codes() -> list[str]:
    """Return the countries of which there is a case, as alpha-2 codes in order."""
    return sorted(_teams())


def country_case(code: str) -> tuple[Tables, Policy]:
    """Return the case of one country.

    Parameters
    ----------
    code
        One of ``country_codes()``.

    Raises
    ------
    KeyError
        There is no country team in the table for this code.
    """
    team = _teams()[code]
    seat = next(e for e in entity_rows(("rco",)) if e["country"] == code)
    tables = tables_of()
    tables["entities"] = [_resident(seat, name, staff) for name, staff in team]
    tables["services"] = [_service(key) for key in COUNTRY_SERVICES]
    cost = _post(seat)
    tables["demands"] = [_demand(e["id"], key, cost) for e in tables["entities"] for key in COUNTRY_SERVICES]
    tables["current"] = _today(tables)
    leads = _leads(tables["entities"])
    tables["providers"] = [_lead(e, value("bos.setup_cost"), _capacity(e)) for e in leads]
    for office in leads:
        for key in COUNTRY_SERVICES:
            _offer(tables, office["id"], key, cost)
    policy = _policy()
    tables["assumptions"] = _notes(policy)
    return tables, policy


def _resident(seat: Row, organisation: str, staff: float) -> Row:
    where = country(seat["country"])["name"]
    kind = "secretariat" if organisation == _SECRETARIAT else "agency"
    name = "United Nations Secretariat" if organisation == _SECRETARIAT else organisation
    key = re.sub(r"[^A-Z0-9]+", "-", organisation.upper()).strip("-")
    own = {"id": key, "name": f"{name}, {where}", "kind": kind, "organisation": name, "headcount": num(staff)}
    return {**seat, **own, "languages": "", "start": "", "end": "", "lead_preference": ""}


def _service(key: str) -> Row:
    name, unit, nearness = COUNTRY_SERVICES[key]
    return {
        "id": key,
        "name": name,
        "unit": unit,
        "location_class": nearness,
        "units_per_head": num(value(f"bos.units.{key}")),
        "minutes_per_unit": num(value(f"bos.minutes.{key}")),
        "language_rule": "none",
        "critical": "no",
    }


def _post(seat: Row) -> float:
    """Cost of a local post with its workplace (USD a year)."""
    _, local, operating = parts(seat["city"], seat["country"])
    return local + operating


def _unit_cost(key: str, post: float) -> float:
    return value(f"bos.minutes.{key}") / value("minutes_per_fte_year") * post * (1 + value(f"bos.other.{key}"))


def _demand(office: str, key: str, post: float) -> Row:
    fixed = num(value(f"bos.fixed_fte.{key}") * post, 0)
    return {"entity": office, "service": key, "own_unit_cost": num(_unit_cost(key, post), 4), "own_fixed_cost": fixed}


def _today(tables: Tables) -> list[Row]:
    """Each office does all of it by itself."""
    return [{"entity": d["entity"], "service": d["service"], "provider": "OWN"} for d in tables["demands"]]


def _leads(residents: list[Row]) -> list[Row]:
    """The largest offices: those of a least size, and a least number of them whatever their size."""
    most, least = (int(value(f"bos.{name}_leads")) for name in ("most", "least"))
    big = [e for e in residents if float(e["headcount"]) >= value("bos.least_staff")]
    return residents[: max(least, min(most, len(big)))]


def _capacity(office: Row) -> float:
    """Own work of an office and so many times that again (FTE)."""
    minutes = sum(value(f"bos.units.{k}") * value(f"bos.minutes.{k}") for k in COUNTRY_SERVICES)
    own = float(office["headcount"]) * minutes / value("minutes_per_fte_year")
    return own * (1 + value("bos.room"))


_SAME: Final = (
    "id",
    "name",
    "organisation",
    "kind",
    "city",
    "latitude",
    "longitude",
    "country",
    "time_zone",
    "weekend",
)


def _lead(office: Row, setup: float, capacity: float) -> Row:
    return {
        **{column: office.get(column, "") for column in _SAME},
        "status": "candidate",
        "capacity_fte": num(capacity, 3),
        "setup_cost": num(setup),
    }


def _offer(tables: Tables, office: str, key: str, post: float) -> None:
    """Add a line whose unit cost falls in two steps."""
    per_fte, unit = value("minutes_per_fte_year") / value(f"bos.minutes.{key}"), _unit_cost(key, post)
    tiers = {0.0: round(unit, 4)}
    for step in ("1", "2"):
        tiers[round(value(f"bos.step_fte.{step}") * per_fte)] = round(unit * value(f"bos.step_cost.{step}"), 4)
    line(tables, (office, key), round(value("bos.lead_fixed") * value(f"bos.fixed_fte.{key}") * post), tiers)


_MOVES: Final = ("separation", "training", "knowledge_transfer")


def _policy() -> Policy:
    return {
        **base_policy(START),
        "calendar_year": START.year,
        "own_min_headcount": 0,
        "interface_cost": value("bos.interface_cost"),
        "handover_months": value("bos.handover_months"),
        "horizon": {"start": START, "unit": "year", "count": int(value("bos.years"))},
        "transition": {name: value(f"bos.{name}") for name in _MOVES},
    }


def _notes(policy: Policy) -> list[Row]:
    """What is published and what is assumed, each with its reason."""
    own = "minutes of work at the cost of a local post, with goods and contracts beside pay"
    model = "assumptions of the country model, no document gives figures"
    rows = [
        entry("policy", "*", "minutes_per_fte_year", figure("minutes_per_fte_year")),
        entry("policy", "*", "discount_rate", figure("policy.discount_rate")),
        *(entry("policy", "*", n, figure(f"bos.{n}")) for n in ("interface_cost", "handover_months")),
        *(entry("policy", "*", f"transition.{n}", figure(f"bos.{n}")) for n in policy["transition"]),
        remark("entities", "*", "headcount", "published", "staff in the country, 2019", "CEB/2020/HLCM/HR/12"),
        assumed("entities", "*", "city", "all staff of the country at the seat of the coordinator", model),
        assumed("demands", "*", "own_unit_cost", own, model),
        assumed("demands", "*", "own_fixed_cost", "part of a post that an office keeps whatever the volume", model),
        assumed("offers", "*", "fixed_cost", figure("bos.lead_fixed").reason, model),
        assumed("tiers", "*", "unit_cost", f"{own}; less above two steps", model),
        assumed("providers", "*", "status", "the largest offices may serve others", model),
        assumed("providers", "*", "capacity_fte", figure("bos.room").reason, model),
        entry("providers", "*", "setup_cost", figure("bos.setup_cost")),
    ]
    for key in COUNTRY_SERVICES:
        rows.append(entry("services", key, "units_per_head", figure(f"bos.units.{key}")))
        rows.append(entry("services", key, "minutes_per_unit", figure(f"bos.minutes.{key}")))
    return rows


_DEMO: Final = {"NORTH": 200, "EAST": 80, "SOUTH": 30, "WEST": 10}
"""Offices of the made-up country and their staff."""

_DEMO_COST: Final = {
    "premises": 1500,
    "drivers": 20,
    "travel": 50,
    "security": 800,
    "hr_local": 100,
    "ict": 40,
    "cleaning": 400,
}
"""What a unit costs each office (USD)."""

_DEMO_GOOD: Final = {"NORTH": ("premises", "drivers", "security", "cleaning"), "EAST": ("travel", "hr_local", "ict")}
"""Offices that may serve others, and what each does for less than an office alone."""


def bos_demo() -> tuple[Tables, Policy]:
    """Return four offices in one town, of which the two largest may serve the others."""
    tables = tables_of()
    tables["entities"] = [
        entity(k, f"Office {k.title()}", "Accra", n, "", kind="agency", organisation=f"Agency {k.title()}")
        for k, n in _DEMO.items()
    ]
    tables["services"] = [_service(key) for key in COUNTRY_SERVICES]
    tables["demands"] = [
        {"entity": e, "service": s, "own_unit_cost": num(_DEMO_COST[s]), "own_fixed_cost": "5000"}
        for e in _DEMO
        for s in COUNTRY_SERVICES
    ]
    tables["current"] = _today(tables)
    setup = {"kind": "agency", "status": "candidate", "setup_cost": "20000", "languages": ""}
    tables["providers"] = [
        provider(k, f"Office {k.title()}", "Accra", None, organisation=f"Agency {k.title()}", **setup)
        for k in _DEMO_GOOD
    ]
    for office, good in _DEMO_GOOD.items():
        for key, cost in _DEMO_COST.items():
            first = cost * (0.95 if key in good else 1.05)
            line(tables, (office, key), 8000, {0: first, 100 * value(f"bos.units.{key}"): first * 0.9})
    policy = {**_policy(), "interface_cost": 1000, "handover_months": 0, "transition": {"training": 2000}}
    tables["assumptions"] = [*note("round numbers"), assumed("providers", "*", "setup_cost", "round numbers")]
    return tables, policy
