"""Objections to plans: made by anybody, priced, answered by approvers."""

from __future__ import annotations

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.schemas.common import Page
from api.schemas.objections import AcceptPost, ObjectionOut, ObjectionPost, RejectPost
from api.schemas.studies import StudyOptions
from api.services import asking, cases, decisions, objections, studies
from api.store.models import Case, Objection, Plan
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("objections")

OF_PLAN = ("no_result", "no_plan_found", "document_removed", "horizon_not_taken")


@router.post(
    "/plans/{plan_id}/objections",
    status_code=201,
    response_model=ObjectionOut,
    responses=problems("malformed_body", "not_found", "invalid_options", "idempotency_key_reused"),
)
def create_objection(
    held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str, body: ObjectionPost
) -> Response:
    """Object to a plan: what would be better for an entity, and why. Any role may."""

    def change(scope: Scope) -> Reply:
        found = objections.made(scope, caller, held.store.clock(), plan_id, body)
        return Reply(201, ObjectionOut.of(found), {"Location": f"/v1/objections/{found.id}"})

    return once.run(change)


@router.get("/plans/{plan_id}/objections", responses=problems("not_found"))
def list_objections(
    held: ServicesDep, caller: CallerDep, plan_id: str, cursor: Cursor = None, limit: Limit = 50
) -> Page[ObjectionOut]:
    """Objections to a plan, newest first."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        query = scope.select(Objection).where(Objection.plan_id == scope.get(Plan, plan_id).id)
        page, after = newest_first(session, query, Objection.id, cursor, limit)
    return Page(items=[ObjectionOut.of(found) for found in page], next=after)


@router.get("/objections/{objection_id}", responses=problems("not_found"))
def get_objection(held: ServicesDep, caller: CallerDep, objection_id: str) -> ObjectionOut:
    """An objection."""
    with held.store.read() as session:
        return ObjectionOut.of(Scope(session, caller.workspace_id).get(Objection, objection_id))


@router.post(
    "/objections/{objection_id}/price",
    status_code=202,
    response_model=ObjectionOut,
    responses=problems(
        "not_found", "conflict", "invalid_options", "too_many_plans", "idempotency_key_reused", *OF_PLAN, *READING
    ),
)
def price_objection(held: ServicesDep, caller: CallerDep, once: OnceDep, objection_id: str) -> Response:
    """Ask what it would cost: a study `why_not`, which is its `study` from now on."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        found = objections.open_one(scope, objection_id)
        fields, plan = objections.question_of(found), scope.get(Plan, found.plan_id)
        case_id, plan_id = plan.case_id, plan.id
    asked = asking.ask("why_not", fields, fields, held.settings)
    studies.fits(held, caller, asked, case_id=case_id, revision=None, plan_id=plan_id)

    def change(scope: Scope) -> Reply:
        found = objections.open_one(scope, objection_id, lock=True)
        study = studies.submit(
            held,
            scope,
            caller,
            asked,
            case_id=case_id,
            revision=None,
            plan_id=plan_id,
            options=StudyOptions().model_dump(),
            name="",
            tags=[],
            priority=5,
        )
        found.study_id = study.id
        return Reply(202, ObjectionOut.of(found), {"Location": f"/v1/studies/{study.id}"})

    return once.run(change)


@router.post(
    "/objections/{objection_id}/accept",
    response_model=ObjectionOut,
    responses=problems(
        "malformed_body", "not_found", "conflict", "bad_input", "invalid_options", "idempotency_key_reused", *READING
    ),
)
def accept_objection(
    held: ServicesDep, caller: CallerDep, once: OnceDep, objection_id: str, body: AcceptPost
) -> Response:
    """Make it a decision: every revision of the case that is made from now on has it."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        decided = objections.decision_of(objections.open_one(scope, objection_id), body)
        case = scope.get(Case, scope.get(Plan, decided.plan or "").case_id)
        _, tables = cases.written_tables(scope, case)
        name, pending = case.name, decisions.pending_of(scope, case.id)
    tried = [decisions.row_of(decided, held.store.clock())]
    held.readers.tables(caller.workspace_id, tables, name, pending=pending, tried=tried)

    def change(scope: Scope) -> Reply:
        found = objections.open_one(scope, objection_id, lock=True)
        objections.accept(scope, caller, held.store.clock(), found, decided)
        return Reply(200, ObjectionOut.of(found))

    return once.run(change)


@router.post(
    "/objections/{objection_id}/reject",
    response_model=ObjectionOut,
    responses=problems("malformed_body", "not_found", "conflict", "idempotency_key_reused"),
)
def reject_objection(
    held: ServicesDep, caller: CallerDep, once: OnceDep, objection_id: str, body: RejectPost
) -> Response:
    """Do not follow it, and say why."""

    def change(scope: Scope) -> Reply:
        found = objections.open_one(scope, objection_id, lock=True)
        objections.reject(scope, caller, held.store.clock(), found, body.reason)
        return Reply(200, ObjectionOut.of(found))

    return once.run(change)
