"""Decisions of people about a case."""

from __future__ import annotations

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.schemas.cases import RevisionOut
from api.schemas.common import Page
from api.schemas.decisions import DecisionOut, DecisionPost
from api.services import cases, decisions
from api.store.models import Case, Decision
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("decisions")


@router.post(
    "/cases/{case_id}/decisions",
    status_code=201,
    response_model=DecisionOut,
    responses=problems("malformed_body", "bad_input", "not_found", "conflict", "idempotency_key_reused", *READING),
)
def create_decision(held: ServicesDep, caller: CallerDep, once: OnceDep, case_id: str, body: DecisionPost) -> Response:
    """Lock, forbid or override. Every revision made from now on has it, until it is withdrawn."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        _, tables = cases.written_tables(scope, case)
        name, pending = case.name, decisions.pending_of(scope, case_id)
    tried = [decisions.row_of(body, held.store.clock())]
    held.readers.tables(caller.workspace_id, tables, name, pending=pending, tried=tried)

    def change(scope: Scope) -> Reply:
        case = scope.get(Case, case_id, lock=True)
        made = decisions.post(scope, caller, held.store.clock(), case, body)
        return Reply(201, DecisionOut.of(made), {"Location": f"/v1/decisions/{made.id}"})

    return once.run(change)


@router.get("/cases/{case_id}/decisions", responses=problems("not_found"))
def list_decisions(
    held: ServicesDep,
    caller: CallerDep,
    case_id: str,
    cursor: Cursor = None,
    limit: Limit = 50,
    withdrawn: bool | None = None,
) -> Page[DecisionOut]:
    """Decisions about a case, newest first."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        query = scope.select(Decision).where(Decision.case_id == scope.get(Case, case_id).id)
        if withdrawn is not None:
            query = query.where(Decision.withdrawn.is_not(None) if withdrawn else Decision.withdrawn.is_(None))
        page, after = newest_first(session, query, Decision.id, cursor, limit)
    return Page(items=[DecisionOut.of(d) for d in page], next=after)


@router.post(
    "/cases/{case_id}/decisions/carry",
    response_model=RevisionOut,
    responses={
        **problems("bad_input", "not_found", "conflict", "revision_conflict", "idempotency_key_reused", *READING),
        201: {"model": RevisionOut, "description": "a new revision"},
    },
)
def carry_decisions(held: ServicesDep, caller: CallerDep, once: OnceDep, case_id: str) -> Response:
    """Make the next revision now, from the latest one and the decisions; none when it has them already."""

    def carried() -> Response:
        with held.store.read() as session:
            scope = Scope(session, caller.workspace_id)
            case = scope.get(Case, case_id)
            base, tables = cases.written_tables(scope, case)
            number, name, pending = base.number, case.name, decisions.pending_of(scope, case_id)
        found = held.readers.tables(caller.workspace_id, tables, name, pending=pending)

        def change(scope: Scope) -> Reply:
            case = scope.get(Case, case_id, lock=True)
            revision = cases.revise(
                scope, caller, held.store.clock(), case, read=found, origin="decisions", base=number
            )
            out = RevisionOut.of(revision)
            return Reply(201 if revision.number > number else 200, out, {"Location": out.links["self"]})

        return once.run(change)

    return decisions.steadily(carried)


@router.get("/decisions/{decision_id}", responses=problems("not_found"))
def get_decision(held: ServicesDep, caller: CallerDep, decision_id: str) -> DecisionOut:
    """A decision."""
    with held.store.read() as session:
        return DecisionOut.of(Scope(session, caller.workspace_id).get(Decision, decision_id))


@router.post(
    "/decisions/{decision_id}/withdraw",
    response_model=DecisionOut,
    responses=problems("not_found", "idempotency_key_reused"),
)
def withdraw_decision(held: ServicesDep, caller: CallerDep, once: OnceDep, decision_id: str) -> Response:
    """Take a decision back: the next revision is made without it."""

    def change(scope: Scope) -> Reply:
        decision = scope.get(Decision, decision_id, lock=True)
        decisions.withdraw(scope, caller, held.store.clock(), decision)
        return Reply(200, DecisionOut.of(decision))

    return once.run(change)
