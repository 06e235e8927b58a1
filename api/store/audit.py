"""The record of what was done. Entries are written in the transaction of the deed.

Entries cannot be changed, and yet names must be able to go when a workspace is deleted. So no entry holds one:
each text that may be a name is written as an id, and what the id stands for in a table that can be emptied.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.store import chain
from api.store.models import AuditEntry, AuditName
from api.store.types import ID_PATTERN, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.access import Caller

__all__ = ["PLAIN", "SYSTEM", "named", "record"]

SYSTEM = "system"
"""Actor of what no person asked for: workers, schedules."""

PLAIN: Final = frozenset(
    {
        "action",
        "backend",
        "content_hash",
        "cron",
        "date",
        "entry",
        "from",
        "job_status",
        "operation",
        "operations",
        "origin",
        "replaces",
        "role",
        "scopes",
        "since",
        "solution",
        "study",
        "time_zone",
        "worker",
        "workspace",
    }
)
"""Members of ``detail`` whose texts are words of this service; every other text counts as a name."""

_ID: Final = re.compile(ID_PATTERN)
_TOKEN: Final = re.compile(r"^nam_[0-9a-f]{28}$")
_MEMO: Final = "designate_audit_names"


def record(session: Session, caller: Caller, at: datetime, action: str, subject: str = "", **detail: Any) -> None:
    """Add an entry, when the transaction commits; ``detail`` holds small, non-secret facts."""
    workspace = caller.workspace_id
    veiled = _changed(detail, lambda text: _token(session, workspace, at, text))
    chain.add(
        session,
        AuditEntry(
            at=at,
            workspace_id=workspace,
            actor=caller.key_id,
            action=action,
            subject=subject,
            request_id=caller.request_id,
            detail=veiled,
        ),
    )


def named(session: Session, entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Details of entries with the names in them, as far as they are still known."""
    details = [e.detail for e in entries]
    wanted: set[str] = set()

    def note(text: str) -> str:
        if _TOKEN.fullmatch(text):
            wanted.add(text)
        return text

    for detail in details:
        _changed(detail, note, ids=True)
    rows = session.scalars(select(AuditName).where(AuditName.id.in_(wanted))) if wanted else ()
    known = {n.id: n.text for n in rows}
    return [_changed(d, lambda text: known.get(text, text), ids=True) for d in details]


def _changed(detail: dict[str, Any], change: Callable[[str], str], *, ids: bool = False) -> dict[str, Any]:
    """A copy with every text that is not plain changed."""
    return {k: v if k in PLAIN else _walk(v, change, ids) for k, v in detail.items()}


def _walk(value: Any, change: Callable[[str], str], ids: bool) -> Any:
    if isinstance(value, dict):
        return _changed(value, change, ids=ids)
    if isinstance(value, list | tuple):
        return [_walk(v, change, ids) for v in value]
    if isinstance(value, str) and value and (ids or not _ID.fullmatch(value)):
        return change(value)
    return value


def _token(session: Session, workspace: str, at: datetime, text: str) -> str:
    """The id of a name; the same text has the same one, save where two transactions meet it first at once."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    memo: dict[tuple[str, str], str] = session.info.setdefault(_MEMO, {})
    if (workspace, digest) not in memo:
        query = select(AuditName.id).where(AuditName.workspace_id == workspace, AuditName.digest == digest)
        with session.no_autoflush:
            found: Sequence[str] = session.scalars(query.limit(1)).all()
        if not found:
            row = AuditName(id=new_id("nam", at), workspace_id=workspace, digest=digest, text=text)
            session.add(row)
            found = [row.id]
        memo[workspace, digest] = found[0]
    return memo[workspace, digest]
