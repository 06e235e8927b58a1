"""New revisions from the latest one: rows that are changed, waves of a plan that are committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.faults import Fault
from api.idempotency import Once, Reply
from api.schemas.cases import CommitPost, Patch, RevisionOut
from api.services import cases, commitments, decisions
from api.store.models import Case, Plan, Revision
from api.store.scope import Scope

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = ["made", "router"]

router = gate.router("cases")


@router.post(
    "/cases/{case_id}/patches",
    status_code=201,
    response_model=RevisionOut,
    responses={
        **problems(
            "malformed_body",
            "bad_input",
            "not_found",
            "conflict",
            "revision_conflict",
            "idempotency_key_reused",
            *READING,
        ),
        200: {"description": "nothing was changed"},
    },
)
def patch_case(held: ServicesDep, caller: CallerDep, once: OnceDep, case_id: str, body: Patch) -> Response:
    """Make a new revision from the latest one by changing rows."""
    patch = body.model_dump(mode="json")
    return decisions.steadily(lambda: _patched(held, caller, once, case_id, patch))


def _patched(held: Services, caller: Caller, once: Once, case_id: str, patch: dict[str, Any]) -> Response:
    """The next revision of a case by operations on its rows."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        base, tables = cases.written_tables(scope, case)
        number, name, pending = base.number, case.name, decisions.pending_of(scope, case_id)
    if patch["base_revision"] not in (None, number):
        raise Fault("revision_conflict", f"the latest revision is {number}, not {patch['base_revision']}")
    found = held.readers.tables(caller.workspace_id, tables, name, operations=patch["operations"], pending=pending)

    def change(scope: Scope) -> Reply:
        case = scope.get(Case, case_id, lock=True)
        revision = cases.revise(
            scope,
            caller,
            held.store.clock(),
            case,
            read=found,
            origin="patch",
            patch=patch,
            comment=patch["comment"],
            base=number,
        )
        return made(revision, number)

    return once.run(change)


@router.post(
    "/plans/{plan_id}/commitments",
    status_code=201,
    response_model=RevisionOut,
    responses={
        **problems(
            "malformed_body",
            "bad_input",
            "not_found",
            "conflict",
            "revision_conflict",
            "no_result",
            "no_plan_found",
            "document_removed",
            "plan_not_sound",
            "horizon_needed",
            "invalid_options",
            "idempotency_key_reused",
            *READING,
        ),
        200: {"description": "all of it is committed already"},
    },
)
def commit_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str, body: CommitPost) -> Response:
    """Commit what a plan over time does up to and in a period: a new revision, whose plans keep all of it."""
    changes = commitments.operations(held, caller, plan_id, body.until)
    with held.store.read() as session:
        case_id = Scope(session, caller.workspace_id).get(Plan, plan_id).case_id
    comment = body.comment or f"plan {plan_id} up to period {body.until}"
    patch = {"operations": changes, "base_revision": None, "comment": comment}
    return decisions.steadily(lambda: _patched(held, caller, once, case_id, patch))


def made(revision: Revision, before: int) -> Reply:
    """The answer to a change of a case: whether it made a new revision."""
    out = RevisionOut.of(revision)
    return Reply(201 if revision.number > before else 200, out, {"Location": out.links["self"]})
