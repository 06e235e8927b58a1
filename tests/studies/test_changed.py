"""Why two plans differ: parts that add up to the cent and hold what enumeration finds."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies.changed import with_rules_of
from optimizer.tables.patch import open_case
from optimizer.testing import random_case
from tests.effort import few
from tests.studies.brute import CENT, holds, least_cost


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def other_of(case: Case, seed: int) -> Case:
    """The case with other data, other rules, or both."""
    policy = {"max_providers_per_entity": 3 + seed % 2, "interface_cost": 900 + seed}
    changes = [{"table": "demands", "column": "volume", "times": 0.9}]
    if seed % 3 == 0:
        return dg.replace(case, policy=policy)
    return dg.replace(case, policy=policy if seed % 3 == 1 else {}, changes=changes)


def wrong_parts(seed: int, pool: ChildPool) -> list[str]:
    case = random_case(seed, feasible=True)
    other = other_of(case, seed)
    session, later = Session(case, pool=pool), Session(other, pool=pool)
    limits = dg.SolveParams(time_limit_s=30)
    plan, theirs = session.solve(limits), later.solve(limits)
    if theirs.cost is None:
        with pytest.raises(dg.UsageError, match="no cost to explain"):
            dg.study("changed", session, plan, other=theirs.document(), other_case=other.tables)
        return []
    assert plan.cost is not None
    answer = dg.study("changed", session, plan, other=theirs.document(), other_case=other.tables, time_limit=60)
    rows = {r["part"]: r for r in answer.tables["parts"]}
    middle = least_cost(open_case(with_rules_of(other, case)))
    first, last = least_cost(case), least_cost(other)
    if math.isinf(middle):
        return [f"{seed}: {rows}"] if rows["data"]["amount"] is not None else []
    found = []
    for part, true in (("data", middle - first), ("rules", last - middle), ("solver", 0.0), ("options", 0.0)):
        row = rows[part]
        if not holds(row["lower"], row["upper"], true) or abs(row["amount"] - true) > CENT:
            found.append(f"{seed}: {row} against {true}")
    total = sum(r["amount"] for r in rows.values())
    if abs(total - (theirs.cost.total - plan.cost.total)) > CENT:
        found.append(f"{seed}: the parts come to {total}")
    return found


@pytest.mark.parametrize("seed", few(range(9), 3))
def test_parts_add_up_and_hold(seed: int, pool: ChildPool) -> None:
    assert not wrong_parts(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(9, 509, 50))
def test_parts_add_up_and_hold_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong_parts(seed, pool)]


def test_a_dear_plan_of_the_same_case_is_the_search_s_doing() -> None:
    case = dg.example("tiny")
    best = dg.solve(case, time_limit=30)
    today = dg.price(case, [(c["entity"], c["service"], c["provider"]) for c in case.tables["current"]])
    answer = dg.study("changed", case, best, other=today.document(), time_limit=60)
    rows = {r["part"]: r for r in answer.tables["parts"]}
    assert rows["data"]["amount"] == rows["rules"]["amount"] == 0.0
    assert rows["solver"]["amount"] == pytest.approx(today.cost.total - best.cost.total, abs=0.01)  # type: ignore[union-attr]
    assert "a year more" in answer.sentences[-1]
    assert [(r["lower"], r["upper"]) for r in (rows["data"], rows["rules"])] == [(0.0, 0.0)] * 2
    assert rows["solver"]["lower"] == rows["solver"]["upper"] == rows["solver"]["amount"]


def test_one_case_needs_no_search_and_the_same_cost_is_said_in_words() -> None:
    """Data and rules of one case cannot differ, however little time there is to find its least cost."""
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=30)
    answer = dg.study("changed", case, plan, other=plan.document(), time_limit=0)
    assert {r["part"]: (r["lower"], r["upper"]) for r in answer.tables["parts"]} == dict.fromkeys(
        ("data", "rules", "options", "solver"), (0.0, 0.0)
    )
    assert answer.sentences == ("Both plans cost the same.",)


def test_a_plan_of_an_unknown_case_is_refused() -> None:
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=30)
    other = dg.solve(dg.replace(case, policy={"interface_cost": 1}), time_limit=30)
    with pytest.raises(dg.UsageError, match="answers another case"):
        dg.study("changed", case, plan, other=other.document())
    with pytest.raises(dg.UsageError, match="is a document"):
        dg.study("changed", case, plan, other=3)
