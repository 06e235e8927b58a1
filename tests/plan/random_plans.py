"""Random small cases with what a reader may let through, and random plans for them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.types import Assumption, CurrentRow
from optimizer.verify.checker import Evaluator
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
    named = [replace(e, organisation=rng.choice(["", "UN"]), lead_preference=rng.choice(["", "P1", "P2"]))
             for e in case.entities]  # fmt: skip
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
