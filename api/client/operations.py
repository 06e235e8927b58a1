"""What an operator does: events, schedules, the digest of what schedules brought. Methods of ``Client``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from api.client.answers import pages
from api.client.models import Digest, EventBatch, EventStatus, ScheduleRun, ScheduleStatus
from api.client.wire import StillRunning
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.client.calls import Calls
    from api.client.wire import Wire

__all__ = ["Operations"]


class Operations:
    """Events and schedules of a service; mixed into ``Client``."""

    api: Calls
    _wire: Wire

    def post_events(
        self,
        case_id: str,
        events: Sequence[Mapping[str, Any]],
        *,
        move_budget: int = 0,
        options: Mapping[str, Any] | None = None,
        name: str = "",
        idempotency_key: str | None = None,
    ) -> EventBatch:
        """Tell a case what happens to its missions; it is re-optimised from its applied plan.

        Parameters
        ----------
        case_id : str
        events : sequence of mapping
            Those of ``designate.events/1``. Events that the case had already change nothing.
        move_budget : int
            Moves of existing demands beyond the fewest possible.
        options : mapping, optional
            As in ``submit_plan``.

        Raises
        ------
        InputError
            Events, or the case that they make, have errors: all of them; nothing was changed.
        Refused
            ``no_applied_plan`` and others.
        """
        body = {
            "case": case_id,
            "events": [dict(e) for e in events],
            "move_budget": move_budget,
            "name": name,
            "options": dict(options or {}),
        }
        sent = {k: v for k, v in body.items() if v not in ("", {}, 0)}
        return EventBatch.of(self.api.create_events(sent, idempotency_key=idempotency_key))

    def event(self, event_id: str) -> EventStatus:
        """An event and what came of it."""
        return EventStatus.of(self.api.get_event(event_id))

    def events(self, *, case: str | None = None, status: str | None = None) -> Iterator[EventStatus]:
        """Events, newest first; a status that there is not is refused by the service."""
        return (EventStatus.of(e) for e in pages(self._wire, "/v1/events", query={"case": case, "status": status}))

    def wait_event(self, event_id: str, *, limit_s: float | None = None, poll_s: float = 1.0) -> EventStatus:
        """Wait until an event is done, or failed.

        Raises
        ------
        StillRunning
            It was not within ``limit_s``; the work goes on.
        """
        deadline = None if limit_s is None else time.monotonic() + limit_s
        while True:
            found = self.event(event_id)
            if found.ended:
                return found
            if deadline is not None and time.monotonic() >= deadline:
                raise StillRunning(f"event {event_id} is {found.status} after {limit_s:g} s; the work goes on")
            self._wire.sleep(poll_s)

    def comparison(self, comparison_id: str) -> dict[str, Any]:
        """Two plans side by side, as ``designate diff --json`` tells it."""
        found: dict[str, Any] = self.api.get_comparison(comparison_id)["document"]
        return found

    def create_schedule(
        self,
        name: str,
        *,
        cron: str = "0 2 * * *",
        time_zone: str = "UTC",
        move_budget: int = 0,
        options: Mapping[str, Any] | None = None,
        enabled: bool = True,
        idempotency_key: str | None = None,
    ) -> ScheduleStatus:
        """Have every case whose applied plan answers an older revision re-optimised at times.

        Parameters
        ----------
        cron : str
            Minute, hour, day of month, month, day of week; in ``time_zone``.
        """
        body = {
            "name": name,
            "cron": cron,
            "time_zone": time_zone,
            "move_budget": move_budget,
            "enabled": enabled,
            "options": dict(options or {}),
        }
        return ScheduleStatus.of(self.api.create_schedule(body, idempotency_key=idempotency_key))

    def schedules(self) -> Iterator[ScheduleStatus]:
        """Schedules, newest first."""
        return (ScheduleStatus.of(s) for s in self.api.list_schedules())

    def schedule(self, schedule: str) -> ScheduleStatus:
        """A schedule by its id or its name."""
        if schedule.startswith("sch_"):
            return ScheduleStatus.of(self.api.get_schedule(schedule))
        known = list(self.schedules())
        found = next((s for s in known if s.name == schedule), None)
        if found is None:
            names = ", ".join(s.name for s in known) or "none"
            raise UsageError(f"there is no schedule {schedule!r}; there are: {names}")
        return found

    def change_schedule(
        self, schedule_id: str, *, cron: str | None = None, time_zone: str | None = None, enabled: bool | None = None
    ) -> ScheduleStatus:
        """Change what is given; ``enabled=False`` pauses it."""
        given = {"cron": cron, "time_zone": time_zone, "enabled": enabled}
        body = {k: v for k, v in given.items() if v is not None}
        return ScheduleStatus.of(self.api.change_schedule(schedule_id, body))

    def run_schedule(self, schedule_id: str) -> ScheduleStatus:
        """Let a worker run it now, out of turn."""
        return ScheduleStatus.of(self.api.run_schedule(schedule_id))

    def delete_schedule(self, schedule_id: str) -> ScheduleStatus:
        """Take it away; what it did stays."""
        return ScheduleStatus.of(self.api.delete_schedule(schedule_id))

    def schedule_runs(self, schedule_id: str) -> Iterator[ScheduleRun]:
        """When a schedule ran and what it began, newest first."""
        return (ScheduleRun.of(r) for r in self.api.list_schedule_runs(schedule_id))

    def digest(self, *, since: str | None = None, limit: int = 200) -> Digest:
        """What schedules brought.

        Parameters
        ----------
        since : str, optional
            ISO 8601 with a zone; 24 hours ago when left out.
        """
        return Digest.of(self.api.get_digest(since=since, limit=limit))
