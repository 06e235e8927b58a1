"""Jobs: everything that workers are asked to do, whatever it makes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.etags import NOT_MODIFIED, tagged
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.schemas.common import Page
from api.schemas.jobs import JobKind, JobOut, JobStatus
from api.services import jobs
from api.store.models import Job
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("jobs")


@router.get("/jobs", responses=problems())
def list_jobs(
    held: ServicesDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 50,
    case: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    kind: JobKind | None = None,
    job_status: JobStatus | None = None,
    dead: Annotated[bool | None, Query(description="jobs whose every try failed")] = None,
) -> Page[JobOut]:
    """Jobs of plans, studies and evaluations, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Job)
        wanted = {Job.case_id: case, Job.kind: kind, Job.status: job_status, Job.dead: dead}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        page, after = newest_first(session, query, Job.id, cursor, limit)
        return Page(items=[JobOut.of(j) for j in page], next=after)


@router.get("/jobs/{job_id}", response_model=JobOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_job(request: Request, held: ServicesDep, caller: CallerDep, job_id: str) -> Response:
    """A job: status, tries, times."""
    with held.store.read() as session:
        return tagged(request, JobOut.of(Scope(session, caller.workspace_id).get(Job, job_id)))


@router.post(
    "/jobs/{job_id}/cancel",
    status_code=202,
    response_model=JobOut,
    responses=problems("not_found", "idempotency_key_reused"),
)
def cancel_job(held: ServicesDep, caller: CallerDep, once: OnceDep, job_id: str) -> Response:
    """Ask for the end of a job; what it has is kept. Asking twice changes nothing."""

    def change(scope: Scope) -> Reply:
        job = scope.get(Job, job_id, lock=True)
        jobs.cancel(scope, caller, held.store, held.queue, job)
        return Reply(202, JobOut.of(job))

    return once.run(change)


@router.post(
    "/jobs/{job_id}/retry",
    status_code=202,
    response_model=JobOut,
    responses=problems("not_found", "conflict", "document_removed", "idempotency_key_reused"),
)
def retry_job(held: ServicesDep, caller: CallerDep, once: OnceDep, job_id: str) -> Response:
    """Try a failed job again, from what was kept."""

    def change(scope: Scope) -> Reply:
        job = scope.get(Job, job_id, lock=True)
        jobs.retry(scope, caller, held.store, held.queue, job)
        return Reply(202, JobOut.of(job))

    return once.run(change)
