"""Archive: out of lists, readable by id, not to be run; and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from api.faults import Fault
from api.jobs.runs import OPEN
from api.store.audit import record
from api.store.models import Case, Plan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from api.access import Caller
    from api.store.scope import Scope

__all__ = ["archive_plan", "out_of_lists", "restore_case", "restore_plan"]


def archive_plan(scope: Scope, caller: Caller, at: datetime, plan: Plan) -> None:
    """Take a plan out of lists; twice changes nothing.

    Parameters
    ----------
    plan : Plan
        Of ``jobs.held``.

    Raises
    ------
    Fault
        ``conflict``: its job has not ended, or the case is served by it.
    """
    if plan.archived is not None:
        return
    if plan.job.status in OPEN:
        raise Fault("conflict", f"plan {plan.id} is {plan.job.status}: cancel it first")
    if plan.state == "applied":
        raise Fault("conflict", f"plan {plan.id} is applied: case {plan.case_id} is served by it")
    plan.archived = at
    record(scope.session, caller, at, "plan.archived", plan.id)


def restore_plan(scope: Scope, caller: Caller, at: datetime, plan: Plan) -> None:
    """Bring an archived plan back into lists."""
    if plan.archived is not None:
        plan.archived = None
        record(scope.session, caller, at, "plan.restored", plan.id)


def restore_case(scope: Scope, caller: Caller, at: datetime, case: Case) -> None:
    """Bring an archived case back into lists."""
    if case.archived is not None:
        case.archived = None
        record(scope.session, caller, at, "case.restored", case.id)


def out_of_lists(scope: Scope, *, whole_cases: bool) -> ColumnElement[bool]:
    """Which plans lists leave out.

    Parameters
    ----------
    whole_cases : bool
        Those of archived cases too; not where the case was asked for.
    """
    archived = Plan.archived.is_not(None)
    if not whole_cases:
        return archived
    cases = select(Case.id).where(Case.workspace_id == scope.workspace_id, Case.archived.is_not(None))
    return or_(archived, Plan.case_id.in_(cases))
