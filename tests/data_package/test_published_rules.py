"""``rco-16`` and ``ungsc-unictf``: what was printed beside what the cases say, and what each rule costs."""

from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal

import pytest

import optimizer as dg
from data.builder.local_service import LOCAL_SUPPORT


def solved(case: dg.Case) -> dg.Plan:
    plan = dg.solve(case, backend="highs", time_limit=60)
    assert isinstance(plan, dg.Plan)
    assert (plan.status.solution, plan.ok) == ("optimal", True)
    return plan


def cost(plan: dg.Plan) -> float:
    assert plan.cost is not None
    return plan.cost.total


@pytest.mark.slow
def test_sixteen_places_with_full_local_service():
    case = dg.example("rco-16")
    plan = solved(case)
    wanted, local = Counter(d.entity for d in case.demands), Counter[str]()
    for a in plan.assignments:
        assert a.provider is not None
        local[a.entity] += case.provider[a.provider].place.country == case.entity[a.entity].place.country
    told = f"\nplaces with full local service: printed 16, computed {sum(local[e] == wanted[e] for e in wanted)}"
    sys.stdout.write(f"{told}\n")
    assert [e for e in wanted if local[e] == wanted[e]] == sorted(wanted)
    assert len(wanted) == len(LOCAL_SUPPORT) == 16
    free = solved(dg.replace(case, decisions=[]))
    assert cost(free) < cost(plan)


@pytest.mark.slow
def test_either_site_carries_the_load_of_both():
    case = dg.example("ungsc-unictf")
    plan = solved(case)
    load: Counter[str] = Counter()
    for a in plan.assignments:
        assert {a.provider, a.backup} == {"UNGSC", "UNICTF"}
        load[str(a.provider)] += a.volume
    whole = sum(Decimal(str(v)) for v in load.values())
    for key in ("UNGSC", "UNICTF"):
        capacity, least = case.offer[key, "network"].capacity, case.offer[key, "network"].min_volume
        assert capacity is not None
        assert whole <= capacity
        assert load[key] >= least
    off = [{"table": "offers", "column": "min_volume", "set": ""}]
    alone = solved(dg.replace(case, policy={"backup": False}, changes=off))
    assert {a.provider for a in alone.assignments} == {"UNICTF"}
    assert cost(alone) < cost(plan)
