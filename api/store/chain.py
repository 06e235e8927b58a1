"""The record as a chain: each entry carries the hash of the one before, so that none is changed or taken out unseen.

One chain for the whole service, so that one number and one hash stand for all that was ever written. A transaction's
entries join the chain when all else is done, right before it commits: on PostgreSQL under a lock that is held for
that moment only, taken after every other, so that it can be part of no circle. What its ids stand for (names) is not
hashed: names are deleted with their workspace, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, text

from api.store.models import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["EMPTY", "GENESIS", "Head", "add", "begin", "digest", "head", "join", "tell"]

logger = logging.getLogger(__name__)

GENESIS: Final = "0" * 64
"""What the first entry carries."""
_LOCK: Final = 8_411_203_772
"""Key of the PostgreSQL advisory lock of whoever adds to the chain."""
_STUCK_MS: Final = 10_000
"""A process that stops while it holds the lock loses its transaction after this; everyone else would wait for it."""
_TOLD_EVERY: Final = 1000
_WAITING: Final = "designate_audit_waiting"


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: kept elsewhere, it proves later that nothing up to it was changed or cut off."""

    number: int
    hash: str
    at: datetime | None = None
    added: int = 0
    """How many entries a transaction has just added."""


EMPTY: Final = Head(0, GENESIS)


def begin(session: Session) -> None:
    """Let a transaction have entries; ``join`` must end it."""
    session.info[_WAITING] = []


def add(session: Session, entry: AuditEntry) -> None:
    """Note an entry of this transaction.

    Raises
    ------
    RuntimeError
        Nobody will add it: the transaction is not one of ``Store.write``.
    """
    if _WAITING not in session.info:
        raise RuntimeError("the record is written in transactions of Store.write only")
    session.info[_WAITING].append(entry)


def join(session: Session) -> Head | None:
    """Add the transaction's entries to the chain, in their order; the new head where there were any."""
    waiting: list[AuditEntry] = session.info.pop(_WAITING)
    if not waiting:
        return None
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT set_config('idle_in_transaction_session_timeout', :ms, true), pg_advisory_xact_lock(:key)"),
            {"ms": str(_STUCK_MS), "key": _LOCK},
        )
    last = head(session)
    for entry in waiting:
        entry.number, entry.previous = last.number + 1, last.hash
        entry.hash = digest(entry)
        session.add(entry)
        last = Head(entry.number, entry.hash, entry.at, len(waiting))
    session.flush()
    return last


def tell(last: Head) -> None:
    """Write the head into the log, which is kept elsewhere; after additions, only at every thousandth entry."""
    if not last.added or last.number // _TOLD_EVERY > (last.number - last.added) // _TOLD_EVERY:
        logger.info("audit head %d:%s", last.number, last.hash)


def head(session: Session) -> Head:
    """The end of the chain."""
    query = select(AuditEntry.number, AuditEntry.hash, AuditEntry.at).order_by(AuditEntry.number.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return EMPTY if row is None else Head(row.number, row.hash, row.at)


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all that an entry says, and the hash of the one before.

    Its form is part of what is stored: it can never change, only entries of a new form could follow.
    """
    content = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "workspace": entry.workspace_id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "request": entry.request_id,
        "detail": _plain(entry.detail),
        "previous": entry.previous,
    }
    written = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Numbers in one form: a database may give back 1 for 1.0."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
