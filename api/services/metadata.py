"""A plan without its content, as it is polled: one statement, and no objects made of rows that are only shown."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, cast

from sqlalchemy import bindparam, select

from api.services.jobs import standing
from api.store.models import Case, Job, Plan

if TYPE_CHECKING:
    from typing import Any

    from api.store.scope import Scope

__all__ = ["metadata"]

_PLAN, _CASE, _JOB = Plan.__table__, Case.__table__, Job.__table__
_OF_PLAN = list(_PLAN.c)
_OF_JOB = [c for c in _JOB.c if c.name != "question"]  # may be large, and is not shown
_BY_ID = (
    select(_CASE.c.latest, *_OF_PLAN, *_OF_JOB)
    .join_from(_PLAN, _JOB, _JOB.c.id == _PLAN.c.job_id)
    .join(_CASE, _CASE.c.id == _PLAN.c.case_id)
    .where(_PLAN.c.id == bindparam("id"), _PLAN.c.workspace_id == bindparam("workspace"))
)
"""Written once: to make a statement costs more than to do it."""
_PlanRow = namedtuple("_PlanRow", [*(c.name for c in _OF_PLAN), "job"])  # type: ignore[misc]
_JobRow = namedtuple("_JobRow", [c.name for c in _OF_JOB])  # type: ignore[misc]


def metadata(scope: Scope, plan_id: str) -> tuple[Plan, int, dict[str, Any] | None]:
    """A plan to be shown, its case's latest revision, and how far its run has come.

    The plan and its ``job`` are rows, which nobody can change.

    Raises
    ------
    Fault
        ``not_found``, as ``Scope.get``.
    """
    scope.checked(Plan, plan_id)
    row = scope.rows(_BY_ID, id=plan_id).one_or_none()
    if row is None:
        raise scope.absent(Plan, plan_id)
    split = 1 + len(_OF_PLAN)
    plan = cast("Plan", _PlanRow._make([*row[1:split], _JobRow._make(row[split:])]))
    return plan, row[0], standing(scope.session, plan.job)
