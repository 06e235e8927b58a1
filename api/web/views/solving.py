"""Solve: the options of a search, how it goes, stopping it."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import Response

from api.faults import Fault
from api.jobs.readings import readings
from api.routes import plans as routes
from api.schemas.plans import PlanOptions, PlanSubmit
from api.store.models import Plan
from api.store.scope import Scope
from api.web import fields, listing
from api.web.listing import at_case, at_plan
from api.web.page import redirected, render, text_of
from api.web.progress import is_open, streamed
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.visit import Visit
from optimizer.report.search_chart import Reading, chart

__all__ = ["live_parts", "site"]

site = Site()

GAPS: Final = ("0", "0.005", "0.01", "0.02")


@site.page("/cases/{case_id}/solve", "page_solve")
def solve(visit: Visit) -> Response:
    """A form with sensible defaults."""
    return _form(visit, 200)


def _form(visit: Visit, status: int, errors: fields.Errors | None = None) -> Response:
    settings = visit.held.settings
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, _ = at_case(scope, visit.path["case_id"])
        before = [p for p in listing.plan_rows(scope, 50, case_id=at.case) if p.holds]
    typed = {"minutes": visit.tongue.decimal(settings.time_limit_s / 60, 1), **dict(visit.form.typed())}
    gap = [(g, visit.tongue.percent(float(g)) if float(g) else visit.say("the best plan")) for g in GAPS]
    starts = [("", visit.say("Nothing"))] + [
        (p.id, f"{p.name} · {visit.say('revision %(n)s', n=p.revision)}") for p in before
    ]
    return render(
        visit,
        "solve.html",
        status,
        here="solve",
        at=at,
        errors=errors or {},
        typed=typed,
        gaps=gap,
        starts=starts,
        most=visit.tongue.decimal(settings.max_time_limit_s / 60, 0),
    )


@site.sent("/cases/{case_id}/plans", "page_solve_send")
def send(visit: Visit) -> Response:
    """Put the search into the queue."""
    read, settings = fields.Reader(visit), visit.held.settings
    minutes = read.number("minutes", low=0.01, high=settings.max_time_limit_s / 60)
    gap = read.choice("gap", GAPS, "0")
    name, start = read.label("name"), visit.form.text("start")
    seed = read.number("seed", low=0, high=2**31 - 1, whole=True, default=0)
    if read.errors:
        return _form(visit, 422, read.errors)
    options = PlanOptions(
        time_limit_s=None if minutes is None else 60 * minutes, gap_rel=float(gap), seed=int(seed or 0)
    )
    body = PlanSubmit(case=visit.path["case_id"], name=name, start_plan=start or None, options=options)
    try:
        made = routes.create_plan(visit.held, visit.caller, visit.once(), body)
    except Fault as fault:
        if fault.code not in ("invalid_options", "too_many_plans"):
            raise
        read.refused(issues_of(fault) or [{"message": fault.detail}], ())
        return _form(visit, fault.kind.status, read.errors)
    return redirected(f"/plans/{json.loads(bytes(made.body))['id']}")


@site.page("/plans/{plan_id}/live", "page_plan_live")
def live(visit: Visit) -> Response:
    """The search as it goes on, as a stream of parts of its page."""
    plan_id = visit.path["plan_id"]

    def look(scope: Scope) -> tuple[str, bool]:
        _, plan, _ = at_plan(scope, plan_id)
        return text_of(visit, "live.html", **live_parts(scope, plan)), not is_open(plan.job)

    return streamed(visit, look)


def live_parts(scope: Scope, plan: Plan) -> dict[str, Any]:
    """What the part of a page about a running search shows."""
    known = readings(scope.session, plan.job)
    if plan.objective is not None:  # what was checked in the end, whatever was reported on the way
        last = known[-1].elapsed_s if known else 0.0
        known = [*known, Reading(last, plan.objective, plan.best_bound)]
    limit = plan.job.options.get("time_limit_s")
    summary = scope.revision(listing.at_plan(scope, plan.id)[2], plan.revision).summary
    return {
        "plan": plan,
        "open": is_open(plan.job),
        "last": known[-1] if known else None,
        "chart": chart(known, limit),
        "limit_s": limit,
        "currency": summary.get("currency") or "",
    }


@site.sent("/plans/{plan_id}/stop", "page_plan_stop")
def stop(visit: Visit) -> Response:
    """Stop a search and keep the best plan so far."""
    plan_id = visit.path["plan_id"]
    routes.cancel_plan(visit.held, visit.caller, visit.once(), plan_id)
    return redirected(f"/plans/{plan_id}")


@site.sent("/plans/{plan_id}/retry", "page_plan_retry")
def retry(visit: Visit) -> Response:
    """Try a failed search again."""
    plan_id = visit.path["plan_id"]
    routes.retry_plan(visit.held, visit.caller, visit.once(), plan_id)
    return redirected(f"/plans/{plan_id}")
