"""Retention: documents of plans that nobody used, and answers of studies, go when the workspace's time is over; row and
hash stay.

What was approved or applied stays, now or once; so does the newest solved plan of a case, and a plan that a job which
has not ended starts from. What was kept of a study is a plan like any other.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from api.access import Caller
from api.jobs.runs import OPEN
from api.store.audit import SYSTEM, record
from api.store.models import (
    Artifact,
    Incumbent,
    Job,
    Plan,
    PlanResult,
    PlanState,
    Study,
    StudyAnswer,
    StudyPlan,
    StudyPoint,
    Workspace,
)

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
        studies: list[tuple[str, datetime]] = []
        with self.store.read() as session:
            for workspace in session.scalars(select(Workspace).where(Workspace.archived.is_(None))):
                days = days_of(workspace, self.settings)
                before = now - timedelta(days=days)
                if days:
                    due += [(id_, before) for id_ in session.scalars(_due(workspace.id, before).limit(_BATCH))]
                    over = session.scalars(_studies_due(workspace.id, before).limit(_BATCH))
                    studies += [(id_, before) for id_ in over]
        gone = sum(self._remove(plan_id, before) for plan_id, before in due)
        return gone + sum(self._remove_answer(study_id, before) for study_id, before in studies)

    def _remove(self, plan_id: str, before: datetime) -> bool:
        """Remove one, if that is still right once nobody else can change it."""
        with self.store.write() as session:
            plan = session.get(Plan, plan_id, with_for_update={"of": Plan})
            if (
                plan is None
                or session.scalars(_due(plan.workspace_id, before).where(Plan.id == plan_id)).first() is None
            ):
                return False
            result = session.get(PlanResult, plan_id)
            plan.removed = self.store.clock()
            plan.removed_hash = None if result is None else result.content_hash
            for part in (PlanResult, Artifact):
                session.execute(delete(part).where(part.plan_id == plan_id))
            if plan.job.subject == plan_id:  # else the job is another plan's, or a study's
                session.execute(delete(Incumbent).where(Incumbent.job_id == plan.job_id))
            system = Caller(SYSTEM, plan.workspace_id, "operator", frozenset())
            record(session, system, plan.removed, "plan.document_removed", plan_id, content_hash=plan.removed_hash)
        logger.info("plan %s: its document was removed", plan_id)
        return True

    def _remove_answer(self, study_id: str, before: datetime) -> bool:
        """Remove the answer of a study, its plans and points, in the same way."""
        with self.store.write() as session:
            study = session.get(Study, study_id, with_for_update={"of": Study})
            if study is None:
                return False
            due = _studies_due(study.workspace_id, before).where(Study.id == study_id)
            if session.scalars(due).first() is None:
                return False
            answer = session.get(StudyAnswer, study_id)
            study.removed = self.store.clock()
            study.removed_hash = None if answer is None else answer.content_hash
            for part in (StudyAnswer, StudyPlan, StudyPoint):
                session.execute(delete(part).where(part.study_id == study_id))
            system = Caller(SYSTEM, study.workspace_id, "operator", frozenset())
            facts = {"content_hash": study.removed_hash}
            record(session, system, study.removed, "study.answer_removed", study_id, **facts)
        logger.info("study %s: its answer was removed", study_id)
        return True


def _studies_due(workspace_id: str, before: datetime) -> Select[str]:
    """Ids of studies whose answers are to go, oldest first."""
    holds = (exists().where(part.study_id == Study.id) for part in (StudyAnswer, StudyPoint))
    query = select(Study.id).join(Job, Job.id == Study.job_id)
    due = (Job.status.not_in(OPEN), Job.finished <= before, Study.removed.is_(None), or_(*holds))
    return query.where(Study.workspace_id == workspace_id, *due).order_by(Study.id)


def _due(workspace_id: str, before: datetime) -> Select[str]:
    """Ids of plans whose documents are to go, oldest first."""
    other, mine, from_it = aliased(Plan), aliased(Job), aliased(Job)
    newest = (
        select(func.max(other.id))
        .where(other.case_id == Plan.case_id, other.solution.in_(("optimal", "feasible")))
        .correlate(Plan)
        .scalar_subquery()
    )
    used = exists().where(PlanState.plan_id == Plan.id, PlanState.state.in_(_USED))
    started_from = exists().where(from_it.plan_id == Plan.id, from_it.status.in_(OPEN))
    found = exists().where(Incumbent.job_id == Plan.job_id, mine.subject == Plan.id)
    query = (
        select(Plan.id)
        .join(mine, mine.id == Plan.job_id)
        .where(
            Plan.workspace_id == workspace_id,
            mine.status.not_in(OPEN),
            mine.finished <= before,
            Plan.created <= before,  # one that was kept of a study is younger than its job
            Plan.state.in_(_UNUSED),
            Plan.removed.is_(None),
            or_(exists().where(PlanResult.plan_id == Plan.id), found),
            ~used,
            ~started_from,
            or_(newest.is_(None), Plan.id != newest),
        )
    )
    return query.order_by(Plan.id)
