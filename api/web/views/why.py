"""Why an office is served where it is, what another place would cost, and deciding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from pydantic import TypeAdapter

from api.context import Documents
from api.faults import Fault
from api.identities import names_of as people_of
from api.routes import decisions as decision_routes
from api.routes import studies as study_routes
from api.schemas.decisions import DecisionPost
from api.schemas.studies import StudySubmit
from api.services import results
from api.services.steady import only_steady_plans
from api.store.models import Decision, Study
from api.store.scope import Scope
from api.web import answers, fields, listing
from api.web.listing import at_plan
from api.web.names import names_of
from api.web.page import redirected, render
from api.web.progress import is_open
from api.web.site import Site
from api.web.trouble import fault_of, issues_of
from api.web.visit import Visit
from api.web.words import TERMS
from optimizer.domain.errors import InputError
from optimizer.domain.names import COST_TERMS, OWN

if TYPE_CHECKING:
    from api.web.names import Names

__all__ = ["site"]

site = Site()

FOUND: Final = 50
_answers: Final = Documents(32)
"""The last few answers: a process makes one in seconds, and a reader asks and decides about it by turns."""
ASKED: Final = 6
_ASK: TypeAdapter[Any] = TypeAdapter(StudySubmit)


@site.page("/why", "page_why_find")
def find(visit: Visit) -> Response:
    """From the first page: an entity of a plan; the newest plan where none is named."""
    plan_id = visit.query.get("plan", "")
    if not plan_id:
        with visit.held.store.read() as session:
            rows = listing.plan_rows(Scope(session, visit.caller.workspace_id), 50)
        plan_id = next((p.id for p in rows if p.holds), "")
        if not plan_id:
            raise Fault("not_found", "there is no plan yet")
    else:
        with visit.held.store.read() as session:
            plan_id = at_plan(Scope(session, visit.caller.workspace_id), plan_id)[1].id
    return redirected(f"/plans/{plan_id}/why", entity=visit.query.get("entity", ""))


@site.page("/plans/{plan_id}/why", "page_why")
def why(visit: Visit) -> Response:
    """All providers of one demand; without a demand, what there is to ask about."""
    return _why(visit, 200)


def _why(visit: Visit, status: int, errors: fields.Errors | None = None) -> Response:
    form, query = visit.form, visit.query
    entity = form.text("entity") or query.get("entity", "").strip()
    service = form.text("service") or query.get("service", "").strip()
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, visit.path["plan_id"])
        only_steady_plans(scope, plan)
        names = names_of(scope, case, plan.revision)
    document, digest = results.parsed(visit.held, visit.caller, plan.id)
    values = {"here": "why", "at": at, "plan": plan, "names": names, "currency": document["run"]["currency"]}
    rows = [a for a in document["assignments"] if a["entity"] == entity and a["service"] == service]
    if not rows:
        return _choose(visit, document, entity, service, values)
    answer = _answers.get(
        f"{digest} {plan.id} {entity}\n{service}",
        lambda: results.why(visit.held, visit.caller, plan.id, entity, service),
    )
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        asked = _asked(scope, plan.id, entity, service)
        decided = scope.session.scalars(
            scope.select(Decision).where(Decision.case_id == case.id, Decision.withdrawn.is_(None))
        ).all()
        people = people_of(session, {d.decided_by for d in decided})
    decided = [d for d in decided if d.entity in (entity, "*") and d.service in (service, "")]
    return render(
        visit,
        "why.html",
        status,
        row=rows[0],
        answer=answer,
        priced=[o for o in answer["options"] if o["cost"] is not None],
        refused=[o for o in answer["options"] if o["cost"] is None],
        terms=_terms(answer, visit),
        asked=[(s, _told(visit, s)) for s in asked],
        decided=decided,
        errors=errors or {},
        typed=dict(form.typed()),
        options=(options := [(o["provider"], _named(names, o["provider"], visit)) for o in answer["options"]]),
        elsewhere=[o for o in options if o[0] != rows[0]["provider"]] + [("", visit.say("All sources"))],
        people=people,
        runs=is_open,
        **values,
    )


def _named(names: Names, provider: str, visit: Visit) -> str:
    name = names.provider(provider, visit.tongue)
    return name if provider == OWN or name == provider else f"{name} ({provider})"


def _choose(visit: Visit, document: dict[str, Any], entity: str, service: str, values: dict[str, Any]) -> Response:
    """The demands that a text finds, to choose one of."""
    names: Names = values["names"]
    keys = names.found(entity) if entity else []
    found = set(keys)
    rows = [a for a in document["assignments"] if a["entity"] in found and (not service or a["service"] == service)]
    rows.sort(key=lambda a: (names.entity(a["entity"]).casefold(), names.service(a["service"]).casefold()))
    return render(visit, "why_find.html", rows=rows[:FOUND], found=len(rows), entity=entity, known=bool(keys), **values)


def _terms(answer: dict[str, Any], visit: Visit) -> list[tuple[str, str]]:
    """Cost terms in which the providers differ from the one of the plan."""
    options = [o for o in answer["options"] if o["cost"] is not None]
    if not options:
        return []
    base = next((o for o in options if o["chosen"]), options[0])["cost"]
    return [(t, visit.say(TERMS[t])) for t in COST_TERMS if any(abs(o["cost"][t] - base[t]) >= 0.5 for o in options)]


def _asked(scope: Scope, plan_id: str, entity: str, service: str) -> list[Study]:
    """What has been asked about this demand, newest first."""
    query = scope.select(Study).where(Study.plan_id == plan_id, Study.kind == "why_not").order_by(Study.id.desc())
    found = scope.session.scalars(query.limit(200)).all()
    return [s for s in found if (s.question.get("entity"), s.question.get("service")) == (entity, service)][:ASKED]


def _told(visit: Visit, study: Study) -> dict[str, Any] | None:
    """Sentences and intervals of an answer; none where there is none, or not yet."""
    try:
        answer = answers.answer_of(visit.held, visit.caller, study.id)
    except Fault:
        return None
    return {"said": answers.sentences(answer, visit.tongue), "prices": answers.intervals(answer)}


@site.sent("/plans/{plan_id}/why", "page_why_ask")
def ask(visit: Visit) -> Response:
    """Ask what it would cost to have the demand at another provider."""
    form, read = visit.form, fields.Reader(visit)
    minutes = read.number("minutes", low=0.05, high=visit.held.settings.max_time_limit_s / 60, default=1.0)
    if read.errors:
        return _why(visit, 422, read.errors)
    with visit.held.store.read() as session:
        at, _, _ = at_plan(Scope(session, visit.caller.workspace_id), visit.path["plan_id"])
    question = {name: form.text(name) for name in ("entity", "service", "provider")}
    options = {"time_limit_s": 60 * (minutes or 1.0)}
    body = _ASK.validate_python(
        {"kind": "why_not", "case": at.case, "plan": at.plan, "question": question, "options": options}
    )
    study_routes.create_study(visit.held, visit.caller, visit.once(), body)
    return redirected(f"/plans/{at.plan}/why", entity=question["entity"], service=question["service"])


@site.sent("/plans/{plan_id}/decisions", "page_why_decide")
def decide(visit: Visit) -> Response:
    """Lock a demand to a provider, or forbid it there, with a reason; the next revision has it."""
    form, read = visit.form, fields.Reader(visit)
    action = read.choice("action", ("lock", "forbid"))
    reason = read.note("reason", needed=True, most=1000)
    provider = form.text("at")
    if not provider:
        read.wrong("at", visit.say("Choose one of the list."))
    if read.errors:
        return _why(visit, 422, read.errors)
    with visit.held.store.read() as session:
        at, _, _ = at_plan(Scope(session, visit.caller.workspace_id), visit.path["plan_id"])
    entity, service = form.text("entity"), form.text("service")
    kind: Any = action
    body = DecisionPost(action=kind, entity=entity, service=service, provider=provider, reason=reason, plan=at.plan)
    try:
        decision_routes.create_decision(visit.held, visit.caller, visit.once(), at.case, body)
    except (InputError, Fault) as error:
        fault = fault_of(error, visit.held.settings)
        if fault.code not in ("bad_input", "conflict"):
            raise
        read.refused(issues_of(fault) or [{"message": fault.detail}], ("reason",))
        return _why(visit, fault.kind.status, read.errors)
    return redirected(f"/plans/{at.plan}/why", entity=entity, service=service)
