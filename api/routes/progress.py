"""Server-sent events: incumbent, bound and gap while a plan is solved, then the end."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from anyio import to_thread
from fastapi import Header, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select

from api import gate
from api.deps import CallerDep, ServicesDep
from api.errors import problems
from api.faults import Fault
from api.jobs.runs import OPEN
from api.services.keys import stands
from api.store.models import Plan, ProgressPoint, Study
from api.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from api.access import Caller
    from api.context import Services

__all__ = ["EVENTS", "LastEvent", "router", "stream"]

router = gate.router("plans")

EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": r"^\d+$"},
        "event": {"enum": ["progress", "status", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}},
    },
    "required": ["event", "data"],
}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"itemSchema": EVENT}}, "description": "A stream of events"}
}
LastEvent = Annotated[str, Header(pattern=r"^\d{0,9}$", description="take up again after this event")]
LOOK_EVERY_S = 0.4
COMMENT_EVERY_S = 15.0


@router.get(
    "/plans/{plan_id}/progress",
    response_class=Response,
    responses={**problems("not_found", "too_many_streams"), **EVENTS},
)
async def stream_progress(
    request: Request, held: ServicesDep, caller: CallerDep, plan_id: str, last_event_id: LastEvent = ""
) -> Response:
    """Events `progress` (elapsed_s, incumbent, bound, gap_abs, phase), `status` and `end`, from the first on."""
    return await stream(request, held, caller, Plan, plan_id, last_event_id)


async def stream(
    request: Request, held: Services, caller: Caller, model: type[Plan | Study], id_: str, last_event_id: str
) -> StreamingResponse:
    """Progress of the job that makes a plan or a study.

    Raises
    ------
    Fault
        ``not_found``, ``too_many_streams``.
    """
    await to_thread.run_sync(_look, held, caller, model, id_, 0)
    limit = held.streams.enter(caller.person)
    if limit:
        raise Fault("too_many_streams", limit=limit)
    events = _events(request, held, caller, model, id_, int(last_event_id or 0))
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(
    request: Request, held: Services, caller: Caller, model: type[Plan | Study], id_: str, after: int
) -> AsyncIterator[str]:
    status, spoke = "", time.monotonic()
    try:
        while not await request.is_disconnected():
            now, points = await to_thread.run_sync(_look, held, caller, model, id_, after)
            for number, point in points:
                after = number
                yield _event("progress", point, number)
            if now["job_status"] != status:
                status = now["job_status"]
                yield _event("status" if status in OPEN else "end", now)
            if status not in OPEN:
                return
            if points:
                spoke = time.monotonic()
            elif time.monotonic() - spoke > COMMENT_EVERY_S:
                spoke = time.monotonic()
                yield ": still here\n\n"
            await anyio.sleep(LOOK_EVERY_S)
    except Fault:
        yield _event("end", {"job_status": "gone"})
    finally:
        held.streams.leave(caller.person)


def _look(
    held: Services, caller: Caller, model: type[Plan | Study], id_: str, after: int
) -> tuple[dict[str, Any], list[tuple[int, dict[str, Any]]]]:
    with held.store.read() as session:
        if not stands(session, caller, held.store.clock()):
            raise Fault("unauthenticated")
        made = Scope(session, caller.workspace_id).get(model, id_)
        own = ProgressPoint.job_id == made.job_id
        query = select(ProgressPoint).where(own, ProgressPoint.number > after)
        rows = list(session.scalars(query.order_by(ProgressPoint.number).limit(200)))
        best = select(func.min(ProgressPoint.incumbent), func.max(ProgressPoint.bound))
        known = session.execute(best.where(own, ProgressPoint.number <= after)).one() if rows else (None, None)
        points = _points(rows, *known)
        now = {"job_status": made.job.status, "attempts": made.job.attempts}
        if isinstance(made, Plan):
            now |= {k: getattr(made, k) for k in ("solution", "objective", "best_bound", "gap_abs")}
        else:
            now["points"] = made.points
    return now, points


def _points(
    rows: Sequence[ProgressPoint], incumbent: float | None, bound: float | None
) -> list[tuple[int, dict[str, Any]]]:
    """Points with the best plan and bound up to each: a report without one, or another try, takes neither away."""
    out = []
    for p in rows:
        incumbent = min((x for x in (incumbent, p.incumbent) if x is not None), default=None)
        bound = max((x for x in (bound, p.bound) if x is not None), default=None)
        gap = None if incumbent is None or bound is None else max(0.0, incumbent - bound)
        figures = {"incumbent": incumbent, "bound": bound, "gap_abs": gap, "phase": p.phase}
        out.append((p.number, {"at": p.at.isoformat(), "elapsed_s": p.elapsed_s, **figures}))
    return out


def _event(name: str, content: dict[str, Any], number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(content)}\n\n"
