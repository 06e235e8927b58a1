"""Plans: submit, watch, cancel."""

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
from api.schemas.jobs import JobStatus
from api.schemas.plans import PlanOut, PlanSubmit, Solution
from api.services import jobs, plans
from api.services.archive import out_of_lists
from api.services.metadata import metadata
from api.store.models import Case, Job, Plan
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("plans")

CHANGE = problems("not_found", "conflict", "idempotency_key_reused")
RETRY = problems("not_found", "conflict", "document_removed", "idempotency_key_reused")


def shown(scope: Scope, plan: Plan) -> PlanOut:
    """A plan as the caller sees it."""
    return PlanOut.of(plan, scope.get(Case, plan.case_id).latest, jobs.standing(scope.session, plan.job))


@router.post(
    "/plans",
    status_code=202,
    response_model=PlanOut,
    responses=problems(
        "malformed_body",
        "not_found",
        "conflict",
        "no_result",
        "no_plan_found",
        "document_removed",
        "horizon_not_taken",
        "invalid_options",
        "idempotency_key_reused",
        "too_many_plans",
    ),
)
def create_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, body: PlanSubmit) -> Response:
    """Submit a run. The answer comes at once; follow `links.self` or `links.progress`.
    A case with a horizon is planned over time; a plan to start from must then be over time too."""

    def change(scope: Scope) -> Reply:
        plan = plans.submit(
            scope,
            caller,
            held.store,
            held.queue,
            held.settings,
            case_id=body.case,
            revision=body.revision,
            options=body.options.model_dump(),
            name=body.name,
            tags=body.tags,
            priority=body.priority,
            start_plan=body.start_plan,
        )
        return Reply(202, shown(scope, plan), {"Location": f"/v1/plans/{plan.id}"})

    return once.run(change)


@router.get("/plans", responses=problems())
def list_plans(
    held: ServicesDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 50,
    case: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    job_status: JobStatus | None = None,
    solution: Solution | None = None,
    dead: Annotated[bool | None, Query(description="jobs whose every try failed")] = None,
    archived: Annotated[bool, Query(description="those that are out of lists, instead of the others")] = False,
) -> Page[PlanOut]:
    """Plans, newest first; without those that are archived, or of archived cases."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        query = scope.select(Plan)
        for column, value in ((Plan.case_id, case), (Plan.solution, solution)):
            if value is not None:
                query = query.where(column == value)
        if job_status is not None:
            query = query.where(Plan.job.has(Job.status == job_status))
        if dead is not None:
            query = query.where(Plan.job.has(Job.dead == dead))
        hidden = out_of_lists(scope, whole_cases=case is None)
        page, after = newest_first(session, query.where(hidden if archived else ~hidden), Plan.id, cursor, limit)
        return Page(items=[shown(scope, p) for p in page], next=after)


@router.get("/plans/{plan_id}", response_model=PlanOut, responses={**problems("not_found"), **NOT_MODIFIED})
@gate.at_once
def get_plan(request: Request, scope: gate.ScopeDep, plan_id: str) -> Response:
    """A plan without its content: job status, solution status, figures."""
    return tagged(request, PlanOut.of(*metadata(scope, plan_id)))


@router.post("/plans/{plan_id}/cancel", status_code=202, response_model=PlanOut, responses=CHANGE)
def cancel_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str) -> Response:
    """Ask for the end of the job; the best plan so far is kept. Asking twice changes nothing."""

    def change(scope: Scope) -> Reply:
        plan = jobs.held(scope, Plan, plan_id)
        plans.cancel(scope, caller, held.store, held.queue, plan)
        return Reply(202, shown(scope, plan))

    return once.run(change)


@router.post("/plans/{plan_id}/retry", status_code=202, response_model=PlanOut, responses=RETRY)
def retry_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str) -> Response:
    """Try a failed plan again, from the best plan that was kept."""

    def change(scope: Scope) -> Reply:
        plan = jobs.held(scope, Plan, plan_id)
        plans.retry(scope, caller, held.store, held.queue, plan)
        return Reply(202, shown(scope, plan))

    return once.run(change)
