"""Random small cases with what a reader may let through, and random plans for them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.policy import SiteCount
from optimizer.domain.types import MICRO, Assumption, CurrentRow, Offer, Provider
from optimizer.verify.checker import Evaluator
from optimizer.verify.costs import one_off_cost
from tests.property.strategies import cases

Row = tuple[str, str, str, str]

POOL = (
    Assumption("tiers", "P1|*", "unit_cost", "assumed"),
    Assumption("tiers", "P0|S0|500", "*", "assumed"),
    Assumption("demands", "E0|S0", "volume", "assumed"),
    Assumption("demands", "*|S1", "own_unit_cost", "assumed"),
    Assumption("offers", "*|S1", "*", "assumed"),
    Assumption("providers", "*", "site_fixed_cost", "assumed"),
    Assumption("providers", "P2", "cost_per_fte", "assumed"),
    Assumption("services", "S0", "minutes_per_unit", "published"),
)


FREE: dict[str, Any] = {
    **dict.fromkeys(("max_providers_per_entity", "agency_share_max", "site_count", "max_moves", "one_off_budget")),
    "bundle_mode": "price",
}


def quick(examples: int) -> settings:
    """Settings that give the same examples every time."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def rich_cases(draw: st.DrawFn) -> Case:
    """A random case with absent entities, estimates, odd current rows, stopped services and a register."""
    return enriched(draw(cases()), draw(st.randoms(use_true_random=False)))


def enriched(case: Case, rng: random.Random) -> Case:
    """What ``tests.property.strategies`` leaves out."""
    policy = replace(
        case.policy,
        worse_overlap_hours=rng.choice([0.0, 1.0]),
        worse_distance_km=rng.choice([0.0, 1000.0]),
        worse_price_rel=rng.choice([0.0, 0.05]),
        allow_unserved=rng.random() < 0.15,
    )
    named = [
        replace(e, organisation=rng.choice(["", "UN"]), lead_preference=rng.choice(["", "P1", "P2"]))
        for e in case.entities
    ]
    gone = [replace(case.entities[0], id="E9", end=date(2020, 1, 1))] if rng.random() < 0.3 else []
    demands = [replace(d, basis=rng.choice(["given", "given", "estimated"])) for d in case.demands]
    return replace(
        case,
        policy=policy,
        entities=tuple(named),
        absent_entities=tuple(gone),
        providers=tuple(replace(p, organisation=rng.choice(["", "UN", "Agency"])) for p in case.providers),
        demands=tuple(demands),
        current=_current(case, rng),
        assumptions=tuple(rng.sample(POOL, rng.randrange(4))),
    )


def _current(case: Case, rng: random.Random) -> tuple[CurrentRow, ...]:
    """Some rows with what is paid, some at providers that do not offer the service, some of stopped services."""
    rows = {(c.entity, c.service): c for c in case.current}
    for d in case.demands:
        if rng.random() < 0.15:
            rows[d.key] = CurrentRow(*d.key, rng.choice([OWN, *case.provider]))
    rows = {k: replace(c, unit_cost=rng.choice([None, 12.34, 60.005])) for k, c in rows.items()}
    if rng.random() < 0.2:
        rows["E0", "S9"] = CurrentRow("E0", "S9", "P0")
    return tuple(rows[k] for k in sorted(rows))


def random_rows(case: Case, evaluator: Evaluator, rng: random.Random) -> list[Row]:
    """Eligible providers where there are any, with a backup that runs the service where one does."""
    eligibility, chosen = evaluator.facts.eligibility, dict[tuple[str, str], str]()
    for d in case.demands:
        may = [p for p in eligibility.candidates(d) if eligibility.eligible(d, p)]
        if may:
            chosen[d.key] = case.locks[d.key] if case.locks.get(d.key) in may else rng.choice(may)
    out = []
    for d in case.demands:
        p = chosen.get(d.key, "")
        fit = [""]
        if evaluator.facts.demands[d.key].critical and p not in ("", OWN):
            country = case.provider[p].place.country
            running = sorted({q for (_, s), q in chosen.items() if s == d.service} - {p, OWN})
            fit = [q for q in running if case.provider[q].place.country != country and eligibility.eligible(d, q)] or [
                ""
            ]
        out.append((*d.key, p, rng.choice(fit)))
    return out


def good_rows(case: Case, evaluator: Evaluator, rng: random.Random, tries: int = 30) -> list[Row] | None:
    """A random plan that keeps every rule, if one turns up."""
    for _ in range(tries):
        rows = random_rows(case, evaluator, rng)
        if not evaluator.violations(rows):
            return rows
    return None


def tightened(case: Case, rows: list[Row], rng: random.Random) -> Case:
    """The case with limits drawn close around what a plan uses, so that rules bind."""
    t = Evaluator(case).tally(rows)
    spare = (0.0, 0.0, 300.0, 1500.0)

    def offer(o: Offer) -> Offer:
        volume, low = t.line_volume.get(o.key, 0) / MICRO, rng.random()
        limit = None if low < 0.4 else o.base_volume + volume + rng.choice(spare)
        return replace(o, capacity=limit, min_volume=volume if low > 0.9 else 0.0)

    def provider(p: Provider) -> Provider:
        fte = t.site_minutes.get(p.id, 0) / MICRO**2 / case.policy.minutes_per_fte_year
        limit = None if rng.random() < 0.4 else round(p.base_fte + fte + rng.choice(spare) / 1000, 6) + 1e-6
        return replace(p, capacity_fte=limit, min_fte=round(fte * rng.choice([0.0, 0.5]), 6))

    used = Counter(e for e, _ in t.dealings)
    agency = {p.id for p in case.providers if p.kind == "agency"}
    share = sum(m for p, m in t.site_minutes.items() if p in agency) / max(t.facts.all_minutes, 1)
    number = sum(p not in agency for p in t.open_sites())
    drawn: dict[str, Any] = {
        "max_providers_per_entity": max(used.values(), default=1),
        "agency_share_max": round(share + 1e-6, 6),
        "site_count": SiteCount(max(0, number - rng.randrange(2)), number + rng.randrange(2)),
        "max_moves": len(t.moves),
        "one_off_budget": round(sum(one_off_cost(t)) + rng.choice([0.01, 5000.0]), 2),
        "bundle_mode": "together" if not any(len({p for _, p in b}) > 1 for b in t.bundles.values()) else "price",
    }
    limits = {k: v if rng.random() < 0.35 else FREE[k] for k, v in drawn.items()}
    policy = replace(case.policy, backup=rng.random() < 0.4, **limits)
    offers, providers = tuple(map(offer, case.offers)), tuple(map(provider, case.providers))
    return replace(case, policy=policy, offers=offers, providers=providers)


def todays_rows(case: Case) -> list[Row]:
    """Today's arrangement as a plan, whatever it breaks."""
    return [(*d.key, case.current_of[d.key].provider, "") for d in case.demands if d.key in case.current_of]


def any_rows(case: Case, rng: random.Random) -> list[Row]:
    """Anybody for anything, as in a hand-made plan; nobody now and then."""
    names = [OWN, *case.provider]
    return [(*d.key, rng.choice(names), "") for d in case.demands if rng.random() < 0.9]


def is_rising(values: list[tuple[str, ...]]) -> bool:
    """Sorted without repetition."""
    return all(a < b for a, b in pairwise(values))
