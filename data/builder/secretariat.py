"""The cases ``secretariat`` (all entities) and ``rco`` (the coordinator offices)."""

from __future__ import annotations

from collections import defaultdict

from data.builder.arrangement import arrangement_of, current_rows
from data.builder.assumptions import assumption_rows
from data.builder.capacities import loads_today, offices_only
from data.builder.entities import entity_rows
from data.builder.policy import Policy, priced_policy
from data.builder.prices import fee_rate
from data.builder.providers import Base, provider_tables
from data.builder.services import service_rows
from data.builder.volumes import demand_rows
from data.tables import Row, Tables

__all__ = ["rco", "secretariat"]

RCO_PROVIDERS = (
    "UNON",
    "UNOG",
    "RSCE",
    "KJSO",
    "UNGSC",
    "UNICTF",
    "ECA",
    "ECLAC",
    "ESCAP",
    "ESCWA",
    "UNDP-CPH",
    "UNDP-KUL",
    "WHO-GSC",
    "UNHCR-BUD",
    "UNHCR-KUL",
    "UNHCR-PAN",
    "FAO-BUD",
    "FAO-SCL",
    "FAO-BKK",
    "WFP-DEL",
)


def _heads(entities: list[Row]) -> dict[str, float]:
    heads: dict[str, float] = defaultdict(float)
    for entity in entities:
        heads[arrangement_of(entity)["payroll"]] += float(entity["headcount"])
    return heads


def _assemble(case: str, entities: list[Row], providers: Tables) -> tuple[Tables, Policy]:
    policy = priced_policy()
    by_id = {p["id"]: p for p in providers["providers"]}
    fees = {p["id"]: fee_rate(p["id"], p["kind"]) for p in providers["providers"]}
    tables: Tables = {
        "entities": entities,
        "services": service_rows(),
        "demands": demand_rows(entities),
        **providers,
        "current": current_rows(entities, by_id, fees),
        "decisions": [],
    }
    tables["assumptions"] = assumption_rows(case, tables, policy)
    return tables, policy


def secretariat() -> tuple[Tables, Policy]:
    """Return all 237 entities, 14 lines, 26 providers and the candidate places."""
    entities = entity_rows()
    plans = {e["id"]: arrangement_of(e) for e in entities}
    providers = provider_tables(loads_today(plans, entities), _heads(entities), {})
    return _assemble("secretariat", entities, providers)


def rco() -> tuple[Tables, Policy]:
    """Return the 132 coordinator offices; other clients of the providers become base load."""
    everyone = entity_rows()
    offices = [e for e in everyone if e["kind"] == "rco"]
    others = [e for e in everyone if e["kind"] != "rco"]
    plans = {e["id"]: arrangement_of(e) for e in everyone}
    extra: Base = {p: dict(v) for p, v in loads_today(plans, others).items()}
    loads = loads_today(plans, offices)
    tables = provider_tables(loads, _heads(everyone), extra, offices_only(), candidates=False)
    for name, column in (("providers", "id"), ("offers", "provider"), ("tiers", "provider")):
        tables[name] = [r for r in tables[name] if r[column] in RCO_PROVIDERS]
    for_others = {(o["provider"], o["service"]) for o in tables["offers"] if o["client_kinds"] not in ("", "rco")}
    for name in ("offers", "tiers"):
        tables[name] = [r for r in tables[name] if (r["provider"], r["service"]) not in for_others]
    return _assemble("rco", offices, tables)
