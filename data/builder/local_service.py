"""The case ``rco-16``: offices in the sixteen places where a large support operation of the Secretariat sits.

The report prints how many places there are and what makes them so, not which: a commission, an office away from
Headquarters or an integrated peace operation in a developing country. The list here is the reading of this project.
"""

from __future__ import annotations

from typing import Final

from data.builder.arrangement import arrangement_of
from data.builder.assumptions import assumption_rows, entry, remark
from data.builder.capabilities import REGIONAL_SET
from data.builder.entities import entity_rows
from data.builder.field import Field, assumed, supply
from data.builder.figures import figure, value
from data.builder.pay import cost_per_fte
from data.builder.policy import Policy, priced_policy
from data.builder.prices import line_fixed_cost
from data.builder.services import LINES, service_rows
from data.builder.small import line
from data.builder.sources import country
from data.builder.volumes import demand_rows
from data.tables import Row, Tables, num

__all__ = ["LOCAL_SUPPORT", "rco_16"]

LOCAL_SUPPORT: Final = {
    "ET": "ECA",
    "CL": "ECLAC",
    "TH": "ESCAP",
    "LB": "ESCWA",
    "KE": "UNON",
    "AF": "UNAMA",
    "CD": "MONUSCO",
    "CF": "MINUSCA",
    "CO": "UNVMC",
    "HT": "BINUH",
    "IQ": "UNAMI",
    "LY": "UNSMIL",
    "ML": "MINUSMA",
    "SD": "UNITAMS",
    "SO": "UNSOS",
    "SS": "UNMISS",
}
"""Country to the support operation there, at the date of the report."""

CENTRES: Final = ("ECA", "ECLAC", "ESCAP", "ESCWA", "UNON", "UNOG")
SG23: Final = "Secretary-General 2023 report on the global operational support architecture, para. 16"


def rco_16() -> tuple[Tables, Policy]:
    """Return sixteen offices, the lines that are done on the spot, sixteen local operations and Geneva."""
    everyone = entity_rows()
    offices = [e for e in everyone if e["kind"] == "rco" and e["country"] in LOCAL_SUPPORT]
    plans = {e["id"]: {s: arrangement_of(e)[s] for s in REGIONAL_SET} for e in offices}
    tables: Tables = {
        "entities": offices,
        "services": [
            {**row, "critical": "no"} for row in service_rows(tuple(x for x in LINES if x.id in REGIONAL_SET))
        ],
        "demands": [r for r in demand_rows(offices) if r["service"] in REGIONAL_SET],
        **supply(Field(plans, REGIONAL_SET, CENTRES), everyone),
        "current": [
            {"entity": e["id"], "service": s, "provider": plans[e["id"]][s]} for e in offices for s in REGIONAL_SET
        ],
    }
    _add_local(tables, everyone)
    tables["decisions"] = [_lock(e) for e in offices]
    policy = {**priced_policy(), "backup": False, "max_hardship_class": "E"}
    tables["assumptions"] = [*assumption_rows("rco-16", tables, policy), *_notes()]
    return tables, policy


def _add_local(tables: Tables, everyone: list[Row]) -> None:
    """Offer every line in the country of each operation, where it is not offered already."""
    offered = {(o["provider"], o["service"]) for o in tables["offers"]}
    providers = {p["id"]: p for p in tables["providers"]}
    for code, key in LOCAL_SUPPORT.items():
        share = value("scope.rco.fixed_share")
        if key not in providers:
            host = next(e for e in everyone if e["id"] == key)
            providers[key] = _operation(host, cost_per_fte(host["city"], code, value("rco16.mission_share")))
            tables["providers"].append(providers[key])
        fixed = float(line_fixed_cost(providers[key], share))
        for service in REGIONAL_SET:
            if (key, service) not in offered:
                work = value(f"minutes.{service}") / value("minutes_per_fte_year")
                price = round(work * float(providers[key]["cost_per_fte"]), 4)
                line(tables, (key, service), fixed, {0: price}, fee_rate="0", regions_served=code)


_PLACE: Final = ("city", "latitude", "longitude", "country", "time_zone", "languages", "hardship_class")


def _operation(host: Row, cost: float) -> Row:
    return {
        "id": host["id"],
        "name": host["name"],
        "organisation": host["organisation"],
        "kind": "secretariat",
        "status": "open",
        **{column: host[column] for column in _PLACE},
        "weekend": country(host["country"])["weekend"],
        "work_start": "09:00",
        "work_end": "17:00",
        "capacity_fte": num(value("rco16.lead_fte")),
        "cost_per_fte": num(cost),
    }


def _lock(office: Row) -> Row:
    local = LOCAL_SUPPORT[office["country"]]
    return {
        "action": "lock",
        "entity": office["id"],
        "provider": local,
        "reason": "full service by the local support operation; take these rows out to compare with regional offices",
    }


def _notes() -> list[Row]:
    places = (
        "the sixteen places are not named: commissions, offices away from Headquarters and integrated peace operations"
    )
    return [
        remark("decisions", "*", "provider", "published", "full local service in sixteen places", SG23),
        assumed("decisions", "*", "entity", places, SG23),
        *(
            entry("providers", key, "capacity_fte", figure("rco16.lead_fte"))
            for key in LOCAL_SUPPORT.values()
            if key not in CENTRES
        ),
        *(
            assumed("offers", f"{key}|{s}", "regions_served", "a local operation serves its own country", SG23)
            for key in LOCAL_SUPPORT.values()
            for s in REGIONAL_SET
            if key not in CENTRES
        ),
    ]
