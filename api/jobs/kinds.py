"""What a plan's job is, beside an ordinary solve: a re-optimisation, a hand-made list to price.

A plan's ``purpose`` names it. Its task is made when a worker takes the plan; what comes beside the
plan's own document is stored in the transaction that stores the document.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import undefer

from api.jobs.answered import answered
from api.store.models import Artifact, Comparison, Evaluation, Event, Plan, PlanResult, PlanState, Revision
from api.store.types import new_id
from optimizer.domain.params import SolveParams

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = [
    "EVALUATE",
    "HAND_MADE",
    "REOPTIMISE",
    "answered",
    "copy_figures",
    "evaluation_id",
    "evaluation_of",
    "more_of_task",
    "params_in",
    "settle_events",
    "store_more",
]

REOPTIMISE: Final = "reoptimise"
EVALUATE: Final = "evaluate"
HAND_MADE: Final = "assignments.json"
"""Artifact with the list that an ``EVALUATE`` job prices."""

_PARAMS: Final = frozenset(f.name for f in fields(SolveParams))


def params_in(options: dict[str, Any]) -> dict[str, Any]:
    """Those of a plan's options that are the solver's."""
    return {k: v for k, v in options.items() if k in _PARAMS and v is not None}


def evaluation_id(plan_id: str) -> str:
    """Id of the evaluation that a job makes: the plan's, with another prefix."""
    return f"evl_{plan_id.partition('_')[2]}"


def more_of_task(session: Session, plan: Plan) -> dict[str, Any]:
    """What the task of a plan has beside an ordinary solve's."""
    if plan.purpose == REOPTIMISE:
        return _reoptimisation(session, plan)
    if plan.purpose == EVALUATE:
        rows = json.loads(session.get_one(Artifact, (plan.id, HAND_MADE)).content)
        return {"task": "price", "rows": rows}
    return {}


def _reoptimisation(session: Session, plan: Plan) -> dict[str, Any]:
    budgets = plan.options["budgets"]
    task: dict[str, Any] = {"task": "reoptimise", "budgets": budgets, "solves": len(budgets) + 1, "applied": None}
    applied = session.get(Plan, plan.start_plan_id) if plan.start_plan_id else None
    result = session.get(PlanResult, plan.start_plan_id) if plan.start_plan_id else None
    if applied is not None and result is not None:
        key = (applied.case_id, applied.revision)
        revision = session.get_one(Revision, key, options=[undefer(Revision.tables)], populate_existing=True)
        tables = answered(revision.tables, applied.options)
        task |= {"applied": json.loads(result.document), "applied_tables": tables}
    return task


def store_more(session: Session, plan: Plan, document: dict[str, Any], more: dict[str, Any], at: datetime) -> None:
    """Store what came beside the plan's document; in the transaction that ends the job."""
    if plan.purpose == REOPTIMISE:
        _store_reoptimisation(session, plan, more, at)
    elif plan.purpose == EVALUATE:
        session.add(evaluation_of(plan, document, evaluation_id(plan.id), plan.created_by, at))


def evaluation_of(plan: Plan, document: dict[str, Any], id_: str, by: str, at: datetime) -> Evaluation:
    """The row of an evaluation; ``plan`` names workspace, case, revision and name."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Evaluation(
        id=id_,
        workspace_id=plan.workspace_id,
        created=at,
        created_by=by,
        case_id=plan.case_id,
        revision=plan.revision,
        name=plan.name,
        solution=document["status"]["solution"],
        objective=document["bounds"]["objective"],
        content_hash=hashlib.sha256(content).hexdigest(),
        document=content,
    )


def _store_reoptimisation(session: Session, plan: Plan, more: dict[str, Any], at: datetime) -> None:
    """Plans of the other points, the comparison, and the curve with the events that it answers."""
    points = more["points"]
    plan.options = {**plan.options, "max_moves": points[-1]["max_moves"]}
    told = [*(_sibling(session, plan, p, d, at) for p, d in zip(points, more["plans"], strict=False)), plan.id]
    outcome = {
        "moves": more["moves"],
        "issues": more["issues"],
        "points": [{**p, "plan": id_} for p, id_ in zip(points, told, strict=True)],
    }
    comparison_id = None
    if more["comparison"] is not None and plan.start_plan_id is not None:
        comparison_id = new_id("cmp", at)
        session.add(
            Comparison(
                id=comparison_id,
                workspace_id=plan.workspace_id,
                created=at,
                created_by=plan.created_by,
                first_plan_id=plan.start_plan_id,
                second_plan_id=plan.id,
                event_id=plan.event_id,
                document=more["comparison"],
            )
        )
    content = json.dumps({**outcome, "comparison": comparison_id}).encode()
    session.add(
        Artifact(
            plan_id=plan.id,
            name="curve.json",
            content=content,
            media_type="application/json",
            created=at,
            content_hash=hashlib.sha256(content).hexdigest(),
        )
    )
    for event in session.scalars(select(Event).where(Event.plan_id == plan.id)):
        event.outcome, event.comparison_id = {"changed": True, **outcome}, comparison_id


def _sibling(session: Session, plan: Plan, point: dict[str, Any], document: dict[str, Any], at: datetime) -> str:
    """A plan of its own for a point with fewer moves, of the same job."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    options = {**plan.options, "max_moves": point["max_moves"], "budgets": [point["budget"]]}
    row = Plan(
        id=new_id("pln", at),
        workspace_id=plan.workspace_id,
        created=at,
        created_by=plan.created_by,
        case_id=plan.case_id,
        revision=plan.revision,
        name=plan.name,
        tags=plan.tags,
        options=options,
        purpose="reoptimise_point",
        start_plan_id=plan.start_plan_id,
        event_id=plan.event_id,
        priority=plan.priority,
        dispatched=plan.dispatched,
        started=plan.started,
        solving=plan.solving,
        stopped=plan.stopped or at,
        finished=at,
        job_status="succeeded",
        dispatch=0,
        fence=0,
        attempts=plan.attempts,
        max_attempts=plan.max_attempts,
        worker_id=plan.worker_id,
    )
    copy_figures(row, document)
    session.add(row)
    session.flush()
    digest = hashlib.sha256(content).hexdigest()
    session.add(PlanResult(plan_id=row.id, fence=0, content_hash=digest, document=content, created=at))
    session.add(PlanState(plan_id=row.id, number=1, state="draft", at=at, by=plan.created_by))
    return row.id


def copy_figures(plan: Plan, document: dict[str, Any]) -> None:
    """Figures of the document that lists show."""
    plan.solution, plan.stopped_by = document["status"]["solution"], document["status"]["stopped_by"]
    bounds = document["bounds"]
    plan.objective, plan.best_bound = bounds["objective"], bounds["best_bound"]
    plan.gap_abs, plan.gap_rel = bounds["gap_abs"], bounds["gap_rel"]
    plan.savings_annual = (document.get("savings") or {}).get("annual")
    plan.verified = bool(document["verification"]["ok"])


def settle_events(session: Session, plan: Plan) -> None:
    """Events whose job has ended are done, or failed with the job."""
    for event in session.scalars(select(Event).where(Event.plan_id == plan.id)):
        solved = plan.solution is not None
        event.status = "done" if solved else "failed"
        if event.outcome is None:
            event.outcome = {"changed": True, "points": [], "error": plan.error_detail or plan.job_status}
