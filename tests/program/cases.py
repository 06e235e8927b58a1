"""Cases made by hand, without files."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import Policy
from optimizer.domain.types import (
    Country,
    Demand,
    Entity,
    Offer,
    Place,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.testing import case_of
from optimizer.verify import Evaluator

SPOTS = {"FR": (48.85, 2.35), "KE": (-1.29, 36.82), "US": (40.71, -74.0), "TH": (13.75, 100.5), "AT": (48.2, 16.37)}
ZONE = {"FR": "rest", "KE": "rest", "AT": "rest", "US": "americas", "TH": "asia_pacific"}
CLOCK = WorkPattern("UTC", time(9), time(17), frozenset({5, 6}))
COUNTRIES = {c: Country(c, c, frozenset(), ZONE[c], frozenset({5, 6})) for c in SPOTS}
PLAIN = {"backup": False, "minutes_per_fte_year": 1000.0, "discount_rate": 0.0, "horizon_years": 5}


def place(country: str) -> Place:
    """Capital of a country, roughly."""
    return Place(*SPOTS[country], country)


def entity(name: str, country: str = "FR", **more) -> Entity:
    return Entity(name, name, place(country), CLOCK, 100.0, **more)


def service(name: str, minutes: float = 10.0, **more) -> Service:
    return Service(name, name, "global", minutes, **more)


def provider(name: str, country: str = "FR", **more) -> Provider:
    kind, status = more.pop("kind", "secretariat"), more.pop("status", "open")
    return Provider(name, name, place(country), CLOCK, kind, status, **more)


def case(entities, services, demands, providers, offers, prices, *, policy=None, **more) -> Case:
    """Case of the rows given; ``prices`` maps a line to its tiers or its single unit cost."""
    tiers = []
    for (p, s), price in sorted(prices.items()):
        steps = price if isinstance(price, list) else [(0.0, price)]
        tiers += [Tier(p, s, start, cost) for start, cost in steps]
    rows = {
        k: tuple(sorted(v, key=lambda r: r.id))
        for k, v in (("entities", entities), ("services", services), ("providers", providers))
    }
    return case_of(
        policy=replace(Policy(), **{**PLAIN, **(policy or {})}),
        demands=tuple(sorted(demands, key=lambda d: d.key)),
        offers=tuple(sorted(offers, key=lambda o: o.key)),
        tiers=tuple(tiers),
        countries=COUNTRIES,
        **rows,
        **{k: tuple(v) for k, v in more.items()},
    )


def square(
    *,
    volume=(10.0, 10.0),
    price=((1.0, 1.0), (2.0, 2.0)),
    sites=None,
    offers=None,
    policy=None,
    services=None,
    demands=None,
    **more,
) -> Case:
    """Two entities E1, E2 need A; providers P1 (FR, cheaper) and P2 (US); ``sites``/``offers`` hold changes."""
    sites, offers = sites or {}, offers or {}
    places = {"P1": "FR", "P2": "US"}
    kinds = services or [service("A")]
    lines = {(p, s.id): price[i][j] for i, p in enumerate(places) for j, s in enumerate(kinds)}
    rows = demands or [Demand(f"E{i + 1}", s.id, v) for i, v in enumerate(volume) for s in kinds]
    return case(
        [entity(f"E{i + 1}") for i in range(len(volume))],
        kinds,
        rows,
        [provider(p, c, **sites.get(p, {})) for p, c in places.items()],
        [Offer(p, s, **offers.get((p, s), {})) for p, s in lines],
        lines,
        policy=policy,
        **more,
    )


def everyone(item: Case) -> list[list[tuple[str, str, str, str]]]:
    """Every assignment of eligible providers with every eligible backup, good or bad (small cases only)."""
    facts = Evaluator(item).facts
    plans: list[list[tuple[str, str, str, str]]] = [[]]
    for d in item.demands:
        may = [p for p in facts.eligibility.candidates(d) if facts.eligibility.eligible(d, p)]
        critical = facts.demands[d.key].critical
        others = {p: [q for q in may if critical and p != OWN and q not in (p, OWN)] or [""] for p in may}
        options = [(d.entity, d.service, p, q) for p in may for q in others[p]]
        plans = [[*plan, option] for plan in plans for option in options]
    return plans
