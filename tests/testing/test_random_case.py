"""Random cases: the same from the same seed, with every feature that is asked for and none that is not."""

from __future__ import annotations

import pytest

from optimizer.domain.case import Case
from optimizer.testing import FEATURES, Sizes, best_plan, random_case, random_cases
from optimizer.verify import Evaluator

SEEDS = range(12)


def has(case: Case, name: str) -> bool:
    return FEATURES[name].is_on({n: getattr(case, n) for n in Case.__annotations__})


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_that_is_asked_for_is_there_and_one_that_is_not_wanted_is_not(name: str) -> None:
    for seed in SEEDS:
        assert has(random_case(seed, always=(name,)), name)
        assert not has(random_case(seed, without=(name,), rich=True), name)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_leaves_cases_with_a_plan(name: str) -> None:
    case = random_case(1, always=(name,), feasible=True)
    plan = best_plan(case)
    assert has(case, name)
    assert plan is not None
    assert Evaluator(case).evaluate(plan.rows).ok


def test_every_feature_occurs_unasked_or_in_rich_cases() -> None:
    plain, rich = [random_case(s) for s in range(150)], [random_case(s, rich=True) for s in range(150)]
    for name, feature in FEATURES.items():
        assert any(has(c, name) for c in rich)
        assert any(has(c, name) for c in plain) != bool(feature.rare)


def test_the_same_seed_gives_the_same_case() -> None:
    first, second = random_case(5, rich=True, feasible=True), random_case(5, rich=True, feasible=True)
    assert first == second
    assert first != random_case(6, rich=True, feasible=True)


def test_sizes_and_the_number_of_plans_are_kept() -> None:
    for _, case in random_cases(30, first=100, sizes=Sizes((2,), (3,), (3,)), max_plans=300):
        assert (len(case.entities), len(case.providers)) == (2, 3)
        assert 4 ** len(case.demands) <= 300


def test_what_cannot_be_is_refused_with_all_there_is() -> None:
    with pytest.raises(ValueError, match="no such feature: locks; there are backup, lock"):
        random_case(1, always=("locks",))
    with pytest.raises(ValueError, match="asked for both ways: lock"):
        random_case(1, always=("lock",), without=("lock",))
    with pytest.raises(ValueError, match="no plan in 200 draws"):
        random_case(1, without=("own",), always=("zones",), sizes=Sizes((1,), (1,), (1,)), feasible=True)
