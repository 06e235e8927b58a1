"""Plans: submitted in one transaction with their job, cancelled, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.jobs.kinds.solve import SOLVE
from api.jobs.runs import OPEN
from api.services import jobs
from api.store.audit import record
from api.store.models import Case, Plan, PlanResult, PlanState
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store
    from api.store.models import Revision
    from api.store.scope import Scope

__all__ = ["cancel", "open_case", "result_of", "retry", "submit"]


def open_case(scope: Scope, case_id: str) -> Case:
    """A case that work may be put in for; nobody archives it before that is there.

    Raises
    ------
    Fault
        ``conflict``: it is archived.
    """
    case = scope.get(Case, case_id, hold=True)
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    return case


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
    kind: str = SOLVE,
    question: dict[str, Any] | None = None,
    event: str | None = None,
) -> Plan:
    """A new plan and its job, in the caller's transaction: both are there, or neither.

    Parameters
    ----------
    kind : str
        Of the job.
    question : dict, optional
        What the job is asked beside the options; the plan shows both.
    event : str, optional
        Id of the event that it answers.

    Raises
    ------
    Fault
        ``horizon_not_taken``: of the case and that of the plan to start from one has a horizon; those of
        ``open_case``, ``result_of``, ``jobs.submit``.
    """
    case = open_case(scope, case_id)
    found = scope.revision(case, revision)
    if start_plan is not None:
        _startable(scope, scope.get(Plan, start_plan), found)
    chosen = jobs.options_of(options or {}, settings)
    plan_id = new_id("pln", store.clock())
    job = jobs.submit(
        scope,
        caller,
        store,
        settings,
        kind=kind,
        subject=plan_id,
        case_id=case.id,
        revision=found.number,
        options=chosen,
        question=question,
        plan_id=start_plan,
        priority=priority,
    )
    plan = Plan(
        id=plan_id,
        workspace_id=scope.workspace_id,
        created=job.created,
        created_by=caller.key_id,
        job=job,
        case_id=case.id,
        revision=found.number,
        name=name,
        tags=list(tags),
        options={**chosen, **(question or {})},
        start_plan_id=start_plan,
        event_id=event,
    )
    scope.session.add(plan)
    scope.session.flush()
    scope.session.add(PlanState(plan_id=plan.id, number=1, state="draft", at=job.created, by=caller.key_id))
    record(scope.session, caller, job.created, "plan.submitted", plan.id, case=case.id, revision=found.number)
    queue.enqueue_job(scope.session, job)
    return plan


def _startable(scope: Scope, plan: Plan, wanted: Revision) -> None:
    """Refuse a plan to start from that has no result, or of which only one side knows time."""
    result_of(scope.session, plan)
    given = scope.revision(scope.get(Case, plan.case_id), plan.revision)
    if given.over_time != wanted.over_time:
        sides = ("has none", "has a horizon")
        told = f"the case {sides[wanted.over_time]}, and the case of plan {plan.id}, to start from, "
        raise Fault("horizon_not_taken", f"{told}{sides[given.over_time]}")


def cancel(scope: Scope, caller: Caller, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Ask for the end of a plan's job; the best plan so far is kept. A job that has ended stays as it is.

    Parameters
    ----------
    plan : Plan
        Of ``jobs.held``.
    """
    jobs.cancel(scope, caller, store, queue, plan.job)


def retry(scope: Scope, caller: Caller, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Try a failed plan again from its best plan so far.

    Parameters
    ----------
    plan : Plan
        Of ``jobs.held``.
    """
    jobs.retry(scope, caller, store, queue, plan.job)


def result_of(session: Session, plan: Plan) -> PlanResult:
    """The result of a plan; its absence has three reasons, told apart."""
    found = session.get(PlanResult, plan.id)
    if found is not None:
        return found
    if plan.removed is not None:
        told = f"its SHA-256 was {plan.removed_hash}" if plan.removed_hash else "there was none"
        raise Fault("document_removed", f"plan {plan.id}: removed on {plan.removed:%Y-%m-%d}; {told}")
    if plan.job.status in OPEN:
        raise Fault("no_result", f"plan {plan.id} is {plan.job.status}")
    raise Fault("no_plan_found", f"plan {plan.id}: {plan.job.error_detail or plan.job.status}")
