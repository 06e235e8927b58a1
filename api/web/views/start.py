"""The first page: what waits, the newest plans and cases, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fastapi import Response

from api.services import sign_ins
from api.services.digest import digest
from api.store.models import Case
from api.store.scope import Scope
from api.web import listing
from api.web.page import render
from api.web.site import Site
from api.web.views.drafts import listed
from api.web.visit import Visit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.models import Draft
    from api.web.listing import PlanRow

__all__ = ["site"]

site = Site()

PLANS: Final = 30
DRAFTS: Final = 10
FIRST_TIME: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that a person should look at."""

    word: str
    tone: str
    title: str
    text: str
    place: str
    action: str


@site.page("/", "page_start")
def start(visit: Visit) -> Response:
    """What waits for the reader comes first."""
    now = visit.held.store.clock()
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        before = _last(visit, session)
        since = before or now - FIRST_TIME
        plans = listing.plan_rows(scope, PLANS)
        nightly = digest(scope, since, now, 20).items
        steps = listing.steps_since(scope, since, 10)
        cases = session.scalars(
            scope.select(Case).where(Case.archived.is_(None)).order_by(Case.id.desc()).limit(10)
        ).all()
        drafts = listed(scope, DRAFTS) if visit.may("page_draft") else []
    waiting = [w for p in plans if (w := _waiting(visit, p)) is not None]
    waiting += [_draft(visit, d) for d in drafts]
    waiting += [
        _nightly(visit, i.case_name, i.plan, i.finding.message if i.finding else "") for i in nightly if i.attention
    ]
    solved = [p for p in plans if p.holds]
    return render(
        visit,
        "start.html",
        here="start",
        waiting=waiting,
        plans=plans[:10],
        running=sum(p.open for p in plans),
        cases=cases,
        steps=steps,
        before=before,
        solved=solved,
        options=[(p.id, f"{p.name} · {visit.say('revision %(n)s', n=p.revision)}") for p in solved],
    )


def _last(visit: Visit, session: Session) -> datetime | None:
    if visit.sign_in is None:
        return None
    return sign_ins.last_before(session, visit.caller, visit.sign_in)


def _waiting(visit: Visit, plan: PlanRow) -> Waiting | None:
    """What a plan asks of this reader."""
    say, decide = visit.say, f"/plans/{plan.id}/decide"
    title = f"{plan.name} · {say('revision %(n)s', n=plan.revision)}"
    if plan.state == "submitted" and visit.may("page_plan_approve"):
        told = say("It was submitted and waits for an approver.")
        return Waiting(say("to approve"), "chip-act", title, told, decide, say("Decide"))
    if plan.state == "approved" and visit.may("page_plan_apply"):
        told = say("It was approved and can be applied.")
        return Waiting(say("to apply"), "chip-act", title, told, decide, say("Apply"))
    if plan.dead and plan.state == "draft":
        told = say("Every try of its search has failed.")
        return Waiting(say("failed"), "chip-bad", title, told, f"/plans/{plan.id}", say("See"))
    if plan.stale and plan.state == "applied" and visit.may("page_solve"):
        told = say("Its case has a newer revision than the plan that is applied.")
        return Waiting(say("stale"), "chip-warn", title, told, f"/cases/{plan.case_id}/solve", say("Solve again"))
    return None


def _draft(visit: Visit, draft: Draft) -> Waiting:
    """A draft is to be mended, or can be made a case."""
    errors, say = sum(i["severity"] == "error" for i in draft.issues), visit.say
    if errors:
        told = visit.tongue.some("One mistake is left in it.", "%(n)s mistakes are left in it.", errors)
        return Waiting(say("to mend"), "chip-warn", draft.name, told, f"/drafts/{draft.id}", say("Mend"))
    told = say("No mistake is left: the case can be made")
    return Waiting(say("draft"), "chip-ok", draft.name, told, f"/drafts/{draft.id}", say("See"))


def _nightly(visit: Visit, case: str, plan: str | None, finding: str) -> Waiting:
    place = f"/plans/{plan}" if plan else "/plans"
    return Waiting(visit.say("nightly run"), "chip-bad", case, finding, place, visit.say("See"))
