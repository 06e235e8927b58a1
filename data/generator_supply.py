"""Supply side of generated cases: sites, hidden plan, capacities, prices."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, cos, radians
from random import Random

from data.builder.figures import value
from data.builder.pay import cost_per_fte
from data.builder.prices import fee_rate, line_fixed_cost, site_fixed_cost, tier_rows
from data.builder.services import Line
from data.builder.sources import country, reference
from data.tables import Row, Tables, num

__all__ = ["OWN", "Site", "draw_sites", "hidden_plan", "supply_tables"]

OWN = "OWN"
WORLD = "Africa;Americas;Asia;Europe;Oceania"
AGENCY_SHARE, CANDIDATE_SHARE, FULL_SHARE = 0.35, 0.15, 0.2
MIN_FULL = 3
OWN_CHANCE, SPECIALIST_CHANCE = 0.2, 0.35
MAX_SPECIALISTS = 2
EXTRA_SHARE = 0.25
"""Capacity of an agency or a candidate: this share of a mean open site's load."""


@dataclass(frozen=True, slots=True)
class Site:
    """A provider to be: ``role`` is ``full``, ``part``, ``agency`` or ``candidate``."""

    id: str
    role: str
    place: Row
    lines: frozenset[str]

    @property
    def regions(self) -> str:
        """Regions the site reaches: the world, or its own for a part-service site."""
        return country(self.place["country"])["region"] if self.role == "part" else WORLD


Plan = dict[tuple[str, str], str]
Volumes = dict[tuple[str, str], float]


def draw_sites(rng: Random, count: int, lines: list[str], agencies: bool, candidates: bool) -> list[Site]:
    """Return sites in distinct cities; those with the full set lie in distinct countries."""
    cities = [r for r in reference("gazetteer") if r["capital"] == "yes" and r["population"] not in ("", "0")]
    spare = [r for r in reference("gazetteer") if int(r["population"] or 0) > 500_000]
    rng.shuffle(cities)
    while len(cities) < count:
        cities.append(rng.choice(spare))
    n_agency = int(count * AGENCY_SHARE) if agencies else 0
    n_candidate = int(count * CANDIDATE_SHARE) if candidates else 0
    n_open = max(MIN_FULL, count - n_agency - n_candidate)
    n_full = min(n_open, max(MIN_FULL, int(n_open * FULL_SHARE)))
    roles = ["full"] * n_full + ["part"] * (n_open - n_full)
    roles += ["candidate"] * min(n_candidate, count - len(roles))
    roles += ["agency"] * (count - len(roles))
    sites = []
    for i, role in enumerate(roles):
        kept = lines if role in ("full", "candidate") else _some(rng, lines)
        sites.append(Site(f"P{i + 1:03d}", role, cities[i], frozenset(kept)))
    return sites


def _some(rng: Random, lines: list[str]) -> list[str]:
    return rng.sample(lines, max(1, round(len(lines) * rng.uniform(0.3, 0.7))))


def _gap(client: Row, site: Site) -> float:
    """Return a rough distance in degrees; only used to draw near providers more often."""
    lat, lon = float(client["latitude"]), float(client["longitude"])
    east = abs(lon - float(site.place["longitude"]))
    return abs(lat - float(site.place["latitude"])) + min(east, 360 - east) * cos(radians(lat))


def hidden_plan(rng: Random, clients: list[Row], lines: dict[str, Line], sites: list[Site], own: set[str]) -> Plan:
    """Return a plan that keeps every rule: a full home site, own lines, at most two specialists.

    Critical lines stay at full sites (or at the entity itself), so that the next full site can
    be the backup; the first clients go to each full site in turn, so that all of them run.
    """
    full = [s for s in sites if s.role == "full"]
    parts: dict[str, list[Site]] = defaultdict(list)
    for site in (s for s in sites if s.role == "part"):
        parts[site.regions].append(site)
    plan: Plan = {}
    for i, client in enumerate(clients):
        key = client["id"]
        weights = [1 / (20 + _gap(client, s)) for s in full]
        home = full[i] if i < len(full) else rng.choices(full, weights)[0]
        near = parts.get(country(client["country"])["region"], [])
        helpers = rng.sample(near, min(len(near), MAX_SPECIALISTS))
        for service, line in lines.items():
            plan[key, service] = home.id
            able = [h for h in helpers if service in h.lines and not line.critical]
            pinned = line.critical and i < len(full)
            if key in own and not pinned and rng.random() < OWN_CHANCE:
                plan[key, service] = OWN
            elif able and rng.random() < SPECIALIST_CHANCE:
                plan[key, service] = able[0].id
    return plan


def _line_loads(plan: Plan, volumes: Volumes) -> dict[tuple[str, str], float]:
    loads: dict[tuple[str, str], float] = defaultdict(float)
    for (entity, service), provider in plan.items():
        if provider != OWN:
            loads[provider, service] += volumes[entity, service]
    return loads


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Capacity that each line and site needs for the hidden plan, its backups and some slack."""

    loads: dict[tuple[str, str], float]
    falls: dict[tuple[str, str], float]
    least: dict[str, float]
    fte_per_unit: dict[str, float]
    tightness: float

    def line(self, site: str, service: str) -> float:
        """Return units a year."""
        load = self.loads.get((site, service), 0.0)
        fall = self.falls.get((site, service), 0.0)
        return max(load * self.tightness, load + fall, self.least[service])

    def load_fte(self, site: Site, table: dict[tuple[str, str], float]) -> float:
        """Return posts of work of a table of volumes at a site."""
        # sorted: the order of a set of words differs from run to run, and so would the last digit
        return sum(table.get((site.id, s), 0.0) * self.fte_per_unit[s] for s in sorted(site.lines))

    def site(self, site: Site, extra: float) -> float:
        """Return posts; agencies and candidates get ``extra``."""
        load = self.load_fte(site, self.loads)
        return max(load * self.tightness, load + self.load_fte(site, self.falls), extra, 1.0)


def supply_tables(
    rng: Random,
    sites: list[Site],
    lines: dict[str, Line],
    demand: tuple[Plan, Volumes],
    tightness: float,
) -> Tables:
    """Return ``providers``, ``offers`` and ``tiers`` that hold the hidden plan and its backups."""
    rooms = _rooms(sites, lines, demand, tightness)
    working = [s for s in sites if s.role in ("full", "part")]
    mean = sum(rooms.load_fte(s, rooms.loads) for s in working) / len(working)
    tables: Tables = {"providers": [], "offers": [], "tiers": []}
    for site in sites:
        row = _provider(rng, site, rooms.site(site, EXTRA_SHARE * mean))
        tables["providers"].append(row)
        for service in sorted(site.lines):
            line = lines[service]
            tables["offers"].append(_offer(row, site, (service, line), rooms.line(site.id, service)))
            tables["tiers"] += [{**t, "service": service} for t in tier_rows(row, line.id)]
    return tables


def _rooms(sites: list[Site], lines: dict[str, Line], demand: tuple[Plan, Volumes], tightness: float) -> _Rooms:
    plan, volumes = demand
    loads = _line_loads(plan, volumes)
    least = dict.fromkeys(lines, 0.0)
    for (_, service), volume in volumes.items():
        least[service] += volume / len(sites)
    year = value("minutes_per_fte_year")
    fte = {key: value(f"minutes.{line.id}") / year for key, line in lines.items()}
    return _Rooms(loads, _falls(sites, lines, loads), least, fte, tightness)


def _falls(
    sites: list[Site], lines: dict[str, Line], loads: dict[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """Return critical volume that falls to each full site when the one before it is lost.

    Only sites that run the line count: a backup must be running it already.
    """
    falls: dict[tuple[str, str], float] = {}
    for key in (k for k, line in lines.items() if line.critical):
        running = [s.id for s in sites if s.role == "full" and loads.get((s.id, key))]
        for i, site in enumerate(running):
            falls[site, key] = loads[running[i - 1], key]
    return falls


def _provider(rng: Random, site: Site, capacity: float) -> Row:
    place = site.place
    agency = site.role == "agency"
    share = value("share.agency") if agency else None
    cost = round(cost_per_fte(place["name"], place["country"], share) * rng.uniform(0.92, 1.08))
    row = {
        "id": site.id,
        "name": f"{'Agency centre' if agency else 'Service centre'}, {place['ascii_name']}",
        "organisation": "Agency" if agency else "Generated",
        "kind": "agency" if agency else "secretariat",
        "status": "candidate" if site.role == "candidate" else "open",
        "city": place["name"],
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "country": place["country"],
        "time_zone": place["time_zone"],
        "languages": rng.choice(("en", "en;fr", "en;fr", "en;es", "en;ar")),
        "capacity_fte": num(ceil(capacity * 10) / 10),
        "base_fte": "0",
        "site_fixed_cost": site_fixed_cost(cost, len(site.lines)),
        "cost_per_fte": num(cost),
    }
    if site.role == "candidate":
        row["min_fte"] = num(capacity / 4, 1)
        row["setup_cost"] = num(capacity * value("candidate.setup_cost") / value("candidate.capacity_fte"), 0)
    return row


def _offer(provider: Row, site: Site, line: tuple[str, Line], room: float) -> Row:
    regional = line[1].location_class == "regional"
    return {
        "provider": site.id,
        "service": line[0],
        "capacity": num(ceil(room)),
        "fixed_cost": line_fixed_cost(provider),
        "fee_rate": num(fee_rate("agency", provider["kind"])),
        "regions_served": site.regions if regional else "",
    }
