"""Comparisons, baselines, evaluations; the very case that a plan answers."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, content, tagged
from api.faults import Fault
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.readers import stored
from api.schemas.analyses import (
    BaselineOut,
    BaselinePost,
    BaselineSavings,
    ComparisonOut,
    ComparisonPost,
    EvaluationOut,
    EvaluationPost,
)
from api.schemas.common import Page
from api.services import analyses, results
from api.services.cases import tables_of
from api.services.plans import result_of
from api.services.steady import only_steady, only_steady_plans
from api.store.models import Baseline, Case, Comparison, Evaluation, Plan
from api.store.scope import Scope
from api.uploads import JSON

__all__ = ["router"]

router = gate.router("analyses")

READ = {**problems("not_found"), **NOT_MODIFIED}
OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}}, "description": "A document"}
}


@router.get(
    "/plans/{plan_id}/case",
    response_class=Response,
    responses={
        **READ,
        **problems("not_found", *READING),
        200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/CaseDocument"}}}, "description": "The case"},
    },
)
def get_plan_case(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """The very case that the plan answers: of its revision, with the limit of moves of its re-optimisation.
    `designate verify` checks the plan's document against it."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = analyses.case_answered(scope, scope.get(Plan, plan_id))
    body, digest = stored.case_answered(held.readers, caller.workspace_id, case)
    return content(request, body, JSON, f'"{digest[:32]}"')


@router.post(
    "/comparisons",
    status_code=201,
    response_model=ComparisonOut,
    responses=problems(
        "malformed_body",
        "not_found",
        "conflict",
        "no_result",
        "no_plan_found",
        "document_removed",
        "idempotency_key_reused",
        "horizon_not_taken",
        *READING,
    ),
)
def create_comparison(held: ServicesDep, caller: CallerDep, once: OnceDep, body: ComparisonPost) -> Response:
    """Compare two plans: what moved, what it costs, and why: data, rules, options or solver."""
    document = analyses.compared(held, caller, body.first_plan, body.second_plan)

    def change(scope: Scope) -> Reply:
        row = analyses.keep_comparison(held, scope, caller, body.first_plan, body.second_plan, document)
        return Reply(201, ComparisonOut.of(row), {"Location": f"/v1/comparisons/{row.id}"})

    return once.run(change)


@router.get("/comparisons", responses=problems())
def list_comparisons(
    held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ComparisonOut]:
    """Comparisons without their documents, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Comparison)
        page, after = newest_first(session, query, Comparison.id, cursor, limit)
    return Page(items=[ComparisonOut.of(c, whole=False) for c in page], next=after)


@router.get("/comparisons/{comparison_id}", response_model=ComparisonOut, responses=READ)
def get_comparison(request: Request, held: ServicesDep, caller: CallerDep, comparison_id: str) -> Response:
    """A comparison."""
    with held.store.read() as session:
        return tagged(request, ComparisonOut.of(Scope(session, caller.workspace_id).get(Comparison, comparison_id)))


@router.post(
    "/baselines",
    status_code=201,
    response_model=BaselineOut,
    responses=problems(
        "malformed_body",
        "bad_input",
        "not_found",
        "conflict",
        "no_result",
        "no_plan_found",
        "document_removed",
        "idempotency_key_reused",
        "horizon_not_taken",
        *READING,
        "pricing_failed",
    ),
)
def create_baseline(held: ServicesDep, caller: CallerDep, once: OnceDep, body: BaselinePost) -> Response:
    """Freeze today's arrangement, or a plan, under a name. It never changes."""
    revision, document = analyses.picture(held, caller, body.case, body.revision, body.plan)

    def change(scope: Scope) -> Reply:
        row = analyses.freeze(
            held,
            scope,
            caller,
            name=body.name,
            case_id=body.case,
            revision=revision,
            plan_id=body.plan,
            document=document,
        )
        return Reply(201, BaselineOut.of(row), {"Location": f"/v1/baselines/{row.id}"})

    return once.run(change)


@router.get("/baselines", responses=problems())
def list_baselines(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[BaselineOut]:
    """Baselines, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Baseline)
        page, after = newest_first(session, query, Baseline.id, cursor, limit)
    return Page(items=[BaselineOut.of(b) for b in page], next=after)


@router.get("/baselines/{baseline_id}", response_model=BaselineOut, responses=READ)
def get_baseline(request: Request, held: ServicesDep, caller: CallerDep, baseline_id: str) -> Response:
    """A baseline without its document."""
    with held.store.read() as session:
        return tagged(request, BaselineOut.of(Scope(session, caller.workspace_id).get(Baseline, baseline_id)))


@router.get("/baselines/{baseline_id}/document", response_class=Response, responses={**READ, **OBJECT})
def get_baseline_document(request: Request, held: ServicesDep, caller: CallerDep, baseline_id: str) -> Response:
    """Assignments and cost of a baseline, as frozen."""
    with held.store.read() as session:
        row = Scope(session, caller.workspace_id).get(Baseline, baseline_id)
        return content(request, json.dumps(row.document).encode(), JSON, f'"{row.content_hash}"')


@router.get(
    "/baselines/{baseline_id}/savings",
    response_model=BaselineSavings,
    responses={
        **problems("not_found", "conflict", "no_result", "no_plan_found", "document_removed", "horizon_not_taken"),
        **NOT_MODIFIED,
    },
)
def get_baseline_savings(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    baseline_id: str,
    plan: Annotated[str, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")],
) -> Response:
    """What a plan saves against a baseline."""
    return tagged(request, BaselineSavings(**results.against(held, caller, baseline_id, plan)))


@router.post(
    "/evaluations",
    status_code=201,
    response_model=EvaluationOut,
    responses={
        **problems(
            "malformed_body",
            "bad_input",
            "not_found",
            "conflict",
            "idempotency_key_reused",
            "too_many_plans",
            "pricing_failed",
            "horizon_not_taken",
            "no_result",
            "no_plan_found",
            "document_removed",
        ),
        202: {"model": EvaluationOut, "description": "A long list: a job prices it; follow `links.self`"},
    },
)
def create_evaluation(held: ServicesDep, caller: CallerDep, once: OnceDep, body: EvaluationPost) -> Response:
    """Price a hand-made list, or a plan with changes, by the model that makes plans, and check every rule: at once
    (201), or as a job (202) where the list is long or the workspace has enough being priced."""
    given = body.assignments if body.changes is None else body.changes
    rows = [(a.entity, a.service, a.provider, a.backup) for a in given or ()]
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case_id, revision = body.case or "", body.revision
        if body.plan is not None:
            plan = scope.get(Plan, body.plan)
            only_steady_plans(scope, plan)
            rows = analyses.changed(json.loads(result_of(session, plan).document), rows)
            case_id, revision = plan.case_id, plan.revision
        case = scope.get(Case, case_id)
        found, tables = tables_of(scope, case, revision)
        only_steady(found)
        number, name = found.number, case.name
    document = analyses.price_at_once(held, caller, name, tables, rows)

    def change(scope: Scope) -> Reply:
        if document is None:
            row = analyses.queue_price(held, scope, caller, case_id, number, body.name, rows)
            return Reply(202, EvaluationOut.of(row), {"Location": f"/v1/evaluations/{row.id}"})
        case = scope.get(Case, case_id)
        row = analyses.keep_price(held, scope, caller, case, number, body.name, document)
        return Reply(201, EvaluationOut.of(row), {"Location": f"/v1/evaluations/{row.id}"})

    return once.run(change)


@router.get("/evaluations", responses=problems())
def list_evaluations(
    held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[EvaluationOut]:
    """Lists that are priced, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Evaluation)
        page, after = newest_first(session, query, Evaluation.id, cursor, limit)
    return Page(items=[EvaluationOut.of(e) for e in page], next=after)


@router.get("/evaluations/{evaluation_id}", response_model=EvaluationOut, responses=READ)
def get_evaluation(request: Request, held: ServicesDep, caller: CallerDep, evaluation_id: str) -> Response:
    """A hand-made list and its price."""
    with held.store.read() as session:
        return tagged(request, EvaluationOut.of(Scope(session, caller.workspace_id).get(Evaluation, evaluation_id)))


@router.get(
    "/evaluations/{evaluation_id}/document",
    response_class=Response,
    responses={**problems("not_found", "no_result"), **NOT_MODIFIED, **OBJECT},
)
def get_evaluation_document(request: Request, held: ServicesDep, caller: CallerDep, evaluation_id: str) -> Response:
    """The list as a `designate.plan/1` document: every cost, every rule checked."""
    with held.store.read() as session:
        row = Scope(session, caller.workspace_id).get(Evaluation, evaluation_id)
        if row.document is None:
            status = "not priced" if row.job is None else row.job.status
            raise Fault("no_result", f"evaluation {evaluation_id} is {status}")
        return content(request, row.document, JSON, f'"{row.content_hash}"')
