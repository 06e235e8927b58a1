"""Re-optimisation from the applied plan: the case as it is now, what is due, the job that does it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.faults import Fault
from api.jobs.kinds import REOPTIMISE
from api.jobs.runs import OPEN
from api.services import plans
from api.services.cases import revise, tables_of
from api.services.plans import result_of
from api.services.states import applied_plan
from api.store.models import Case, Plan
from optimizer.io import case_from_tables
from optimizer.replan import today

if TYPE_CHECKING:
    from api.access import Caller
    from api.jobs.queue import JobQueue
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
    tables : dict
        Of the latest revision, with the applied plan as ``current``.
    """

    revision: int
    name: str
    applied: str
    tables: dict[str, Any]


def budgets_of(move_budget: int) -> list[int]:
    """Budgets of the points of the curve; the last is the one asked for."""
    return [*(b for b in STEPS if b < move_budget), move_budget]


def ground(scope: Scope, case: Case) -> Ground:
    """The latest revision with the applied plan as today's arrangement.

    Raises
    ------
    Fault
        ``no_applied_plan``.
    """
    applied = applied_plan(scope, case.id)
    if applied is None:
        raise Fault("no_applied_plan", f"no plan of case {case.id} is applied")
    document = json.loads(result_of(scope.session, applied).document)
    revision, tables = tables_of(scope, case)
    read, _ = case_from_tables(tables, name=case.name)
    return Ground(revision.number, case.name, applied.id, today(read, document))


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

    def note(plan: Plan) -> None:
        plan.event_id = event

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
        purpose=REOPTIMISE,
        more={"budgets": budgets_of(move_budget)},
        before_queue=note,
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
    query = select(Plan.id).where(
        Plan.workspace_id == scope.workspace_id,
        Plan.case_id == case.id,
        Plan.revision == case.latest,
        Plan.purpose == REOPTIMISE,
        Plan.start_plan_id == applied.id,
        Plan.job_status.in_(OPEN) | Plan.solution.is_not(None),
    )
    return scope.session.scalars(query.limit(1)).first() is not None


def refresh(
    scope: Scope,
    caller: Caller,
    store: Store,
    queue: JobQueue,
    settings: Settings,
    held: Ground,
    case_id: str,
    move_budget: int,
    options: dict[str, Any] | None = None,
    name: str = "",
) -> Plan | None:
    """Re-optimise a stale case; ``None`` when it is stale no more, or has changed since it was read."""
    case = scope.get(Case, case_id, lock=True)
    applied = applied_plan(scope, case_id)
    if case.latest != held.revision or applied is None or applied.id != held.applied or _answered(scope, case, applied):
        return None
    read, issues = case_from_tables(held.tables, name=held.name)
    revision = revise(
        scope,
        caller,
        store.clock(),
        case,
        read=read,
        issues=issues,
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
