"""Events of missions: each once, together one new revision and one re-optimisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.jobs.deliveries import tell_of_events
from api.services import reoptimise
from api.services.cases import revise
from api.services.states import applied_plan
from api.store.audit import record
from api.store.models import Case, Event
from api.store.scope import Scope
from api.store.types import new_id
from optimizer.replan import event_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.access import Caller
    from api.context import Services
    from api.readers.reading import Reading
    from api.services.reoptimise import Ground

__all__ = ["Prepared", "prepare", "receive"]


@dataclass(frozen=True)
class Prepared:
    """Events, read and done on a copy of the case, not yet in the store.

    Parameters
    ----------
    fresh : list of dict
        Those that the case has not had.
    hashes : list of str
        Of all, in the order given, each once.
    ground, made
        What they start from and come to; absent where none is fresh or none changes anything.
    """

    fresh: list[dict[str, Any]]
    hashes: list[str]
    ground: Ground | None = None
    made: Reading | None = None


def prepare(held: Services, caller: Caller, case_id: str, events: Sequence[dict[str, Any]]) -> Prepared:
    """Do the events on a copy of the latest revision, outside of any transaction that writes.

    Raises
    ------
    InputError
        Everything wrong with the events, or with the case that they would make.
    Fault
        ``no_applied_plan``, ``conflict``, or one of the readers.
    """
    by_hash = {event_hash(e): e for e in events}
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        known = set(_known(scope, case_id, list(by_hash)))
        fresh = [e for h, e in by_hash.items() if h not in known]
        if not fresh:
            return Prepared([], list(by_hash))
        if case.archived is not None:
            raise Fault("conflict", f"case {case.id} is archived")
        ground = reoptimise.ground(scope, case)
    made = held.readers.events(
        caller.workspace_id, ground.tables, ground.plan, ground.name, fresh, pending=ground.pending
    )
    return Prepared(fresh, list(by_hash), ground, made)


def _known(scope: Scope, case_id: str, hashes: list[str]) -> dict[str, Event]:
    query = scope.select(Event).where(Event.case_id == case_id, Event.fingerprint.in_(hashes))
    return {e.fingerprint: e for e in scope.session.scalars(query)}


def receive(
    held: Services,
    scope: Scope,
    caller: Caller,
    case_id: str,
    ready: Prepared,
    *,
    move_budget: int,
    options: dict[str, Any] | None = None,
    name: str = "",
) -> tuple[list[Event], bool]:
    """Store the events, the revision, the plan and its job: all of it, or nothing.

    Returns
    -------
    list of Event
        In the order given; those that the case had already as they are.
    bool
        Whether any is new.

    Raises
    ------
    Fault
        ``revision_conflict``: the case changed since ``prepare``; prepare again.
    """
    case = scope.get(Case, case_id, lock=True)
    known = _known(scope, case_id, ready.hashes)
    if any(event_hash(e) in known for e in ready.fresh):
        raise Fault("revision_conflict", "the same events came by another way at the same time")
    rows = _rows(held, scope, caller, case, ready, move_budget) if ready.fresh else []
    if ready.made is not None and ready.ground is not None:
        _start(held, scope, caller, case, ready, rows, move_budget, options, name)
    else:
        for row in rows:
            row.status, row.outcome = "done", {"changed": False, "points": []}
        tell_of_events(scope.session, held.store, held.queue, rows)
    known |= {r.fingerprint: r for r in rows}
    return [known[h] for h in ready.hashes], bool(rows)


def _rows(held: Services, scope: Scope, caller: Caller, case: Case, ready: Prepared, move_budget: int) -> list[Event]:
    now = held.store.clock()
    batch = new_id("evb", now)
    rows = []
    for event in ready.fresh:
        entity = event.get("entity", "")
        row = Event(
            id=new_id("evt", now),
            workspace_id=scope.workspace_id,
            created=now,
            created_by=caller.key_id,
            case_id=case.id,
            kind=event["type"],
            entity=str(entity["id"] if isinstance(entity, dict) else entity)[:200],
            effective=datetime.combine(date.fromisoformat(event["date"]), time(), UTC),
            content=event,
            fingerprint=event_hash(event),
            batch=batch,
            move_budget=move_budget,
            status="received",
        )
        scope.session.add(row)
        facts = {"case": case.id, "entity": row.entity, "date": event["date"], "batch": batch}
        record(scope.session, caller, now, f"event.{row.kind}", row.id, **facts)
        rows.append(row)
    scope.session.flush()
    return rows


def _start(
    held: Services,
    scope: Scope,
    caller: Caller,
    case: Case,
    ready: Prepared,
    rows: list[Event],
    move_budget: int,
    options: dict[str, Any] | None,
    name: str,
) -> None:
    """The new revision, and the re-optimisation of it."""
    assert ready.ground is not None
    assert ready.made is not None
    applied = applied_plan(scope, case.id)
    if case.latest != ready.ground.revision or applied is None or applied.id != ready.ground.applied:
        raise Fault("revision_conflict", "the case or its applied plan changed while the events were read")
    revision = revise(
        scope,
        caller,
        held.store.clock(),
        case,
        read=ready.made,
        origin="event",
        patch={"events": ready.fresh},
        comment=f"{len(rows)} event(s) from {min(e['date'] for e in ready.fresh)}",
        base=ready.ground.revision,
    )
    plan = reoptimise.submit(
        scope,
        caller,
        held.store,
        held.queue,
        held.settings,
        case=case,
        revision=revision.number,
        applied=applied.id,
        move_budget=move_budget,
        options=options,
        name=name,
        event=rows[0].id,
    )
    for row in rows:
        row.revision, row.from_plan_id, row.plan_id, row.status = revision.number, applied.id, plan.id, "solving"
