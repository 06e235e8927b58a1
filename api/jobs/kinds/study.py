"""A study: points are kept as they are answered, so that a worker that is lost costs the point in hand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import undefer

from api.faults import Fault
from api.further.questions import FURTHER
from api.jobs.answered import answered
from api.jobs.deliveries import announce
from api.jobs.kinds.base import Kind, case_task, digested, params_in, written
from api.store.models import Plan, PlanResult, Revision, Study, StudyAnswer, StudyPlan, StudyPoint

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Job

__all__ = ["STUDY", "StudyKind"]

STUDY: Final = "study"
_ASIDE: Final = frozenset(q.kind for q in FURTHER)
_RESUMES: Final = frozenset(q.kind for q in FURTHER if getattr(q, "resumes", False))


class StudyKind(Kind):
    """One job a study, whatever is asked: kinds of questions are the product's (``optimizer.studies.ask``)."""

    name = STUDY
    topic = "study"

    def task(self, session: Session, job: Job) -> dict[str, Any]:
        """Answer what is not answered yet."""
        asked = job.question
        task = _of_no_case(job) if job.case_id is None else case_task(session, job)
        plan = None
        if job.plan_id is not None:
            row, result = session.get(Plan, job.plan_id), session.get(PlanResult, job.plan_id)
            if row is not None and result is not None:
                plan = {"document": result.document.decode(), "tables": answered(task["tables"], row.options)}
        if plan is not None:
            task["tables"] = plan["tables"]
        one = {**task["params"], "time_limit_s": job.options.get("solve_limit_s")}
        aside = asked["kind"] in _ASIDE
        return {
            **task,
            "task": "further" if aside else "study",
            **({"onto": _onto(session, job, asked["fields"].get("onto_revision"))} if aside else {}),
            "study": asked["kind"],
            "question": asked["fields"],
            "plan": None if plan is None else plan["document"],
            "solve": one,
            "known": _known(session, job),
            "settles": False,
        }

    def note(self, session: Session, job: Job, message: dict[str, Any], at: datetime) -> None:
        """Keep a point that is answered; one that is there already stays as it is."""
        own, key = StudyPoint.study_id == job.subject, message["key"]
        if session.scalar(select(StudyPoint.number).where(own, StudyPoint.key == key)) is not None:
            return
        number = (session.scalar(select(func.max(StudyPoint.number)).where(own)) or 0) + 1
        session.add(
            StudyPoint(
                study_id=job.subject,
                number=number,
                key=key,
                fence=job.fence,
                point=message["point"],
                plan=message["plan"],
                at=at,
            )
        )

    def settle(self, session: Session, job: Job, task: dict[str, Any], how: dict[str, Any]) -> dict[str, Any] | None:
        """The same question with no time: points that are kept are answered, the others say why not.

        What is a function of its own keeps no points, save a few: where it had to be ended, nothing is left of it.
        """
        known = _known(session, job)
        lost = task["task"] == "further" and task["study"] not in _RESUMES
        if lost or (not known and how["error"]):
            return None
        return {**task, "known": known, "settles": True, "grace_s": 0.0}

    def store(self, session: Session, job: Job, made: dict[str, Any], at: datetime) -> None:
        """Write the answer and the plans behind it."""
        study = session.get_one(Study, job.subject, with_for_update={"of": Study})
        answer = dict(made["answer"])
        plans = answer.pop("plans")
        rows = []
        for number, document in enumerate(plans):
            content = written(document)
            rows.append(StudyPlan(study_id=study.id, number=number, content_hash=digested(content), document=content))
        answer["plans"] = [
            {"content_hash": r.content_hash, "case_hash": p["run"]["case_hash"], "objective": p["bounds"]["objective"]}
            for r, p in zip(rows, plans, strict=True)
        ]
        content = written(answer)
        session.add(
            StudyAnswer(
                study_id=study.id, fence=job.fence, content_hash=digested(content), document=content, created=at
            )
        )
        session.add_all(rows)
        study.points = dict(Counter(p["status"] for p in answer["points"]))
        study.tables = {name: len(rows) for name, rows in answer["tables"].items()}

    def reopen(self, session: Session, job: Job) -> None:
        """Make room for a better answer; points that are answered stay so, and what was kept as a plan is one."""
        study = session.get_one(Study, job.subject, with_for_update={"of": Study})
        if study.removed is not None:
            raise Fault("document_removed", f"study {study.id}: what it had reached was removed")
        for part in (StudyAnswer, StudyPlan):
            session.execute(delete(part).where(part.study_id == study.id))
        study.points = study.tables = None

    def facts(self, session: Session, job: Job) -> dict[str, Any]:
        """How many points are what."""
        return dict(session.get_one(Study, job.subject).points or {})

    def ended(self, session: Session, store: Store, queue: JobQueue, job: Job) -> None:
        """Tell of it; points are kept apart only where the job may be tried again."""
        study = session.get_one(Study, job.subject)
        if job.status != "failed":
            session.execute(delete(StudyPoint).where(StudyPoint.study_id == study.id))
        links = {"study": f"/v1/studies/{study.id}"}
        if study.case_id is not None:
            links["case"] = f"/v1/cases/{study.case_id}"
        announce(
            session,
            store,
            queue,
            workspace=study.workspace_id,
            topic=f"{self.topic}.{job.status}",
            subject=study.id,
            links=links,
            tags=study.tags,
        )


def _of_no_case(job: Job) -> dict[str, Any]:
    """As ``case_task``, of a question whose cases come with the product."""
    return {"tables": None, "case_name": "", "issues": [], "params": params_in(job.options)}


def _onto(session: Session, job: Job, number: int | None) -> dict[str, Any] | None:
    """Tables of another revision of the case, where one is asked for."""
    if number is None:
        return None
    query = select(Revision).where(Revision.case_id == job.case_id, Revision.number == number)
    tables: dict[str, Any] = session.scalars(query.options(undefer(Revision.tables))).one().tables
    return tables


def _known(session: Session, job: Job) -> dict[str, Any]:
    rows = session.scalars(select(StudyPoint).where(StudyPoint.study_id == job.subject).order_by(StudyPoint.number))
    return {r.key: {"point": r.point, "plan": r.plan} for r in rows}
