"""What a worker does with one job in the store: claim, report, finish. Each is one transaction under the fence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from api.access import Caller
from api.jobs.kinds import kind_of
from api.store.audit import SYSTEM, record
from api.store.models import Incumbent, Job, ProgressPoint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store

__all__ = ["OPEN", "Claim", "Lost", "Runs", "requeue"]

logger = logging.getLogger(__name__)

OPEN = ("queued", "running")
_JOB = Job.__table__
_HELD = select(_JOB.c.fence, _JOB.c.status, _JOB.c.cancel_requested).where(_JOB.c.id == bindparam("id"))


class Lost(Exception):
    """The job was given to another worker, or ended; nothing more may be written."""


@dataclass(frozen=True)
class Claim:
    """A job in hand: what to do, and the fence that allows to write. ``subject``: what the job makes, for logs."""

    job_id: str
    subject: str
    fence: int
    attempts: int
    max_attempts: int
    task: dict[str, Any]


class Runs:
    """The store as a run sees it.

    Parameters
    ----------
    store : Store
    queue : JobQueue
    worker_id : str
    """

    def __init__(self, store: Store, queue: JobQueue, worker_id: str) -> None:
        self.store, self.queue, self.worker_id = store, queue, worker_id

    def claim(self, job_id: str, dispatch: int) -> Claim | None:
        """Take the job when this dispatch is the valid one; ``None`` when it is not (any more)."""
        with self.store.write() as session:
            job = session.get(Job, job_id, with_for_update=True)
            if job is None or job.dispatch != dispatch or job.status not in OPEN:
                return None
            now = self.store.clock()
            job.fence += 1
            job.attempts += 1
            job.status, job.worker_id, job.started = "running", self.worker_id, job.started or now
            task = kind_of(job).task(session, job)
            return Claim(job.id, job.subject, job.fence, job.attempts, job.max_attempts, task)

    def _held(self, session: Session, claim: Claim) -> Job:
        job = session.get(Job, claim.job_id, with_for_update=True)
        if job is None or job.fence != claim.fence or job.status != "running":
            raise Lost(claim.subject)
        return job

    def check(self, claim: Claim) -> bool:
        """Whether someone wants the run to stop.

        Raises
        ------
        Lost
        """
        row = next(iter(self.store.glance(_HELD, id=claim.job_id)), None)
        if row is None or row.fence != claim.fence or row.status != "running":
            raise Lost(claim.subject)
        return row.cancel_requested is not None

    def report(self, claim: Claim, points: list[dict[str, Any]], best: dict[str, Any] | None) -> None:
        """Add progress, and keep the best plan so far."""
        with self.store.write() as session:
            job = self._held(session, claim)
            now = self.store.clock()
            job.solving = job.solving or now
            query = select(func.coalesce(func.max(ProgressPoint.number), 0)).where(ProgressPoint.job_id == job.id)
            last = session.scalar(query) or 0
            for number, point in enumerate(points, last + 1):
                session.add(ProgressPoint(job_id=job.id, number=number, fence=claim.fence, at=now, **point))
            if best is not None:
                held = session.get(Incumbent, job.id)
                if held is None or best["objective"] < held.objective:
                    session.merge(Incumbent(job_id=job.id, fence=claim.fence, at=now, **best))

    def note(self, claim: Claim, message: dict[str, Any]) -> None:
        """Keep what the process tells on the way, as the job's kind keeps it."""
        with self.store.write() as session:
            job = self._held(session, claim)
            now = self.store.clock()
            job.solving = job.solving or now
            kind_of(job).note(session, job, message, now)

    def stopped(self, claim: Claim) -> None:
        """Note when the solver had stopped."""
        with self.store.write() as session:
            self._held(session, claim).stopped = self.store.clock()

    def settle(self, claim: Claim, **how: Any) -> dict[str, Any] | None:
        """The task that makes a result of what was kept, by this run or one before (``Kind.settle``)."""
        with self.store.read() as session:
            job = session.get(Job, claim.job_id)
            return None if job is None else kind_of(job).settle(session, job, claim.task, how)

    def finish(self, claim: Claim, made: dict[str, Any], error: tuple[str, str] | None = None) -> None:
        """Write the result and end the job: both, once, under the fence.

        Parameters
        ----------
        made : dict
            What the process made.
        error : (code, detail), optional
            The job failed, and the result is what could be kept.
        """
        with self.store.write() as session:
            job = self._held(session, claim)
            found = kind_of(job).store(session, job, made, self.store.clock())
            error = error or found
            job.dead = error is not None and job.attempts >= job.max_attempts
            self._end(session, job, "cancelled" if job.cancel_requested else "succeeded", error)

    def fail(self, claim: Claim, code: str, detail: str, *, permanent: bool) -> bool:
        """End the try: back to the queue, or for good. Returns whether it was for good."""
        with self.store.write() as session:
            job = self._held(session, claim)
            if job.cancel_requested:
                self._end(session, job, "cancelled", (code, detail))
                return True
            if permanent or job.attempts >= job.max_attempts:
                job.dead = not permanent
                self._end(session, job, "failed", (code, detail))
                return True
            logger.warning("%s: try %d failed, queued again: %s", job.subject, job.attempts, detail)
            job.error_code, job.error_detail = code, detail
            requeue(session, self.queue, job, self.store)
            return False

    def release(self, claim: Claim) -> None:
        """Give the job back unharmed: this worker stops; the try does not count."""
        with self.store.write() as session:
            job = self._held(session, claim)
            job.attempts -= 1
            requeue(session, self.queue, job, self.store)

    def _end(self, session: Session, job: Job, status: str, error: tuple[str, str] | None) -> None:
        kind = kind_of(job)
        job.finished = self.store.clock()
        job.stopped = job.stopped or job.finished
        job.status = status if error is None or status == "cancelled" else "failed"
        job.error_code, job.error_detail = error or ("", "")
        session.flush()
        facts = {"job_status": job.status, "attempts": job.attempts}
        found = kind.facts(session, job)
        if "solution" in found:
            facts["solution"] = found["solution"]
        caller = Caller(SYSTEM, job.workspace_id, "operator", frozenset())
        record(session, caller, job.finished, f"{kind.topic}.finished", job.subject, **facts)
        kind.ended(session, self.store, self.queue, job)


def requeue(session: Session, queue: JobQueue, job: Job, store: Store) -> None:
    """Put a job into the queue again as a new dispatch; whoever holds it can write nothing more."""
    job.dispatch += 1
    job.fence += 1
    job.status, job.worker_id, job.dispatched = "queued", None, store.clock()
    queue.enqueue_job(session, job)
