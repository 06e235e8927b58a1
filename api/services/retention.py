"""Retention: documents of plans that nobody used go when the workspace's time is over; row and hash stay.

What was approved or applied stays, now or once; so does the newest solved plan of a case, and a plan that a job which
has not ended starts from.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from api.access import Caller
from api.jobs.kinds import EVALUATE
from api.jobs.runs import OPEN
from api.store.audit import SYSTEM, record
from api.store.models import Artifact, Incumbent, Plan, PlanResult, PlanState, Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["KEY", "Retention", "days_of", "set_days"]

logger = logging.getLogger(__name__)

KEY: Final = "retention_days"
"""Member of a workspace's settings."""
_UNUSED: Final = ("draft", "rejected")
_USED: Final = ("approved", "applied")
_BATCH: Final = 200


def days_of(workspace: Workspace, settings: Settings) -> int:
    """Days that documents of unused plans are kept; 0 = for ever."""
    own: int | None = workspace.settings.get(KEY)
    return settings.retention_days if own is None else own


def set_days(session: Session, caller: Caller, at: datetime, workspace: Workspace, days: int | None) -> None:
    """Set the days of a workspace, or go back to the service's."""
    others = {k: v for k, v in workspace.settings.items() if k != KEY}
    before = workspace.settings.get(KEY)
    workspace.settings = others if days is None else {**others, KEY: days}
    if days != before:
        record(session, caller, at, "retention.changed", workspace.id, days=days, before=before)


class Retention:
    """Removes what is due; any number of workers may.

    Parameters
    ----------
    store : Store
        Its clock says what is due.
    settings : Settings
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def look(self) -> int:
        """One round. Returns how many documents went."""
        now = self.store.clock()
        due: list[tuple[str, datetime]] = []
        with self.store.read() as session:
            for workspace in session.scalars(select(Workspace).where(Workspace.archived.is_(None))):
                days = days_of(workspace, self.settings)
                before = now - timedelta(days=days)
                if days:
                    due += [(id_, before) for id_ in session.scalars(_due(workspace.id, before).limit(_BATCH))]
        return sum(self._remove(plan_id, before) for plan_id, before in due)

    def _remove(self, plan_id: str, before: datetime) -> bool:
        """Remove one, if that is still right once nobody else can change it."""
        with self.store.write() as session:
            plan = session.get(Plan, plan_id, with_for_update=True)
            if (
                plan is None
                or session.scalars(_due(plan.workspace_id, before).where(Plan.id == plan_id)).first() is None
            ):
                return False
            result = session.get(PlanResult, plan_id)
            plan.removed = self.store.clock()
            plan.removed_hash = None if result is None else result.content_hash
            for part in (PlanResult, Incumbent, Artifact):
                session.execute(delete(part).where(part.plan_id == plan_id))
            system = Caller(SYSTEM, plan.workspace_id, "operator", frozenset())
            record(session, system, plan.removed, "plan.document_removed", plan_id, content_hash=plan.removed_hash)
        logger.info("plan %s: its document was removed", plan_id)
        return True


def _due(workspace_id: str, before: datetime) -> Select[str]:
    """Ids of plans whose documents are to go, oldest first."""
    other, started = aliased(Plan), aliased(Plan)
    newest = (
        select(func.max(other.id))
        .where(other.case_id == Plan.case_id, other.solution.in_(("optimal", "feasible")), other.purpose != EVALUATE)
        .correlate(Plan)
        .scalar_subquery()
    )
    used = exists().where(PlanState.plan_id == Plan.id, PlanState.state.in_(_USED))
    started_from = exists().where(started.start_plan_id == Plan.id, started.job_status.in_(OPEN))
    holds = or_(exists().where(PlanResult.plan_id == Plan.id), exists().where(Incumbent.plan_id == Plan.id))
    query = select(Plan.id).where(
        Plan.workspace_id == workspace_id,
        Plan.job_status.not_in(OPEN),
        Plan.finished <= before,
        Plan.state.in_(_UNUSED),
        Plan.removed.is_(None),
        holds,
        ~used,
        ~started_from,
        or_(newest.is_(None), Plan.id != newest),
    )
    return query.order_by(Plan.id)
