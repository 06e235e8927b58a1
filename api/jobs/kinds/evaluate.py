"""The price of a hand-made list of assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.jobs.deliveries import announce
from api.jobs.kinds.base import Kind, case_task, digested, written
from api.store.models import Evaluation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Job

__all__ = ["EVALUATE", "Evaluate", "fill"]

EVALUATE: Final = "evaluate"


class Evaluate(Kind):
    """Its question is the list; what breaks a rule is an answer."""

    name = EVALUATE
    topic = "evaluation"

    def task(self, session: Session, job: Job) -> dict[str, Any]:
        """Price the list."""
        return {**case_task(session, job), "task": "price", "rows": job.question["rows"]}

    def store(self, session: Session, job: Job, made: dict[str, Any], at: datetime) -> None:  # noqa: ARG002
        """Write the priced list."""
        fill(session.get_one(Evaluation, job.subject), made["plan"])

    def facts(self, session: Session, job: Job) -> dict[str, Any]:
        """Whether every rule is kept, and the price."""
        row = session.get_one(Evaluation, job.subject)
        return {"solution": row.solution, "objective": row.objective}

    def ended(self, session: Session, store: Store, queue: JobQueue, job: Job) -> None:
        """Tell of it."""
        links = {"evaluation": f"/v1/evaluations/{job.subject}", "case": f"/v1/cases/{job.case_id}"}
        topic = f"{self.topic}.{job.status}"
        announce(session, store, queue, workspace=job.workspace_id, topic=topic, subject=job.subject, links=links)


def fill(row: Evaluation, document: dict[str, Any]) -> None:
    """The price of a list."""
    row.document = written(document)
    row.content_hash = digested(row.document)
    row.solution, row.objective = document["status"]["solution"], document["bounds"]["objective"]
