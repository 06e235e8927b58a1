"""Brings home what the dead have left: jobs of workers that fell silent, and those that nobody will take.

No clock of any machine is compared with another's: a worker's ``beat`` rises while it lives, and the
reaper measures with its own monotonic clock how long it has looked and not seen it rise. Time in which
it could not look (it slept, the database was away) is nobody's silence.
"""

from __future__ import annotations

import logging
import socket
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import psutil
from sqlalchemy import String, bindparam, cast, select

from api.access import Caller
from api.jobs.kinds import kind_of
from api.jobs.queue import CONTRACT, QUEUE, jobs_table
from api.jobs.runs import requeue
from api.store.audit import SYSTEM, record
from api.store.models import Job, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["Reaper"]

logger = logging.getLogger(__name__)

BATCH = 500
_JOB = Job.__table__
_LOOKS_A_LEASE = 3
"""A worker is given up only after more than so many looks."""

FREE: Final = {"skip_locked": True}
"""How rows are locked: one that somebody holds is left to the next look, so that it holds up nobody else's."""
_NEVER_TAKEN = ("CANCELLED", "ERROR", "SUCCESS", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Reaper:
    """Looks, from time to time, for jobs without a living worker.

    Parameters
    ----------
    store : Store
    queue : JobQueue
    settings : Settings
    contract : str
        Of the worker that this one serves.
    me : str
        Id of that worker.
    in_hand : container of str
        Jobs that it works on: one that it should, and does not, was lost on the way.
    monotonic : callable
        For tests.
    """

    def __init__(
        self,
        store: Store,
        queue: JobQueue,
        settings: Settings,
        contract: str = CONTRACT,
        *,
        me: str = "",
        in_hand: Container[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store, self.queue, self.settings, self._monotonic = store, queue, settings, monotonic
        self._contract, self._me, self._in_hand = contract, me, in_hand
        self._beats: dict[str, tuple[int, float]] = {}
        self._looked: float | None = None
        self._orphans: dict[tuple[str, int], float] = {}

    def look(self) -> int:
        """One round. Returns how many jobs were put back or ended.

        Jobs are read before workers: whoever held a job then had said before that it lives. The other way round,
        a worker that has come between, however long that was, would lose its jobs to a list that is too old.
        """
        running, waiting = self._held(), self._waiting()
        alive = self._alive()
        if self._contract in alive.values():
            self.queue.lead(self._contract, set(alive.values()))
        return self._running(running, alive) + self._queued(waiting, alive)

    def _alive(self) -> dict[str, str]:
        """Workers believed alive, with the contract each works by."""
        with self.store.read() as session:
            rows = list(session.scalars(select(Worker).where(Worker.stopped.is_(None))))
        watched = self._watched()
        alive, seen = {}, {}
        for row in rows:
            beat, silence = self._beats.get(row.id, (row.beat, 0.0))
            seen[row.id] = (row.beat, 0.0 if row.beat != beat else silence + watched)
            if row.id == self._me:
                continue
            silent = seen[row.id][1] > self.settings.lease_s or _surely_dead(row)
            if not (silent and self._bury(row.id, row.beat)):
                alive[row.id] = row.contract
        self._beats = seen
        if self._me:  # who looks lives, however long its heartbeat waits for the store
            alive[self._me] = self._contract
        return alive

    def _watched(self) -> float:
        """Seconds since the last look that succeeded, as far as they count."""
        now = self._monotonic()
        since = 0.0 if self._looked is None else now - self._looked
        self._looked = now
        if since > self.settings.lease_s:
            self._orphans.clear()
        return min(since, self.settings.lease_s / _LOOKS_A_LEASE)

    def _bury(self, worker_id: str, beat: int) -> bool:
        """Note that a worker is dead; not when it has just said that it lives, or when somebody holds its row.

        Who holds it may be the worker itself, or a transaction that keeps it from saying anything.
        """
        with self.store.write() as session:
            row = session.get(Worker, worker_id, with_for_update=FREE)
            if row is None or row.beat != beat:
                return False
            if row.stopped is None:
                row.stopped = self.store.clock()
                logger.warning("worker %s counts as dead", worker_id)
        return True

    def _held(self) -> list[tuple[str, int, str | None]]:
        """Jobs that run: id, fence, worker."""
        query = select(Job.id, Job.fence, Job.worker_id).where(Job.status == "running").order_by(Job.id)
        with self.store.read() as session:
            return [(i, fence, worker) for i, fence, worker in session.execute(query)]

    def _waiting(self) -> dict[tuple[str, int], Row[Any]]:
        """Jobs that wait and whose entry does not simply wait too, by id and dispatch, with what is known of it."""
        rows = [
            *self.store.glance(_doubtful(self.store.on_sqlite), batch=BATCH),
            *self.store.glance(_taken(self.store.on_sqlite), batch=BATCH, queue=QUEUE),
        ]
        return {(row.id, row.dispatch): row for row in rows}

    def _running(self, held: Sequence[tuple[str, int, str | None]], alive: Mapping[str, str]) -> int:
        """Put back jobs that run on a worker that does not live, or that this one does not know of."""
        # hands are looked at after the jobs: who runs by then has been in hand since before
        lost = [(i, fence) for i, fence, worker in held if worker not in alive or self._forgotten(i, worker)][:BATCH]
        for job_id, fence in lost:
            with self.store.write() as session:
                job = session.get(Job, job_id, with_for_update=FREE)
                if job is not None and job.fence == fence and job.status == "running":
                    self._bring_home(session, job)
        return len(lost)

    def _bring_home(self, session: Session, job: Job) -> None:
        """Queue the job once more; what the last try has kept, if anything, is settled by whoever takes it."""
        logger.warning("%s: its worker %s does not work on it, queued again", job.subject, job.worker_id)
        caller = Caller(SYSTEM, job.workspace_id, "operator", frozenset())
        action = f"{kind_of(job).topic}.requeued"
        record(session, caller, self.store.clock(), action, job.subject, worker=job.worker_id)
        requeue(session, self.queue, job, self.store)

    def _queued(self, waiting: Mapping[tuple[str, int], Row[Any]], alive: Mapping[str, str]) -> int:
        """Put in again jobs that no living worker will ever take."""
        now = self._monotonic()
        lost = [key for key, entry in waiting.items() if self._orphaned(key, entry, alive)]
        self._orphans = orphans = {key: self._orphans.get(key, now) for key in lost}
        due = [key for key, since in orphans.items() if now - since >= self.settings.heartbeat_s]
        for job_id, dispatch in due:
            with self.store.write() as session:
                job = session.get(Job, job_id, with_for_update=FREE)
                if job is not None and job.dispatch == dispatch and job.status == "queued":
                    self._bring_home(session, job)
        return len(due)

    def _orphaned(self, key: tuple[str, int], entry: Row[Any], alive: Mapping[str, str]) -> bool:
        """Whether nobody will do it: its entry is gone, over, in no hands, or bound to a contract of old."""
        if entry.status is None or entry.status in _NEVER_TAKEN:
            return True
        if entry.status == "PENDING":
            return entry.executor_id not in alive or self._forgotten(key[0], entry.executor_id)
        return entry.application_version is not None and entry.application_version not in alive.values()

    def _forgotten(self, job_id: str, worker_id: str | None) -> bool:
        """Whether a job is this worker's, and it does not work on it: the database went away in the middle."""
        return worker_id == self._me and job_id not in self._in_hand


@cache
def _doubtful(on_sqlite: bool) -> Select[Any]:
    """Of those that have waited longest: whose entry is gone, or is more than put in."""
    entries = jobs_table(on_sqlite)
    oldest = select(_JOB.c.id, _JOB.c.dispatch).where(_JOB.c.status == "queued")
    first = oldest.order_by(_JOB.c.id).limit(bindparam("batch")).subquery()
    name = first.c.id + "." + cast(first.c.dispatch, String)
    told = (entries.c.status, entries.c.executor_id, entries.c.application_version)
    query = select(first.c.id, first.c.dispatch, *told)
    waits = (entries.c.status == "ENQUEUED") & entries.c.application_version.is_(None)
    return query.join_from(first, entries, entries.c.workflow_uuid == name, isouter=True).where(
        entries.c.status.is_(None) | ~waits
    )


@cache
def _taken(on_sqlite: bool) -> Select[Any]:
    """Of whatever age: what has just come may be in somebody's hands too."""
    entries = jobs_table(on_sqlite)
    name = _JOB.c.id + "." + cast(_JOB.c.dispatch, String)
    query = select(_JOB.c.id, _JOB.c.dispatch, entries.c.status, entries.c.executor_id, entries.c.application_version)
    held = (entries.c.status == "PENDING", entries.c.queue_name == bindparam("queue"), _JOB.c.status == "queued")
    return query.join_from(entries, _JOB, entries.c.workflow_uuid == name).where(*held).limit(bindparam("batch"))


def started_since_boot(pid: int) -> float:
    """Start of a process, seconds after the machine's: a change of the wall clock does not move it.

    Raises
    ------
    psutil.Error
    """
    return psutil.Process(pid).create_time() - psutil.boot_time()


def _surely_dead(row: Worker) -> bool:
    """A worker of this machine whose process is gone needs no lease to run out."""
    if row.host != socket.gethostname():
        return False
    try:
        return abs(started_since_boot(row.pid) - row.process_started) > 1.0
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
