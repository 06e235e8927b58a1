"""Plans: submitted in one transaction with their job, cancelled, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from api.faults import Fault
from api.jobs.after import AFTER
from api.jobs.queue import take_place
from api.jobs.runs import OPEN, requeue
from api.store.audit import record
from api.store.models import Case, Plan, PlanResult, PlanState
from api.store.scope import take_turn
from api.store.types import new_id
from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store
    from api.store.scope import Scope

__all__ = ["cancel", "params_of", "result_of", "retry", "submit"]


def params_of(options: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Options of a run with the service's defaults and limits applied.

    Raises
    ------
    Fault
        ``invalid_options``.
    """
    out = {k: v for k, v in options.items() if v is not None}
    if "work_limit" not in out:
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
        SolveParams(**out)
    except UsageError as error:
        raise Fault("invalid_options", str(error)) from error
    return out


def submit(
    scope: Scope,
    caller: Caller,
    store: Store,
    queue: JobQueue,
    settings: Settings,
    *,
    case_id: str,
    revision: int | None = None,
    options: dict[str, Any] | None = None,
    name: str = "",
    tags: Sequence[str] = (),
    priority: int = 5,
    start_plan: str | None = None,
    purpose: str = "solve",
    more: dict[str, Any] | None = None,
    before_queue: Callable[[Plan], None] | None = None,
) -> Plan:
    """A new plan and its job, in the caller's transaction: both are there, or neither."""
    case = scope.get(Case, case_id, hold=True)  # nobody archives it before the plan is there
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    found = scope.revision(case, revision)
    if start_plan is not None:
        result_of(scope.session, scope.get(Plan, start_plan))
    take_turn(scope.session, scope.workspace_id)
    query = select(func.count()).select_from(Plan)
    query = query.where(Plan.workspace_id == scope.workspace_id, Plan.job_status.in_(OPEN))
    if (scope.session.scalar(query) or 0) >= settings.max_open_plans:
        raise Fault("too_many_plans", f"at most {settings.max_open_plans} at once", limit=settings.max_open_plans)
    now = store.clock()
    plan = Plan(
        id=new_id("pln", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        case_id=case.id,
        revision=found.number,
        name=name,
        tags=list(tags),
        priority=priority,
        purpose=purpose,
        options={**params_of(options or {}, settings), **(more or {})},
        start_plan_id=start_plan,
        dispatched=now,
        max_attempts=settings.max_attempts,
        job_status="queued",
        dispatch=1,
        fence=0,
        attempts=0,
        place=take_place(scope.session, scope.workspace_id, priority),
    )
    if store.tracing is not None:
        plan.trace = store.tracing.current()
        store.tracing.note(run_id=plan.id)
    scope.session.add(plan)
    scope.session.flush()
    scope.session.add(PlanState(plan_id=plan.id, number=1, state="draft", at=now, by=caller.key_id))
    record(scope.session, caller, now, "plan.submitted", plan.id, case=case.id, revision=found.number)
    if before_queue is not None:
        before_queue(plan)
    queue.enqueue_plan(scope.session, plan)
    return plan


def cancel(scope: Scope, caller: Caller, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Ask for the end of a plan's job; the best plan so far is kept. A job that has ended stays as it is.

    Parameters
    ----------
    plan : Plan
        Locked by this transaction.
    """
    if plan.job_status not in OPEN or plan.cancel_requested is not None:
        return
    plan.cancel_requested = store.clock()
    record(scope.session, caller, plan.cancel_requested, "plan.cancelled", plan.id)
    if plan.job_status == "queued" and plan.attempts == 0:  # nothing was found yet: it ends here and now
        plan.dispatch += 1
        plan.fence += 1
        plan.job_status, plan.stopped, plan.finished = "cancelled", plan.cancel_requested, plan.cancel_requested
        for follow in AFTER:
            follow(scope.session, store, queue, plan)


def retry(scope: Scope, caller: Caller, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Try a failed plan again from its best plan so far.

    Parameters
    ----------
    plan : Plan
        Locked by this transaction.
    """
    if plan.archived is not None or scope.get(Case, plan.case_id).archived is not None:
        raise Fault("conflict", f"plan {plan.id} or its case is archived")
    if plan.removed is not None:
        raise Fault("document_removed", f"plan {plan.id}: what it had reached was removed")
    if plan.job_status != "failed" or scope.session.get(PlanResult, plan.id) is not None:
        raise Fault("conflict", "only a failed plan without a result can be tried again")
    plan.attempts, plan.dead, plan.finished, plan.stopped = 0, False, None, None
    plan.error_code = plan.error_detail = ""
    record(scope.session, caller, store.clock(), "plan.retried", plan.id)
    requeue(scope.session, queue, plan, store)


def result_of(session: Session, plan: Plan) -> PlanResult:
    """The result of a plan; its absence has three reasons, told apart."""
    found = session.get(PlanResult, plan.id)
    if found is not None:
        return found
    if plan.removed is not None:
        told = f"its SHA-256 was {plan.removed_hash}" if plan.removed_hash else "there was none"
        raise Fault("document_removed", f"plan {plan.id}: removed on {plan.removed:%Y-%m-%d}; {told}")
    if plan.job_status in OPEN:
        raise Fault("no_result", f"plan {plan.id} is {plan.job_status}")
    raise Fault("no_plan_found", f"plan {plan.id}: {plan.error_detail or plan.job_status}")
