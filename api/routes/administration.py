"""Keys, workspaces, the audit log, workers."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response
from sqlalchemy import func, select

from api import gate
from api.access import Caller, scopes_of
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.faults import Fault
from api.idempotency import Reply
from api.identities import names_of
from api.paging import Cursor, Limit, newest_first
from api.schemas.access import (
    AuditHead,
    AuditOut,
    KeyCreate,
    KeyMade,
    KeyOut,
    Slug,
    WorkerOut,
    WorkspaceCreate,
    WorkspaceMade,
    WorkspaceOut,
)
from api.schemas.common import Number, Page
from api.services import keys, leavings
from api.store import chain
from api.store.audit import named, record
from api.store.models import ApiKey, AuditEntry, Job, Worker, Workspace
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("administration")


@router.post(
    "/keys",
    status_code=201,
    response_model=KeyMade,
    responses=problems("malformed_body", "not_found", "invalid_options", "idempotency_key_reused"),
)
def create_key(held: ServicesDep, caller: CallerDep, once: OnceDep, body: KeyCreate) -> Response:
    """Make a key. Its secret is in this answer and nowhere else."""

    def change(scope: Scope) -> Reply:
        scopes = None if body.scopes is None else [str(s) for s in body.scopes]
        old = None if body.replaces is None else scope.get(ApiKey, body.replaces)
        key, secret = keys.create(
            scope.session,
            caller,
            held.store.clock(),
            name=body.name,
            role=body.role,
            scopes=scopes,
            expires=body.expires,
            replaces=old,
        )
        known = KeyOut.of(key).model_dump()
        made = KeyMade(**known, key=secret)
        return Reply(201, made, {"Location": f"/v1/keys/{key.id}"}, kept=KeyMade(**known, key=None))

    return once.run(change)


@router.get("/keys", responses=problems())
def list_keys(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[KeyOut]:
    """Keys of the workspace, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(ApiKey)
        page, after = newest_first(session, query, ApiKey.id, cursor, limit)
    return Page(items=[KeyOut.of(k) for k in page], next=after)


@router.get("/keys/{key_id}", responses=problems("not_found"))
def get_key(held: ServicesDep, caller: CallerDep, key_id: str) -> KeyOut:
    """A key."""
    with held.store.read() as session:
        return KeyOut.of(Scope(session, caller.workspace_id).get(ApiKey, key_id))


@router.post(
    "/keys/{key_id}/revoke",
    response_model=KeyOut,
    responses=problems("not_found", "conflict", "key_has_successors", "idempotency_key_reused"),
)
def revoke_key(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    key_id: str,
    left: Annotated[
        Literal["keep", "stop"] | None,
        Query(description="what becomes of schedules and webhooks made with the key that still work"),
    ] = None,
) -> Response:
    """End a key at once, its streams within seconds; ending it twice changes nothing. Where schedules and webhooks
    made with it still work, say whether they go on."""

    def change(scope: Scope) -> Reply:
        key = scope.get(ApiKey, key_id, lock=True)
        leavings.settle(scope, caller, held.store.clock(), key, left)
        keys.revoke(scope.session, caller, key, held.store.clock(), configured=held.settings.admin_key is not None)
        return Reply(200, KeyOut.of(key))

    return once.run(change)


@router.get("/audit", responses=problems())
def list_audit(
    held: ServicesDep,
    caller: CallerDep,
    limit: Limit = 100,
    cursor: Annotated[Number | None, Query(description="`next` of the page before")] = None,
    action: Annotated[str | None, Query(pattern=r"^[a-z_.]{1,64}$")] = None,
    subject: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = None,
    workspace: Annotated[Slug | None, Query(description="another, or a deleted one; for keys of the system")] = None,
) -> Page[AuditOut]:
    """What was done in the workspace, newest first."""
    if workspace not in (None, caller.workspace_id) and not caller.may("workspaces:manage"):
        raise Fault(
            "forbidden", "the record of another workspace is for keys of the system", required_scope="workspaces:manage"
        )
    query = select(AuditEntry).where(AuditEntry.workspace_id == (workspace or caller.workspace_id))
    for column, value in ((AuditEntry.action, action), (AuditEntry.subject, subject)):
        if value is not None:
            query = query.where(column == value)
    with held.store.read() as session:
        page, after = newest_first(session, query, AuditEntry.number, cursor, limit)
        who, details = names_of(session, (a.actor for a in page)), named(session, page)
    items = [AuditOut.of(a, detail, who.get(a.actor)) for a, detail in zip(page, details, strict=True)]
    return Page(items=items, next=None if after is None else str(after))


@router.get("/audit/head", responses=problems())
def get_audit_head(held: ServicesDep) -> AuditHead:
    """The end of the record. Keep it elsewhere: `designate audit verify --head` compares with it."""
    with held.store.read() as session:
        last = chain.head(session)
    return AuditHead(number=last.number, hash=last.hash, at=last.at)


@router.post(
    "/workspaces",
    status_code=201,
    response_model=WorkspaceMade,
    responses=problems("malformed_body", "conflict", "idempotency_key_reused"),
)
def create_workspace(held: ServicesDep, caller: CallerDep, once: OnceDep, body: WorkspaceCreate) -> Response:
    """Make a workspace and its first administrator."""

    def change(scope: Scope) -> Reply:
        session, now = scope.session, held.store.clock()
        taken = select(Workspace.id).where((Workspace.id == body.id) | (Workspace.name == body.name)).limit(1)
        if session.scalars(taken).first() is not None:
            raise Fault("conflict", "there is a workspace of this id or name already")
        workspace = Workspace(id=body.id, name=body.name, settings={}, created=now)
        session.add(workspace)
        session.flush()
        record(session, caller, now, "workspace.created", body.id)
        first = Caller(caller.key_id, body.id, "admin", scopes_of("admin", None), False, caller.request_id)
        _, secret = keys.create(session, first, now, name="administrator", role="admin")
        known = WorkspaceOut.of(workspace).model_dump()
        return Reply(201, WorkspaceMade(**known, admin_key=secret), kept=WorkspaceMade(**known, admin_key=None))

    return once.run(change)


@router.get("/workspaces", responses=problems())
def list_workspaces(held: ServicesDep) -> list[WorkspaceOut]:
    """All workspaces."""
    with held.store.read() as session:
        return [WorkspaceOut.of(w) for w in session.scalars(select(Workspace).order_by(Workspace.id))]


@router.get("/workers", responses=problems())
def list_workers(held: ServicesDep, caller: CallerDep, all: bool = False) -> list[WorkerOut]:
    """Workers that have plans of the workspace in hand; a key of the system sees all that live, with `all` those that
    were, too."""
    running = select(Job.worker_id, func.count()).where(Job.status == "running").group_by(Job.worker_id)
    if not caller.system:
        running = running.where(Job.workspace_id == caller.workspace_id)
    query = select(Worker).order_by(Worker.started.desc()).limit(500)
    with held.store.read() as session:
        counts: dict[str | None, int] = {row[0]: row[1] for row in session.execute(running)}
        rows = session.scalars(query if all else query.where(Worker.stopped.is_(None)))
        return [WorkerOut.of(w, counts.get(w.id, 0)) for w in rows if caller.system or w.id in counts]
