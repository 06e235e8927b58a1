"""The end of things: archive and back, how long documents are kept, deletion of workspaces."""

from __future__ import annotations

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.idempotency import Reply
from api.routes.plans import CHANGE, shown
from api.schemas.access import WorkspaceOut
from api.schemas.cases import CaseOut
from api.schemas.lifecycle import RetentionOut, RetentionPut, WorkspaceDelete
from api.schemas.plans import PlanOut
from api.services import archive, deletion, jobs, retention
from api.store.models import Case, Plan, Workspace
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router()


@router.post("/plans/{plan_id}/archive", response_model=PlanOut, responses=CHANGE, tags=["plans"])
def archive_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str) -> Response:
    """Take a plan out of lists. It stays readable by its id, and cannot be run, approved or applied."""

    def change(scope: Scope) -> Reply:
        plan = jobs.held(scope, Plan, plan_id)
        archive.archive_plan(scope, caller, held.store.clock(), plan)
        return Reply(200, shown(scope, plan))

    return once.run(change)


@router.post(
    "/plans/{plan_id}/restore",
    response_model=PlanOut,
    tags=["plans"],
    responses=problems("not_found", "idempotency_key_reused"),
)
def restore_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str) -> Response:
    """Bring an archived plan back."""

    def change(scope: Scope) -> Reply:
        plan = scope.get(Plan, plan_id, lock=True)
        archive.restore_plan(scope, caller, held.store.clock(), plan)
        return Reply(200, shown(scope, plan))

    return once.run(change)


@router.post(
    "/cases/{case_id}/restore",
    response_model=CaseOut,
    tags=["cases"],
    responses=problems("not_found", "idempotency_key_reused"),
)
def restore_case(held: ServicesDep, caller: CallerDep, once: OnceDep, case_id: str) -> Response:
    """Bring an archived case back."""

    def change(scope: Scope) -> Reply:
        case = scope.get(Case, case_id, lock=True)
        archive.restore_case(scope, caller, held.store.clock(), case)
        return Reply(200, CaseOut.of(case))

    return once.run(change)


@router.get("/retention", responses=problems(), tags=["administration"])
def get_retention(held: ServicesDep, caller: CallerDep) -> RetentionOut:
    """How long the workspace keeps documents of plans that nobody approved or applied."""
    with held.store.read() as session:
        return _told(held, session.get_one(Workspace, caller.workspace_id))


@router.put("/retention", response_model=RetentionOut, responses=problems("malformed_body"), tags=["administration"])
def set_retention(held: ServicesDep, caller: CallerDep, once: OnceDep, body: RetentionPut) -> Response:
    """Set how long. Documents that are older go within minutes, and do not come back: their hashes stay."""

    def change(scope: Scope) -> Reply:
        mine = {"key_share": True}  # beside the hold that every change has on its workspace
        workspace = scope.session.get_one(Workspace, caller.workspace_id, with_for_update=mine)
        retention.set_days(scope.session, caller, held.store.clock(), workspace, body.days)
        return Reply(200, _told(held, workspace))

    return once.run(change)


def _told(held: ServicesDep, workspace: Workspace) -> RetentionOut:
    days = retention.days_of(workspace, held.settings)
    return RetentionOut(days=days, own=workspace.settings.get(retention.KEY))


@router.get("/workspaces/{workspace_id}", responses=problems("not_found"), tags=["administration"])
def get_workspace(held: ServicesDep, workspace_id: str) -> WorkspaceOut:
    """A workspace; of a deleted one, its id and when."""
    with held.store.read() as session:
        return WorkspaceOut.of(deletion.find(session, workspace_id))


@router.post(
    "/workspaces/{workspace_id}/delete",
    status_code=202,
    response_model=WorkspaceOut,
    tags=["administration"],
    responses=problems("malformed_body", "not_found", "conflict", "not_confirmed", "idempotency_key_reused"),
)
def delete_workspace(
    held: ServicesDep, caller: CallerDep, once: OnceDep, workspace_id: str, body: WorkspaceDelete
) -> Response:
    """Delete a workspace and all that is in it. Its keys end and its jobs are cancelled at once; a worker deletes
    the rest: see `deleted`. What was done in it stays on record, without names. It cannot be undone."""

    def change(scope: Scope) -> Reply:
        row = deletion.request(scope.session, caller, held.store, held.queue, workspace_id, body.name)
        return Reply(202, WorkspaceOut.of(row), {"Location": f"/v1/workspaces/{row.id}"})

    return once.run(change)
