"""Random cases with plans that were checked, for the money of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.stating import price_case
from optimizer.testing import best_path, edited, good_plan, random_case, random_dynamic_case
from optimizer.verify.time import TimeEvaluator
from tests.verify.time_documents import document_of

Made = tuple[Case, dict[str, Any]]


@cache
def steady(seed: int) -> Made:
    """A random case and a plan of it that keeps every rule."""
    for attempt in range(200):
        name = seed * 1000 + attempt
        case = _priced(random_case(name, without=("allow_unserved", "max_moves", "one_off_budget")), Random(name))
        rows = good_plan(case, Random(name))
        if rows is not None and all(p for _, _, p, _ in rows):
            plan = price_case(case, rows)
            assert plan["verification"]["ok"]
            return case, plan
    raise AssertionError(f"seed {seed} gave no plan")


def _priced(case: Case, rng: Random) -> Case:
    """Rates, reserves, prices of today, and a site that must stay open."""
    services = tuple(
        replace(s, risk_rate=rng.choice((0.0, 0.031, 0.1)), liability_rate=rng.choice((0.0, 0.0777)))
        for s in case.services
    )
    idle = rng.random() < 0.6
    providers = tuple(
        replace(
            p,
            reserve_opening=rng.choice((0.0, 1000.0, 55.55)),
            status="required" if idle and i == len(case.providers) - 1 else p.status,
            site_fixed_cost=p.site_fixed_cost or 1234.57 if idle else p.site_fixed_cost,
        )
        for i, p in enumerate(case.providers)
    )
    current = tuple(replace(c, unit_cost=rng.choice((None, 0.0, 38.123456, 61.5, 900.0))) for c in case.current)
    return edited(case, services=services, providers=providers, current=current)


@cache
def over_time(seed: int) -> Made:
    """A random case with a horizon and a path of it that keeps every rule."""
    case = random_dynamic_case(seed, feasible=True, max_paths=300)
    rng = Random(seed)
    services = tuple(replace(s, risk_rate=rng.choice((0.0, 0.031)), liability_rate=0.0777) for s in case.services)
    current = tuple(replace(c, unit_cost=rng.choice((None, 38.123456, 61.5))) for c in case.current)
    case = edited(case, services=services, current=current)
    found = best_path(case)
    assert found is not None
    plan = document_of(case, found.rows)
    plan["verification"] = TimeEvaluator(case).verify(plan).as_dict()
    assert plan["verification"]["ok"], plan["verification"]["mismatches"]
    return case, plan


def has_provider(plan: dict[str, Any]) -> bool:
    """Somebody is served by others than itself."""
    return any(a["provider"] not in (None, OWN) for a in plan["assignments"])
