"""Studies: ask any question of the registry, watch, read the answer, keep a plan of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

from api.faults import Fault
from api.routes import studies as routes
from api.services.jobs import standing
from api.services.studies import count_answered
from api.store.models import Case, Study, StudyPlan
from api.store.scope import Scope
from api.web import answers, asking, fields, listing
from api.web.listing import At, at_case, at_plan
from api.web.names import names_of
from api.web.page import redirected, render, text_of
from api.web.progress import is_open, streamed
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.visit import Visit
from api.web.words import STUDIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["site", "titled"]

site = Site()

LISTED: Final = 50
ROWS: Final = 200


@site.page("/studies", "page_studies")
def studies(visit: Visit) -> Response:
    """All studies, newest first."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = session.scalars(scope.select(Study).order_by(Study.id.desc()).limit(1000)).all()
        part, shown = listing.shown(found, visit.number("offset", 0), LISTED)
        wanted = {s.case_id for s in part}
        cases = {c.id: c.name for c in session.scalars(scope.select(Case).where(Case.id.in_(wanted)))}
    return render(
        visit, "studies.html", here="study", rows=part, shown=shown, cases=cases, title=titled(visit), runs=is_open
    )


def titled(visit: Visit) -> Callable[[str], str]:
    """Names of kinds of studies in the reader's language."""
    return lambda kind: visit.say(STUDIES.get(kind, kind))


@site.page("/studies/new", "page_study_new")
def new(visit: Visit) -> Response:
    """Choose a question, then fill in its fields."""
    return _new(visit, 200)


def _new(visit: Visit, status: int, errors: fields.Errors | None = None) -> Response:
    form, query = visit.form, visit.query
    kind = form.text("kind") or query.get("kind", "")
    about = form.text("about") or query.get("about", "")
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        plans = [p for p in listing.plan_rows(scope, 200) if p.holds]
        cases = session.scalars(scope.select(Case).where(Case.archived.is_(None)).order_by(Case.id.desc())).all()
    known = kind in asking.KINDS
    needs = known and asking.KINDS[kind].needs_plan
    return render(
        visit,
        "study_new.html",
        status,
        here="study",
        kinds=[(k, (q.__doc__ or k).partition("\n")[0]) for k, q in asking.KINDS.items()],
        kind=kind if known else "",
        about=about,
        needs=needs,
        given=asking.fields_of(kind) if known else [],
        abouts=_abouts(visit, plans, [] if needs else cases),
        errors=errors or {},
        typed=dict(form.typed()),
        title=titled(visit),
    )


def _abouts(visit: Visit, plans: Sequence[listing.PlanRow], cases: Sequence[Case]) -> list[tuple[str, str]]:
    """What a question can be about: plans, and cases where it needs none."""
    told = [(p.id, f"{visit.say('Plan')}: {p.name} · {visit.say('revision %(n)s', n=p.revision)}") for p in plans]
    return told + [(c.id, f"{visit.say('Case')}: {c.name}") for c in cases]


@site.sent("/studies", "page_study_send")
def send(visit: Visit) -> Response:
    """Ask the question."""
    read, form = fields.Reader(visit), visit.form
    kind = read.choice("kind", asking.KINDS)
    minutes = read.number("minutes", low=0.05, high=visit.held.settings.max_time_limit_s / 60, default=2.0)
    if not kind:
        return _new(visit, 422, read.errors)
    about = form.text("about")
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at = at_plan(scope, about)[0] if about.startswith("pln_") else at_case(scope, about)[0]
    body = asking.body_of(visit, read, kind, at.case, at.plan, minutes or 2.0)
    if body is None or read.errors:
        return _new(visit, 422, read.errors)
    try:
        made = routes.create_study(visit.held, visit.caller, visit.once(), body)
    except Fault as fault:
        if fault.kind.status not in (409, 422, 429):
            raise
        read.refused(issues_of(fault) or [{"message": fault.detail}], [f.name for f in asking.fields_of(kind)])
        return _new(visit, fault.kind.status, read.errors)
    return redirected(f"/studies/{json.loads(bytes(made.body))['id']}")


@site.page("/studies/{study_id}", "page_study")
def study(visit: Visit) -> Response:
    """The answer: sentences and tables; while it is looked for, how far it has come."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = scope.get(Study, visit.path["study_id"])
        values = {
            "here": "study",
            "at": _at(scope, found),
            "study": found,
            "title": titled(visit),
            **_progress(scope, found),
        }
        numbers = [r.number for r in session.query(StudyPlan.number).where(StudyPlan.study_id == found.id).limit(50)]
    if values["open"]:
        return render(
            visit,
            "study.html",
            answer=None,
            fault=None,
            said=[],
            chart=None,
            tables=[],
            numbers=[],
            most=ROWS,
            **values,
        )
    try:
        answer = answers.answer_of(visit.held, visit.caller, found.id)
    except Fault as fault:
        if fault.code not in ("no_answer", "document_removed"):
            raise
        return render(
            visit,
            "study.html",
            fault.kind.status,
            answer=None,
            fault=fault,
            said=[],
            chart=None,
            tables=[],
            numbers=[],
            most=ROWS,
            **values,
        )
    said, tables = answers.sentences(answer, visit.tongue), answers.tables(answer, visit.tongue)
    return render(
        visit,
        "study.html",
        answer=answer,
        fault=None,
        said=said,
        chart=answers.chart(answer, visit.tongue),
        tables=tables,
        numbers=numbers,
        most=ROWS,
        **values,
    )


def _at(scope: Scope, found: Study) -> At | None:
    """The case that a study asks about; ``None`` for one that makes its own cases."""
    if found.case_id is None or found.revision is None:
        return None
    case = scope.get(Case, found.case_id)
    over_time = scope.revision(case, found.revision).over_time
    return At(found.case_id, case.name, found.revision, found.plan_id or "", over_time)


def _progress(scope: Scope, found: Study) -> dict[str, Any]:
    now = standing(scope.session, found.job)
    return {"open": is_open(found.job), "now": now, "answered": count_answered(scope.session, found)}


@site.page("/studies/{study_id}/live", "page_study_live")
def live(visit: Visit) -> Response:
    """How far a study has come, as a stream; of a price its interval at the end."""
    study_id = visit.path["study_id"]

    def look(scope: Scope) -> tuple[str, bool]:
        found = scope.get(Study, study_id)
        ended = not is_open(found.job)
        if found.kind == "why_not" and found.case_id is not None and found.revision is not None:
            case = scope.get(Case, found.case_id)
            names = names_of(scope, case, found.revision)
            told = _price(visit, found) if ended else None
            currency = scope.revision(case, found.revision).summary.get("currency") or ""
            return text_of(visit, "why_not.html", study=found, told=told, names=names, currency=currency), ended
        return text_of(visit, "study_live.html", study=found, **_progress(scope, found)), ended

    return streamed(visit, look)


def _price(visit: Visit, found: Study) -> dict[str, Any] | None:
    try:
        answer = answers.answer_of(visit.held, visit.caller, found.id)
    except Fault:
        return None
    return {"said": answers.sentences(answer, visit.tongue), "prices": answers.intervals(answer)}


@site.page("/studies/{study_id}/report", "page_study_report")
def report(visit: Visit) -> Response:
    """The answer as one page that needs no network; it is recorded as handed out."""
    visit.request.state.operation = "get_study_report"
    return routes.get_study_report(visit.request, visit.held, visit.caller, visit.path["study_id"])


@site.sent("/studies/{study_id}/stop", "page_study_stop")
def stop(visit: Visit) -> Response:
    """Stop it; what is answered is kept."""
    study_id = visit.path["study_id"]
    routes.cancel_study(visit.held, visit.caller, visit.once(), study_id)
    return redirected(f"/studies/{study_id}")


@site.sent("/studies/{study_id}/plans/{number:int}/keep", "page_study_keep")
def keep(visit: Visit) -> Response:
    """Make a plan of the answer a plan of the case."""
    number = int(visit.path["number"])
    made = routes.keep_study_plan(visit.held, visit.caller, visit.once(), visit.path["study_id"], number)
    return redirected(f"/plans/{json.loads(bytes(made.body))['id']}")
