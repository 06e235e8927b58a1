"""Drawings of a plan: made beside its document by the process that made that, or by a task of their own; kept with it.

A page only reads them. They are kept by language, under names with the version of their form: what an older release
kept is made anew by whoever asks first.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import undefer

from api.jobs.answered import answered
from api.jobs.process import TaskFailed, run_task
from api.jobs.readings import readings
from api.store.models import Artifact, Case, Plan, PlanResult, Revision
from optimizer.report.chart_file import chart_file
from optimizer.report.language import LANGUAGES
from optimizer.report.plan_charts import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.settings import Settings
    from api.store.engine import Store
    from optimizer.report.search_chart import Reading

__all__ = ["Draughtsman", "as_points", "file_name", "keep_drawings", "page_name"]

logger = logging.getLogger(__name__)

DRAW_TIMEOUT_S: Final = 120.0

Drawings = dict[str, dict[str, dict[str, Any]]]
"""By language, then by name."""


def page_name(language: str) -> str:
    """Name of the artifact that pages read."""
    return f"charts-{VERSION}.{language}.json"


def file_name(drawing: str, language: str) -> str:
    """Name of the artifact that is a drawing as a file."""
    return f"chart-{VERSION}-{drawing}.{language}.svg"


def as_points(course: Sequence[Reading]) -> list[list[float | None]]:
    """The course of a search for a task."""
    return [[r.elapsed_s, r.best, r.bound] for r in course]


def keep_drawings(session: Session, plan_id: str, digest: str, made: Mapping[str, Any] | None, at: datetime) -> None:
    """Keep what was drawn of the document with this hash; nothing where nothing was drawn.

    Parameters
    ----------
    made : mapping, optional
        Drawings by language and name, and ``failed`` where they cannot be made.
    """
    for language in LANGUAGES if made else ():
        assert made is not None
        drawn = made.get(language) or {}
        body = {"drawings": drawn, "failed": bool(made.get("failed"))}
        rows = [(page_name(language), "application/json", json.dumps(body, ensure_ascii=False))]
        rows += [(file_name(n, language), "image/svg+xml", chart_file(d, language)) for n, d in drawn.items()]
        for name, media, text in rows:
            row = Artifact(plan_id=plan_id, name=name, content_hash=digest, media_type=media, content=text.encode())
            row.created = at
            session.merge(row)


class Draughtsman:
    """Draws what was not drawn with its plan: of an older release, or kept of a study.

    Parameters
    ----------
    store : Store
    settings : Settings
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def draw(self, plan_id: str, digest: str) -> str:
        """Draw one plan; what came of it, for the queue's log."""
        task = self._task(plan_id, digest)
        if task is None:
            return "not valid any more"
        told = "done"
        try:
            limits: dict[str, Any] = {"timeout_s": DRAW_TIMEOUT_S, "memory_mb": self.settings.memory_limit_mb}
            made = run_task(task, **limits)["charts"] or {"failed": True}
        except TaskFailed as error:
            logger.warning("%s: its drawings cannot be made: %s", plan_id, error)
            made, told = {"failed": True}, error.code
        with self.store.write() as session:
            plan = session.get(Plan, plan_id, with_for_update={"read": True, "of": Plan})
            if plan is not None and plan.removed is None:
                keep_drawings(session, plan_id, digest, made, self.store.clock())
        return told

    def _task(self, plan_id: str, digest: str) -> dict[str, Any] | None:
        """The task of its process; ``None`` where the document is gone."""
        with self.store.read() as session:
            plan, result = session.get(Plan, plan_id), session.get(PlanResult, plan_id)
            if plan is None or result is None or result.content_hash != digest:
                return None
            key = (plan.case_id, plan.revision)
            revision = session.get_one(Revision, key, options=[undefer(Revision.tables)], populate_existing=True)
            own = plan.job.subject == plan_id  # else the search was another plan's, or a study's
            return {
                "task": "charts",
                "plan": json.loads(result.document),
                "tables": answered(revision.tables, plan.options),
                "case_name": session.get_one(Case, plan.case_id).name,
                "course": as_points(readings(session, plan.job)) if own else [],
            }
