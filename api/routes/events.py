"""Events of missions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, tagged
from api.faults import Fault
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.schemas.common import Page
from api.schemas.events import BatchOut, EventOut, EventsPost
from api.services import events
from api.store.models import Event
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("events")

TRIES = 5


@router.post(
    "/events",
    status_code=202,
    response_model=BatchOut,
    responses={
        **problems(
            "malformed_body",
            "bad_input",
            "not_found",
            "conflict",
            "revision_conflict",
            "no_applied_plan",
            "horizon_not_taken",
            "no_result",
            "invalid_options",
            "idempotency_key_reused",
            "too_many_plans",
            *READING,
        ),
        200: {"model": BatchOut, "description": "The case had all of them already; nothing was changed"},
    },
)
def create_events(held: ServicesDep, caller: CallerDep, once: OnceDep, body: EventsPost) -> Response:
    """Missions start, change, close: a new revision as of their date, re-optimised from the applied plan."""
    wanted = [_content(e.model_dump(mode="json")) for e in body.events]
    for left in reversed(range(TRIES)):
        ready = events.prepare(held, caller, body.case, wanted)
        try:
            return once.run(lambda scope, ready=ready: _receive(held, caller, body, scope, ready))  # type: ignore[misc]
        except Fault as fault:
            if fault.code != "revision_conflict" or not left:
                raise
    raise AssertionError("the loop answers or raises")


def _content(event: dict[str, Any]) -> dict[str, Any]:
    if not event["note"]:
        del event["note"]
    return event


def _receive(held: ServicesDep, caller: CallerDep, body: EventsPost, scope: Scope, ready: events.Prepared) -> Reply:
    rows, new = events.receive(
        held,
        scope,
        caller,
        body.case,
        ready,
        move_budget=body.move_budget,
        options=body.options.model_dump(),
        name=body.name,
    )
    newest = max(rows, key=lambda r: r.id)
    links = {"plan": f"/v1/plans/{newest.plan_id}", "progress": f"/v1/plans/{newest.plan_id}/progress"}
    out = BatchOut(
        new=new, plan=newest.plan_id, events=[EventOut.of(r) for r in rows], links=links if newest.plan_id else {}
    )
    return Reply(202 if new else 200, out, {"Location": f"/v1/events/{newest.id}"})


@router.get("/events", responses=problems())
def list_events(
    held: ServicesDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 50,
    case: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    batch: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    status: Literal["received", "applied", "solving", "done", "failed"] | None = None,
) -> Page[EventOut]:
    """Events, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Event)
        for column, value in ((Event.case_id, case), (Event.batch, batch), (Event.status, status)):
            if value is not None:
                query = query.where(column == value)
        page, after = newest_first(session, query, Event.id, cursor, limit)
    return Page(items=[EventOut.of(e) for e in page], next=after)


@router.get("/events/{event_id}", response_model=EventOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_event(request: Request, held: ServicesDep, caller: CallerDep, event_id: str) -> Response:
    """An event: its revision, its plan, the curve, the comparison."""
    with held.store.read() as session:
        return tagged(request, EventOut.of(Scope(session, caller.workspace_id).get(Event, event_id)))
