"""Today's arrangement: who serves whom, after the documents; the rest by region, else ``OWN``.

Stated (Secretary-General's 2023 report): coordinator offices take finance, HR and payroll from
Nairobi and property from Brindisi; missions in Africa Entebbe, others Kuwait; headquarters
departments the Division of Administration in New York. Everything else here is a reading.
"""

from __future__ import annotations

from data.builder.figures import value
from data.builder.prices import first_tier
from data.builder.services import LINES, TRANSACTIONAL
from data.builder.sources import country
from data.tables import Row, num

__all__ = ["arrangement_of", "current_rows", "regional_office"]

OWN = "OWN"
EVERYTHING = tuple(line.id for line in LINES)
UNOG_NEIGHBOURS = ("AM", "AZ", "GE", "TR", "CY", "IL")
EXECUTIVE_OFFICE_LINES = ("hr_admin", "travel", "claims", "nonstaff")
EXECUTIVE_OFFICE_HEADS = 500
REGIONAL = ("travel", "claims", "procurement", "nonstaff")
SELF_SERVED = {"ECA": "ECA", "ECLAC": "ECLAC", "ESCAP": "ESCAP", "ESCWA": "ESCWA"}
ICT_BY_REGION = {"Africa": "UNICTF", "Americas": "UNICTF", "Asia": "UNGSC", "Oceania": "UNGSC"}


def _all(provider: str, lines: tuple[str, ...] = EVERYTHING) -> dict[str, str]:
    return dict.fromkeys(lines, provider)


def _is_small(entity: Row) -> bool:
    return float(entity["headcount"]) < value("own.min_headcount")


def regional_office(code: str) -> str:
    """Return the Secretariat office that serves a country on a regional basis."""
    row = country(code)
    if code == "ET":
        return "ECA"
    if row["region"] == "Americas":
        return "ECLAC"
    if row["sub_region"] in ("Western Asia", "Northern Africa") and code not in UNOG_NEIGHBOURS:
        return "ESCWA"
    if row["region"] == "Africa":
        return "UNON"
    return "ESCAP" if row["zone"] == "asia_pacific" else "UNOG"


def _support(entity: Row) -> dict[str, str]:
    """Property at Brindisi, help desk at Brindisi or Valencia by region."""
    region = country(entity["country"])["region"]
    return {"property": "UNGSC", "ict_helpdesk": ICT_BY_REGION.get(region, "UNGSC")}


def _rco(entity: Row) -> dict[str, str]:
    office = regional_office(entity["country"])
    return {**_all("UNON", TRANSACTIONAL), **_all(office, REGIONAL), **_support(entity)}


def _field(entity: Row) -> dict[str, str]:
    """Missions and other field entities."""
    in_africa = country(entity["country"])["region"] == "Africa"
    centre = "RSCE" if in_africa else "KJSO"
    office = "UNON" if in_africa else regional_office(entity["country"])
    plan = {**_all(centre, TRANSACTIONAL), **_support(entity)}
    if entity["kind"] == "peacekeeping" and not in_africa and not _is_small(entity):
        plan.update(_all(OWN, TRANSACTIONAL))
        plan.update(_all(centre, ("payroll", "benefits", "education_grant")))
    buyer = ("RSCE" if in_africa else office) if _is_small(entity) else OWN
    plan.update(procurement=buyer, nonstaff=office if _is_small(entity) else OWN)
    return plan


def _new_york(entity: Row) -> dict[str, str]:
    plan = _all("UNHQ-DOS")
    if float(entity["headcount"]) >= EXECUTIVE_OFFICE_HEADS:
        plan.update(_all(OWN, EXECUTIVE_OFFICE_LINES))
    return plan


def _seat(entity: Row, office: str) -> dict[str, str]:
    """Entities where an office administers the place."""
    plan = _all(office)
    if office == "UNON" or entity["kind"] == "special_political":
        plan.update(_support(entity))
        if not _is_small(entity):
            plan.update(property=OWN, ict_helpdesk=OWN)
    return plan


def _special(entity: Row) -> dict[str, str] | None:
    """Entities the documents or common sense single out."""
    name = entity["id"]
    if name in SELF_SERVED:
        return {**_all(OWN), **_all(SELF_SERVED[name], REGIONAL)}
    if name == "IRMCT":
        return _all(OWN)
    if name == "UNGSC":
        kuwait = ("payroll", "benefits", "education_grant")
        home = ("property", "ict_helpdesk", "procurement")
        return {**_all(OWN), **_all("KJSO", kuwait), **_all("UNGSC", home)}
    if name == "RSCE":
        return {**_all("RSCE", (*TRANSACTIONAL, "procurement")), **_support(entity), "nonstaff": OWN}
    if name == "UNAKRT":
        return {**_all("UNHQ-DOS", TRANSACTIONAL), **_all("ESCAP", REGIONAL), **_support(entity)}
    if name == "TBLDC":
        return _all("UNOG")
    return None


def arrangement_of(entity: Row) -> dict[str, str]:
    """Return today's provider of every line for one entity."""
    special = _special(entity)
    if special is not None:
        return special
    if entity["kind"] == "rco":
        return _rco(entity)
    seats = {"Geneva": "UNOG", "Vienna": "UNOV", "Nairobi": "UNON"}
    if entity["city"] == "New York":
        return _new_york(entity)
    return _seat(entity, seats[entity["city"]]) if entity["city"] in seats else _field(entity)


def current_rows(entities: list[Row], providers: dict[str, Row], fees: dict[str, float]) -> list[Row]:
    """Return the ``current`` table; the price is known where cost recovery makes one.

    Coordinator offices and agencies' clients pay a price; elsewhere the memo stays blank.
    """
    rows: list[Row] = []
    for entity in entities:
        for service, provider in arrangement_of(entity).items():
            paid = ""
            if entity["kind"] == "rco":
                price = first_tier(providers[provider], service)
                paid = num(price * (1 + fees.get(provider, 0.0)), 2)
            rows.append({"entity": entity["id"], "service": service, "provider": provider, "unit_cost": paid})
    order = {line.id: i for i, line in enumerate(LINES)}
    return sorted(rows, key=lambda r: (r["entity"], order[r["service"]]))
