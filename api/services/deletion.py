"""Deletion of a workspace: asked for with its name, done by a worker. Nothing is left but the record, without names.

The request ends its keys and schedules and cancels its jobs, at once. The worker then deletes all it owns in one
transaction. Entries of the audit log stay as they were written: they never held names (``api.store.audit``), and what
their ids stood for is deleted here. The workspace's row stays, nameless, so that nobody is given its id again.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, select, update

from api.access import DEFAULT_WORKSPACE, Caller
from api.faults import Fault
from api.jobs.runs import OPEN
from api.services import jobs
from api.store.audit import record
from api.store.models import (
    ApiKey,
    AuditName,
    Baseline,
    Case,
    Comparison,
    Decision,
    Draft,
    Evaluation,
    Event,
    IdempotencyRecord,
    Identity,
    Job,
    Ledger,
    Objection,
    Plan,
    PriceList,
    Schedule,
    SignIn,
    Study,
    Validation,
    Webhook,
    Workspace,
)
from api.store.scope import Scope

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["OWNED", "Deletions", "find", "request"]

logger = logging.getLogger(__name__)

OWNED: Final[tuple[Any, ...]] = (
    Ledger,
    PriceList,
    Comparison,
    Evaluation,
    Baseline,
    Event,
    Study,
    Objection,
    Plan,
    Job,
    Validation,
    Decision,
    Draft,
    Case,
    Schedule,
    Webhook,
    IdempotencyRecord,
    SignIn,
    ApiKey,
    Identity,
    AuditName,
)
"""What belongs to a workspace, in an order that references allow; the database deletes what hangs on these rows."""

_PATIENCE: Final = timedelta(seconds=10)
"""How long jobs have to end by themselves, beyond what a solver is given to stop."""


def find(session: Session, workspace_id: str, *, lock: bool = False) -> Workspace:
    """A workspace by its id.

    Raises
    ------
    Fault
        ``not_found``.
    """
    plain = workspace_id.isascii() and workspace_id.isprintable()
    found = session.get(Workspace, workspace_id, with_for_update=lock) if plain else None
    if found is None:
        raise Fault("not_found", "there is no such workspace")
    return found


def request(session: Session, caller: Caller, store: Store, queue: JobQueue, workspace_id: str, name: str) -> Workspace:
    """Close a workspace at once and have it deleted. Asking twice changes nothing.

    Parameters
    ----------
    name : str
        The workspace's, as a sign that the right one is meant.

    Raises
    ------
    Fault
        ``not_found``, ``not_confirmed``; ``conflict``: it is the one that keys of the system live in.
    """
    workspace = find(session, workspace_id, lock=True)
    if workspace.id == DEFAULT_WORKSPACE or workspace.id == caller.workspace_id:
        raise Fault("conflict", f"workspace {workspace.id} holds the keys by which the service is administered")
    if workspace.deletion_requested is not None:
        return workspace
    if name != workspace.name:
        raise Fault("not_confirmed", f"this is not the name of workspace {workspace.id}")
    now = store.clock()
    workspace.archived = workspace.archived or now
    workspace.deletion_requested, workspace.deletion_by = now, caller.key_id
    workspace.deletion_from = caller.workspace_id
    mine = (ApiKey.workspace_id == workspace.id) & ApiKey.revoked.is_(None)
    session.execute(update(ApiKey).where(mine).values(revoked=now))
    for switched in (Schedule, Webhook):
        session.execute(update(switched).where(switched.workspace_id == workspace.id).values(enabled=False))
    there = dataclasses.replace(caller, workspace_id=workspace.id)
    scope = Scope(session, workspace.id)
    for job in session.scalars(scope.select(Job).where(Job.status.in_(OPEN)).order_by(Job.id).with_for_update()):
        jobs.cancel(scope, there, store, queue, job)
    record(session, caller, now, "workspace.deletion_requested", workspace.id)
    return workspace


class Deletions:
    """Deletes what was asked for; any number of workers may, and nothing is half done.

    Parameters
    ----------
    store : Store
    settings : Settings
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self._patience = _PATIENCE + timedelta(seconds=settings.cancel_grace_s)

    def look(self) -> int:
        """One round. Returns how many workspaces went."""
        with self.store.read() as session:
            query = select(Workspace.id).where(Workspace.deletion_requested.is_not(None), Workspace.deleted.is_(None))
            waiting = list(session.scalars(query))
        gone = sum(self._delete(id_) for id_ in waiting)
        if gone:
            self.store.forget()
        return gone

    def _delete(self, workspace_id: str) -> bool:
        with self.store.write() as session:
            self.store.shred(session)
            workspace = session.get(Workspace, workspace_id, with_for_update=True)
            if workspace is None or workspace.deleted is not None or workspace.deletion_requested is None:
                return False
            now = self.store.clock()
            running = exists().where(Job.workspace_id == workspace_id, Job.status == "running")
            if now - workspace.deletion_requested < self._patience and session.scalar(select(running)):
                return False  # its jobs are being cancelled; one that never ends loses its fence below
            mine = select(Job.id).where(Job.workspace_id == workspace_id).order_by(Job.id).with_for_update()
            session.execute(mine).all()  # before what they make, as whoever ends one does
            counts = _emptied(session, workspace)
            by, where = workspace.deletion_by or "", workspace.deletion_from or DEFAULT_WORKSPACE
            workspace.name, workspace.settings, workspace.deleted = f"(deleted: {workspace_id})", {}, now
            record(session, Caller(by, where, "admin", frozenset()), now, "workspace.deleted", workspace_id, **counts)
        logger.info("workspace %s was deleted", workspace_id)
        return True


def _emptied(session: Session, workspace: Workspace) -> dict[str, int]:
    """Delete all that a workspace owns; how many rows went of which kind."""
    counts = {}
    for model in OWNED:
        done: Any = session.execute(delete(model).where(model.workspace_id == workspace.id))
        counts[model.__tablename__.removeprefix("designate_")] = done.rowcount
    _forget_answers(session, workspace)
    return counts


def _forget_answers(session: Session, workspace: Workspace) -> None:
    """Answers about the workspace, with its name in them, that were kept for whoever made it."""
    query = select(IdempotencyRecord).where(IdempotencyRecord.created >= workspace.created)
    query = query.where(IdempotencyRecord.workspace_id == (workspace.deletion_from or DEFAULT_WORKSPACE))
    for kept in session.scalars(query.execution_options(yield_per=100)):
        if kept.body is not None and json.loads(kept.body).get("id") == workspace.id:
            session.delete(kept)
