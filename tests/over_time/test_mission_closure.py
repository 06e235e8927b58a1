"""The packaged case in which one mission leaves within six months and another loses its own support on a day."""

from __future__ import annotations

from datetime import date

import pytest

import optimizer as dg
from optimizer.domain.errors import InputError
from optimizer.model.time.joint import build_joint
from optimizer.model.time.staying import staying_path
from optimizer.solvers.accept.over_time import path_rows
from optimizer.verify.time import TimeEvaluator


@pytest.fixture(scope="module")
def closure() -> dg.Case:
    return dg.example("mission-closure")


@pytest.fixture(scope="module")
def made(closure: dg.Case) -> dg.PlanOverTime:
    plan = dg.solve(closure, backend="highs", time_limit=300)
    assert isinstance(plan, dg.PlanOverTime)
    assert (plan.status.solution, plan.ok) == ("optimal", True)
    return plan


def own_work(case: dg.Case, entity: str) -> set[str]:
    return {row.service for row in case.current if (row.entity, row.provider) == (entity, "OWN")}


@pytest.mark.slow
def test_every_move_is_forced_and_comes_at_once(closure: dg.Case, made: dg.PlanOverTime) -> None:
    """The first of the month after the crisis, and the first day after the end of the mission."""
    begin = {row.period: row.begin for row in made.cash_flow}
    assert all(m.forced for m in made.moves)
    days = {"CRISIS": date(2027, 9, 1), "CLOSING": date(2028, 1, 1)}
    for entity, day in days.items():
        moves = [m for m in made.moves if m.entity == entity]
        assert {m.service for m in moves} == own_work(closure, entity)
        assert {str(begin[m.from_period]) for m in moves} == {str(day)}


@pytest.mark.slow
def test_kuwait_takes_the_work_with_people(made: dg.PlanOverTime) -> None:
    taken = {m.service: m.provider for m in made.moves if m.entity == "CRISIS"}
    assert (taken["onboarding"], taken["payables"]) == ("KJSO", "KJSO")


def test_who_stays_goes_where_it_is_locked(closure: dg.Case) -> None:
    """The path made by hand takes decisions with days: own work until the day, Kuwait from it on."""
    joint = build_joint(closure)
    path = staying_path(joint)
    assert path is not None
    rows = path_rows(joint, path)
    assert TimeEvaluator(closure).violations(rows) == []
    paid = [who for entity, service, _, who, _ in rows if (entity, service) == ("CRISIS", "payables")]
    assert paid == ["OWN"] * 8 + ["KJSO"] * 16


def test_a_lock_and_a_forbid_meet_only_on_common_days(closure: dg.Case) -> None:
    """Until the day and from the day on: no contradiction; one day longer, and it is one."""
    assert not closure.issues or all(issue.severity != "error" for issue in closure.issues)
    longer = {"table": "decisions", "where": {"reason": "nobody knows*"}, "column": "until", "set": "2027-08-16"}
    with pytest.raises(InputError) as told:
        dg.replace(closure, changes=[longer])
    codes = [issue.code for issue in told.value.issues]
    again = {row.service for row in closure.decisions if row.provider == "KJSO"}
    once = own_work(closure, "CRISIS") - again
    assert sorted(codes) == ["lock_and_forbid"] * len(once) + ["two_locks"] * len(again)


def test_without_a_horizon_days_do_not_count(closure: dg.Case) -> None:
    with pytest.raises(InputError) as told:
        dg.replace(closure, policy={"horizon": None})
    assert "lock_and_forbid" in {issue.code for issue in told.value.issues}
