"""Small random cases with every feature on now and then, and random plans for them."""

from __future__ import annotations

from datetime import time
from random import Random
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import Policy, SiteCount, Transition
from optimizer.domain.types import (
    Assumption,
    CurrentRow,
    Decision,
    Demand,
    Entity,
    Offer,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.testing import case_of, edited
from optimizer.verify import Evaluator
from tests.verify.cases import BANGKOK, COUNTRIES, GENEVA, NAIROBI, NEW_YORK, VIENNA, WEEKEND, Rows

PLACES = (
    (NAIROBI, "Africa/Nairobi"),
    (VIENNA, "Europe/Vienna"),
    (GENEVA, "Europe/Zurich"),
    (NEW_YORK, "America/New_York"),
    (BANGKOK, "Asia/Bangkok"),
)


def sometimes(rng: Random, chance: float, value: Any, otherwise: Any = None) -> Any:
    """The value with some chance."""
    return value if rng.random() < chance else otherwise


def random_case(seed: int, entities: int = 3, services: int = 2, providers: int = 4) -> Case:
    """A case of about ``entities · services`` demands; the same seed gives the same case."""
    rng = Random(seed)
    c = case_of(
        policy=_policy(rng),
        entities=tuple(_entity(rng, f"E{k:02}" if entities > 9 else f"E{k}") for k in range(entities)),
        services=tuple(_service(rng, f"S{k}") for k in range(services)),
        demands=(),
        providers=tuple(_provider(rng, f"P{k}") for k in range(providers)),
        offers=(),
        tiers=(),
        countries=COUNTRIES,
    )
    offers = tuple(_offer(rng, p.id, s.id) for p in c.providers for s in c.services if rng.random() < 0.85)
    tiers = tuple(t for o in offers for t in _tiers(rng, o, c))
    demands = tuple(_demand(rng, e.id, s.id) for e in c.entities for s in c.services if rng.random() < 0.95)
    c = edited(c, offers=offers, tiers=tiers, demands=demands)
    c = edited(c, current=_current(rng, c))
    return edited(c, decisions=_decisions(rng, c), assumptions=_assumptions(rng, c))


def _policy(rng: Random) -> Policy:
    money = Transition(separation=rng.choice([0.0, 900.0, 1234.56]), training=50.25, contingency_rate=0.15)
    return Policy(
        interface_cost=rng.choice([0.0, 40.33]),
        handover_cost=rng.choice([0.0, 25.1]),
        distance_cost_per_fte_1000km=rng.choice([0.0, 120.0]),
        overlap_cost_per_fte_hour=rng.choice([0.0, 77.7]),
        language_mode=rng.choice(["forbid", "price"]),
        language_cost_rate=0.03,
        dispersion_loss=rng.choice([(), (0.0, 0.125, 0.25)]),
        agency_min_saving=sometimes(rng, 0.3, 0.1),
        agency_share_max=sometimes(rng, 0.3, 0.6),
        max_providers_per_entity=sometimes(rng, 0.3, 2),
        bundle_mode=sometimes(rng, 0.2, "together", "price"),
        max_hardship_class=sometimes(rng, 0.3, "B"),
        own_min_headcount=rng.choice([0.0, 60.0]),
        keep_current=rng.random() < 0.8,
        max_moves=sometimes(rng, 0.2, 3),
        one_off_budget=sometimes(rng, 0.2, 4000.0),
        site_count=sometimes(rng, 0.2, SiteCount(1, 3)),
        backup=rng.random() < 0.7,
        discount_rate=rng.choice([0.0, 0.03]),
        worse_overlap_hours=0.5,
        worse_distance_km=500.0,
        transition=money,
    )


def _pattern(rng: Random, zone: str) -> WorkPattern:
    start = rng.choice([time(8), time(8, 30), time(9)])
    return WorkPattern(zone, start, time(start.hour + 8, start.minute), rng.choice([WEEKEND, frozenset({4, 5})]))


def _entity(rng: Random, id: str) -> Entity:
    place, zone = rng.choice(PLACES)
    spoken = frozenset(rng.sample(["en", "fr", "es"], rng.randrange(3)))
    kind, prefers = rng.choice(["rco", "mission"]), rng.choice(["", "P1", "P2"])
    organisation = rng.choice(["", "UN"])
    return Entity(
        id,
        id,
        place,
        _pattern(rng, zone),
        float(rng.randrange(40, 200)),
        kind,
        organisation,
        spoken,
        "",
        None,
        None,
        prefers,
    )


def _service(rng: Random, id: str) -> Service:
    return Service(
        id,
        id,
        rng.choice(["global", "global", "global", "local"]),
        rng.choice([60.0, 96.0, 33.3]),
        min_overlap_hours=sometimes(rng, 0.2, 1.0),
        target_overlap_hours=sometimes(rng, 0.6, 6.0),
        max_distance_km=sometimes(rng, 0.2, 9000.0),
        language_rule=rng.choice(["all", "any", "none"]),
        bundle=rng.choice(["", "hr", "hr"]),
        critical=rng.random() < 0.4,
        min_service_level=sometimes(rng, 0.1, 0.9),
    )


def _provider(rng: Random, id: str) -> Provider:
    place, zone = rng.choice(PLACES)
    status = rng.choice(["open", "open", "required", "candidate", "closing", "closed"])
    return Provider(
        id,
        id,
        place,
        _pattern(rng, zone),
        rng.choice(["secretariat", "secretariat", "agency"]),
        status,
        rng.choice(["", "UN", "Agency"]),
        frozenset(rng.sample(["en", "fr", "es"], rng.randrange(1, 4))),
        capacity_fte=sometimes(rng, 0.5, 6.0),
        base_fte=0.5,
        min_fte=sometimes(rng, 0.3, 1.0, 0.0),
        setup_cost=sometimes(rng, 0.7, 3333.33, 0.0),
        site_fixed_cost=rng.choice([0.0, 1000.01]),
        cost_per_fte=50000.0,
        hardship_class=rng.choice(["", "A", "C"]),
    )


def _offer(rng: Random, provider: str, service: str) -> Offer:
    return Offer(
        provider,
        service,
        capacity=sometimes(rng, 0.4, 5000.0),
        base_volume=rng.choice([0.0, 500.0]),
        min_volume=sometimes(rng, 0.2, 600.0, 0.0),
        fixed_cost=rng.choice([0.0, 333.33]),
        fee_rate=rng.choice([0.0, 0.08]),
        service_level=rng.choice([0.85, 0.95]),
        regions_served=rng.choice([frozenset()] * 3 + [frozenset({"Africa", "AT"})]),
        client_kinds=rng.choice([frozenset()] * 4 + [frozenset({"rco"})]),
    )


def _tiers(rng: Random, o: Offer, c: Case) -> list[Tier]:
    if rng.random() < 0.3:
        return []
    first = Tier(o.provider, o.service, 0.0, rng.choice([10.0, 11.111111, 12.5]))
    more = [Tier(o.provider, o.service, 1500.0, 8.005), Tier(o.provider, o.service, 2500.0, 7.0)]
    return [first, *more[: rng.randrange(3)]]


def _demand(rng: Random, entity: str, service: str) -> Demand:
    volume = rng.choice([1000.0, 333.333333, round(rng.uniform(200, 1500), 2)])
    own = sometimes(rng, 0.4, rng.choice([9.5, 13.0]))
    return Demand(entity, service, volume, rng.choice(["given", "given", "estimated"]), own, rng.choice([0.0, 55.55]))


def _current(rng: Random, c: Case) -> tuple[CurrentRow, ...]:
    names = [*c.provider, OWN]
    rows = [CurrentRow(*d.key, rng.choice(names), sometimes(rng, 0.6, 12.34)) for d in c.demands if rng.random() < 0.8]
    gone = [CurrentRow("E0", "S9", "P0")] if rng.random() < 0.2 else []
    return tuple(sorted(rows + gone, key=lambda r: (r.entity, r.service)))


def _decisions(rng: Random, c: Case) -> tuple[Decision, ...]:
    out = []
    for d in c.demands:
        chance = rng.random()
        if chance < 0.1:
            out.append(Decision("lock", d.entity, "decided", d.service, rng.choice([*c.provider, ""])))
        elif chance < 0.2:
            out.append(Decision("forbid", d.entity, "decided", d.service, rng.choice([*c.provider])))
    return tuple(out)


def _assumptions(rng: Random, c: Case) -> tuple[Assumption, ...]:
    pool = [
        Assumption("tiers", "P1|*", "unit_cost", "assumed"),
        Assumption("demands", "E0|S0", "volume", "assumed"),
        Assumption("offers", "*|S1", "*", "assumed"),
        Assumption("providers", "*", "site_fixed_cost", "assumed"),
        Assumption("providers", "P2", "cost_per_fte", "assumed"),
        Assumption("services", "S0", "minutes_per_unit", "published"),
    ]
    return tuple(rng.sample(pool, rng.randrange(3)))


def random_plan(c: Case, rng: Random, evaluator: Evaluator | None = None) -> Rows:
    """Eligible providers where there are any, with a backup that runs the service where one does."""
    facts = (evaluator or Evaluator(c)).facts
    chosen: dict[tuple[str, str], str] = {}
    for d in c.demands:
        may = [p for p in facts.eligibility.candidates(d) if facts.eligibility.eligible(d, p)]
        lock = c.locks.get(d.key)
        if may:
            chosen[d.key] = lock if lock in may else rng.choice(may)
    rows = []
    for d in c.demands:
        p, q = chosen.get(d.key, ""), ""
        if facts.demands[d.key].critical and p not in ("", OWN):
            country = c.provider[p].place.country
            running = sorted({x for (_, s), x in chosen.items() if s == d.service} - {p, OWN})
            fit = [x for x in running if c.provider[x].place.country != country and facts.eligibility.eligible(d, x)]
            q = rng.choice(fit) if fit else ""
        rows.append((*d.key, p, q))
    return rows


def good_plan(c: Case, seed: int, evaluator: Evaluator, tries: int = 40) -> Rows | None:
    """A random plan that breaks no rule, if one turns up."""
    rng = Random(seed)
    for _ in range(tries):
        rows = random_plan(c, rng, evaluator)
        if not evaluator.violations(rows):
            return rows
    return None
