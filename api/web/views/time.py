"""Time: who moves when, what each year costs, who comes and goes; waves are committed, and slip."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response

from api.faults import Fault
from api.routes import revising as routes
from api.schemas.cases import CommitPost
from api.services import results
from api.store.scope import Scope
from api.web import fields, listing
from api.web.listing import at_plan
from api.web.names import names_of, tables_of
from api.web.overtime import OverTime
from api.web.page import redirected, render
from api.web.progress import is_open
from api.web.ranges import asked_of, newest_range
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.views.studies import titled
from api.web.visit import Visit

__all__ = ["site"]

site = Site()

LANES: Final = 25
POSTS: Final = 24
SITES: Final = 12
ASKED: Final = ("range", "replan")


@site.page("/plans/{plan_id}/time", "page_time")
def time(visit: Visit) -> Response:
    """A plan over time; one that is not, or whose search goes on, is shown at its own page."""
    return _time(visit, 200)


def _time(visit: Visit, status: int, errors: fields.Errors | None = None) -> Response:
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, visit.path["plan_id"])
        if not at.over_time or is_open(plan.job):
            return redirected(f"/plans/{plan.id}")
        names, stale = names_of(scope, case, plan.revision), case.latest > plan.revision
        rows = tables_of(scope, case, plan.revision).get("current") or []
        today = {(str(r["entity"]), str(r["service"])) for r in rows}
        asked = [(s, is_open(s.job)) for s in asked_of(scope, plan.id, ASKED)]
    document, _ = results.parsed(visit.held, visit.caller, plan.id)
    if document["cost"] is None:
        return redirected(f"/plans/{plan.id}")
    told = OverTime(document, names, visit.tongue, today, newest_range(visit, [s for s, waits in asked if not waits]))
    return render(
        visit,
        "time.html",
        status,
        here="time",
        at=at,
        plan=plan,
        told=told,
        names=names,
        stale=stale,
        asked=asked,
        waits=any(s.kind == "range" and waits for s, waits in asked),
        title=titled(visit),
        errors=errors or {},
        typed=dict(visit.form.typed()),
        committed=visit.query.get("committed", ""),
        **_parts(visit, told),
    )


def _parts(visit: Visit, told: OverTime) -> dict[str, Any]:
    """Rows that the page shows, as they are asked for."""
    query = visit.query
    q, place, wave = query.get("q", "").strip(), query.get("place", "").strip(), visit.number("wave", 0, 120)
    lanes, shown = listing.shown(told.lanes(q, wave), visit.number("offset", 0), LANES)
    posts, loads = told.posts(place), told.loads()
    pending = [w["period"] for w in told.waves if w["state"] != "committed"]
    return {
        "lanes": lanes,
        "shown": shown,
        "q": q,
        "wave": wave,
        "place": place,
        "posts": posts if query.get("people") == "all" else posts[:POSTS],
        "coming": len(posts),
        "loads": loads if query.get("sites") == "all" else loads[:SITES],
        "working": len(loads),
        "periods": [(n, told.label(n)) for n in range(1, len(told.when) + 1)],
        "wave_periods": [(w["period"], told.label(w["period"])) for w in told.waves],
        "pending": pending,
    }


@site.sent("/plans/{plan_id}/commitments", "page_plan_commit")
def commit(visit: Visit) -> Response:
    """Commit what the plan does up to and in a period: a new revision of the case."""
    read = fields.Reader(visit)
    until = read.number("until", low=1, high=120, whole=True)
    comment = read.note("comment")
    if until is None and "until" not in read.errors:
        read.wrong("until", visit.say("This is needed."))
    if until is None or read.errors:
        return _time(visit, 422, read.errors)
    plan_id = visit.path["plan_id"]
    body = CommitPost(until=int(until), comment=comment)
    try:
        made = routes.commit_plan(visit.held, visit.caller, visit.once(), plan_id, body)
    except Fault as fault:
        if fault.kind.status not in (409, 422):
            raise
        read.refused(issues_of(fault) or [{"message": fault.detail}], ("until",))
        return _time(visit, fault.kind.status, read.errors)
    return redirected(f"/plans/{plan_id}/time", committed="new" if made.status_code == 201 else "known")
