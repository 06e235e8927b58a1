"""Waves that are committed, a case that changes, and the plan begun again from the one that was."""

from __future__ import annotations

from typing import Any

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.model.time.joint import build_joint
from optimizer.pipeline import solve_over_time
from optimizer.plan.time.commit import commit
from optimizer.plan.time.given import path_from_plan
from optimizer.plan.time.plan import PlanOverTime
from optimizer.solvers.over_time.backups import carried_over
from tests.time.cases import read, tables


def case_with(start: str, end: str) -> Case:
    """The second client comes and goes, and nobody serves it today."""
    first, second = tables()["entities"]
    mission = {**second, "start": start, "end": end}
    return read(entities=[first, mission], current=[{"entity": "E1", "service": "pay", "provider": "P1"}])


def slipped(case: Case, start: str, end: str) -> Case:
    return dg.replace(case, entities={"change": [{"id": "E2", "start": start, "end": end}]})


def solved(case: Case, **more: Any) -> PlanOverTime:
    return PlanOverTime.from_document(solve_over_time(case, SolveParams(), **more), case)


def sources(plan: PlanOverTime) -> dict[tuple[str, int], str | None]:
    return {(a.entity, t): a.provider for a in plan.assignments for t in range(a.from_period, a.until_period + 1)}


def test_a_plan_is_carried_over_to_the_dates_of_a_client_that_slipped() -> None:
    case = case_with("2027-01-01", "2027-10-01")
    before = solved(case)
    later = case_with("2027-04-01", "2028-01-01")
    joint = build_joint(later)
    given = path_from_plan(joint, before.document())
    d = joint.keys.index(("E2", "pay"))
    assert given.provider[3, d] == -1  # the plan knows nothing of the quarter that is new
    carried = carried_over(joint, given)
    assert carried is not None
    assert carried.provider[:, d].tolist() == [-1, *[joint.source_index["P2"]] * 3]
    again = solved(later, start=before.document())
    assert (again.ok, again.status.solution) == (True, "optimal")


def test_committed_waves_stay_when_a_client_slips() -> None:
    case = case_with("2027-01-01", "2027-10-01")
    before = solved(case)
    fixed = commit(case, before, 1)
    later = slipped(fixed, "2027-04-01", "2028-01-01")
    again = solved(later, start=before.document())
    assert again.ok
    assert sources(again)["E1", 1] == sources(before)["E1", 1]
    assert sources(again)["E2", 2] == sources(before)["E2", 1]
