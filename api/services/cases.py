"""Cases and their revisions: made, patched, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, type_coerce
from sqlalchemy.orm import undefer

from api.faults import Fault
from api.services.decisions import carried_by, settle
from api.store.audit import record
from api.store.models import Case, Revision
from api.store.types import PackedBytes, new_id

if TYPE_CHECKING:
    from datetime import datetime

    from api.access import Caller
    from api.readers.reading import Reading
    from api.store.scope import Scope
    from api.uploads import Upload

__all__ = ["archive", "create", "revise", "tables_of", "written_tables"]


def create(
    scope: Scope,
    caller: Caller,
    at: datetime,
    *,
    name: str,
    description: str,
    read: Reading,
    upload: Upload | None,
    origin: str = "upload",
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
    return case, revise(scope, caller, at, case, read=read, upload=upload, origin=origin)


def revise(
    scope: Scope,
    caller: Caller,
    at: datetime,
    case: Case,
    *,
    read: Reading,
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
        ``upload``, ``draft``, ``patch``, ``event``, ``decisions``, ``applied`` …

    Raises
    ------
    DecisionsChanged
        The case was read without a decision that it must have: read it again.
    Fault
        ``conflict``, ``revision_conflict``.
    """
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    if base is not None and base != case.latest:
        raise Fault("revision_conflict", f"the latest revision is {case.latest}, the change was made from {base}")
    carried = carried_by(scope, case, read)
    if case.latest:
        latest = scope.revision(case)
        if latest.content_hash == read.content_hash:
            settle(carried, case.latest)
            return latest
    revision = Revision(
        case_id=case.id,
        number=case.latest + 1,
        content_hash=read.content_hash,
        parent=case.latest or None,
        comment=comment,
        origin=origin,
        tables=read.tables,
        patch=patch,
        created=at,
        created_by=caller.key_id,
        summary=read.summary,
        issues=read.issues,
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


def tables_of(scope: Scope, case: Case, number: int | None = None) -> tuple[Revision, dict[str, Any]]:
    """A revision with its canonical tables."""
    wanted = scope.revision(case, number)
    found = scope.session.get_one(
        Revision, (case.id, wanted.number), options=[undefer(Revision.tables)], populate_existing=True
    )
    tables: dict[str, Any] = found.tables
    return found, tables


def written_tables(scope: Scope, case: Case, number: int | None = None) -> tuple[Revision, bytes]:
    """A revision with its canonical tables as JSON, not parsed: for a reader."""
    found = scope.revision(case, number)
    written = type_coerce(Revision.tables, PackedBytes)
    query = select(written).where(Revision.case_id == case.id, Revision.number == found.number)
    return found, scope.session.scalars(query).one()
