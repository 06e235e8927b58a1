"""Random rows of small cases: every rule and cost term on now and then, most limits within reach.

Chances are such that about half of the cases have a plan: with every rule on at once there is hardly ever one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

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

if TYPE_CHECKING:
    from optimizer.testing.draw import Draw

__all__ = ["COUNTRIES", "LANGUAGES", "PLACES", "TRANSITION", "Sizes", "random_rows", "tiers_of", "work_at"]

WEEKEND: Final = frozenset({5, 6})
PLACES: Final[dict[str, tuple[Place, str, frozenset[int], str, frozenset[str]]]] = {
    "KE": (Place(-1.2833, 36.8167, "KE", "Nairobi"), "Africa/Nairobi", WEEKEND, "rest", frozenset({"Africa"})),
    "CH": (Place(46.2022, 6.1457, "CH", "Geneva"), "Europe/Zurich", WEEKEND, "rest", frozenset({"Europe"})),
    "KW": (Place(29.367, 47.9743, "KW", "Kuwait City"), "Asia/Kuwait", frozenset({4, 5}), "rest", frozenset({"Asia"})),
    "CL": (Place(-33.4569, -70.6483, "CL", "Santiago"), "America/Santiago", WEEKEND, "americas", frozenset()),
    "US": (Place(40.7143, -74.006, "US", "New York"), "America/New_York", WEEKEND, "americas", frozenset()),
    "TH": (Place(13.754, 100.5014, "TH", "Bangkok"), "Asia/Bangkok", WEEKEND, "asia_pacific", frozenset({"Asia"})),
    "IN": (Place(28.6214, 77.2148, "IN", "New Delhi"), "Asia/Kolkata", WEEKEND, "asia_pacific", frozenset({"Asia"})),
}
"""Country → place, time zone, days off, zone of the rule ``site_count``, regions."""
_REGIONS: Final = {"KE": {"Eastern Africa"}, "CH": {"Western Europe"}, "CL": {"Americas"}, "US": {"Americas"}}
COUNTRIES: Final = {
    c: Country(c, c, frozenset({*regions, *_REGIONS.get(c, ()), "World"}), zone, weekend)
    for c, (_, _, weekend, zone, regions) in PLACES.items()
}
LANGUAGES: Final = ("en", "fr", "es")
STATUSES: Final = (*("open",) * 9, "required", "required", *("candidate",) * 3, "closing", "closed")
TRANSITION: Final = Transition(separation=20000, training=5000, contingency_rate=0.1)


@dataclass(frozen=True)
class Sizes:
    """Numbers of entities, services and providers to draw from."""

    entities: tuple[int, ...] = (1, 2, 3, 3)
    services: tuple[int, ...] = (1, 2, 2)
    providers: tuple[int, ...] = (2, 3, 4)


def random_rows(draw: Draw, sizes: Sizes, max_plans: int) -> dict[str, Any]:
    """Typed rows and policy of a case, as ``case_of`` takes them; few enough demands for ``max_plans``."""
    services = tuple(_service(draw, f"S{i}") for i in range(draw.pick(sizes.services)))
    entities = tuple(_entity(draw, f"E{i}") for i in range(draw.pick(sizes.entities)))
    providers = tuple(_provider(draw, f"P{i}") for i in range(draw.pick(sizes.providers)))
    offers, tiers = _lines(draw, services, providers)
    demands = _demands(draw, entities, services)
    while (len(providers) + 1) ** len(demands) > max_plans:
        demands = demands[:-1]
    return {
        "policy": _policy(draw),
        "entities": entities,
        "services": services,
        "demands": demands,
        "providers": providers,
        "offers": offers,
        "tiers": tiers,
        "current": _current(draw, demands, offers),
        "decisions": _decisions(draw, demands, providers),
        "countries": COUNTRIES,
    }


def work_at(country: str) -> WorkPattern:
    """Nine to five, local time."""
    _, zone, weekend, _, _ = PLACES[country]
    return WorkPattern(zone, time(9), time(17), weekend)


def _entity(draw: Draw, name: str) -> Entity:
    country = draw.pick(sorted(PLACES))
    return Entity(
        id=name,
        name=name,
        place=PLACES[country][0],
        work=work_at(country),
        headcount=draw.pick((5.0, 20.0, 80.0)),
        kind=draw.pick(("rco", "rco", "mission")),
        languages=draw.some(LANGUAGES, 2),
    )


def _service(draw: Draw, name: str) -> Service:
    return Service(
        id=name,
        name=name,
        location_class=draw.pick((*("global",) * 12, "regional", "local")),
        minutes_per_unit=draw.pick((30.0, 45.5, 60.0)),
        min_overlap_hours=draw.maybe((1.0, 3.0), 0.15),
        target_overlap_hours=draw.maybe((4.0, 7.5), 0.5),
        max_distance_km=draw.maybe((9000.0, 14000.0), 0.15),
        language_rule=draw.pick(("all", "any", "none")),
        bundle=draw.pick(("", "B", "B")),
        critical=draw.yes(0.2),
        min_service_level=draw.maybe((0.9,), 0.1),
    )


def _provider(draw: Draw, name: str) -> Provider:
    country = draw.pick(sorted(PLACES))
    return Provider(
        id=name,
        name=name,
        place=PLACES[country][0],
        work=work_at(country),
        kind=draw.pick(("secretariat", "secretariat", "agency")),
        status=draw.pick(STATUSES),
        languages=frozenset({"en"}) | draw.some(LANGUAGES, 2),
        capacity_fte=draw.maybe((1.5, 2.5, 3.5), 0.35),
        base_fte=draw.pick((0.0, 0.0, 0.25)),
        min_fte=draw.pick((0.0, 0.4)),
        setup_cost=draw.pick((0.0, 50000.0)),
        site_fixed_cost=draw.pick((0.0, 0.0, 12000.0, 40000.5)),
        cost_per_fte=draw.pick((50000.0, 80000.0)),
        hardship_class=draw.pick(("", "A", "C", "E")),
    )


def _policy(draw: Draw) -> Policy:
    low = draw.pick((0, 0, 1, 2))
    return Policy(
        calendar_year=2026,
        as_of=date(2026, 1, 1),
        horizon_years=draw.pick((3, 5)),
        discount_rate=draw.pick((0.0, 0.03)),
        minutes_per_fte_year=draw.pick((60000.0, 96000.0)),
        interface_cost=draw.pick((0.0, 1500.0)),
        handover_cost=draw.pick((0.0, 2500.0)),
        distance_cost_per_fte_1000km=draw.pick((0.0, 900.0)),
        overlap_cost_per_fte_hour=draw.pick((0.0, 1200.0)),
        language_mode=draw.pick(("forbid", *("price",) * 5)),
        language_cost_rate=draw.pick((0.0, 0.2)),
        dispersion_loss=draw.pick(((), (), (0.0, 0.125, 0.25))),
        agency_min_saving=draw.maybe((0.0, 0.1), 0.3),
        agency_share_max=draw.maybe((0.0, 0.3, 0.6), 0.25),
        max_providers_per_entity=draw.maybe((1, 2), 0.3),
        bundle_mode=draw.pick(("price", "price", "price", "together")),
        max_hardship_class=draw.maybe(("A", "C"), 0.15),
        own_min_headcount=draw.pick((0.0, 0.0, 10.0)),
        keep_current=draw.yes(0.6),
        max_moves=draw.maybe((0, 1, 2, 3), 0.2),
        one_off_budget=draw.maybe((0.0, 10000.0, 60000.0), 0.2),
        site_count=draw.maybe((SiteCount(low, low + draw.pick((0, 1, 2))),), 0.2),
        zones=draw.yes(0.05),
        backup=draw.yes(0.5),
        transition=draw.pick((Transition(), TRANSITION)),
    )


def _lines(
    draw: Draw, services: tuple[Service, ...], providers: tuple[Provider, ...]
) -> tuple[tuple[Offer, ...], tuple[Tier, ...]]:
    offers: list[Offer] = []
    tiers: list[Tier] = []
    for p in providers:
        for s in services:
            if draw.yes(0.9):
                offers.append(_offer(draw, p.id, s))
                tiers += tiers_of(draw, p.id, s.id, (0, 1, 2, 3))
    return tuple(offers), tuple(tiers)


def _offer(draw: Draw, provider: str, service: Service) -> Offer:
    regions = draw.pick((("World",), ("Africa", "Americas"), ("Asia", "CH")))
    return Offer(
        provider=provider,
        service=service.id,
        capacity=draw.maybe((1500.0, 3000.0, 6000.25), 0.45),
        base_volume=draw.pick((0.0, 0.0, 400.0)),
        min_volume=draw.pick((*(0.0,) * 5, 900.0)),
        fixed_cost=draw.pick((0.0, 8000.0)),
        fee_rate=draw.pick((0.0, 0.08)),
        service_level=draw.pick((None, 0.85, 0.95)),
        regions_served=frozenset(regions if service.location_class == "regional" else ()),
        client_kinds=frozenset(("rco",) if draw.yes(0.15) else ()),
    )


def tiers_of(draw: Draw, provider: str, service: str, numbers: tuple[int, ...]) -> list[Tier]:
    """Falling unit costs of a line, in one of so many tiers; none: the line costs what its posts cost."""
    start, cost, out = 0.0, draw.pick((30.0, 41.37, 55.5)), list[Tier]()
    for _ in range(draw.pick(numbers)):
        out.append(Tier(provider, service, start, round(cost, 6)))
        start, cost = start + draw.pick((500.0, 1200.5)), cost * draw.pick((0.7, 0.9))
    return out


def _demands(draw: Draw, entities: tuple[Entity, ...], services: tuple[Service, ...]) -> tuple[Demand, ...]:
    every = [(e, s) for e in entities for s in services]
    chosen = [pair for pair in every if draw.yes(0.85)] or every[:1]
    return tuple(
        Demand(
            e.id,
            s.id,
            draw.pick((250.0, 600.0, 900.5, 1400.123456)),
            own_unit_cost=draw.maybe((45.0, 70.25), 0.6),
            own_fixed_cost=draw.pick((0.0, 3000.0)),
        )
        for e, s in chosen
    )


def _current(draw: Draw, demands: tuple[Demand, ...], offers: tuple[Offer, ...]) -> tuple[CurrentRow, ...]:
    out = []
    for d in demands:
        options = [o.provider for o in offers if o.service == d.service]
        options += [OWN] if d.own_unit_cost is not None else []
        if options and draw.yes(0.7):
            out.append(CurrentRow(d.entity, d.service, draw.pick(options)))
    return tuple(out)


def _decisions(draw: Draw, demands: tuple[Demand, ...], providers: tuple[Provider, ...]) -> tuple[Decision, ...]:
    out: list[Decision] = []
    for action in ("lock", "forbid"):
        if draw.yes(0.15):
            d = draw.pick(demands)
            who = draw.pick([p.id for p in providers] + [OWN])
            if who not in {x.provider for x in out if (x.entity, x.service) == d.key}:
                out.append(Decision(action, d.entity, "drawn", d.service, who))
    return tuple(out)
