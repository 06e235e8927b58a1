"""Regret of a plan's decisions, against enumeration of what holds them and of everything."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.model.build import build_problem
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.testing import enumerate_plans, random_case
from tests.effort import few
from tests.studies.brute import CENT, least_cost
from tests.studies.test_scenarios import runs_of, text_of


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def least_held(case: Case, plan: dg.Plan) -> float:
    """Least cost with every demand where the plan has it, if the pair is eligible."""
    problem = build_problem(case)
    rows = [(a.entity, a.service, a.provider or "", "") for a in plan.assignments]
    provider = problem.encode(rows).provider
    there = problem.pair_index(np.arange(problem.n_demands), provider) >= 0
    locked = (problem.locked >= 0) & (problem.locked != provider)
    kept = {
        d.key: problem.provider_name(int(provider[i])) for i, d in enumerate(case.demands) if there[i] and not locked[i]
    }
    costs = (
        float(p.cost)
        for p in enumerate_plans(case)
        if not p.unserved and all(p.choice[key] == who for key, who in kept.items())
    )
    return min(costs, default=math.inf)


def wrong_regrets(seed: int, pool: ChildPool) -> list[str]:
    case = random_case(seed, feasible=True)
    session = Session(case, pool=pool)
    plan = session.solve(dg.SolveParams(time_limit_s=30))
    answer = dg.study("regret", session, plan, text=text_of(seed), time_limit=120)
    found = []
    for (name, made), row in zip(runs_of(case, seed)[1:], answer.tables["scenarios"], strict=True):
        assert row["scenario"] == name
        hold, best = least_held(made, plan), least_cost(made)
        if math.isinf(hold):
            if row["status"] != "impossible":
                found.append(f"{seed}: {row} cannot be held")
        elif (
            row["status"] != "proven"
            or abs(row["regret_upper"] - (hold - best)) > CENT
            or row["regret_lower"] > hold - best + CENT
        ):
            found.append(f"{seed}: {row} against {hold - best}")
    for rival in answer.tables["plans"]:
        if rival["greatest_regret_upper"] is not None and rival["plan"] == "this plan":
            true = max(least_held(made, plan) - least_cost(made) for _, made in runs_of(case, seed)[1:])
            if abs(true - rival["greatest_regret_upper"]) > CENT:
                found.append(f"{seed}: {rival} against {true}")
    return found


@pytest.mark.parametrize("seed", few(range(8), 3))
def test_regret_is_what_enumeration_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong_regrets(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(8, 508, 50))
def test_regret_is_what_enumeration_finds_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong_regrets(seed, pool)]


def test_the_least_greatest_regret_comes_first() -> None:
    case = dg.example("tiny")
    answer = dg.study("regret", case, dg.solve(case, time_limit=30), name="volume-20", time_limit=120)
    assert answer.tables["plans"][0]["plan"]
    greatest = [r["greatest_regret_upper"] for r in answer.tables["plans"] if r["greatest_regret_upper"] is not None]
    assert greatest == sorted(greatest)


def test_a_plan_is_needed() -> None:
    with pytest.raises(dg.UsageError, match="is about a plan"):
        dg.study("regret", dg.example("tiny"), name="volume-20")


@pytest.mark.parametrize(
    "policy", ['"site_count" = { max = 1 }', "max_moves = 1", "one_off_budget = 1", "max_providers_per_entity = 1"]
)
def test_a_plan_that_breaks_a_limit_by_itself_cannot_be_held(policy: str) -> None:
    """It was not answered after a minute of search."""
    case = dg.replace(dg.example("tiny"), decisions=[GENEVA])
    plan = dg.solve(case, time_limit=60)
    assert len({a.provider for a in plan.assignments} & {"NBO", "GVA"}) == 2
    text = f'[[scenario]]\nname = "tighter"\npolicy = {{ {policy} }}\n'
    assert dg.study("regret", case, plan, text=text, time_limit=0).points[0].status == "impossible"


GENEVA = {"action": "lock", "entity": "CHARLIE", "service": "payroll", "provider": "GVA", "reason": "agreed"}


def test_a_plan_that_is_too_much_for_a_site_by_itself_cannot_be_held() -> None:
    """It was not answered after a minute of search; what is held fills a line that is smaller then."""
    change = '{ table = "providers", where = { id = "NBO" }, column = "capacity_fte",'
    text = f'[[scenario]]\nname = "small"\nchange = [{change}'
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=60)
    work = sum(a.effort_fte for a in plan.assignments if a.provider == "NBO")
    small = case.provider["NBO"].base_fte + work / 2
    answer = dg.study("regret", case, plan, text=f"{text} set = {small:.6f} }}]\n", time_limit=0)
    assert answer.points[0].status == "impossible"
    assert answer.sentences[0] == "small: the plan cannot be held, whatever is done with the rest (proven)."
