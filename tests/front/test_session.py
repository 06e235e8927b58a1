"""A session keeps what follows from its case, and makes anew only what a change reaches."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import optimizer as dg
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.session import MOST_PLANS, SLACK, Session
from optimizer.tables.patch import apply_patch
from optimizer.tables.policy_limits import LIMITS
from optimizer.testing import enumerate_plans, random_case
from optimizer.verify.checker import Evaluator

HIGHS = dg.SolveParams(backend="highs", time_limit_s=60)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(dg.example("tiny")) as made:
        made.solve(HIGHS)
        yield made


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal through and through, arrays included."""
    if isinstance(a, np.ndarray):
        return bool(np.array_equal(a, b))
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return bool(a == b)


CHANGES: list[dict[str, Any]] = [
    {"max_moves": 2},
    {"site_count": {"min": 1, "max": 1}},
    {"agency_share_max": 0.25, "zones": True},
    {"one_off_budget": 1000.5, "bundle_mode": "together"},
    {"max_providers_per_entity": 1, "allow_unserved": True},
    {"max_moves": None, "one_off_budget": None},
    {"mean_overlap_min": 3.5, "mean_distance_max": 9000.5},
    {"worse_off_max": 1, "exposure_max_fte": 2.25, "site_share_max": 0.5},
]


@pytest.mark.parametrize("policy", CHANGES)
@pytest.mark.parametrize("name", ["tiny", "rco", "infeasible-lock"])
def test_a_limit_changes_nothing_but_what_follows_from_it(name: str, policy: dict[str, Any]) -> None:
    """The short way and the long way end in the same case and the same arrays."""
    with Session(dg.example(name)) as made:
        assert isinstance(made.problem, Problem)
        varied = made.vary(policy=policy)
        read, _ = apply_patch(made.case, {"policy": policy})
        assert (varied.case, varied.case.tables, varied.case.policy) == (read, read.tables, read.policy)
        assert [dataclasses.replace(i, file="") for i in varied.case.issues] == list(read.issues)
        assert same(varied.problem, build_problem(read))
        assert varied.problem.pairs is made.problem.pairs  # nothing was made twice


def test_every_limit_is_tried() -> None:
    assert {key for change in CHANGES for key in change} == LIMITS


def test_other_changes_take_the_long_way(session: Session) -> None:
    rows = [{**o, "capacity": 100000} for o in session.case.tables["offers"]]
    for change in ({"offers": rows}, {"policy": {"interface_cost": 7.5}}):
        varied = session.vary(**change)
        assert same(varied.problem, build_problem(varied.case))
        assert varied.case.case_hash != session.case.case_hash


def test_a_bad_limit_is_refused_as_ever(session: Session) -> None:
    with pytest.raises(dg.InputError) as error:
        session.vary(policy={"max_moves": -1, "site_count": {"min": 3, "max": 1}})
    assert len(error.value.issues) == 2


def test_plans_are_shared_and_the_cheapest_that_fits_begins(session: Session) -> None:
    free = session.cheapest()
    assert free is not None
    still = session.vary(policy={"max_moves": 0})
    assert still.cheapest() is None  # the plan in hand moves too much
    found = still.solve(HIGHS)
    assert len(found.moves) == 0
    assert still.cheapest() == found
    assert session.cheapest() == free  # cheaper where moves are free
    assert {free, found} <= set(session.plans)


def test_what_is_no_whole_plan_is_not_kept() -> None:
    with Session(dg.example("infeasible-capacity")) as made:
        plan = made.solve(HIGHS)
        assert plan.status.solution == "infeasible"
        assert made.plans == ()


def test_only_so_many_are_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PLANS == 1000
    monkeypatch.setattr("optimizer.session.MOST_PLANS", 1)
    other = Session(session.case, pool=session.pool)
    first, second = session.plans[0], session.vary(policy={"max_moves": 1}).solve(HIGHS)
    other.keep(first)
    other.keep(second)
    assert other.plans == (second,)


def test_children_are_its_own_or_the_callers() -> None:
    with Session(dg.example("tiny")) as made:
        with made.vary(policy={"max_moves": 1}) as varied:
            assert varied.pool is made.pool
        assert made.solve(HIGHS).ok  # the children still stand


@pytest.mark.parametrize("seed", range(20))
def test_of_many_plans_in_hand_few_are_judged_and_the_cheapest_is_told(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plans that break rules, and plans that serve a part only, are in hand too."""
    case = random_case(seed, feasible=True)
    made, every = Session(case), Evaluator(case)
    good, draw = enumerate_plans(case)[:40], np.random.default_rng(seed)
    for at in draw.permutation(len(good)):
        made.keep_choice(made.problem.encode(list(good[at].rows)))
        who = draw.integers(-1, made.problem.n_providers + 1, made.problem.n_demands)
        made.keep_choice(Choice(who, np.full_like(who, -1)))
    true = [(key, every.evaluate(key)) for key in made._plans if all(row[2] for row in key)]
    costs = sorted(found.cost["total"] for _, found in true if found.ok)
    asked: list[Any] = []
    judge = made.ground.evaluator.evaluate
    monkeypatch.setattr(made.ground.evaluator, "evaluate", lambda rows: asked.append(rows) or judge(rows))
    held = made.held()
    assert (None if held is None else held.cost) == (costs[0] if costs else None)
    assert len(asked) <= sum(c <= costs[0] + 2 * SLACK for c in costs)
    for most in costs[:: max(1, len(costs) // 4)]:
        assert [h.cost for h in made.held_within(most)] == [c for c in costs if c <= most]
