"""What a worker does with one plan in the store: claim, report, finish. Each is one transaction under the fence."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import undefer

from api.access import Caller
from api.jobs.after import AFTER
from api.jobs.kinds import EVALUATE, copy_figures, more_of_task, params_in, store_more
from api.store.audit import SYSTEM, record
from api.store.models import Case, Incumbent, Plan, PlanResult, ProgressPoint, Revision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store

__all__ = ["Claim", "Lost", "Runs", "requeue"]

logger = logging.getLogger(__name__)

OPEN = ("queued", "running")
_PLAN = Plan.__table__
_HELD = select(_PLAN.c.fence, _PLAN.c.job_status, _PLAN.c.cancel_requested).where(_PLAN.c.id == bindparam("id"))


class Lost(Exception):
    """The plan was given to another worker, or ended; nothing more may be written."""


@dataclass(frozen=True)
class Claim:
    """A plan in hand: what to solve, and the fence that allows to write."""

    plan_id: str
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

    def claim(self, plan_id: str, dispatch: int) -> Claim | None:
        """Take the plan when this dispatch is the valid one; ``None`` when it is not (any more)."""
        with self.store.write() as session:
            plan = session.get(Plan, plan_id, with_for_update=True)
            if plan is None or plan.dispatch != dispatch or plan.job_status not in OPEN:
                return None
            now = self.store.clock()
            plan.fence += 1
            plan.attempts += 1
            plan.job_status, plan.worker_id, plan.started = "running", self.worker_id, plan.started or now
            task = _task(session, plan)
            return Claim(plan.id, plan.fence, plan.attempts, plan.max_attempts, task)

    def _held(self, session: Session, claim: Claim) -> Plan:
        plan = session.get(Plan, claim.plan_id, with_for_update=True)
        if plan is None or plan.fence != claim.fence or plan.job_status != "running":
            raise Lost(claim.plan_id)
        return plan

    def check(self, claim: Claim) -> bool:
        """Whether someone wants the run to stop.

        Raises
        ------
        Lost
        """
        row = next(iter(self.store.glance(_HELD, id=claim.plan_id)), None)
        if row is None or row.fence != claim.fence or row.job_status != "running":
            raise Lost(claim.plan_id)
        return row.cancel_requested is not None

    def report(self, claim: Claim, points: list[dict[str, Any]], best: dict[str, Any] | None) -> None:
        """Add progress, and keep the best plan so far."""
        with self.store.write() as session:
            plan = self._held(session, claim)
            now = self.store.clock()
            plan.solving = plan.solving or now
            query = select(func.coalesce(func.max(ProgressPoint.number), 0)).where(ProgressPoint.plan_id == plan.id)
            last = session.scalar(query) or 0
            for number, point in enumerate(points, last + 1):
                session.add(ProgressPoint(plan_id=plan.id, number=number, fence=claim.fence, at=now, **point))
            if best is not None:
                held = session.get(Incumbent, plan.id)
                if held is None or best["objective"] < held.objective:
                    session.merge(Incumbent(plan_id=plan.id, fence=claim.fence, at=now, **best))

    def stopped(self, claim: Claim) -> None:
        """Note when the solver had stopped."""
        with self.store.write() as session:
            self._held(session, claim).stopped = self.store.clock()

    def incumbent(self, claim: Claim) -> Incumbent | None:
        """The best plan kept so far, by this run or one before."""
        with self.store.read() as session:
            return session.get(Incumbent, claim.plan_id)

    def finish(
        self,
        claim: Claim,
        document: dict[str, Any],
        error: tuple[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """Write the result and end the job: both, once, under the fence.

        Parameters
        ----------
        more : dict, optional
            What the task made beside the document (``api.jobs.kinds``).
        error : (code, detail), optional
            The job failed, and the document is what could be kept.
        """
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        digest = hashlib.sha256(content).hexdigest()
        with self.store.write() as session:
            plan = self._held(session, claim)
            now = self.store.clock()
            row = PlanResult(plan_id=plan.id, fence=claim.fence, content_hash=digest, document=content, created=now)
            session.add(row)
            copy_figures(plan, document)
            if more is not None:
                store_more(session, plan, document, more, now)
            by_hand = plan.purpose == EVALUATE  # what breaks a rule is an answer there
            if error is None and plan.solution in ("optimal", "feasible") and not plan.verified and not by_hand:
                error = ("verification_failed", "the plan did not survive the independent check")
            status = "cancelled" if plan.cancel_requested else "succeeded"
            plan.dead = error is not None and plan.attempts >= plan.max_attempts
            self._end(session, plan, status, error)

    def fail(self, claim: Claim, code: str, detail: str, *, permanent: bool) -> bool:
        """End the try: back to the queue, or for good. Returns whether it was for good."""
        with self.store.write() as session:
            plan = self._held(session, claim)
            if plan.cancel_requested:
                self._end(session, plan, "cancelled", (code, detail))
                return True
            if permanent or plan.attempts >= plan.max_attempts:
                plan.dead = not permanent
                self._end(session, plan, "failed", (code, detail))
                return True
            logger.warning("plan %s: try %d failed, queued again: %s", plan.id, plan.attempts, detail)
            plan.error_code, plan.error_detail = code, detail
            requeue(session, self.queue, plan, self.store)
            return False

    def release(self, claim: Claim) -> None:
        """Give the plan back unharmed: this worker stops; the try does not count."""
        with self.store.write() as session:
            plan = self._held(session, claim)
            plan.attempts -= 1
            requeue(session, self.queue, plan, self.store)

    def _end(self, session: Session, plan: Plan, status: str, error: tuple[str, str] | None) -> None:
        plan.finished = self.store.clock()
        plan.stopped = plan.stopped or plan.finished
        plan.job_status = status if error is None or status == "cancelled" else "failed"
        plan.error_code, plan.error_detail = error or ("", "")
        caller = Caller(SYSTEM, plan.workspace_id, "operator", frozenset())
        facts = {"job_status": plan.job_status, "solution": plan.solution, "attempts": plan.attempts}
        record(session, caller, plan.finished, "plan.finished", plan.id, **facts)
        for follow in AFTER:
            follow(session, self.store, self.queue, plan)


def requeue(session: Session, queue: JobQueue, plan: Plan, store: Store) -> None:
    """Put a plan into the queue again as a new dispatch; whoever holds it can write nothing more."""
    plan.dispatch += 1
    plan.fence += 1
    plan.job_status, plan.worker_id, plan.dispatched = "queued", None, store.clock()
    queue.enqueue_plan(session, plan)


def _task(session: Session, plan: Plan) -> dict[str, Any]:
    query = select(Revision).where(Revision.case_id == plan.case_id, Revision.number == plan.revision)
    revision = session.scalars(query.options(undefer(Revision.tables))).one()
    case = session.get_one(Case, plan.case_id)
    return {
        "task": "solve",
        "tables": revision.tables,
        "case_name": case.name,
        "issues": [i for i in revision.issues if i["severity"] != "error"],
        "params": params_in(plan.options),
        "start": _start(session, plan),
        "name": plan.name or case.name,
        "tags": plan.tags,
        **more_of_task(session, plan),
    }


def _start(session: Session, plan: Plan) -> dict[str, Any] | None:
    """What an earlier try had reached, else the plan asked for as a start."""
    held = session.get(Incumbent, plan.id)
    if held is not None:
        names = ("entity", "service", "provider", "backup")
        rows = [dict(zip(names, row, strict=True)) for row in held.rows]
        return {"schema": "designate.plan/1", "assignments": rows}
    result = session.get(PlanResult, plan.start_plan_id) if plan.start_plan_id else None
    return None if result is None else json.loads(result.document)
