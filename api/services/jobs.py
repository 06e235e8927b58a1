"""Jobs: put into the queue with what they make, cancelled, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select

from api.faults import Fault, from_usage
from api.jobs.kinds import kind_of
from api.jobs.queue import take_place
from api.jobs.runs import OPEN, requeue
from api.store.audit import record
from api.store.models import Case, Job, Plan, ProgressPoint, Study
from api.store.scope import take_turn
from api.store.types import new_id
from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store
    from api.store.scope import Scope

__all__ = ["cancel", "held", "options_of", "retry", "standing", "submit"]

Made = TypeVar("Made", Plan, Study)

_POINT, _ALL = ProgressPoint.__table__, ProgressPoint.__table__.alias()
_STANDING = (
    select(
        _POINT.c.elapsed_s,
        _POINT.c.phase,
        select(func.min(_ALL.c.incumbent)).where(_ALL.c.job_id == bindparam("id")).scalar_subquery().label("best"),
        select(func.max(_ALL.c.bound)).where(_ALL.c.job_id == bindparam("id")).scalar_subquery().label("highest"),
    )
    .where(_POINT.c.job_id == bindparam("id"))
    .order_by(_POINT.c.number.desc())
    .limit(1)
)
"""Last report of a run, with its best plan and bound; written once: to make a statement costs more than to do it."""


def options_of(options: dict[str, Any], settings: Settings, *, time_limit_s: float | None = None) -> dict[str, Any]:
    """Options of a run with the service's defaults and limits applied.

    Parameters
    ----------
    time_limit_s : float, optional
        Limit that applies whatever else is given; by default the service's where there is no limit of work.

    Raises
    ------
    Fault
        ``invalid_options``.
    """
    out = {k: v for k, v in options.items() if v is not None}
    if time_limit_s is not None:
        out.setdefault("time_limit_s", time_limit_s)
    elif "work_limit" not in out:
        out.setdefault("time_limit_s", settings.time_limit_s)
    if out.get("backend", "auto") in ("auto", "engine"):  # others may have no threads, and refuse more than one
        out.setdefault("threads", min(settings.threads, settings.max_threads))
    memory = int(0.8 * settings.memory_limit_mb)
    out["memory_limit_mb"] = min(out.get("memory_limit_mb", memory), memory)
    most: tuple[tuple[str, float], ...] = (
        ("time_limit_s", settings.max_time_limit_s),
        ("threads", settings.max_threads),
    )
    for name, limit in most:
        if out.get(name, 0) > limit:
            raise Fault("invalid_options", f"{name} may be at most {limit:g} here", limit=limit)
    try:
        SolveParams(**{k: v for k, v in out.items() if k != "solve_limit_s"})
    except UsageError as error:
        raise from_usage(error) from error
    return out


def submit(
    scope: Scope,
    caller: Caller,
    store: Store,
    settings: Settings,
    *,
    kind: str,
    subject: str,
    case_id: str | None,
    revision: int | None,
    options: dict[str, Any] | None = None,
    question: dict[str, Any] | None = None,
    plan_id: str | None = None,
    priority: int = 5,
) -> Job:
    """A new job, not in the queue yet: its subject comes first, then ``JobQueue.enqueue_job`` in the same transaction.

    Raises
    ------
    Fault
        ``too_many_plans``.
    """
    take_turn(scope.session, scope.workspace_id)
    open_here = select(func.count()).select_from(Job)
    open_here = open_here.where(Job.workspace_id == scope.workspace_id, Job.status.in_(OPEN))
    if (scope.session.scalar(open_here) or 0) >= settings.max_open_plans:
        raise Fault("too_many_plans", f"at most {settings.max_open_plans} at once", limit=settings.max_open_plans)
    now = store.clock()
    job = Job(
        id=new_id("job", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        kind=kind,
        subject=subject,
        case_id=case_id,
        revision=revision,
        plan_id=plan_id,
        question=question or {},
        options=options or {},
        priority=priority,
        place=take_place(scope.session, scope.workspace_id, priority),
        status="queued",
        dispatch=1,
        dispatched=now,
        fence=0,
        attempts=0,
        max_attempts=settings.max_attempts,
        dead=False,
    )
    if store.tracing is not None:
        job.trace = store.tracing.current()
        store.tracing.note(run_id=subject)
    scope.session.add(job)
    scope.session.flush()
    return job


def held(scope: Scope, model: type[Made], id_: str) -> Made:
    """A plan or a study and its job, nobody else's to change until this transaction ends.

    The job is locked first, as by the worker that ends it, so that nobody waits for another in a circle.
    """
    job_id = scope.get(model, id_).job_id
    scope.session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
    return scope.get(model, id_, lock=True)


def cancel(scope: Scope, caller: Caller, store: Store, queue: JobQueue, job: Job) -> None:
    """Ask for the end of a job; what it has is kept. A job that has ended stays as it is.

    Parameters
    ----------
    job : Job
        Locked by this transaction.
    """
    if job.status not in OPEN or job.cancel_requested is not None:
        return
    job.cancel_requested, kind = store.clock(), kind_of(job)
    record(scope.session, caller, job.cancel_requested, f"{kind.topic}.cancelled", job.subject)
    if job.status == "queued" and job.attempts == 0:  # nothing was found yet: it ends here and now
        job.dispatch += 1
        job.fence += 1
        job.status, job.stopped, job.finished = "cancelled", job.cancel_requested, job.cancel_requested
        kind.ended(scope.session, store, queue, job)


def retry(scope: Scope, caller: Caller, store: Store, queue: JobQueue, job: Job) -> None:
    """Try a failed job again from what was kept.

    Parameters
    ----------
    job : Job
        Locked by this transaction.

    Raises
    ------
    Fault
        ``conflict``, ``document_removed``: it has not failed, its case is archived, or its kind refuses.
    """
    if job.case_id is not None and scope.get(Case, job.case_id).archived is not None:
        raise Fault("conflict", f"case {job.case_id} is archived")
    kind_of(job).reopen(scope.session, job)
    if job.status != "failed":
        raise Fault("conflict", f"{job.subject}: its job has not failed, it is {job.status}")
    job.attempts, job.dead, job.finished, job.stopped = 0, False, None, None
    job.error_code = job.error_detail = ""
    record(scope.session, caller, store.clock(), f"{kind_of(job).topic}.retried", job.subject)
    requeue(scope.session, queue, job, store)


def standing(session: Session, job: Job) -> dict[str, Any] | None:
    """How far the run of a job has come; ``None`` when it does not run, or nothing was reported yet."""
    if job.status != "running":
        return None
    last = session.connection().execute(_STANDING, {"id": job.id}).one_or_none()
    if last is None:
        return None
    incumbent, bound = last.best, last.highest
    gap = None if incumbent is None or bound is None else max(0.0, incumbent - bound)
    return {"elapsed_s": last.elapsed_s, "incumbent": incumbent, "bound": bound, "gap_abs": gap, "phase": last.phase}
