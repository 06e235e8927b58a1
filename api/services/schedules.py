"""Schedules: what became stale is re-optimised, by night or whenever their cron says."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter
from sqlalchemy import select

from api.access import Caller
from api.faults import Fault
from api.readers.reading import reading_of
from api.services import reoptimise
from api.services.decisions import steadily
from api.store.audit import SYSTEM, record
from api.store.models import Case, Schedule
from api.store.scope import Scope
from api.store.types import new_id
from optimizer.errors import InputError
from optimizer.io import case_from_tables

if TYPE_CHECKING:
    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["Schedules", "change", "create", "hasten", "next_run"]

logger = logging.getLogger(__name__)

FIELDS = 5


def next_run(cron: str, time_zone: str, after: datetime) -> datetime:
    """The next time of a cron expression after a moment.

    Raises
    ------
    Fault
        ``invalid_options``: the expression or the zone is none, or the time never comes.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Fault("invalid_options", f"there is no time zone {time_zone}") from error
    if len(cron.split()) != FIELDS:
        raise Fault("invalid_options", f"{cron!r} is not minute, hour, day of month, month, day of week")
    try:
        found: datetime = croniter(cron, after.astimezone(zone)).get_next(datetime)
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        raise Fault("invalid_options", f"{cron!r} is not a cron expression that comes true: {error}") from error
    return found.astimezone(UTC)


def create(
    scope: Scope,
    caller: Caller,
    at: datetime,
    *,
    name: str,
    cron: str,
    time_zone: str,
    options: dict[str, Any],
    enabled: bool,
) -> Schedule:
    """A new schedule."""
    if scope.session.scalars(scope.select(Schedule).where(Schedule.name == name)).first() is not None:
        raise Fault("conflict", f"there is a schedule {name} already")
    row = Schedule(
        id=new_id("sch", at),
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        name=name,
        cron=cron,
        time_zone=time_zone,
        action="reoptimise_stale",
        options=options,
        enabled=enabled,
        next_run=next_run(cron, time_zone, at),
    )
    scope.session.add(row)
    record(scope.session, caller, at, "schedule.created", row.id, name=name, cron=cron, time_zone=time_zone)
    return row


def change(scope: Scope, caller: Caller, at: datetime, row: Schedule, given: dict[str, Any]) -> None:
    """Change what is given; the next run is reckoned anew."""
    for name, value in given.items():
        setattr(row, name, value)
    row.next_run = next_run(row.cron, row.time_zone, at)
    record(scope.session, caller, at, "schedule.changed", row.id, **given)


def hasten(scope: Scope, caller: Caller, at: datetime, row: Schedule) -> None:
    """Make a schedule due now."""
    if not row.enabled:
        raise Fault("conflict", f"schedule {row.name} is stopped")
    row.next_run = at
    record(scope.session, caller, at, "schedule.hastened", row.id)


class Schedules:
    """Runs schedules that are due; any number of workers may, and nothing is done twice.

    The work comes first and the note that it was done after it: what a lost worker leaves undone, the next
    look does. A case whose re-optimisation is under way or done is left alone.

    Parameters
    ----------
    store : Store
        Its clock says what is due.
    queue : JobQueue
    settings : Settings
    """

    def __init__(self, store: Store, queue: JobQueue, settings: Settings) -> None:
        self.store, self.queue, self.settings = store, queue, settings

    def look(self) -> int:
        """One round. Returns how many re-optimisations were begun."""
        now = self.store.clock()
        with self.store.read() as session:
            enabled = list(session.scalars(select(Schedule).where(Schedule.enabled).order_by(Schedule.next_run)))
        begun = 0
        for row in enabled:
            if row.next_run is None or row.next_run <= now:
                begun += self._run(row, now)
            else:
                self._draw_near(row, now)
        return begun

    def _draw_near(self, row: Schedule, now: datetime) -> None:
        """A run further off than the cron's next was reckoned by a clock that ran ahead: reckon it again."""
        wanted = next_run(row.cron, row.time_zone, now)
        if row.next_run is None or row.next_run <= wanted:
            return
        with self.store.write() as session:
            held = session.get(Schedule, row.id, with_for_update=True)
            if held is not None and held.next_run == row.next_run:
                held.next_run = wanted

    def _run(self, row: Schedule, now: datetime) -> int:
        caller = Caller(SYSTEM, row.workspace_id, "operator", frozenset())
        with self.store.read() as session:
            stale = [c.id for c in reoptimise.stale(Scope(session, row.workspace_id))]
        begun, failed = [], {}
        for case_id in stale:
            try:
                plan_id = steadily(lambda case_id=case_id: self._refresh(caller, row, case_id))  # type: ignore[misc]
            except (Fault, InputError) as error:  # one case must not keep the others waiting
                logger.warning("schedule %s: case %s: %s", row.id, case_id, error)
                failed[case_id] = str(error)[:500]
                continue
            if plan_id is not None:
                begun.append(plan_id)
        self._note(caller, row, now, begun, failed)
        return len(begun)

    def _refresh(self, caller: Caller, row: Schedule, case_id: str) -> str | None:
        with self.store.read() as session:
            scope = Scope(session, row.workspace_id)
            ground = reoptimise.ground(scope, scope.get(Case, case_id))
        read = reading_of(*case_from_tables(ground.current(), name=ground.name))
        with self.store.write() as session:
            plan = reoptimise.refresh(
                Scope(session, row.workspace_id),
                caller,
                self.store,
                self.queue,
                self.settings,
                ground,
                read,
                case_id,
                move_budget=row.options.get("move_budget", 0),
                options=row.options.get("options"),
                name=row.name,
            )
            return None if plan is None else plan.id

    def _note(self, caller: Caller, row: Schedule, now: datetime, begun: list[str], failed: dict[str, str]) -> None:
        with self.store.write() as session:
            held = session.get(Schedule, row.id, with_for_update=True)
            if held is None or held.next_run != row.next_run:  # changed, taken away, or noted by another worker
                return
            held.last_run, held.next_run = now, next_run(held.cron, held.time_zone, now)
            record(session, caller, now, "schedule.ran", row.id, plans=begun, failed=failed)
