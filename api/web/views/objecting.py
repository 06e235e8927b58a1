"""Objections: made by anybody on the page *Decide*, priced, answered by approvers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.faults import Fault
from api.routes import objections as routes
from api.schemas.objections import AcceptPost, ObjectionPost, RejectPost
from api.store.models import Objection
from api.store.scope import Scope
from api.web import fields
from api.web.page import redirected
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.views.deciding import deciding
from api.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Response

__all__ = ["site"]

site = Site()

REASON_MAX = 1000


@site.sent("/plans/{plan_id}/objections", "page_objection_make")
def make(visit: Visit) -> Response:
    """Say what one has against the plan."""
    read, plan_id = fields.Reader(visit), visit.path["plan_id"]
    body = {
        "entity": read.label("entity", needed=True),
        "service": read.label("service"),
        "provider": read.label("provider"),
        "reason": read.note("reason", needed=True, most=REASON_MAX),
    }
    if read.errors:
        return deciding(visit, plan_id, 422, read.errors)
    asked = ObjectionPost.model_validate(body)
    return _done(
        visit, plan_id, read, lambda: routes.create_objection(visit.held, visit.caller, visit.once(), plan_id, asked)
    )


@site.sent("/objections/{objection_id}/price", "page_objection_price")
def price(visit: Visit) -> Response:
    """Ask what it would cost."""
    objection_id = visit.path["objection_id"]
    return _done(
        visit,
        _plan_of(visit),
        fields.Reader(visit),
        lambda: routes.price_objection(visit.held, visit.caller, visit.once(), objection_id),
    )


@site.sent("/objections/{objection_id}/answer", "page_objection_answer")
def answer(visit: Visit) -> Response:
    """Accept it, as a decision, or reject it; with a reason."""
    read, objection_id, plan_id = fields.Reader(visit), visit.path["objection_id"], _plan_of(visit)
    verdict = read.choice("verdict", ("accept", "reject"))
    reason = read.note("reason", needed=True, most=REASON_MAX)
    provider = read.label("provider")
    if read.errors:
        return deciding(visit, plan_id, 422, read.errors)
    held, caller, once = visit.held, visit.caller, visit.once()
    if verdict == "reject":
        refused = RejectPost(reason=reason)
        return _done(visit, plan_id, read, lambda: routes.reject_objection(held, caller, once, objection_id, refused))
    accepted = AcceptPost(reason=reason, provider=provider)
    return _done(visit, plan_id, read, lambda: routes.accept_objection(held, caller, once, objection_id, accepted))


def _plan_of(visit: Visit) -> str:
    with visit.held.store.read() as session:
        return Scope(session, visit.caller.workspace_id).get(Objection, visit.path["objection_id"]).plan_id


def _done(visit: Visit, plan_id: str, read: fields.Reader, run: Callable[[], object]) -> Response:
    """The page *Decide* with what was done, or with everything that is wrong."""
    try:
        run()
    except Fault as fault:
        if fault.kind.status not in (409, 422, 429):
            raise
        read.refused(issues_of(fault) or [{"message": fault.detail}], ("entity", "service", "provider"))
        return deciding(visit, plan_id, fault.kind.status, read.errors)
    return redirected(f"/plans/{plan_id}/decide")
