"""What of a plan over time is under way: its switches and beginnings up to a period, as commitments of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError, UsageError
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN
from optimizer.domain.time.stills import stills_of
from optimizer.tables.replace import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.plan.time.values import AssignmentOverTime

__all__ = ["commit", "require_plan_of"]


def commit(case: Case, plan: PlanOverTime, until: int, *, onto: Case | None = None) -> Case:
    """The case in which what the plan does up to and in a period is committed.

    A demand that switches, or that begins without a source of today, gets a commitment from the first day of that
    period on; commitments that the case has stay. Solved again, the new case keeps all of it.

    Parameters
    ----------
    case : Case
        The one that the plan answers.
    plan : PlanOverTime
        Verified, of the same case.
    until : int
        Number of the last period that is committed, from 1.
    onto : Case, optional
        A changed case that gets the commitments instead; what it does not have any more is left out.

    Raises
    ------
    UsageError
        The horizon has no such period, or the case has no horizon.
    InputError
        ``plan_of_another_case``, ``plan_not_ok``: the plan is of another case, or its check found something.
    """
    horizon = case.policy.horizon
    if horizon is None:
        raise UsageError("the case has no [horizon]: only plans over time have waves to commit")
    if not 1 <= until <= horizon.count:
        raise UsageError(f"there is no period {until}: the horizon has {horizon.count}")
    require_plan_of(case, plan)
    firsts, target = _first_periods(case), onto or case
    rows = [_row(case, a) for a in plan.assignments if a.from_period <= until and _begins(case, a, firsts)]
    held = {(c.entity, c.service, c.from_.isoformat()) for c in target.commitments}
    sites = {OWN, *(p.id for p in target.providers)}
    new = [row for row in rows if (row["entity"], row["service"], row["from"]) not in held]
    new = [row for row in new if (row["entity"], row["service"]) in target.demand and row["provider"] in sites]
    return replace(target, commitments={"add": new}) if new else target


def require_plan_of(case: Case, plan: PlanOverTime) -> None:
    """Refuse a plan of another case, or one that is not verified.

    Raises
    ------
    InputError
        ``plan_of_another_case``, ``plan_not_ok``.
    """
    if plan.run.case_hash != case.case_hash:
        told, remedy = "the plan answers another case", "give the case that was solved"
        raise InputError([Issue("plan_of_another_case", "error", told, remedy)])
    if not plan.ok:
        told, remedy = "the plan is not whole, or its check found something", "commit a plan that is verified"
        raise InputError([Issue("plan_not_ok", "error", told, remedy)])


def _begins(case: Case, row: AssignmentOverTime, firsts: Mapping[tuple[str, str], int]) -> bool:
    """The stretch begins with a switch, or is the first of a demand without a source of today."""
    key = row.entity, row.service
    return row.moved_from is not None or (key not in case.current_of and row.from_period == firsts[key])


def _first_periods(case: Case) -> dict[tuple[str, str], int]:
    """Number of the first period in which each demand is present."""
    out: dict[tuple[str, str], int] = {}
    for still in stills_of(case):
        for demand in still.case.demands:
            out.setdefault(demand.key, still.period.number)
    return out


def _row(case: Case, row: AssignmentOverTime) -> dict[str, Any]:
    assert case.policy.horizon is not None
    begin = case.policy.horizon.periods[row.from_period - 1].begin
    return {"entity": row.entity, "service": row.service, "from": begin.isoformat(), "provider": row.provider}
