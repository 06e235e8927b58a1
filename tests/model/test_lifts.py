"""What lifts a refusal does lift it: the change is made, and the reason is gone."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import LOCK_CANNOT_OVERRIDE, OWN, REFUSALS
from optimizer.domain.types import Decision
from optimizer.model.build import build_problem
from optimizer.model.eligibility.lifts import Lift, lift_of, lockable
from optimizer.model.eligibility.reasons import explain_refusals
from optimizer.testing import edited, random_case

SEEDS = range(160)
BY_HAND = {"not_offered", "own_not_given", "forbid"}
"""A person must say the price, or withdraw a row."""


def cell(value: Any, kind: str) -> Any:
    """A value as the reader would make it."""
    if "frozenset" in kind:
        return frozenset(str(value).split(";")) - {""}
    return None if value == "" and "None" in kind else value


def applied(case: Case, lift: Lift) -> Case:
    """The case with the lift's cell changed."""
    if lift.table == "policy":
        kinds = {f.name: str(f.type) for f in fields(case.policy)}
        return edited(case, policy=replace(case.policy, **{lift.column: cell(lift.value, kinds[lift.column])}))
    rows = getattr(case, lift.table)
    key = tuple(lift.key.split("|"))
    kinds = {f.name: str(f.type) for f in fields(rows[0])}
    hit = [r for r in rows if (getattr(r, "key", None) or (r.id,)) == key]
    assert len(hit) == 1, lift
    new = replace(hit[0], **{lift.column: cell(lift.value, kinds[lift.column])})
    return edited(case, **{lift.table: tuple(new if r is hit[0] else r for r in rows)})


def refused(case: Case, d: int, p: int) -> set[str]:
    return {r["code"] for r in explain_refusals(case, build_problem(case), d, p)}


def test_every_lift_lifts():
    """Of random cases, every kind of refusal; the others of the pair stay as they were, but for the agency's."""
    seen: dict[str, int] = {}
    for seed in SEEDS:
        case = random_case(seed)
        problem = build_problem(case)
        for d in range(problem.n_demands):
            for p in range(problem.n_providers + 1):
                before = {r["code"] for r in explain_refusals(case, problem, d, p)}
                for code in before:
                    if seen.get(code, 0) >= 12:
                        continue
                    lift = lift_of(case, problem, d, p, code)
                    assert lift.code == code
                    assert lift.action
                    if code not in BY_HAND and not (code == "client_kind" and not lift.value):
                        assert code not in refused(applied(case, lift), d, p), (seed, lift)
                    seen[code] = seen.get(code, 0) + 1
    rare = {"fixed"}
    assert set(REFUSALS) - set(seen) <= rare, sorted(set(REFUSALS) - set(seen))


@pytest.mark.parametrize("seed", range(25))
def test_a_lock_overrides_what_is_lockable_and_nothing_else(seed):
    case = random_case(seed)
    problem = build_problem(case)
    for d in range(problem.n_demands):
        key = (problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]])
        for p in range(problem.n_providers + 1):
            codes = {r["code"] for r in explain_refusals(case, problem, d, p)}
            if not codes or "forbid" in codes:
                continue
            locked = edited(case, decisions=(Decision("lock", key[0], "so be it", key[1], problem.provider_name(p)),))
            assert (refused(locked, d, p) == set()) == lockable(codes), (seed, key, p, codes)
            assert lockable(codes) == (not codes & LOCK_CANNOT_OVERRIDE)


def test_distance_is_enough_and_hardly_more():
    for seed in SEEDS:
        case = random_case(seed)
        problem = build_problem(case)
        found = [
            (d, p)
            for d in range(problem.n_demands)
            for p in range(problem.n_providers)
            if "distance" in {r["code"] for r in explain_refusals(case, problem, d, p)}
        ]
        if found:
            d, p = found[0]
            lift = lift_of(case, problem, d, p, "distance")
            assert "distance" in refused(applied(case, replace(lift, value=round(lift.value - 0.2, 6))), d, p)
            assert OWN not in lift.action
            return
    pytest.fail("no case with a refusal by distance")
