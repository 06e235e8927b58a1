"""What the store of a service tells of its jobs, read beside it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from api.store.models import AuditEntry, Plan
from api.store.models import Job as JobRow
from api.store.outage import OUTAGE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from api.store.engine import Store

__all__ = ["OPEN", "Books", "Job"]

OPEN: Final = ("queued", "running")


@dataclass(frozen=True)
class Job:
    """What became of a job; times are seconds since 1970 by the clock of this machine, NaN for never."""

    id: str
    name: str
    status: str
    submitted: float
    started: float
    finished: float
    attempts: int
    worker: str


class Books:
    """Jobs of a store, as they are now.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def jobs(self) -> list[Job]:
        """All jobs, by their age."""
        with self.store.read() as session:
            rows = session.execute(
                select(
                    Plan.id,
                    Plan.name,
                    JobRow.status,
                    Plan.created,
                    JobRow.started,
                    JobRow.finished,
                    JobRow.attempts,
                    JobRow.worker_id,
                )
                .join(JobRow, JobRow.subject == Plan.id)
                .order_by(Plan.id)
            )
            return [
                Job(
                    r.id,
                    r.name,
                    r.status,
                    _s(r.created),
                    _s(r.started),
                    _s(r.finished),
                    r.attempts,
                    r.worker_id or "",
                )
                for r in rows
            ]

    def ended(self) -> int | None:
        """How many jobs have ended; ``None`` while the database does not answer."""
        return self._number(JobRow.status.not_in(OPEN))

    def queued(self) -> int | None:
        """How many jobs wait; ``None`` while the database does not answer."""
        return self._number(JobRow.status == "queued")

    def _number(self, of: ColumnElement[bool]) -> int | None:
        with contextlib.suppress(*OUTAGE), self.store.read() as session:
            return session.scalar(select(func.count()).select_from(JobRow).where(of)) or 0
        return None

    def outcomes(self) -> dict[str, int]:
        """How often the record tells of each job that it has ended."""
        query = select(AuditEntry.subject, func.count().label("ends")).where(AuditEntry.action == "plan.finished")
        with self.store.read() as session:
            return {row.subject: row.ends for row in session.execute(query.group_by(AuditEntry.subject))}


def _s(at: Any) -> float:
    return float("nan") if at is None else float(at.timestamp())
