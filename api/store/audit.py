"""The record of what was done. Entries are written in the transaction of the deed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.store.models import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.access import Caller

__all__ = ["SYSTEM", "record"]

SYSTEM = "system"
"""Actor of what no person asked for: workers, schedules."""


def record(session: Session, caller: Caller, at: datetime, action: str, subject: str = "", **detail: Any) -> None:
    """Add an entry; ``detail`` holds small, non-secret facts."""
    session.add(
        AuditEntry(
            at=at,
            workspace_id=caller.workspace_id,
            actor=caller.key_id,
            action=action,
            subject=subject,
            request_id=caller.request_id,
            detail=detail,
        )
    )
