"""Cases and their revisions: made, patched, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import undefer

from api.faults import Fault
from api.services.decisions import settle, with_decisions
from api.store.audit import record
from api.store.models import Case, Revision
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from api.access import Caller
    from api.store.scope import Scope
    from api.uploads import Upload
    from optimizer.domain.case import Case as ReadCase
    from optimizer.domain.issues import Issue

__all__ = ["archive", "create", "revise", "summary", "tables_of"]


def create(
    scope: Scope,
    caller: Caller,
    at: datetime,
    *,
    name: str,
    description: str,
    read: ReadCase,
    issues: Sequence[Issue],
    upload: Upload | None,
) -> tuple[Case, Revision]:
    """A new case with its first revision."""
    case = Case(
        id=new_id("cas", at),
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        name=name,
        description=description,
        latest=0,
    )
    scope.session.add(case)
    scope.session.flush()
    record(scope.session, caller, at, "case.created", case.id, name=name)
    return case, revise(scope, caller, at, case, read=read, issues=issues, upload=upload, origin="upload")


def revise(
    scope: Scope,
    caller: Caller,
    at: datetime,
    case: Case,
    *,
    read: ReadCase,
    issues: Sequence[Issue],
    origin: str,
    upload: Upload | None = None,
    patch: Any = None,
    comment: str = "",
    base: int | None = None,
) -> Revision:
    """The next revision of a case; content equal to the latest one's makes none.

    Parameters
    ----------
    case : Case
        Locked by this transaction.
    base : int, optional
        Revision that the change was made from; another latest one is a conflict.
    origin : str
        ``upload``, ``patch``, ``event``, ``decisions``, ``applied`` …
    """
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    if base is not None and base != case.latest:
        raise Fault("revision_conflict", f"the latest revision is {case.latest}, the change was made from {base}")
    read, issues, carried = with_decisions(scope, case, read, issues)
    if case.latest:
        latest = scope.revision(case)
        if latest.content_hash == read.case_hash:
            settle(carried, case.latest)
            return latest
    revision = Revision(
        case_id=case.id,
        number=case.latest + 1,
        content_hash=read.case_hash,
        parent=case.latest or None,
        comment=comment,
        origin=origin,
        tables=dict(read.tables),
        patch=patch,
        created=at,
        created_by=caller.key_id,
        summary=summary(read),
        issues=[i.as_dict() for i in issues],
    )
    if upload is not None:
        revision.upload, revision.upload_name, revision.upload_type = upload.data, upload.name, upload.media_type
    scope.session.add(revision)
    case.latest = revision.number
    settle(carried, revision.number)
    scope.session.flush()
    facts = {"revision": revision.number, "content_hash": revision.content_hash, "origin": origin}
    record(scope.session, caller, at, "case.revised", case.id, **facts)
    return revision


def archive(scope: Scope, caller: Caller, at: datetime, case: Case) -> None:
    """Take a case out of lists and refuse new revisions and plans; nothing is deleted."""
    if case.archived is None:
        case.archived = at
        record(scope.session, caller, at, "case.archived", case.id)


def summary(read: ReadCase) -> dict[str, Any]:
    """Sizes and dates by which a reader sees that the input was read as meant."""
    counts = {name: len(rows) for name, rows in read.tables.items() if isinstance(rows, list)}
    return {
        "tables": counts,
        "demands_active": len(read.demands),
        "headcount": sum(e.headcount for e in read.entities),
        "currency": read.policy.currency,
        "as_of": read.policy.as_of.isoformat(),
    }


def tables_of(scope: Scope, case: Case, number: int | None = None) -> tuple[Revision, dict[str, Any]]:
    """A revision with its canonical tables."""
    wanted = scope.revision(case, number)
    found = scope.session.get_one(
        Revision, (case.id, wanted.number), options=[undefer(Revision.tables)], populate_existing=True
    )
    tables: dict[str, Any] = found.tables
    return found, tables
