"""States of a plan, apart from those of its job: who decided what, when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from api.faults import Fault
from api.jobs.deliveries import announce_state
from api.services.people import same_person
from api.store.audit import record
from api.store.models import Case, Plan, PlanState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store
    from api.store.scope import Scope

__all__ = ["FROM", "applied_plan", "history", "lock", "move"]

FROM: Final = {"submitted": "draft", "approved": "submitted", "rejected": "submitted", "applied": "approved"}
"""Each state with the one it is reached from; ``superseded`` follows when another plan is applied."""

_FORWARD: Final = ("submitted", "approved", "applied")


def lock(scope: Scope, plan_id: str) -> Plan:
    """A plan as it is now; until this transaction ends, no other takes a step in its case."""
    plan = scope.get(Plan, plan_id)
    scope.get(Case, plan.case_id, lock=True)
    scope.session.refresh(plan, with_for_update={"of": Plan})
    return plan


def move(
    scope: Scope,
    caller: Caller,
    store: Store,
    queue: JobQueue,
    settings: Settings,
    plan: Plan,
    to: str,
    *,
    comment: str = "",
    accept_stale: bool = False,
) -> None:
    """Bring a plan into its next state, and tell the webhooks.

    Parameters
    ----------
    plan : Plan
        Of ``lock``.
    to : str
        Of ``FROM``.
    accept_stale : bool
        Go on although the case has a newer revision than the plan's.

    Raises
    ------
    Fault
        ``conflict``, ``plan_not_sound``, ``plan_stale``, ``own_submission``.
    """
    if plan.archived is not None:
        raise Fault("conflict", f"plan {plan.id} is archived")
    if plan.state != FROM[to]:
        raise Fault("conflict", f"plan {plan.id} is {plan.state}; only one that is {FROM[to]} can be {to}")
    if to in _FORWARD:
        _check(plan, scope.get(Case, plan.case_id), accept_stale)
    if to == "approved" and settings.approver_differs and _submitted_by(scope.session, plan, caller):
        raise Fault("own_submission", f"plan {plan.id} was submitted by the person who would approve it")
    if to == "applied":
        before = applied_plan(scope, plan.case_id)
        if before is not None:
            _enter(scope.session, caller, store, queue, before, "superseded", f"plan {plan.id} was applied")
    _enter(scope.session, caller, store, queue, plan, to, comment)


def _check(plan: Plan, case: Case, accept_stale: bool) -> None:
    """Refuse what must not be carried out: no plan, an unproven one, one of an old state of the case."""
    if plan.removed is not None:
        raise Fault("document_removed", f"plan {plan.id}: removed on {plan.removed:%Y-%m-%d}")
    if plan.solution not in ("optimal", "feasible") or not plan.verified or plan.job.finished is None:
        told = f"job {plan.job.status}, solution {plan.solution}, verified {plan.verified}"
        raise Fault("plan_not_sound", f"plan {plan.id}: {told}")
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    if case.latest > plan.revision and not accept_stale:
        raise Fault("plan_stale", f"plan {plan.id} answers revision {plan.revision}, the latest is {case.latest}")


def _submitted_by(session: Session, plan: Plan, caller: Caller) -> bool:
    """Whether the caller is the person who submitted the plan last."""
    query = select(PlanState.by).where(PlanState.plan_id == plan.id, PlanState.state == "submitted")
    by = session.scalars(query.order_by(PlanState.number.desc()).limit(1)).first()
    return by is not None and same_person(session, by, caller.key_id)


def _enter(
    session: Session, caller: Caller, store: Store, queue: JobQueue, plan: Plan, state: str, comment: str
) -> None:
    now = store.clock()
    last = session.scalar(select(func.max(PlanState.number)).where(PlanState.plan_id == plan.id)) or 0
    session.add(PlanState(plan_id=plan.id, number=last + 1, state=state, comment=comment, at=now, by=caller.key_id))
    before, plan.state = plan.state, state
    plan.state_version += 1
    facts = {"case": plan.case_id, "revision": plan.revision, "from": before}
    record(session, caller, now, f"plan.state.{state}", plan.id, **facts)
    announce_state(session, store, queue, plan)


def applied_plan(scope: Scope, case_id: str) -> Plan | None:
    """The plan by which a case is served today; there is at most one."""
    query = scope.select(Plan).where(Plan.case_id == case_id, Plan.state == "applied")
    return scope.session.scalars(query).one_or_none()


def history(session: Session, plan: Plan) -> Sequence[PlanState]:
    """All steps of a plan, oldest first."""
    query = select(PlanState).where(PlanState.plan_id == plan.id).order_by(PlanState.number)
    return session.scalars(query).all()
