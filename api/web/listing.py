"""Rows of lists as the pages show them, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.jobs.runs import OPEN
from api.services.archive import out_of_lists
from api.store.models import Case, Plan, PlanState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from api.store.scope import Scope

__all__ = ["At", "PlanRow", "Shown", "at_case", "at_plan", "plan_rows", "shown", "steps_since"]


@dataclass(frozen=True, slots=True)
class At:
    """Where a page stands: its case, a revision of it, its plan if it is about one, and whether that is over time."""

    case: str
    name: str
    revision: int
    plan: str = ""
    over_time: bool = False


def at_case(scope: Scope, case_id: str) -> tuple[At, Case]:
    """The place of a page about a case."""
    case = scope.get(Case, case_id)
    return At(case.id, case.name, case.latest), case


def at_plan(scope: Scope, plan_id: str) -> tuple[At, Plan, Case]:
    """The place of a page about a plan."""
    plan = scope.get(Plan, plan_id)
    case = scope.get(Case, plan.case_id)
    over_time = scope.revision(case, plan.revision).over_time
    return At(case.id, case.name, plan.revision, plan.id, over_time), plan, case


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list."""

    id: str
    name: str
    case: str
    case_id: str
    revision: int
    state: str
    job: str
    solution: str | None
    stale: bool
    dead: bool
    saving: float | None
    currency: str
    gap: float | None
    changed: datetime

    @property
    def open(self) -> bool:
        """Whether its search has not ended."""
        return self.job in OPEN

    @property
    def holds(self) -> bool:
        """Whether there is a plan in it."""
        return self.solution in ("optimal", "feasible")


def plan_rows(scope: Scope, limit: int, **wanted: Any) -> list[PlanRow]:
    """Plans, newest first, without those that are out of lists.

    Parameters
    ----------
    limit : int
    **wanted
        Values of columns.
    """
    query = scope.select(Plan).where(~out_of_lists(scope, whole_cases=True))
    for name, value in wanted.items():
        query = query.where(getattr(Plan, name) == value)
    plans = scope.session.scalars(query.order_by(Plan.id.desc()).limit(limit)).all()
    cases = {c.id: c for c in scope.session.scalars(scope.select(Case).where(Case.id.in_({p.case_id for p in plans})))}
    return [_row(scope, p, cases[p.case_id]) for p in plans]


def _row(scope: Scope, plan: Plan, case: Case) -> PlanRow:
    summary = scope.revision(case, plan.revision).summary
    return PlanRow(
        id=plan.id,
        name=plan.name or case.name,
        case=case.name,
        case_id=case.id,
        revision=plan.revision,
        state=plan.state,
        job=plan.job.status,
        solution=plan.solution,
        stale=case.latest > plan.revision,
        dead=plan.job.dead,
        saving=plan.savings_annual,
        currency=str(summary.get("currency") or ""),
        gap=plan.gap_rel,
        changed=plan.job.finished or plan.job.started or plan.created,
    )


def steps_since(scope: Scope, since: datetime, limit: int) -> list[tuple[PlanState, PlanRow]]:
    """Steps of plans from state to state since a time, newest first."""
    query = select(PlanState, Plan).join(Plan, Plan.id == PlanState.plan_id)
    query = query.where(Plan.workspace_id == scope.workspace_id, PlanState.at > since)
    rows = scope.session.execute(query.order_by(PlanState.at.desc()).limit(limit)).all()
    return [(step, _row(scope, plan, scope.get(Case, plan.case_id))) for step, plan in rows]


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows of a list a page shows; counted from 1."""

    first: int
    last: int
    total: int
    before: int | None
    after: int | None


def shown(rows: Sequence[Any], offset: int, size: int) -> tuple[list[Any], Shown]:
    """A page of rows; one beyond the end is the last page."""
    total = len(rows)
    offset = min(offset, max(0, (total - 1) // size * size))
    part = list(rows[offset : offset + size])
    before = max(0, offset - size) if offset else None
    after = offset + size if offset + size < total else None
    return part, Shown(offset + 1 if part else 0, offset + len(part), total, before, after)
