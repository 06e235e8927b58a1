"""Schedules of re-optimisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Response
from sqlalchemy import select

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.schemas.common import Moment, Number, Page, Whole
from api.schemas.digest import DigestOut, RunOut
from api.schemas.schedules import ScheduleChange, ScheduleOut, SchedulePost
from api.services import jobs, schedules
from api.services.digest import RAN, digest, run_of
from api.store.audit import named, record
from api.store.models import AuditEntry, Schedule
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("schedules")

CHANGE = problems("malformed_body", "not_found", "invalid_options", "idempotency_key_reused")


@router.post(
    "/schedules",
    status_code=201,
    response_model=ScheduleOut,
    responses=problems("malformed_body", "conflict", "invalid_options", "idempotency_key_reused"),
)
def create_schedule(held: ServicesDep, caller: CallerDep, once: OnceDep, body: SchedulePost) -> Response:
    """Re-optimise by cron what became stale, from the applied plan, moving little."""
    options = body.options.model_dump()
    jobs.options_of(options, held.settings)

    def change(scope: Scope) -> Reply:
        row = schedules.create(
            scope,
            caller,
            held.store.clock(),
            name=body.name,
            cron=body.cron,
            time_zone=body.time_zone,
            options={"move_budget": body.move_budget, "options": options},
            enabled=body.enabled,
        )
        return Reply(201, ScheduleOut.of(row), {"Location": f"/v1/schedules/{row.id}"})

    return once.run(change)


@router.get("/schedules", responses=problems())
def list_schedules(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[ScheduleOut]:
    """Schedules, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Schedule)
        page, after = newest_first(session, query, Schedule.id, cursor, limit)
    return Page(items=[ScheduleOut.of(s) for s in page], next=after)


@router.get("/schedules/{schedule_id}", responses=problems("not_found"))
def get_schedule(held: ServicesDep, caller: CallerDep, schedule_id: str) -> ScheduleOut:
    """A schedule, its last and its next run."""
    with held.store.read() as session:
        return ScheduleOut.of(Scope(session, caller.workspace_id).get(Schedule, schedule_id))


@router.get("/schedules/{schedule_id}/runs", responses=problems("not_found"))
def list_schedule_runs(
    held: ServicesDep,
    caller: CallerDep,
    schedule_id: str,
    limit: Limit = 50,
    cursor: Annotated[Number | None, Query(description="`next` of the page before")] = None,
) -> Page[RunOut]:
    """When a schedule ran and what it began, newest first."""
    with held.store.read() as session:
        Scope(session, caller.workspace_id).get(Schedule, schedule_id)
        query = select(AuditEntry).where(AuditEntry.workspace_id == caller.workspace_id)
        query = query.where(AuditEntry.subject == schedule_id, AuditEntry.action == RAN)
        page, after = newest_first(session, query, AuditEntry.number, cursor, limit)
        items = [run_of(e, detail) for e, detail in zip(page, named(session, page), strict=True)]
    return Page(items=items, next=None if after is None else str(after))


@router.get("/digest", responses=problems())
def get_digest(
    held: ServicesDep,
    caller: CallerDep,
    since: Annotated[Moment | None, Query(description="24 hours ago when left out")] = None,
    limit: Annotated[Whole, Query(ge=1, le=1000)] = 200,
) -> DigestOut:
    """What schedules brought since a time: what came back without a plan first, then what moves."""
    now = held.store.clock()
    with held.store.read() as session:
        return digest(Scope(session, caller.workspace_id), since or now - timedelta(days=1), now, limit)


@router.post("/schedules/{schedule_id}/change", response_model=ScheduleOut, responses=CHANGE)
def change_schedule(
    held: ServicesDep, caller: CallerDep, once: OnceDep, schedule_id: str, body: ScheduleChange
) -> Response:
    """Change the times of a schedule, stop it, or let it go on."""

    def change(scope: Scope) -> Reply:
        row = scope.get(Schedule, schedule_id, lock=True)
        schedules.change(scope, caller, held.store.clock(), row, body.model_dump(exclude_none=True))
        return Reply(200, ScheduleOut.of(row))

    return once.run(change)


@router.post(
    "/schedules/{schedule_id}/run",
    status_code=202,
    response_model=ScheduleOut,
    responses=problems("not_found", "conflict", "idempotency_key_reused"),
)
def run_schedule(held: ServicesDep, caller: CallerDep, once: OnceDep, schedule_id: str) -> Response:
    """Let a worker run it now, out of turn."""

    def change(scope: Scope) -> Reply:
        row = scope.get(Schedule, schedule_id, lock=True)
        schedules.hasten(scope, caller, held.store.clock(), row)
        return Reply(202, ScheduleOut.of(row))

    return once.run(change)


@router.post(
    "/schedules/{schedule_id}/delete",
    response_model=ScheduleOut,
    responses=problems("not_found", "idempotency_key_reused"),
)
def delete_schedule(held: ServicesDep, caller: CallerDep, once: OnceDep, schedule_id: str) -> Response:
    """Take a schedule away; what it did stays."""

    def change(scope: Scope) -> Reply:
        row = scope.get(Schedule, schedule_id, lock=True)
        out = ScheduleOut.of(row)
        record(scope.session, caller, held.store.clock(), "schedule.deleted", row.id, name=row.name)
        scope.session.delete(row)
        return Reply(200, out)

    return once.run(change)
