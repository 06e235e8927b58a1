"""Re-optimisation from the applied plan: the case as it is now, what is due, the job that does it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.faults import Fault
from api.jobs.kinds.reoptimise import REOPTIMISE
from api.jobs.runs import OPEN
from api.readers.reading import Pending, merged
from api.services import plans
from api.services.cases import revise, written_tables
from api.services.decisions import pending_of
from api.services.plans import result_of
from api.services.states import applied_plan
from api.services.steady import only_steady, only_steady_plans
from api.store.models import Case, Job, Plan
from optimizer.studies.missions import today
from optimizer.tables import case_from_tables

if TYPE_CHECKING:
    from api.access import Caller
    from api.jobs.queue import JobQueue
    from api.readers.reading import Reading
    from api.settings import Settings
    from api.store.engine import Store
    from api.store.scope import Scope

__all__ = ["Ground", "budgets_of", "ground", "refresh", "stale", "submit"]

STEPS: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Points of the curve of savings, up to the budget asked for."""


@dataclass(frozen=True)
class Ground:
    """What a re-optimisation starts from.

    Parameters
    ----------
    revision : int
        The latest when it was read.
    name : str
        Of the case.
    applied : str
        Id of the applied plan.
    tables : bytes
        Of the latest revision, as JSON.
    plan : bytes
        The document of the applied plan.
    pending : list of Pending
        Decisions that the next revision must have, or must have no more.
    """

    revision: int
    name: str
    applied: str
    tables: bytes
    plan: bytes
    pending: list[Pending]

    def current(self) -> dict[str, Any]:
        """Tables with the applied plan as today's arrangement, and the decisions."""
        case, _ = case_from_tables(json.loads(self.tables), name=self.name)
        return merged(today(case, json.loads(self.plan)), self.pending)


def budgets_of(move_budget: int) -> list[int]:
    """Budgets of the points of the curve; the last is the one asked for."""
    return [*(b for b in STEPS if b < move_budget), move_budget]


def ground(scope: Scope, case: Case) -> Ground:
    """The latest revision and the applied plan.

    Raises
    ------
    Fault
        ``no_applied_plan``; ``horizon_not_taken``: the one or the other is over time.
    """
    applied = applied_plan(scope, case.id)
    if applied is None:
        raise Fault("no_applied_plan", f"no plan of case {case.id} is applied")
    revision, tables = written_tables(scope, case)
    only_steady(revision)
    only_steady_plans(scope, applied)
    plan = result_of(scope.session, applied).document
    return Ground(revision.number, case.name, applied.id, tables, plan, pending_of(scope, case.id))


def submit(
    scope: Scope,
    caller: Caller,
    store: Store,
    queue: JobQueue,
    settings: Settings,
    *,
    case: Case,
    revision: int,
    applied: str,
    move_budget: int,
    options: dict[str, Any] | None = None,
    name: str = "",
    event: str | None = None,
) -> Plan:
    """The plan and its job, in the caller's transaction."""
    return plans.submit(
        scope,
        caller,
        store,
        queue,
        settings,
        case_id=case.id,
        revision=revision,
        options=options,
        name=name,
        start_plan=applied,
        kind=REOPTIMISE,
        question={"budgets": budgets_of(move_budget)},
        event=event,
    )


def stale(scope: Scope) -> list[Case]:
    """Cases whose applied plan answers an older revision, with no re-optimisation under way or done since."""
    query = scope.select(Plan).where(Plan.state == "applied").order_by(Plan.id)
    out = []
    for plan in scope.session.scalars(query):
        case = scope.get(Case, plan.case_id)
        if case.archived is None and case.latest > plan.revision and not _answered(scope, case, plan):
            out.append(case)
    return out


def _answered(scope: Scope, case: Case, applied: Plan) -> bool:
    query = (
        select(Plan.id)
        .join(Job, Plan.job_id == Job.id)
        .where(
            Plan.workspace_id == scope.workspace_id,
            Plan.case_id == case.id,
            Plan.revision == case.latest,
            Job.kind == REOPTIMISE,
            Plan.start_plan_id == applied.id,
            Job.status.in_(OPEN) | Plan.solution.is_not(None),
        )
    )
    return scope.session.scalars(query.limit(1)).first() is not None


def refresh(
    scope: Scope,
    caller: Caller,
    store: Store,
    queue: JobQueue,
    settings: Settings,
    held: Ground,
    read: Reading,
    case_id: str,
    move_budget: int,
    options: dict[str, Any] | None = None,
    name: str = "",
) -> Plan | None:
    """Re-optimise a stale case, read as it is now; ``None`` when it is stale no more, or has changed since.

    Raises
    ------
    DecisionsChanged
        Since it was read: read it again.
    """
    case = scope.get(Case, case_id, lock=True)
    applied = applied_plan(scope, case_id)
    if case.latest != held.revision or applied is None or applied.id != held.applied or _answered(scope, case, applied):
        return None
    revision = revise(
        scope,
        caller,
        store.clock(),
        case,
        read=read,
        origin="applied",
        base=held.revision,
        comment=f"as served by plan {applied.id}",
    )
    return submit(
        scope,
        caller,
        store,
        queue,
        settings,
        case=case,
        revision=revision.number,
        applied=applied.id,
        move_budget=move_budget,
        options=options,
        name=name,
    )
