"""Missions: report a start, a change or a close, and see what came of it."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import Response
from pydantic import TypeAdapter, ValidationError

from api.faults import Fault
from api.routes import events as routes
from api.schemas.events import EventsPost
from api.services.states import applied_plan
from api.store.models import Case, Event
from api.store.scope import Scope
from api.web import fields, listing
from api.web.names import names_of
from api.web.page import redirected, render
from api.web.site import Site
from api.web.trouble import fault_of, issues_of
from api.web.visit import Visit
from api.web.words import marked
from optimizer.domain.errors import InputError

__all__ = ["site"]

site = Site()

LISTED: Final = 50
KINDS: Final = {
    "start": marked("A mission starts"),
    "change": marked("A mission grows or shrinks"),
    "close": marked("A mission closes"),
}
STATUSES: Final = {
    "received": marked("received"),
    "applied": marked("in the case"),
    "solving": marked("being solved"),
    "done": marked("done"),
    "failed": marked("failed"),
}
FIELDS: Final = ("case", "kind", "date", "entity", "name", "city", "country", "headcount", "services", "note")
_POST: Final[TypeAdapter[EventsPost]] = TypeAdapter(EventsPost)


@site.page("/missions", "page_missions")
def missions(visit: Visit) -> Response:
    """What was reported, newest first, each with the plan that answers it."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = session.scalars(scope.select(Event).order_by(Event.id.desc()).limit(1000)).all()
        part, shown = listing.shown(found, visit.number("offset", 0), LISTED)
        wanted = {e.case_id for e in part}
        cases = {c.id: c.name for c in session.scalars(scope.select(Case).where(Case.id.in_(wanted)))}
    return render(
        visit, "missions.html", here="mission", rows=part, shown=shown, cases=cases, kinds=KINDS, statuses=STATUSES
    )


@site.page("/missions/new", "page_mission_new")
def new(visit: Visit) -> Response:
    """A form for one change."""
    return _new(visit, 200)


def _new(visit: Visit, status: int, errors: fields.Errors | None = None, issues: Any = ()) -> Response:
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        every = session.scalars(scope.select(Case).where(Case.archived.is_(None)).order_by(Case.id.desc())).all()
        cases = [c for c in every if applied_plan(scope, c.id) is not None]
    return render(
        visit,
        "mission_new.html",
        status,
        here="mission",
        cases=[(c.id, c.name) for c in cases],
        kinds=[(k, visit.say(w)) for k, w in KINDS.items()],
        errors=errors or {},
        issues=issues,
        typed=dict(visit.form.typed()),
        today=visit.held.store.clock().date().isoformat(),
    )


@site.sent("/missions", "page_mission_send")
def send(visit: Visit) -> Response:
    """Make the change a new revision, and re-optimise from the applied plan."""
    read, form = fields.Reader(visit), visit.form
    kind = read.choice("kind", KINDS)
    entity = read.label("entity", needed=True)
    budget = read.number("moves", low=0, high=1_000_000, whole=True, default=0)
    heads = read.number("headcount", low=0, high=10**7, whole=True)
    if kind in ("start", "change") and heads is None and "headcount" not in read.errors:
        read.wrong("headcount", visit.say("This is needed."))
    if read.errors:
        return _new(visit, 422, read.errors)
    event = _event(visit, kind, entity, int(heads or 0))
    try:
        body = _POST.validate_python({"case": form.text("case"), "events": [event], "move_budget": int(budget or 0)})
        made = routes.create_events(visit.held, visit.caller, visit.once(), body)
    except ValidationError as error:
        for found in error.errors():
            name = str(found["loc"][-1])
            read.wrong(name if name in FIELDS else "", str(found["msg"]).removeprefix("Value error, "))
        return _new(visit, 422, read.errors)
    except (InputError, Fault) as error:
        return _refused(visit, fault_of(error, visit.held.settings))
    plan = json.loads(bytes(made.body))["plan"]
    return redirected(f"/plans/{plan}" if plan else "/missions")


def _event(visit: Visit, kind: str, entity: str, heads: int) -> dict[str, Any]:
    """The event as the API takes it."""
    form = visit.form
    event: dict[str, Any] = {"type": kind, "date": form.text("date"), "note": form.text("note")}
    if kind == "close":
        return {**event, "entity": entity}
    if kind == "change":
        return {**event, "patch": {"tables": {"entities": {"change": [{"id": entity, "headcount": heads}]}}}}
    row = {"id": entity, "name": form.text("name"), "city": form.text("city"), "country": form.text("country")}
    services = [s.strip() for s in form.text("services").replace(";", ",").split(",") if s.strip()]
    demands = [{"service": s} for s in services or _services(visit)]
    return {**event, "entity": {**{k: v for k, v in row.items() if v}, "headcount": heads}, "demands": demands}


def _services(visit: Visit) -> list[str]:
    """Every service of the case."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        return sorted(names_of(scope, scope.get(Case, visit.form.text("case"))).services)


def _refused(visit: Visit, fault: Fault) -> Response:
    """The form again, with what the service has found in it."""
    if fault.kind.status not in (409, 413, 422, 429):
        raise fault
    issues = issues_of(fault)
    return _new(visit, fault.kind.status, {} if issues else {"": [fault.detail]}, issues)
