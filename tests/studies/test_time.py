"""The time limit of a study: what is kept for making plans whole, and what is told where it is not enough."""

from __future__ import annotations

import time
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.params import SolveParams
from optimizer.session import Session
from optimizer.studies.base import Budget
from optimizer.studies.scenarios import study as scenarios
from optimizer.studies.search import Ends


def test_what_is_kept_is_not_searched_in() -> None:
    budget = Budget(100.0)
    budget.keep(30.0)
    share = budget.share(7)
    assert share is not None
    assert 9.9 < share <= 10.0
    assert budget.fits(99.0)
    assert not budget.fits(101.0)
    budget.keep(1000.0)  # half of it at most
    left = budget.share(1)
    assert left is not None
    assert 49.0 < left <= 50.0


def test_nothing_is_left_to_search_in_while_plans_are_made_whole() -> None:
    budget = Budget(0.0)
    budget.keep(10.0)
    assert budget.over
    assert not budget.fits(0.1)
    free = Budget(None)
    free.keep(10.0)
    assert (free.share(3), free.over, free.fits(1e9)) == (None, False, True)


def test_plans_that_there_is_no_time_to_make_are_known_by_their_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "fits", lambda _self, _seconds: False)
    answer = dg.study("scenarios", dg.example("tiny"), name="close-each-site", time_limit=60)
    base, *runs = answer.tables["runs"]
    assert base["moves"] is not None
    assert {row["status"] for row in runs} == {"proven"}
    assert all(row["upper"] is not None and row["moves"] is None for row in runs)
    assert [p.plan for p in answer.points] == [0, None, None]
    assert answer.sentences[-1].startswith("Plans known by their cost alone, the time being over: 2;")


def test_scenarios_begin_from_the_plan_in_hand_and_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both meet nothing is searched for the case as it is."""
    asked: list[tuple[float | None, bool]] = []
    real = scenarios.least

    def least(setting: Any, session: Session, problem: Any, **given: Any) -> Ends:
        asked.append((given.get("lower"), session.held() is not None or given.get("start") is not None))
        found: Ends = real(setting, session, problem, **given)
        return found

    monkeypatch.setattr(scenarios, "least", least)
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=60)
    assert isinstance(plan, dg.Plan)
    dg.study("scenarios", case, plan, name="close-each-site", time_limit=60)
    assert asked[0] == (plan.bounds.best_bound, True)
    assert [begun for _, begun in asked[1:3]] == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "question"), [("location", {}), ("scenarios", {"name": "agencies"}), ("scenarios", {"name": "gsdm-2019"})]
)
def test_a_large_case_keeps_its_time(kind: str, question: dict[str, Any]) -> None:
    """Of 30 s places took 74 and scenarios 105: every plan was priced and checked when the time was over."""
    with Session(dg.example("secretariat")) as session:
        session.solve(SolveParams(time_limit_s=5))  # what is made once on a machine is made
        began = time.monotonic()
        answer = dg.study(kind, session.alone(), time_limit=30, **question)
        assert time.monotonic() - began < 60  # a machine that is shared gives less
    assert [p for p in answer.points if p.upper is not None]
