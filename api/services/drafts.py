"""Drafts of cases: begun, changed, made into a case or a revision, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import undefer

from api.faults import Fault
from api.services import cases
from api.store.audit import record
from api.store.models import Case, Draft
from api.store.scope import take_turn
from api.store.types import PackedBytes, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from api.access import Caller
    from api.readers.drafts import Checked
    from api.readers.reading import Reading
    from api.settings import Settings
    from api.store.models import Revision
    from api.store.scope import Scope
    from api.uploads import Upload

__all__ = ["begin", "content_of", "make_case", "make_revision", "remove", "stale", "update", "upload_of"]

_REMEDY: Final = "Fetch the draft again, look at both values, and send yours with the new ETag if it is to stay."


def begin(
    scope: Scope,
    caller: Caller,
    at: datetime,
    settings: Settings,
    found: Checked,
    *,
    name: str,
    origin: str,
    upload: Upload | None = None,
    case: Case | None = None,
    base_revision: int | None = None,
) -> Draft:
    """A new draft.

    Parameters
    ----------
    upload : Upload, optional
        What it came from; kept while its code page is not known.
    case : Case, optional
        What it is to be a revision of.

    Raises
    ------
    Fault
        ``too_many_drafts``; ``conflict``: the case is archived.
    """
    take_turn(scope.session, scope.workspace_id)
    held = scope.session.scalar(select(func.count()).where(Draft.workspace_id == scope.workspace_id)) or 0
    if held >= settings.max_drafts:
        raise Fault("too_many_drafts", f"at most {settings.max_drafts} at once", limit=settings.max_drafts)
    if case is not None and case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    draft = Draft(
        id=new_id("drf", at),
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        name=name,
        origin=origin,
        case_id=None if case is None else case.id,
        base_revision=(base_revision or case.latest) if case is not None else None,
        version=0,
        upload_name="" if upload is None else upload.name,
        upload_type="" if upload is None else upload.media_type,
        upload=None if upload is None or found.decoded else upload.data,
    )
    _hold(draft, caller, at, found)
    scope.session.add(draft)
    facts = {"name": name, "origin": origin} | ({} if case is None else {"case": case.id})
    record(scope.session, caller, at, "draft.created", draft.id, **facts)
    return draft


def update(scope: Scope, caller: Caller, at: datetime, draft: Draft, found: Checked, **facts: Any) -> None:
    """Keep what changes have made of a draft."""
    _hold(draft, caller, at, found)
    if found.decoded:
        draft.upload = None
    record(scope.session, caller, at, "draft.changed", draft.id, version=draft.version, **facts)


def _hold(draft: Draft, caller: Caller, at: datetime, found: Checked) -> None:
    draft.version += 1
    draft.changed, draft.changed_by = at, caller.key_id
    draft.content, draft.content_hash, draft.undecoded = found.content, found.content_hash, not found.decoded
    draft.tables, draft.issues = found.tables, found.issues


def content_of(scope: Scope, draft: Draft) -> bytes:
    """The cells of a draft as JSON, not parsed: for a reader."""
    return scope.session.scalars(select(type_coerce(Draft.content, PackedBytes)).where(Draft.id == draft.id)).one()


def upload_of(scope: Scope, draft: Draft) -> bytes:
    """The files of a draft whose code page is not known.

    Raises
    ------
    Fault
        ``conflict``: it is known.
    """
    found = scope.session.get_one(Draft, draft.id, options=[undefer(Draft.upload)], populate_existing=True)
    if found.upload is None:
        raise Fault("conflict", f"the files of draft {draft.id} are read already")
    return found.upload


def make_case(
    scope: Scope, caller: Caller, at: datetime, draft: Draft, read: Reading, *, name: str, description: str
) -> tuple[Case, Revision]:
    """A new case of a clean draft, which is gone then."""
    made = cases.create(scope, caller, at, name=name, description=description, read=read, upload=None, origin="draft")
    remove(scope, caller, at, draft, case=made[0].id)
    return made


def make_revision(
    scope: Scope, caller: Caller, at: datetime, draft: Draft, read: Reading, *, comment: str, accept_newer: bool
) -> tuple[Case, Revision]:
    """The next revision of the case of a clean draft, which is gone then.

    Raises
    ------
    Fault
        ``revision_conflict``: the case has a newer revision than the draft began with; ``conflict``.
    """
    case = scope.get(Case, draft.case_id or "", lock=True)
    base = None if accept_newer else draft.base_revision
    revision = cases.revise(scope, caller, at, case, read=read, origin="draft", comment=comment, base=base)
    remove(scope, caller, at, draft, case=case.id)
    return case, revision


def remove(scope: Scope, caller: Caller, at: datetime, draft: Draft, **facts: str) -> None:
    """Delete a draft."""
    record(scope.session, caller, at, "draft.deleted", draft.id, **facts)
    scope.session.delete(draft)


def stale(changes: Sequence[Mapping[str, Any]], now: Sequence[str | None]) -> Fault:
    """The refusal of changes to a draft that is another one by now: both values of every cell, nothing done.

    Parameters
    ----------
    changes : sequence of mapping
        Those that set cells.
    now : sequence of str or None
        What stands in these cells.
    """
    issues = []
    for change, text in zip(changes, now, strict=True):
        held = "is not there any more" if text is None else f"holds {text[:200]!r} by now"
        issues.append(
            {
                "code": "changed_meanwhile",
                "severity": "error",
                "message": f"the cell {held}; you send {change['value'][:200]!r}",
                "remedy": _REMEDY,
                "table": change["table"],
                "row": change["row"],
                "column": change["column"],
                "value": (text or "")[:200],
            }
        )
    return Fault("precondition_failed", "the draft was changed since you read it; nothing was done", issues=issues)
