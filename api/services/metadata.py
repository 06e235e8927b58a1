"""A plan without its content, as it is polled: one statement, and no objects made of rows that are only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import bindparam, func, select

from api.store.models import Case, Plan, ProgressPoint

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.orm import Session

    from api.store.scope import Scope

__all__ = ["metadata", "standing"]

_PLAN, _CASE = Plan.__table__, Case.__table__
_BY_ID = (
    select(_PLAN, _CASE.c.latest)
    .join_from(_PLAN, _CASE, _CASE.c.id == _PLAN.c.case_id)
    .where(_PLAN.c.id == bindparam("id"), _PLAN.c.workspace_id == bindparam("workspace"))
)
"""Written once: to make a statement costs more than to do it."""
_POINT, _ALL = ProgressPoint.__table__, ProgressPoint.__table__.alias()
_STANDING = (
    select(
        _POINT.c.elapsed_s,
        _POINT.c.phase,
        select(func.min(_ALL.c.incumbent)).where(_ALL.c.plan_id == bindparam("id")).scalar_subquery().label("best"),
        select(func.max(_ALL.c.bound)).where(_ALL.c.plan_id == bindparam("id")).scalar_subquery().label("highest"),
    )
    .where(_POINT.c.plan_id == bindparam("id"))
    .order_by(_POINT.c.number.desc())
    .limit(1)
)
"""The last report of a run, with its best plan and bound."""


def metadata(scope: Scope, plan_id: str) -> tuple[Plan, int, dict[str, Any] | None]:
    """A plan to be shown (a row, which nobody can change), its case's latest revision, and how far its run has come.

    Raises
    ------
    Fault
        ``not_found``, as ``Scope.get``.
    """
    scope.checked(Plan, plan_id)
    row = scope.rows(_BY_ID, id=plan_id).one_or_none()
    if row is None:
        raise scope.absent(Plan, plan_id)
    plan = cast("Plan", row)
    return plan, row.latest, standing(scope.session, plan)


def standing(session: Session, plan: Plan) -> dict[str, Any] | None:
    """How far the run of a plan has come; ``None`` when it does not run, or nothing was reported yet."""
    if plan.job_status != "running":
        return None
    last = session.connection().execute(_STANDING, {"id": plan.id}).one_or_none()
    if last is None:
        return None
    incumbent, bound = last.best, last.highest
    gap = None if incumbent is None or bound is None else max(0.0, incumbent - bound)
    return {"elapsed_s": last.elapsed_s, "incumbent": incumbent, "bound": bound, "gap_abs": gap, "phase": last.phase}
