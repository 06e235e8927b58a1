"""Random small cases with every rule and cost term switched at random."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from hypothesis import strategies as st

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

WEEKEND = frozenset({5, 6})
PLACES = {
    "KE": (Place(-1.2833, 36.8167, "KE", "Nairobi"), "Africa/Nairobi", WEEKEND, "rest", {"Africa", "Eastern Africa"}),
    "CH": (Place(46.2022, 6.1457, "CH", "Geneva"), "Europe/Zurich", WEEKEND, "rest", {"Europe", "Western Europe"}),
    "KW": (Place(29.367, 47.9743, "KW", "Kuwait City"), "Asia/Kuwait", frozenset({4, 5}), "rest", {"Asia"}),
    "CL": (Place(-33.4569, -70.6483, "CL", "Santiago"), "America/Santiago", WEEKEND, "americas", {"Americas"}),
    "US": (Place(40.7143, -74.006, "US", "New York"), "America/New_York", WEEKEND, "americas", {"Americas"}),
    "TH": (Place(13.754, 100.5014, "TH", "Bangkok"), "Asia/Bangkok", WEEKEND, "asia_pacific", {"Asia"}),
    "IN": (Place(28.6214, 77.2148, "IN", "New Delhi"), "Asia/Kolkata", WEEKEND, "asia_pacific", {"Asia"}),
}
COUNTRIES = {
    c: Country(c, c, frozenset({*regions, "World"}), zone, weekend)
    for c, (_, _, weekend, zone, regions) in PLACES.items()
}
LANGUAGES = ("en", "fr", "es")
MAX_PLANS = 50_000


def _work(country: str) -> WorkPattern:
    _, zone, weekend, _, _ = PLACES[country]
    return WorkPattern(zone, time(9), time(17), weekend)


@st.composite
def cases(draw: st.DrawFn, max_plans: int = MAX_PLANS) -> Case:
    """A case of at most six demands and four providers, few enough plans to enumerate."""
    some = draw
    entities = tuple(_entity(draw, f"E{i}") for i in range(some(st.integers(1, 3))))
    services = tuple(_service(draw, f"S{i}") for i in range(some(st.integers(1, 2))))
    providers = tuple(_provider(draw, f"P{i}") for i in range(some(st.integers(1, 4))))
    policy = _policy(draw)
    offers, tiers = _lines(draw, services, providers)
    demands = _demands(draw, entities, services)
    current = _current(draw, demands, offers)
    if (len(providers) + 1) ** len(demands) > max_plans:
        demands = demands[:4]
        current = tuple(c for c in current if any(d.key == (c.entity, c.service) for d in demands))
    decisions = _decisions(draw, demands, providers)
    return Case(
        policy=policy,
        entities=entities,
        services=services,
        demands=demands,
        providers=providers,
        offers=offers,
        tiers=tiers,
        current=current,
        decisions=decisions,
        countries=COUNTRIES,
    )


def _maybe(draw: st.DrawFn, value: st.SearchStrategy[Any], often: int = 3) -> Any:
    """A value about once in ``often``, else ``None``."""
    return draw(value) if draw(st.integers(1, often)) == 1 else None


def _entity(draw: st.DrawFn, name: str) -> Entity:
    country = draw(st.sampled_from(sorted(PLACES)))
    return Entity(
        id=name,
        name=name,
        place=PLACES[country][0],
        work=_work(country),
        headcount=draw(st.sampled_from([5.0, 20.0, 80.0])),
        kind=draw(st.sampled_from(["rco", "mission"])),
        languages=frozenset(draw(st.lists(st.sampled_from(LANGUAGES), max_size=2))),
    )


def _service(draw: st.DrawFn, name: str) -> Service:
    return Service(
        id=name,
        name=name,
        location_class=draw(st.sampled_from(["global", "global", "global", "regional", "local"])),
        minutes_per_unit=draw(st.sampled_from([30.0, 45.5, 60.0])),
        min_overlap_hours=_maybe(draw, st.sampled_from([1.0, 4.0]), 5),
        target_overlap_hours=_maybe(draw, st.sampled_from([4.0, 7.5]), 2),
        max_distance_km=_maybe(draw, st.sampled_from([6000.0, 12000.0]), 5),
        language_rule=draw(st.sampled_from(["all", "any", "none"])),
        bundle=draw(st.sampled_from(["", "B", "B"])),
        critical=draw(st.integers(1, 3)) == 1,
        min_service_level=_maybe(draw, st.just(0.9), 6),
    )


def _provider(draw: st.DrawFn, name: str) -> Provider:
    country = draw(st.sampled_from(sorted(PLACES)))
    status = draw(
        st.sampled_from(["open", "open", "open", "open", "required", "candidate", "candidate", "closing", "closed"])
    )
    return Provider(
        id=name,
        name=name,
        place=PLACES[country][0],
        work=_work(country),
        kind=draw(st.sampled_from(["secretariat", "secretariat", "agency"])),
        status=status,  # type: ignore[arg-type]
        languages=frozenset({"en", *draw(st.lists(st.sampled_from(LANGUAGES), max_size=2))}),
        capacity_fte=_maybe(draw, st.sampled_from([1.0, 2.0, 3.5]), 2),
        base_fte=draw(st.sampled_from([0.0, 0.0, 0.25])),
        min_fte=draw(st.sampled_from([0.0, 0.4])),
        setup_cost=draw(st.sampled_from([0.0, 50000.0])),
        site_fixed_cost=draw(st.sampled_from([0.0, 0.0, 12000.0, 40000.5])),
        cost_per_fte=draw(st.sampled_from([50000.0, 80000.0])),
        hardship_class=draw(st.sampled_from(["", "A", "C", "E"])),
    )


def _policy(draw: st.DrawFn) -> Policy:
    low = draw(st.integers(0, 2))
    return Policy(
        calendar_year=2026,
        as_of=date(2026, 1, 1),
        horizon_years=draw(st.sampled_from([3, 5])),
        discount_rate=draw(st.sampled_from([0.0, 0.03])),
        minutes_per_fte_year=draw(st.sampled_from([60000.0, 96000.0])),
        interface_cost=draw(st.sampled_from([0.0, 1500.0])),
        handover_cost=draw(st.sampled_from([0.0, 2500.0])),
        distance_cost_per_fte_1000km=draw(st.sampled_from([0.0, 900.0])),
        overlap_cost_per_fte_hour=draw(st.sampled_from([0.0, 1200.0])),
        language_mode=draw(st.sampled_from(["forbid", "price", "price"])),
        language_cost_rate=draw(st.sampled_from([0.0, 0.2])),
        dispersion_loss=draw(st.sampled_from([(), (), (0.0, 0.125, 0.25)])),
        agency_min_saving=_maybe(draw, st.sampled_from([0.0, 0.1])),
        agency_share_max=_maybe(draw, st.sampled_from([0.0, 0.3, 0.6])),
        max_providers_per_entity=_maybe(draw, st.integers(1, 2)),
        bundle_mode=draw(st.sampled_from(["price", "price", "together"])),
        max_hardship_class=_maybe(draw, st.sampled_from(["A", "C"])),
        own_min_headcount=draw(st.sampled_from([0.0, 10.0])),
        keep_current=draw(st.booleans()),
        max_moves=_maybe(draw, st.integers(0, 3)),
        one_off_budget=_maybe(draw, st.sampled_from([0.0, 10000.0, 60000.0])),
        site_count=_maybe(draw, st.just(SiteCount(low, low + draw(st.integers(0, 2)))), 4),
        zones=draw(st.integers(1, 8)) == 1,
        backup=draw(st.booleans()),
        transition=draw(
            st.sampled_from([Transition(), Transition(separation=20000, training=5000, contingency_rate=0.1)])
        ),
    )


def _lines(
    draw: st.DrawFn, services: tuple[Service, ...], providers: tuple[Provider, ...]
) -> tuple[tuple[Offer, ...], tuple[Tier, ...]]:
    offers, tiers = [], []
    for p in providers:
        for s in services:
            if draw(st.integers(1, 6)) == 1:
                continue
            capacity = _maybe(draw, st.sampled_from([1500.0, 3000.0, 6000.25]), 2)
            base = draw(st.sampled_from([0.0, 0.0, 400.0]))
            regional = s.location_class == "regional"
            regions = draw(st.sampled_from([("World",), ("Africa", "Americas"), ("Asia", "CH")])) if regional else ()
            offers.append(
                Offer(
                    provider=p.id,
                    service=s.id,
                    capacity=capacity,
                    base_volume=base,
                    min_volume=draw(st.sampled_from([0.0, 0.0, 900.0])),
                    fixed_cost=draw(st.sampled_from([0.0, 8000.0])),
                    fee_rate=draw(st.sampled_from([0.0, 0.08])),
                    service_level=draw(st.sampled_from([None, 0.85, 0.95])),
                    regions_served=frozenset(regions),
                    client_kinds=frozenset(draw(st.sampled_from([(), (), (), ("rco",)]))),
                )
            )
            tiers += _tiers(draw, p.id, s.id)
    return tuple(offers), tuple(tiers)


def _tiers(draw: st.DrawFn, provider: str, service: str) -> list[Tier]:
    steps = draw(st.integers(0, 3))
    start, cost, out = 0.0, draw(st.sampled_from([30.0, 41.37, 55.5])), []
    for _ in range(steps):
        out.append(Tier(provider, service, start, round(cost, 6)))
        start, cost = start + draw(st.sampled_from([500.0, 1200.5])), cost * draw(st.sampled_from([0.7, 0.9]))
    return out


def _demands(draw: st.DrawFn, entities: tuple[Entity, ...], services: tuple[Service, ...]) -> tuple[Demand, ...]:
    volume = st.sampled_from([250.0, 600.0, 900.5, 1400.123456])
    return tuple(
        Demand(
            e.id,
            s.id,
            draw(volume),
            own_unit_cost=_maybe(draw, st.sampled_from([45.0, 70.25]), 2),
            own_fixed_cost=draw(st.sampled_from([0.0, 3000.0])),
        )
        for e in entities
        for s in services
        if draw(st.integers(1, 6)) > 1 or (e is entities[0] and s is services[0])
    )


def _current(draw: st.DrawFn, demands: tuple[Demand, ...], offers: tuple[Offer, ...]) -> tuple[CurrentRow, ...]:
    out = []
    for d in demands:
        options = [o.provider for o in offers if o.service == d.service]
        options += [OWN] if d.own_unit_cost is not None else []
        if options and draw(st.integers(1, 3)) > 1:
            out.append(CurrentRow(d.entity, d.service, draw(st.sampled_from(options))))
    return tuple(out)


def _decisions(draw: st.DrawFn, demands: tuple[Demand, ...], providers: tuple[Provider, ...]) -> tuple[Decision, ...]:
    out = []
    names = [p.id for p in providers] + [OWN]
    for action in ("lock", "forbid"):
        if draw(st.integers(1, 5)) == 1:
            d = draw(st.sampled_from(demands))
            taken = {x.provider for x in out if (x.entity, x.service) == d.key}
            who = draw(st.sampled_from(names))
            if who not in taken:
                out.append(Decision(action, d.entity, "drawn", d.service, who))  # type: ignore[arg-type]
    return tuple(out)
