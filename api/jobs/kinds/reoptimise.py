"""The fewest moves from the applied plan, and what a few more would save: one job, a plan for each point."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import undefer

from api.jobs.answered import answered
from api.jobs.kinds.base import digested, written
from api.jobs.kinds.solve import Solve, add_made
from api.store.models import Artifact, Comparison, Event, Plan, PlanResult, Revision
from api.store.types import new_id

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.models import Job

__all__ = ["CURVE", "REOPTIMISE", "Reoptimise"]

REOPTIMISE: Final = "reoptimise"
CURVE: Final = "curve.json"
"""Artifact with the points, the moves and what was to be said of them."""


class Reoptimise(Solve):
    """Its subject is the plan of the last point; the plans of the others are made with it, and share its job."""

    name = REOPTIMISE

    def task(self, session: Session, job: Job) -> dict[str, Any]:
        """Solve for each budget of moves beyond the fewest."""
        budgets = job.question["budgets"]
        more: dict[str, Any] = {"budgets": budgets, "solves": len(budgets) + 1, "applied": None}
        applied = session.get(Plan, job.plan_id) if job.plan_id else None
        result = session.get(PlanResult, job.plan_id) if job.plan_id else None
        if applied is not None and result is not None:
            key = (applied.case_id, applied.revision)
            revision = session.get_one(Revision, key, options=[undefer(Revision.tables)], populate_existing=True)
            tables = answered(revision.tables, applied.options)
            more |= {"applied": json.loads(result.document), "applied_tables": tables}
        return {**super().task(session, job), "task": "reoptimise", **more}

    def store(self, session: Session, job: Job, made: dict[str, Any], at: datetime) -> tuple[str, str] | None:
        """Write the plans of all points, the comparison, and the curve with the events that it answers."""
        error = super().store(session, job, made, at)
        plan, more = session.get_one(Plan, job.subject), made["more"]
        points = more["points"]
        plan.options = {**plan.options, "max_moves": points[-1]["max_moves"]}
        told = [*(_of_point(session, plan, p, d, at) for p, d in zip(points, more["plans"], strict=False)), plan.id]
        outcome = {
            "moves": more["moves"],
            "issues": more["issues"],
            "points": [{**p, "plan": id_} for p, id_ in zip(points, told, strict=True)],
        }
        comparison = _compared(session, plan, more["comparison"], at)
        content = written({**outcome, "comparison": comparison})
        session.add(
            Artifact(
                plan_id=plan.id,
                name=CURVE,
                content=content,
                media_type="application/json",
                created=at,
                content_hash=digested(content),
            )
        )
        for event in session.scalars(select(Event).where(Event.plan_id == plan.id)):
            event.outcome, event.comparison_id = {"changed": True, **outcome}, comparison
        return error


def _of_point(session: Session, plan: Plan, point: dict[str, Any], document: dict[str, Any], at: datetime) -> str:
    """The plan of a point with fewer moves."""
    row = Plan(
        id=new_id("pln", at),
        workspace_id=plan.workspace_id,
        created=at,
        created_by=plan.created_by,
        job=plan.job,
        case_id=plan.case_id,
        revision=plan.revision,
        name=plan.name,
        tags=plan.tags,
        options={**plan.options, "max_moves": point["max_moves"], "budgets": [point["budget"]]},
        start_plan_id=plan.start_plan_id,
        event_id=plan.event_id,
    )
    add_made(session, row, document)
    return row.id


def _compared(session: Session, plan: Plan, document: dict[str, Any] | None, at: datetime) -> str | None:
    """Store the comparison with the applied plan, where there is one; its id."""
    if document is None or plan.start_plan_id is None:
        return None
    id_ = new_id("cmp", at)
    session.add(
        Comparison(
            id=id_,
            workspace_id=plan.workspace_id,
            created=at,
            created_by=plan.created_by,
            first_plan_id=plan.start_plan_id,
            second_plan_id=plan.id,
            event_id=plan.event_id,
            document=document,
        )
    )
    return id_
