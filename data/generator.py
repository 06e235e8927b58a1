"""Seeded cases of any size, built like the packaged ``secretariat`` case.

A case is feasible by construction: a hidden plan is drawn first (the returned ``hidden``), and
capacities are set so that it fits, with a backup for every critical demand. The same arguments
give the same case on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from data import builder
from data.builder.figures import value
from data.builder.pay import cost_per_fte
from data.builder.policy import priced_policy
from data.builder.services import LINES, Line, service_rows
from data.builder.sources import country, reference
from data.generator_supply import draw_sites, hidden_plan, supply_tables
from data.tables import Row, Tables, num

__all__ = ["Features", "Generated", "generate", "write_case"]

KINDS = {
    "rco": (0.55, 8.0, 0.25),
    "department": (0.2, 150.0, 1.3),
    "special_political": (0.13, 60.0, 1.2),
    "peacekeeping": (0.06, 500.0, 1.0),
    "other": (0.06, 80.0, 1.2),
}
"""Kind: share of entities, median headcount, spread of its logarithm (as in entities.csv)."""

LANGUAGES = {
    "Africa": ("en", "en;fr", "en;fr", "en;pt", "en;ar"),
    "Americas": ("en", "en;es", "en;es", "en;es", "en;pt"),
    "Asia": ("en", "en", "en;ar", "en;zh", "en;ru"),
    "Europe": ("en", "en;fr", "en;ru"),
    "Oceania": ("en", "en", "en;fr"),
    "": ("en",),
}
MAX_HEADCOUNT = 3000.0


@dataclass(frozen=True, slots=True)
class Features:
    """What a generated case holds; each can be switched off.

    ``own``: own capacity of larger entities; ``backup``: payroll needs a backup; ``current``:
    today's arrangement (the hidden plan) is given; ``agencies`` and ``candidates``: such
    providers are drawn; ``soft_costs``: interface, hand-over, distance, overlap, language;
    ``limits``: agency and provider-count rules.
    """

    own: bool = True
    backup: bool = True
    current: bool = True
    agencies: bool = True
    candidates: bool = True
    soft_costs: bool = True
    limits: bool = True


@dataclass(frozen=True, slots=True)
class Generated:
    """A case as text tables with its policy, and the hidden plan that proves it feasible."""

    tables: Tables
    policy: dict[str, Any]
    hidden: dict[tuple[str, str], str] = field(repr=False)


def generate(
    entities: int,
    services: int = 12,
    providers: int = 24,
    seed: int = 0,
    *,
    tightness: float = 1.35,
    features: Features | None = None,
) -> Generated:
    """Return a case with so many entities (>= 1), services (>= 1) and providers (>= 3).

    Beyond 14 services the lines repeat with a number. ``tightness`` (>= 1) is the capacity of
    the Secretariat's open sites and lines over the hidden plan's load. ``features``: what the
    case holds, default everything.
    """
    if entities < 1 or services < 1 or providers < 3 or tightness < 1:
        raise ValueError("need entities >= 1, services >= 1, providers >= 3, tightness >= 1")
    features = features or Features()
    rng = Random(seed)
    lines = _lines(services)
    clients = _entities(rng, entities)
    volumes = _volumes(rng, clients, lines)
    sites = draw_sites(rng, providers, list(lines), features.agencies, features.candidates)
    own = _own_capable(clients) if features.own else set()
    hidden = hidden_plan(rng, clients, lines, sites, own)
    supply = supply_tables(rng, sites, lines, (hidden, volumes), tightness)
    demands = _demands(clients, lines, volumes, own)
    return _together(clients, _service_table(lines, features), demands, supply, hidden, features)


def _together(
    clients: list[Row],
    services: list[Row],
    demands: list[Row],
    supply: Tables,
    hidden: dict[tuple[str, str], str],
    features: Features,
) -> Generated:
    tables: Tables = {
        "entities": clients,
        "services": services,
        "demands": demands,
        **supply,
        "current": _current(hidden) if features.current else [],
        "decisions": [],
        "assumptions": _assumptions(),
    }
    policy = _policy(features)
    policy["backup"] = features.backup and len(clients) > 1  # one client cannot keep two sites running
    return Generated(tables, policy, hidden)


def write_case(case: Generated, folder: Path) -> None:
    """Write the case as a folder of CSV files with ``policy.toml``."""
    builder.write_case(folder, case.tables, case.policy)


def _lines(count: int) -> dict[str, Line]:
    """Return service id to the packaged line it is drawn after."""
    out: dict[str, Line] = {}
    for i in range(count):
        line = LINES[i % len(LINES)]
        turn = i // len(LINES)
        out[line.id if not turn else f"{line.id}_{turn + 1}"] = line
    return out


def _service_table(lines: dict[str, Line], features: Features) -> list[Row]:
    rows = []
    for key, line in lines.items():
        row = service_rows((line,))[0]
        row.update(id=key, name=line.name if key == line.id else f"{line.name} ({key[-1]})")
        if not features.backup:
            row["critical"] = "no"
        if not features.current:
            row["min_overlap_hours"] = ""  # nothing would exempt the hidden plan from it
        rows.append(row)
    return rows


def _entities(rng: Random, count: int) -> list[Row]:
    places = [r for r in reference("gazetteer") if r["population"] not in ("", "0")]
    weights = [float(r["population"]) ** 0.5 for r in places]
    kinds = rng.choices(list(KINDS), [k[0] for k in KINDS.values()], k=count)
    rows: list[Row] = []
    for i, place in enumerate(rng.choices(places, weights, k=count)):
        _, median, spread = KINDS[kinds[i]]
        heads = max(2.0, min(MAX_HEADCOUNT, rng.lognormvariate(0, spread) * median))
        rows.append(
            {
                "id": f"E{i + 1:05d}",
                "name": f"Office {i + 1}, {place['ascii_name']}",
                "kind": kinds[i],
                "organisation": "Generated",
                "city": place["name"],
                "latitude": place["latitude"],
                "longitude": place["longitude"],
                "country": place["country"],
                "time_zone": place["time_zone"],
                "languages": rng.choice(LANGUAGES[country(place["country"])["region"]]),
                "headcount": str(round(heads)),
            }
        )
    return rows


def _volumes(rng: Random, clients: list[Row], lines: dict[str, Line]) -> dict[tuple[str, str], float]:
    """Return units a year: headcount times units per head, a fifth more or less."""
    per_head = {key: value(f"units.{line.id}") for key, line in lines.items()}
    return {
        (e["id"], s): float(max(1, round(float(e["headcount"]) * units * rng.uniform(0.8, 1.2))))
        for e in clients
        for s, units in per_head.items()
    }


def _own_capable(clients: list[Row]) -> set[str]:
    least = value("own.min_headcount")
    return {e["id"] for e in clients if float(e["headcount"]) >= least}


def _demands(
    clients: list[Row],
    lines: dict[str, Line],
    volumes: dict[tuple[str, str], float],
    own: set[str],
) -> list[Row]:
    posts = {k: value(f"minutes.{v.id}") / value("minutes_per_fte_year") for k, v in lines.items()}
    rows: list[Row] = []
    for client in clients:
        key = client["id"]
        cost = cost_per_fte(client["city"], client["country"]) if key in own else 0.0
        for service, unit_fte in posts.items():
            row = {"entity": key, "service": service, "volume": num(volumes[key, service])}
            if key in own:
                row["own_unit_cost"] = num(value("own.factor") * unit_fte * cost, 2)
                row["own_fixed_cost"] = num(value("own.fixed_fte") * cost, 0)
            rows.append(row)
    return rows


def _current(hidden: dict[tuple[str, str], str]) -> list[Row]:
    return [{"entity": e, "service": s, "provider": p} for (e, s), p in hidden.items()]


def _assumptions() -> list[Row]:
    return [
        {
            "table": table,
            "key": "*",
            "column": column,
            "basis": "assumed",
            "reason": "drawn at random",
            "source": "generator",
        }
        for table, column in (("demands", "volume"), ("tiers", "unit_cost"), ("offers", "capacity"))
    ]


def _policy(features: Features) -> dict[str, Any]:
    policy = priced_policy()
    policy.update(as_of=date(2026, 1, 1), keep_current=features.current)
    del policy["max_hardship_class"]
    if not features.own:
        policy["own_min_headcount"] = 0
    if not features.limits:
        for key in ("agency_min_saving", "agency_share_max", "max_providers_per_entity"):
            del policy[key]
    if not features.soft_costs:
        for key in [k for k in policy if k.endswith(("_cost", "_1000km", "_fte_hour", "_rate"))]:
            if key != "discount_rate":
                del policy[key]
    return policy
