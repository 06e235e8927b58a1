"""Studies: ask, watch, cancel, read the answer, keep a plan of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, content, tag_of, tagged
from api.idempotency import Reply
from api.paging import Cursor, Limit, Offset, newest_first
from api.routes.plans import shown as plan_shown
from api.routes.progress import EVENTS, LastEvent, stream
from api.routes.results import REPORT_POLICY
from api.schemas.common import Page, Whole
from api.schemas.jobs import JobStatus
from api.schemas.plans import PlanOut, RowPage
from api.schemas.studies import StudyKindName, StudyOut, StudySubmit
from api.services import asking, jobs, studies, study_files
from api.store.models import Case, Job, Study
from api.store.scope import Scope
from api.uploads import JSON, XLSX
from optimizer.report.study_files import csv_of

__all__ = ["router"]

router = gate.router("studies")

CHANGE = problems("not_found", "idempotency_key_reused")
OF_ANSWER = ("not_found", "no_result", "no_answer", "document_removed")
READ = {**problems(*OF_ANSWER), **NOT_MODIFIED}
SVG = "image/svg+xml"
Table = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="as `tables` of the study names it")]
Number = Annotated[Whole, Path(ge=0, le=10_000, description="position among the answer's plans, as `plan` of a point")]


def shown(scope: Scope, study: Study) -> StudyOut:
    """A study as the caller sees it."""
    latest = None if study.case_id is None else scope.get(Case, study.case_id).latest
    answered = studies.count_answered(scope.session, study)
    return StudyOut.of(study, latest, answered, jobs.standing(scope.session, study.job))


@router.post(
    "/studies",
    status_code=202,
    response_model=StudyOut,
    responses=problems(
        "malformed_body",
        "not_found",
        "conflict",
        "plan_of_another_case",
        "horizon_not_taken",
        "horizon_needed",
        "no_result",
        "no_plan_found",
        "document_removed",
        "invalid_options",
        "study_too_large",
        "idempotency_key_reused",
        "too_many_plans",
        *READING,
    ),
)
def create_study(held: ServicesDep, caller: CallerDep, once: OnceDep, body: StudySubmit) -> Response:
    """Ask a question about a case, or about a plan of it. The answer comes at once; follow `links.self`."""
    asked = asking.ask(body.kind, body.question.model_dump(), body.question.model_fields_set, held.settings)
    studies.fits(held, caller, asked, case_id=body.case, revision=body.revision, plan_id=body.plan)

    def change(scope: Scope) -> Reply:
        study = studies.submit(
            held,
            scope,
            caller,
            asked,
            case_id=body.case,
            revision=body.revision,
            plan_id=body.plan,
            options=body.options.model_dump(),
            name=body.name,
            tags=body.tags,
            priority=body.priority,
        )
        return Reply(202, shown(scope, study), {"Location": f"/v1/studies/{study.id}"})

    return once.run(change)


@router.get("/studies", responses=problems())
def list_studies(
    held: ServicesDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 50,
    case: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    plan: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    kind: StudyKindName | None = None,
    job_status: JobStatus | None = None,
) -> Page[StudyOut]:
    """Studies, newest first."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        query = scope.select(Study)
        for column, value in ((Study.case_id, case), (Study.plan_id, plan), (Study.kind, kind)):
            if value is not None:
                query = query.where(column == value)
        if job_status is not None:
            query = query.where(Study.job.has(Job.status == job_status))
        page, after = newest_first(session, query, Study.id, cursor, limit)
        return Page(items=[shown(scope, s) for s in page], next=after)


@router.get("/studies/{study_id}", response_model=StudyOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_study(request: Request, held: ServicesDep, caller: CallerDep, study_id: str) -> Response:
    """A study without its answer: the question, job status, how many points are answered."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        return tagged(request, shown(scope, scope.get(Study, study_id)))


@router.post("/studies/{study_id}/cancel", status_code=202, response_model=StudyOut, responses=CHANGE)
def cancel_study(held: ServicesDep, caller: CallerDep, once: OnceDep, study_id: str) -> Response:
    """Ask for the end of the study; what is answered is kept. Asking twice changes nothing."""

    def change(scope: Scope) -> Reply:
        study = jobs.held(scope, Study, study_id)
        jobs.cancel(scope, caller, held.store, held.queue, study.job)
        return Reply(202, shown(scope, study))

    return once.run(change)


@router.post(
    "/studies/{study_id}/retry",
    status_code=202,
    response_model=StudyOut,
    responses=problems("not_found", "conflict", "document_removed", "idempotency_key_reused"),
)
def retry_study(held: ServicesDep, caller: CallerDep, once: OnceDep, study_id: str) -> Response:
    """Go on with a failed study at the first point that is not answered."""

    def change(scope: Scope) -> Reply:
        study = jobs.held(scope, Study, study_id)
        jobs.retry(scope, caller, held.store, held.queue, study.job)
        return Reply(202, shown(scope, study))

    return once.run(change)


@router.get(
    "/studies/{study_id}/answer",
    response_class=Response,
    responses={**READ, 200: {"content": {JSON: {"schema": {"type": "object"}}}, "description": "`designate.study/1`"}},
)
def get_study_answer(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    study_id: str,
    plans: Annotated[bool, Query(description="with the plans themselves, not only their hashes")] = False,
) -> Response:
    """The answer: points with both ends, tables, sentences; of its plans, hash and cost unless they are asked for.
    `range`, `replan`, `shares` and `bos` have the document of their own as `document`."""
    body, digest = studies.answer(held, caller, study_id, plans=plans)
    return content(request, body, JSON, f'"{digest}"')


@router.get("/studies/{study_id}/rows/{table}", response_model=RowPage, responses=READ)
def list_study_rows(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    study_id: str,
    table: Table,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Rows of a table of the answer; `tables` of the study names them."""
    rows, _ = studies.rows(held, caller, study_id, table)
    after = offset + limit if offset + limit < len(rows) else None
    page = RowPage(items=rows[offset : offset + limit], total=len(rows), offset=offset, next_offset=after)
    return tagged(request, page)


@router.get(
    "/studies/{study_id}/tables/{table}",
    response_class=Response,
    responses={**READ, 200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A file"}},
)
def get_study_table(request: Request, held: ServicesDep, caller: CallerDep, study_id: str, table: Table) -> Response:
    """A table of the answer as CSV; no cell can execute."""
    rows, digest = studies.rows(held, caller, study_id, table)
    tag = f'"{digest[:32]}"'
    return content(request, csv_of(rows).encode(), "text/csv; charset=utf-8", tag, f"{study_id}-{table}.csv")


@router.get(
    "/studies/{study_id}/plans/{number}",
    response_class=Response,
    responses={
        **READ,
        200: {
            "content": {JSON: {"schema": {"type": "object"}}},
            "description": "`designate.plan/1` or `/2`",
        },
    },
)
def get_study_plan(request: Request, held: ServicesDep, caller: CallerDep, study_id: str, number: Number) -> Response:
    """A plan behind the answer; it answers the case under the change of its point."""
    with held.store.read() as session:
        row = studies.plan_of(session, Scope(session, caller.workspace_id).get(Study, study_id), number)
        return content(request, row.document, JSON, f'"{row.content_hash}"')


@router.post(
    "/studies/{study_id}/plans/{number}/keep",
    status_code=201,
    response_model=PlanOut,
    responses={
        **problems(
            "not_found",
            "no_result",
            "no_answer",
            "document_removed",
            "plan_not_sound",
            "conflict",
            "idempotency_key_reused",
            "pricing_failed",
        ),
        200: {"model": PlanOut, "description": "It was kept before"},
    },
)
def keep_study_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, study_id: str, number: Number) -> Response:
    """Make it a plan of the case, a draft; where the case was changed for it, priced and checked without that."""
    document = studies.priced_plan(held, caller, study_id, number)

    def change(scope: Scope) -> Reply:
        plan, new = studies.keep(held, scope, caller, study_id, number, document)
        return Reply(201 if new else 200, plan_shown(scope, plan), {"Location": f"/v1/plans/{plan.id}"})

    return once.run(change)


@router.get(
    "/studies/{study_id}/workbook",
    response_class=Response,
    responses={**READ, 200: {"content": {XLSX: {"schema": {"type": "string"}}}, "description": "A file"}},
)
def get_study_workbook(request: Request, held: ServicesDep, caller: CallerDep, study_id: str) -> Response:
    """All tables of the answer as one workbook; no cell can execute."""
    body, digest = study_files.workbook(held, caller, study_id)
    return content(request, body, XLSX, f'"{digest[:32]}"', f"{study_id}.xlsx")


@router.get(
    "/studies/{study_id}/map",
    response_class=Response,
    responses={
        **READ,
        **problems(*OF_ANSWER, "conflict"),
        200: {"content": {SVG: {"schema": {"type": "string"}}}, "description": "A picture"},
    },
)
def get_study_map(request: Request, held: ServicesDep, caller: CallerDep, study_id: str) -> Response:
    """The countries of `bos_countries` on one map; other kinds have none."""
    body, digest = study_files.country_map(held, caller, study_id)
    response = content(request, body, SVG, f'"{digest[:32]}"')
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get(
    "/studies/{study_id}/report",
    response_class=Response,
    responses={**READ, 200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A file"}},
)
def get_study_report(request: Request, held: ServicesDep, caller: CallerDep, study_id: str) -> Response:
    """Sentences and tables of the answer as one HTML page that needs no network."""
    body, _ = study_files.report(held, caller, study_id)
    response = content(request, body, "text/html; charset=utf-8", tag_of(body))
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get(
    "/studies/{study_id}/progress",
    response_class=Response,
    responses={**problems("not_found", "too_many_streams"), **EVENTS},
)
async def stream_study_progress(
    request: Request, held: ServicesDep, caller: CallerDep, study_id: str, last_event_id: LastEvent = ""
) -> StreamingResponse:
    """Events `progress` (elapsed_s, phase: points answered and the one in hand), `status` and `end`."""
    return await stream(request, held, caller, Study, study_id, last_event_id)
