"""A plan for a revision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.faults import Fault
from api.jobs.deliveries import announce_events, announce_plan
from api.jobs.drawings import as_points, keep_drawings
from api.jobs.kinds.base import Kind, case_task, digested, written
from api.jobs.readings import readings
from api.store.models import Event, Incumbent, Plan, PlanResult, PlanState
from optimizer.plan.kept import plan_of_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Job

__all__ = ["SOLVE", "Solve", "add_made"]

SOLVE: Final = "solve"
_FIGURES: Final = ("solution", "stopped_by", "gap_rel", "objective", "best_bound", "verified")


class Solve(Kind):
    """One solve from, where it is given, the plan of another."""

    name = SOLVE
    topic = "plan"

    def task(self, session: Session, job: Job) -> dict[str, Any]:
        """Solve, from what an earlier try had reached or the plan asked for."""
        task, plan = case_task(session, job), session.get_one(Plan, job.subject)
        return {
            **task,
            "task": "solve",
            "start": _start(session, job),
            "name": plan.name or task["case_name"],
            "tags": plan.tags,
        }

    def settle(self, session: Session, job: Job, task: dict[str, Any], how: dict[str, Any]) -> dict[str, Any] | None:
        """Make the document of the best plan that was kept; without one, an answer only where nothing failed."""
        held = session.get(Incumbent, job.id)
        if held is None and how["error"]:
            return None
        bound = held.bound if how["bound"] is None and held is not None else how["bound"]
        return {
            **task,
            "task": "settle",
            "rows": None if held is None else held.rows,
            "bound": bound,
            "stopped_by": how["stopped_by"],
            "detail": how["detail"] if held is not None else "ended before there was a plan",
            "course": as_points(readings(session, job)),
        }

    def store(self, session: Session, job: Job, made: dict[str, Any], at: datetime) -> tuple[str, str] | None:
        """Write the document, its figures and its drawings."""
        plan = session.get_one(Plan, job.subject, with_for_update={"of": Plan})
        result = _plan_result(plan.id, made["plan"], job.fence, at)
        session.add(result)
        keep_drawings(session, plan.id, result.content_hash, made.get("charts"), at)
        _copy_figures(plan, made["plan"])
        if plan.solution in ("optimal", "feasible") and not plan.verified:
            return "verification_failed", "the plan did not survive the independent check"
        return None

    def reopen(self, session: Session, job: Job) -> None:
        """Refuse where there is a result, or nothing may be run any more."""
        plan = session.get_one(Plan, job.subject, with_for_update={"of": Plan}, populate_existing=True)
        if plan.archived is not None:
            raise Fault("conflict", f"plan {plan.id} is archived")
        if plan.removed is not None:
            raise Fault("document_removed", f"plan {plan.id}: what it had reached was removed")
        if session.get(PlanResult, plan.id) is not None:
            raise Fault("conflict", f"plan {plan.id} has a result: only one without can be tried again")

    def facts(self, session: Session, job: Job) -> dict[str, Any]:
        """Figures of the plan."""
        plan = session.get_one(Plan, job.subject)
        return {name: getattr(plan, name) for name in _FIGURES}

    def ended(self, session: Session, store: Store, queue: JobQueue, job: Job) -> None:
        """Settle the events that the plan answers; tell of them and of the plan."""
        plan = session.get_one(Plan, job.subject)
        for event in session.scalars(select(Event).where(Event.plan_id == plan.id)):
            event.status = "done" if plan.solution is not None else "failed"
            if event.outcome is None:
                event.outcome = {"changed": True, "points": [], "error": job.error_detail or job.status}
        announce_events(session, store, queue, plan)
        announce_plan(session, store, queue, plan)


def add_made(session: Session, plan: Plan, document: dict[str, Any]) -> None:
    """A plan whose document is there already: its row, what it holds, and that it is a draft."""
    _copy_figures(plan, document)
    session.add(plan)
    session.flush()
    session.add(_plan_result(plan.id, document, plan.job.fence, plan.created))
    session.add(PlanState(plan_id=plan.id, number=1, state="draft", at=plan.created, by=plan.created_by))


def _plan_result(plan_id: str, document: dict[str, Any], fence: int, at: datetime) -> PlanResult:
    """The row of a plan's document."""
    content = written(document)
    return PlanResult(plan_id=plan_id, fence=fence, content_hash=digested(content), document=content, created=at)


def _copy_figures(plan: Plan, document: dict[str, Any]) -> None:
    """Figures of the document that lists show."""
    plan.solution, plan.stopped_by = document["status"]["solution"], document["status"]["stopped_by"]
    bounds = document["bounds"]
    plan.objective, plan.best_bound = bounds["objective"], bounds["best_bound"]
    plan.gap_abs, plan.gap_rel = bounds["gap_abs"], bounds["gap_rel"]
    plan.savings_annual = (document.get("savings") or {}).get("annual")
    plan.verified = bool(document["verification"]["ok"])


def _start(session: Session, job: Job) -> dict[str, Any] | None:
    held = session.get(Incumbent, job.id)
    if held is not None and held.rows:
        return plan_of_rows(held.rows)
    result = session.get(PlanResult, job.plan_id) if job.plan_id else None
    return None if result is None else json.loads(result.document)
