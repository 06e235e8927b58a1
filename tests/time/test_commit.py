"""Waves that are committed stay."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError, UsageError
from optimizer.pipeline import solve_over_time
from optimizer.plan.time.commit import commit
from optimizer.plan.time.plan import PlanOverTime
from optimizer.tables.replace import replace
from tests.time.cases import policy, read, tables


def solved(case: Case) -> PlanOverTime:
    return PlanOverTime.from_document(solve_over_time(case), case)


def switches(plan: PlanOverTime) -> list[tuple[Any, ...]]:
    return [(a.entity, a.service, a.from_period, a.provider) for a in plan.moves]


@pytest.fixture(scope="module")
def case() -> Case:
    """One move a period pays: the first wave moves the larger demand, the second the other."""
    return read(policy=policy(max_moves_per_period=1, transition={"travel": 1}))


@pytest.fixture(scope="module")
def plan(case: Case) -> PlanOverTime:
    return solved(case)


def test_the_plan_switches_one_by_one(plan: PlanOverTime) -> None:
    assert plan.status.solution == "optimal"
    assert plan.ok
    assert switches(plan) == [("E1", "pay", 2, "P2"), ("E2", "pay", 1, "P2")]
    assert [w.switches for w in plan.waves] == [1, 1, 0, 0]


def test_what_is_committed_stays_when_the_rest_is_planned_anew(case: Case, plan: PlanOverTime) -> None:
    held = commit(case, plan, 1)
    assert [(c.entity, c.provider) for c in held.commitments] == [("E2", "P2")]
    dearer = [{**t, "unit_cost": 30} if t["provider"] == "P2" else t for t in tables()["tiers"]]
    again = solved(replace(held, tiers=dearer))
    assert switches(again) == [("E2", "pay", 1, "P2")]
    assert again.waves[0].state == "committed"
    assert switches(solved(replace(case, tiers=dearer))) == []


def test_a_commitment_is_added_once(case: Case, plan: PlanOverTime) -> None:
    held = commit(case, plan, 2)
    assert len(held.commitments) == 2
    again = solved(held)
    assert switches(again) == switches(plan)
    assert commit(held, again, 2).case_hash == held.case_hash


def test_a_beginning_is_committed_too() -> None:
    new = read(current=tables()["current"][:1])
    held = commit(new, solved(new), 1)
    assert {(c.entity, c.provider) for c in held.commitments} == {("E1", "P2"), ("E2", "P2")}


def test_a_period_that_is_not_there_a_plan_of_another_case(case: Case, plan: PlanOverTime) -> None:
    for until in (0, 5):
        with pytest.raises(UsageError, match="4"):
            commit(case, plan, until)
    with pytest.raises(InputError, match="another case"):
        commit(read(), plan, 1)
    broken = dataclasses.replace(plan, verification=dataclasses.replace(plan.verification, ok=False))
    with pytest.raises(InputError, match="check found"):
        commit(case, broken, 1)
    with pytest.raises(UsageError, match="no \\[horizon\\]"):
        commit(read(policy={"calendar_year": 2026}), plan, 1)
