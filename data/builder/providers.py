"""The ``providers``, ``offers`` and ``tiers`` tables."""

from __future__ import annotations

from collections.abc import Mapping

from data.builder.capabilities import AGENCIES, CANDIDATES, SECRETARIAT, Capability
from data.builder.capacities import (
    Loads,
    Scope,
    agency_base,
    fte_of,
    line_capacity,
    secretariat_base,
    site_fte,
    whole_secretariat,
)
from data.builder.figures import value
from data.builder.pay import cost_per_fte
from data.builder.prices import fee_rate, line_fixed_cost, site_fixed_cost, tier_rows
from data.builder.sources import country, reference
from data.tables import Row, Tables, num

__all__ = ["Base", "provider_tables"]

Base = dict[str, dict[str, float]]
"""Provider to service to base volume."""

REGIONAL = ("travel", "procurement", "nonstaff")


def _capability(provider: str) -> Capability:
    return {**SECRETARIAT, **AGENCIES, **CANDIDATES}[provider]


def _international_share(ref: Row) -> float | None:
    """None = the share solved for Entebbe."""
    if ref["kind"] != "agency":
        return None
    return value(f"share.{ref['organisation']}", value("share.agency"))


def _common(ref: Row, cost: float, lines: int, site_share: float = 1.0) -> Row:
    code = ref["country_iso2"]
    return {
        "city": ref["city"],
        "latitude": ref["latitude"],
        "longitude": ref["longitude"],
        "country": code,
        "time_zone": ref["time_zone"],
        "weekend": country(code)["weekend"],
        "work_start": "09:00",
        "work_end": "17:00",
        "languages": ref["languages"],
        "site_fixed_cost": site_fixed_cost(cost, lines, site_share),
        "cost_per_fte": num(cost),
        "hardship_class": ref["icsc_hardship_class"],
    }


def _existing(ref: Row, base: Mapping[str, float], load: Mapping[str, float], scope: Scope) -> Row:
    cost = cost_per_fte(ref["city"], ref["country_iso2"], _international_share(ref))
    lines = len(_capability(ref["id"]).lines)
    return {
        "id": ref["id"],
        "name": ref["name"],
        "organisation": ref["organisation"],
        "kind": ref["kind"],
        "status": "open",
        **_common(ref, cost, lines, scope.site_share),
        "capacity_fte": num(site_fte(ref["kind"], fte_of(base), fte_of(load), scope), 1),
        "base_fte": num(fte_of(base), 3),
    }


def _candidate(ref: Row) -> Row:
    cost = cost_per_fte(ref["city"], ref["country_iso2"], value("share.candidate"))
    row = _common(ref, cost, len(_capability(ref["id"]).lines))
    # a Secretariat centre would recruit for the working languages besides the local ones
    row["languages"] = ";".join(dict.fromkeys(["en", "fr", *ref["languages"].split(";")]))
    return {
        "id": f"SSC-{ref['id']}",
        "name": f"Shared service centre, {ref['city']} (candidate)",
        "organisation": "United Nations Secretariat",
        "kind": "secretariat",
        "status": "candidate",
        **row,
        "capacity_fte": num(value("candidate.capacity_fte")),
        "base_fte": "0",
        "min_fte": num(value("candidate.min_fte")),
        "setup_cost": num(value("candidate.setup_cost")),
    }


def _offer(
    provider: Row,
    capability: Capability,
    service: str,
    volumes: tuple[float, float],
    scope: Scope,
) -> Row:
    base, load = volumes
    candidate = provider["status"] == "candidate"
    least = value("candidate.min_heads") * value(f"units.{service}") if candidate else 0.0
    fee = fee_rate(provider["id"], provider["kind"])
    return {
        "provider": provider["id"],
        "service": service,
        "capacity": num(line_capacity(provider, service, base, load, scope)),
        "base_volume": num(base),
        "min_volume": num(least),
        "fixed_cost": line_fixed_cost(provider, scope.fixed_share),
        "fee_rate": num(fee),
        "regions_served": capability.regions if service in REGIONAL else "",
        "client_kinds": capability.kinds.get(service, capability.kinds.get("*", "")),
    }


def _base_of(ref: Row, heads: float) -> dict[str, float]:
    capability = _capability(ref["id"])
    if ref["kind"] == "agency":
        return agency_base(ref["id"], capability)
    return secretariat_base(ref["id"], capability.lines, heads)


def provider_tables(
    loads: Loads,
    heads: Mapping[str, float],
    extra: Base,
    scope: Scope | None = None,
    candidates: bool = True,
) -> Tables:
    """Return ``providers``, ``offers`` and ``tiers``.

    ``loads``: units a year that today's arrangement puts on each line; ``heads``: staff of the
    case whose payroll each provider runs (for Entebbe's base); ``extra``: further base volumes of
    clients outside the case; ``scope``: what of the centres belongs to these clients.
    """
    scope = scope or whole_secretariat()
    tables: Tables = {"providers": [], "offers": [], "tiers": []}
    for ref in reference("providers"):
        more, load = extra.get(ref["id"], {}), loads.get(ref["id"], {})
        own = _base_of(ref, heads.get(ref["id"], 0.0))
        base = {s: v + more.get(s, 0.0) for s, v in own.items()}
        _add(tables, _existing(ref, base, load, scope), base, load, scope)
    for ref in reference("locations_candidates") if candidates else ():
        if ref["id"] in CANDIDATES:
            _add(tables, _candidate(ref), {}, {}, scope)
    return tables


def _add(
    tables: Tables,
    provider: Row,
    base: Mapping[str, float],
    load: Mapping[str, float],
    scope: Scope,
) -> None:
    capability = _capability(provider["id"].removeprefix("SSC-"))
    tables["providers"].append(provider)
    for service in capability.lines:
        volumes = (base.get(service, 0.0), load.get(service, 0.0))
        tables["offers"].append(_offer(provider, capability, service, volumes, scope))
        tables["tiers"] += tier_rows(provider, service)
