"""Conflicts against enumeration: the set named is infeasible, and feasible without any one of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.diagnose.finding import find_conflicts
from optimizer.solvers.diagnose.instances import prepare
from optimizer.solvers.diagnose.irreducible import Conflict, Search
from optimizer.solvers.pool import ChildPool
from optimizer.testing import Sizes, edited, random_case
from optimizer.verify.checker import Evaluator
from tests.effort import share
from tests.property.instances import Label, broken_sets, label_of
from tests.property.nearness import KEYS as NEAR
from tests.property.nearness import with_limits_around

SMALL = Sizes(entities=(1, 2, 2, 3), services=(1, 2), providers=(2, 3))
QUICK, FULL = 12, 200


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with ChildPool() as children:
        yield Watch(pool=children)


def conflicts(case: Case, watch: Watch) -> tuple[list[Conflict], list[set[Label]]]:
    problem = build_problem(case)
    search = Search(prepare(case, problem), Evaluator(case), SolveParams(), watch, 120.0)
    found = find_conflicts(search)
    return found, [{label_of(problem, i) for i in c.instances} for c in found]


def limited(seed: int) -> Case:
    """A small case; every second one has limits on means, worse-off entities, exposed places or shares."""
    case, rng = random_case(seed, max_plans=256, sizes=SMALL), Random(seed)
    if seed % 2:
        return case
    hard = tuple(replace(p, hardship_class=rng.choice(["", "D", "E"])) for p in case.providers)
    keys = rng.sample(NEAR, 2)
    return with_limits_around(edited(case, providers=hard), keys, rng)


def infeasible_cases(number: int) -> Iterator[tuple[int, Case, set[frozenset[Label]]]]:
    """Cases in which every plan breaks something, by enumeration, and no demand is left to hard facts alone."""
    seed = 0
    while number:
        seed += 1
        case = limited(seed)
        plans = broken_sets(case)
        if plans and frozenset() not in plans:
            number -= 1
            yield seed, case, plans


def agrees(number: int, watch: Watch) -> Counter[str]:
    rules: Counter[str] = Counter()
    for seed, case, plans in infeasible_cases(number):
        found, named = conflicts(case, watch)
        assert found, seed
        for conflict, labels in zip(found, named, strict=True):
            assert conflict.irreducible, seed
            assert conflict.confirmed, seed
            assert all(plan & labels for plan in plans), (seed, "a plan keeps all that is named", labels)
            for one in labels:
                assert any(plan & labels <= {one} for plan in plans), (seed, one, labels)
            rules.update(label[0] for label in labels)
        assert not set.intersection(*named) or len(named) == 1, seed
    return rules


def test_named_sets_are_infeasible_and_irreducible(watch: Watch) -> None:
    agrees(share(QUICK), watch)


@pytest.mark.slow
def test_named_sets_are_infeasible_and_irreducible_on_many(watch: Watch) -> None:
    """Every rule takes part in some conflict, so that none goes untested."""
    rules = agrees(FULL, watch)
    assert len(rules) >= 12, rules


def test_no_conflict_where_a_plan_exists(watch: Watch) -> None:
    feasible = [
        c
        for c in (random_case(seed, max_plans=256, sizes=SMALL) for seed in range(60))
        if frozenset() in broken_sets(c)
    ]
    assert len(feasible) > 5
    for case in feasible[:10]:
        assert conflicts(case, watch)[0] == []
