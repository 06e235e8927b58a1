"""Decide: from a draft to an applied plan, by people, with comments that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import Response

from api.etags import tag_of
from api.faults import Fault
from api.identities import names_of as people_of
from api.routes import states as routes
from api.routes.plans import shown
from api.schemas.states import Transition
from api.services import results, states
from api.services.people import same_person
from api.store.models import Decision
from api.store.scope import Scope
from api.web import fields, objecting
from api.web.listing import at_plan
from api.web.names import names_of
from api.web.page import redirected, render
from api.web.progress import is_open
from api.web.site import Site
from api.web.told import Told
from api.web.visit import Visit
from api.web.words import marked
from optimizer.domain.steady import is_over_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.store.models import Plan, PlanState
    from api.web.names import Names

__all__ = ["deciding", "site"]

site = Site()

WAY: Final = ("draft", "submitted", "approved", "applied")


@site.page("/plans/{plan_id}/decide", "page_decide")
def decide(visit: Visit) -> Response:
    """The state of a plan, what was said about it, and what the reader may do now."""
    return _decide(visit, 200)


def _decide(visit: Visit, status: int, errors: fields.Errors | None = None, stale: bool = False) -> Response:
    return deciding(visit, visit.path["plan_id"], status, errors, stale)


def deciding(
    visit: Visit, plan_id: str, status: int, errors: fields.Errors | None = None, stale: bool = False
) -> Response:
    """The page, with what is wrong in a form of it."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, plan_id)
        history = states.history(session, plan)
        submitted = next((s.by for s in reversed(history) if s.state == "submitted"), None)
        own = submitted is not None and same_person(session, submitted, visit.caller.key_id)
        obeyed = session.scalars(
            scope.select(Decision).where(Decision.case_id == case.id, Decision.revision <= plan.revision)
        ).all()
        objections = objecting.listed(scope, plan)
        wrote = {w for o in objections for w in (o.row.created_by, o.row.answered_by) if w}
        people = people_of(session, {*(s.by for s in history), *(d.decided_by for d in obeyed), *wrote})
        names = names_of(scope, case, plan.revision)
        tag = tag_of(shown(scope, plan).model_dump_json().encode())
    return render(
        visit,
        "decide.html",
        status,
        here="decide",
        at=at,
        plan=plan,
        told=_told(visit, plan, names),
        history=history,
        people=people,
        own=own and visit.held.settings.approver_differs,
        obeyed=[d for d in obeyed if d.withdrawn is None],
        stale=case.latest > plan.revision,
        ask_stale=stale or case.latest > plan.revision,
        way=_way(plan, history),
        errors=errors or {},
        typed=dict(visit.form.typed()),
        tag=tag,
        open=is_open(plan.job),
        names=names,
        objections=objecting.priced(visit, objections),
        objecting=objecting.choices(visit, names),
    )


def _told(visit: Visit, plan: Plan, names: Names) -> Told | None:
    """The plan in words, where there is a steady one."""
    try:
        document, _ = results.parsed(visit.held, visit.caller, plan.id)
    except Fault:
        return None
    return None if is_over_time(document) else Told(document, names, visit.tongue)


def _way(plan: Plan, history: Sequence[PlanState]) -> list[tuple[str, bool, bool, PlanState | None]]:
    """Steps to an applied plan: word, done, here, the step of the record."""
    steps = {s.state: s for s in history}
    words: tuple[str, ...] = WAY
    if plan.state == "rejected":
        words = (*WAY[:2], "rejected")
    elif plan.state == "superseded":
        words = (*WAY, "superseded")
    return [(w, w in steps, w == plan.state, steps.get(w)) for w in words]


def _step(name: str, page: str, route: Callable[..., Response], *, needs_reason: bool = False) -> None:
    """A form that brings a plan into its next state."""

    def taken(visit: Visit) -> Response:
        read = fields.Reader(visit)
        comment = read.note("comment", needed=needs_reason)
        if read.errors:
            return _decide(visit, 422, read.errors)
        plan_id = visit.path["plan_id"]
        body = Transition(comment=comment, accept_stale=bool(visit.form.text("accept_stale")))
        tag = visit.form.text("tag") or None
        try:
            route(visit.held, visit.caller, visit.once(), plan_id, body, tag)
        except Fault as fault:
            told = _WHY.get(fault.code)
            if told is None:
                raise
            read.wrong("", visit.say(told))
            return _decide(visit, fault.kind.status, read.errors, fault.code == "plan_stale")
        return redirected(f"/plans/{plan_id}/decide")

    site.sent(f"/plans/{{plan_id}}/{name}", page)(taken)


_WHY: Final = {
    "own_submission": marked("It was submitted by you, or by somebody whose key you made: another person approves it."),
    "plan_stale": marked("The case has a newer revision. Solve again, or say below that the plan is wanted anyway."),
    "plan_not_sound": marked("This plan does not keep every rule, or was not confirmed: it cannot be taken further."),
    "precondition_failed": marked("Somebody has taken a step with this plan since you opened the page. Look again."),
    "conflict": marked("Its state does not allow this any more: somebody was faster. Look again."),
}

_step("submit", "page_plan_submit", routes.submit_plan)
_step("approve", "page_plan_approve", routes.approve_plan)
_step("reject", "page_plan_reject", routes.reject_plan, needs_reason=True)
_step("apply", "page_plan_apply", routes.apply_plan)
