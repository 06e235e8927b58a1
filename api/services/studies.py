"""Studies: asked in one transaction with their job; what is read out of their answers; plans that are kept of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from api.faults import Fault
from api.further.questions import horizon_of
from api.jobs.kinds.solve import add_made
from api.jobs.kinds.study import STUDY
from api.jobs.runs import OPEN
from api.readers import stored
from api.services import jobs
from api.services.analyses import price
from api.services.cases import tables_of, written_tables
from api.services.places import place
from api.services.plans import open_case, result_of
from api.services.results import made_aside
from api.services.steady import fits_horizon
from api.store.audit import record
from api.store.models import Case, Plan, Study, StudyAnswer, StudyPlan, StudyPoint
from api.store.scope import Scope
from api.store.types import new_id
from optimizer.domain.steady import is_over_time
from optimizer.studies.base import fields_of
from optimizer.studies.rule_price import RulePrice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.context import Services
    from optimizer.studies.base import Question

__all__ = ["answer", "count_answered", "fits", "keep", "plan_of", "priced_plan", "rows", "submit"]


def submit(
    held: Services,
    scope: Scope,
    caller: Caller,
    asked: Question,
    *,
    case_id: str | None,
    revision: int | None,
    plan_id: str | None,
    options: dict[str, Any],
    name: str,
    tags: Sequence[str],
    priority: int,
) -> Study:
    """A new study and its job, in the caller's transaction.

    Raises
    ------
    Fault
        ``plan_of_another_case``; ``no_result``, ``no_plan_found``, ``document_removed``: the plan cannot be asked
        about; ``horizon_not_taken``, ``horizon_needed``, ``conflict``, ``invalid_options``, ``too_many_plans``.
    """
    kind, fields = asked.kind.replace("-", "_"), fields_of(asked)
    number = None if case_id is None else _asked_revision(scope, kind, fields, case_id, revision, plan_id)
    settings = held.settings
    chosen = jobs.options_of(options, settings, time_limit_s=settings.time_limit_s)
    study_id = new_id("std", held.store.clock())
    job = jobs.submit(
        scope,
        caller,
        held.store,
        settings,
        kind=STUDY,
        subject=study_id,
        case_id=case_id,
        revision=number,
        options=chosen,
        question={"kind": kind, "fields": fields},
        plan_id=plan_id,
        priority=priority,
    )
    study = Study(
        id=study_id,
        workspace_id=scope.workspace_id,
        created=job.created,
        created_by=caller.key_id,
        job=job,
        kind=kind,
        case_id=case_id,
        revision=number,
        plan_id=plan_id,
        question=fields,
        options=chosen,
        name=name,
        tags=list(tags),
    )
    scope.session.add(study)
    facts = {"case": case_id, "revision": number, "plan": plan_id, "study": kind}
    record(scope.session, caller, job.created, "study.submitted", study.id, **facts)
    held.queue.enqueue_job(scope.session, job)
    return study


def _asked_revision(
    scope: Scope, kind: str, fields: dict[str, Any], case_id: str, revision: int | None, plan_id: str | None
) -> int:
    """The revision that is asked about: there, open, over time or not as its kind takes it."""
    case = open_case(scope, case_id)
    if plan_id is not None:
        revision = _of_case(scope, scope.get(Plan, plan_id), case, revision)
    found = scope.revision(case, revision)
    onto = [] if fields.get("onto_revision") is None else [scope.revision(case, fields["onto_revision"])]
    fits_horizon(horizon_of(kind), found, *onto)
    return found.number


def fits(
    held: Services, caller: Caller, asked: Question, *, case_id: str | None, revision: int | None, plan_id: str | None
) -> None:
    """Refuse what has no answer in the case, before a job is begun for it.

    Raises
    ------
    Fault
        ``invalid_options``: the price of a rule that is not on; what ``submit`` raises for a case that is not there.
    """
    if not isinstance(asked, RulePrice) or not asked.rule or case_id is None:
        return
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        if plan_id is not None:
            revision = _of_case(scope, scope.get(Plan, plan_id), case, revision)
        found, written = written_tables(scope, case, revision)
        if found.over_time:  # there the job says it
            return
        name = case.name
    case_asked = stored.Answered(name, written, {})
    stored.asked(held.readers, caller.workspace_id, case_asked, asked.kind, fields_of(asked))


def _of_case(scope: Scope, plan: Plan, case: Case, revision: int | None) -> int:
    """The revision that a plan answers, where that is of the case, and the one that is meant."""
    if plan.case_id != case.id or revision not in (None, plan.revision):
        told = f"plan {plan.id} answers revision {plan.revision} of case {plan.case_id}"
        raise Fault("plan_of_another_case", told)
    result_of(scope.session, plan)
    if plan.solution not in ("optimal", "feasible"):
        raise Fault("conflict", f"plan {plan.id} holds no plan ({plan.solution})")
    return plan.revision


def count_answered(session: Session, study: Study) -> int:
    """Points that are kept apart from the answer."""
    query = select(func.count()).select_from(StudyPoint).where(StudyPoint.study_id == study.id)
    return session.scalar(query) or 0 if study.points is None else 0


def _row(session: Session, study: Study) -> StudyAnswer:
    """The answer of a study; its absence has three reasons, told apart."""
    found = session.get(StudyAnswer, study.id)
    if found is not None:
        return found
    if study.removed is not None:
        told = f"its SHA-256 was {study.removed_hash}"
        raise Fault("document_removed", f"study {study.id}: removed on {study.removed:%Y-%m-%d}; {told}")
    if study.job.status in OPEN:
        raise Fault("no_result", f"study {study.id} is {study.job.status}")
    raise Fault("no_answer", f"study {study.id}: {study.job.error_detail or study.job.status}")


def answer(held: Services, caller: Caller, study_id: str, *, plans: bool = False) -> tuple[bytes, str]:
    """The answer as it is stored, or with its plans in it; and its hash."""
    with held.store.read() as session:
        study = Scope(session, caller.workspace_id).get(Study, study_id)
        row = _row(session, study)
        if not plans:
            return row.document, row.content_hash
        query = select(StudyPlan.document).where(StudyPlan.study_id == study_id).order_by(StudyPlan.number)
        documents = list(session.scalars(query))
    whole = {**json.loads(row.document), "plans": [json.loads(d) for d in documents]}
    return json.dumps(whole, ensure_ascii=False).encode(), f"{row.content_hash}-plans"


def rows(held: Services, caller: Caller, study_id: str, table: str) -> tuple[list[dict[str, Any]], str]:
    """Rows of a table of the answer, and the hash of that.

    Raises
    ------
    Fault
        ``not_found``: it has no such table.
    """
    document, digest = answer(held, caller, study_id)
    tables = held.documents.get(digest, lambda: json.loads(document))["tables"]
    if table not in tables:
        raise Fault("not_found", f"the answer has no table {table[:60]}; it has {', '.join(tables) or 'none'}")
    found: list[dict[str, Any]] = tables[table]
    return found, digest


def plan_of(session: Session, study: Study, number: int) -> StudyPlan:
    """A plan behind the answer.

    Raises
    ------
    Fault
        ``not_found``: there are not so many; or what ``answer`` raises.
    """
    _row(session, study)
    found = session.get(StudyPlan, (study.id, number))
    if found is None:
        raise Fault("not_found", f"the answer of study {study.id} has no plan {number}")
    return found


def priced_plan(held: Services, caller: Caller, study_id: str, number: int) -> dict[str, Any] | None:
    """The document by which a plan of a study becomes one of its case; ``None`` where it is one already.

    A plan that answers the case under the change of its point is priced and checked anew, without that change.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        study = scope.get(Study, study_id)
        row = plan_of(session, study, number)
        if row.kept_id is not None:
            return None
        document: dict[str, Any] = json.loads(row.document)
        assert study.case_id is not None  # what is about no case has no plans
        case = scope.get(Case, study.case_id)
        revision, tables = tables_of(scope, case, study.revision)
        if document["run"]["case_hash"] == revision.content_hash:
            return document
    if is_over_time(document):
        task = {"task": "restate", "tables": tables, "case_name": case.name, "plan": document}
        with place(held, caller):
            restated: dict[str, Any] = made_aside(held, task)["plan"]
            return restated
    chosen = [
        (a["entity"], a["service"], a["provider"], a["backup"] or "")
        for a in document["assignments"]
        if a["provider"] is not None
    ]
    with place(held, caller):
        return price(held, case.name, tables, chosen)


def keep(
    held: Services, scope: Scope, caller: Caller, study_id: str, number: int, document: dict[str, Any] | None
) -> tuple[Plan, bool]:
    """Make a plan behind an answer a plan of the case, a draft; whether it is new.

    Parameters
    ----------
    document : dict, optional
        Of ``priced_plan``.

    Raises
    ------
    Fault
        ``plan_not_sound``: without the change of its point it breaks a rule.
    """
    study = scope.get(Study, study_id, lock=True)
    row = plan_of(scope.session, study, number)
    if row.kept_id is not None:
        return scope.get(Plan, row.kept_id), False
    assert study.case_id is not None
    assert study.revision is not None
    open_case(scope, study.case_id)
    if document is None or not document["verification"]["ok"]:
        told = "it keeps the rules under the change of its point only, not those of the case"
        raise Fault("plan_not_sound", f"plan {number} of study {study.id}: {told}")
    now = held.store.clock()
    plan = Plan(
        id=new_id("pln", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        job=study.job,
        case_id=study.case_id,
        revision=study.revision,
        name=study.name,
        tags=study.tags,
        options=study.options,
        start_plan_id=study.plan_id,
    )
    add_made(scope.session, plan, document)
    row.kept_id = plan.id
    record(scope.session, caller, now, "study.plan_kept", study.id, plan=plan.id, number=number)
    return plan, True
