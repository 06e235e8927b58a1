"""A plan that serves a part only: accepted by the policy, and never a word about the least cost of serving all."""

from __future__ import annotations

import pickle

import pytest

import optimizer as dg
from tests.effort import few

LEAST = 262_958.98


@pytest.fixture(scope="module")
def lenient() -> dg.Case:
    return dg.replace(dg.example("tiny"), policy={"allow_unserved": True})


def undone(plan: dg.Plan) -> int:
    return sum(a.provider is None for a in plan.assignments)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["highs", "cbc", "cpsat", "scip", "engine"])
@pytest.mark.parametrize("served", few([1, 0, 6], 1))
def test_it_is_no_start_that_ends_the_search(lenient: dg.Case, backend: str, served: int) -> None:
    whole = dg.solve(lenient, time_limit=60)
    rows = [(a.entity, a.service, a.provider, a.backup or "") for a in whole.assignments[:served]]
    start = dg.price(lenient, rows)
    assert undone(start) == 7 - served
    plan = dg.solve(lenient, start=start, backend=backend, time_limit=60)
    assert (plan.status.solution, undone(plan)) == ("optimal", 0)
    assert plan.cost is not None
    assert plan.cost.total == pytest.approx(LEAST)


def test_it_is_not_the_cheapest_plan_in_hand(lenient: dg.Case) -> None:
    with dg.Session(lenient) as session:
        session.keep(dg.price(lenient, []))
        assert session.cheapest() is None
        session.solve(dg.SolveParams(time_limit_s=60))
        found = session.cheapest()
        assert found is not None
        assert undone(found) == 0


def test_where_nothing_serves_all_the_least_is_left_undone() -> None:
    case = dg.replace(dg.example("infeasible-capacity"), policy={"allow_unserved": True})
    free = dg.solve(case, time_limit=60)
    again = dg.solve(case, start=dg.price(case, []), time_limit=60)
    assert 0 < undone(free) < len(free.assignments)
    assert f"unserved {undone(free)} of {len(free.assignments)} demands" in repr(free)
    assert (undone(again), again.cost) == (undone(free), free.cost)


def test_a_plan_travels(lenient: dg.Case) -> None:
    plan = dg.solve(lenient, time_limit=60)
    again = pickle.loads(pickle.dumps(plan))
    assert again == plan
    assert again.case == plan.case


@pytest.mark.parametrize(
    "given", [{"work_limit": 1.5}, {"seed": 1.5}, {"threads": True}, {"time_limit": "5"}, {"memory_limit_mb": "9"}]
)
def test_limits_of_another_kind_are_refused_before_any_work(lenient: dg.Case, given: dict[str, object]) -> None:
    with pytest.raises(dg.UsageError, match=r"give a (whole )?number"):
        dg.solve(lenient, **given)
