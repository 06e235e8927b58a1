"""Enumeration gives the plans that the verifier accepts, all of them, at the verifier's exact cost."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.testing import PlanFound, Sizes, best_plan, enumerate_plans, random_case, random_cases
from optimizer.verify import Evaluator
from optimizer.verify.costs import TERMS, one_off_cost
from tests.effort import share

QUICK, FULL = range(40), range(40, 1000)
Row = tuple[str, str, str, str]


def accepted(case: Case) -> set[tuple[Row, ...]]:
    """Plans by the verifier alone, one after the other."""
    evaluator = Evaluator(case)
    options = [_options(case, evaluator, *d.key) for d in case.demands]
    return {rows for rows in product(*options) if not evaluator.violations(rows)}


def _options(case: Case, evaluator: Evaluator, entity: str, service: str) -> list[Row]:
    names = [p.id for p in case.providers]
    critical = evaluator.facts.demands[entity, service].critical
    out = [(entity, service, p, q) for p in names for q in ([q for q in names if q != p] if critical else [""])]
    out += [(entity, service, OWN, ""), (entity, service, "", "")]
    return [row for row in out if not _refused(evaluator, row)]


def _refused(evaluator: Evaluator, row: Row) -> bool:
    broken = evaluator.violations([row])
    return any(v.rule == "assign_once" and (v.entity, v.service, v.provider) == row[:3] for v in broken)


def agrees(seed: int) -> bool:
    case = random_case(seed, rich=True, max_plans=130)
    plans = enumerate_plans(case, backups="all")
    assert len(plans) == len({p.rows for p in plans})
    assert {p.rows for p in plans} == accepted(case)
    order = [(p.unserved, p.cost) for p in plans]
    assert order == sorted(order)
    evaluator = Evaluator(case)
    for plan in plans[:50]:
        counted(plan, evaluator)
    return bool(plans)


def counted(plan: PlanFound, evaluator: Evaluator) -> None:
    """Every figure of a plan against the verifier's, as fractions."""
    tally = evaluator.tally(plan.rows)
    assert plan.cost == sum((charge.amount for term in TERMS for charge in term(tally)), Fraction(0))
    assert plan.one_off == sum(one_off_cost(tally))
    assert plan.moves == len(tally.moves)
    assert sorted(plan.sites) == tally.open_sites()
    assert plan.unserved == sum((tally.facts.effort(d) for d in tally.unserved()), Fraction(0))


def test_enumeration_agrees_with_the_verifier_plan_by_plan() -> None:
    found = [agrees(seed) for seed in range(share(len(QUICK)))]
    assert any(found)
    assert not all(found)


@pytest.mark.slow
def test_enumeration_agrees_with_the_verifier_plan_by_plan_on_many() -> None:
    found = [agrees(seed) for seed in FULL]
    assert any(found)


def test_one_naming_of_backups_for_each_choice_of_providers() -> None:
    large = Sizes((3,), (2,), (4,))
    more = 0
    for _, case in random_cases(6, always=("backup",), without=("own",), feasible=True, sizes=large):
        one, every = enumerate_plans(case), enumerate_plans(case, backups="all")
        choices = [tuple(p.choice.items()) for p in one]
        assert set(choices) == {tuple(p.choice.items()) for p in every}
        assert len(choices) == len(set(choices))
        assert best_plan(case) == one[0]
        more += len(every) > len(one)
    assert more


def test_least_unserved_effort_comes_before_cost() -> None:
    plans = enumerate_plans(random_case(2, always=("allow_unserved",), without=("lock",)))
    assert plans[-1].unserved > 0
    assert min(p.cost for p in plans) < plans[0].cost


def test_a_case_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 3 are looked at"):
        enumerate_plans(random_case(1), max_plans=3)
