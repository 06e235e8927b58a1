"""Cases made by hand or at random, without files."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import time

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import Policy, SiteCount, Transition
from optimizer.domain.types import (
    Country,
    CurrentRow,
    Decision,
    Demand,
    Entity,
    Offer,
    Place,
    Provider,
    Service,
    Tier,
    WorkPattern,
)

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
    return Case(
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


def random_case(seed: int, entities: int = 3, services: int = 2, providers: int = 3) -> Case:
    """Small case with a random mix of rules and costs."""
    r = random.Random(seed)
    es = [entity(f"E{i}", r.choice(list(SPOTS))) for i in range(entities)]
    ss = [
        service(
            f"S{i}",
            r.choice([5.0, 12.5, 20.0]),
            bundle=r.choice(["", "B", "B"]),
            critical=r.random() < 0.4,
            target_overlap_hours=r.choice([None, 9.0]),
        )
        for i in range(services)
    ]
    ds = [
        Demand(
            e.id,
            s.id,
            r.choice([10.0, 25.0, 40.0, 12.345]),
            own_unit_cost=r.choice([None, None, 9.0]),
            own_fixed_cost=r.choice([0.0, 20.0]),
        )
        for e in es
        for s in ss
        if r.random() < 0.9
    ]
    ps = [
        provider(
            f"P{i}",
            r.choice(list(SPOTS)),
            kind=r.choice(["secretariat", "secretariat", "agency"]),
            status=r.choice(["open", "open", "required", "candidate"]),
            setup_cost=r.choice([0.0, 300.0]),
            capacity_fte=r.choice([None, None, 0.8, 1.5]),
            base_fte=r.choice([0.0, 0.1]),
            min_fte=r.choice([0.0, 0.3]),
            site_fixed_cost=r.choice([0.0, 50.0]),
        )
        for i in range(providers)
    ]
    os = [
        Offer(
            p.id,
            s.id,
            capacity=r.choice([None, None, 60.0, 90.0]),
            base_volume=r.choice([0.0, 15.0]),
            min_volume=r.choice([0.0, 0.0, 30.0]),
            fixed_cost=r.choice([0.0, 40.0]),
            fee_rate=r.choice([0.0, 0.07]),
        )
        for p in ps
        for s in ss
        if r.random() < 0.9
    ]
    steps = [5.0, 6.5, [(0.0, 8.0), (30.0, 4.0)], [(0.0, 7.0), (10.0, 6.0), (50.0, 2.0)]]
    prices = {o.key: r.choice(steps) for o in os}
    offered = {o.key for o in os}
    today = [
        CurrentRow(d.entity, d.service, p)
        for d in ds
        if r.random() < 0.7
        for p in [r.choice([p.id for p in ps])]
        if (p, d.service) in offered
    ]
    locks = [Decision("lock", c.entity, "asked", c.service, c.provider) for c in today if r.random() < 0.1]
    return case(es, ss, ds, ps, os, prices, policy=_random_policy(r), current=today, decisions=locks)


def _random_policy(r: random.Random) -> dict:
    """Each rule and cost on with some probability."""
    options = {
        "interface_cost": [0.0, 15.0],
        "handover_cost": [0.0, 25.0],
        "distance_cost_per_fte_1000km": [0.0, 10.0],
        "overlap_cost_per_fte_hour": [0.0, 30.0],
        "dispersion_loss": [(), (0.0, 0.125, 0.25), (0.0, 0.3, 0.1)],
        "agency_share_max": [None, None, 0.4],
        "max_providers_per_entity": [None, None, 1],
        "bundle_mode": ["price", "price", "together"],
        "max_moves": [None, None, 2],
        "one_off_budget": [None, None, 250.0],
        "site_count": [None, None, None, SiteCount(1, 2), SiteCount(2, None)],
        "zones": [False] * 9 + [True],
        "backup": [False, False, True],
        "transition": [Transition(), Transition(separation=100.0, training=55.5, contingency_rate=0.1)],
    }
    return {k: r.choice(v) for k, v in options.items()}


def everyone(item: Case) -> list[list[tuple[str, str, str, str]]]:
    """Every assignment with every backup, good or bad (small cases only)."""
    plans: list[list[tuple[str, str, str, str]]] = [[]]
    for d in item.demands:
        sources = [p.id for p in item.providers if (p.id, d.service) in item.offer]
        own = [OWN] if d.own_unit_cost is not None else []
        critical = item.policy.backup and item.service[d.service].critical
        options = [
            (d.entity, d.service, p, q)
            for p in sources + own
            for q in ([q for q in sources if q != p] if critical and p != OWN else [""])
        ]
        plans = [[*plan, option] for plan in plans for option in options]
    return plans
