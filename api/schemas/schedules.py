"""Bodies of schedules."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from api.schemas.common import NAMED, Links, Out, Sent
from api.schemas.events import MOVES_MAX
from api.schemas.plans import PlanOptions

if TYPE_CHECKING:
    from api.store.models import Schedule

__all__ = ["ScheduleChange", "ScheduleOut", "SchedulePost"]

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NAMED)]
Cron = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*/,#? -]{9,100}$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]


class SchedulePost(Sent):
    """When to re-optimise every case whose applied plan answers an older revision."""

    name: Name = Field(examples=["nightly"])
    cron: Cron = Field("0 2 * * *", description="minute, hour, day of month, month, day of week")
    time_zone: Zone = Field("UTC", examples=["Africa/Nairobi"])
    move_budget: int = Field(0, ge=0, le=MOVES_MAX, description="moves beyond the fewest possible")
    options: PlanOptions = PlanOptions()
    enabled: bool = True


class ScheduleChange(Sent):
    """What is to change; the rest stays."""

    cron: Cron | None = None
    time_zone: Zone | None = None
    enabled: bool | None = None


class ScheduleOut(Out):
    """A schedule."""

    id: str
    name: str
    cron: str
    time_zone: str
    action: str
    move_budget: int
    options: dict[str, Any]
    enabled: bool
    last_run: datetime | None
    next_run: datetime | None
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, s: Schedule) -> ScheduleOut:
        """From the store."""
        own = f"/v1/schedules/{s.id}"
        return cls(
            id=s.id,
            name=s.name,
            cron=s.cron,
            time_zone=s.time_zone,
            action=s.action,
            enabled=s.enabled,
            move_budget=s.options.get("move_budget", 0),
            options=s.options.get("options") or {},
            last_run=s.last_run,
            next_run=s.next_run if s.enabled else None,
            created=s.created,
            created_by=s.created_by,
            links={"self": own, "runs": f"{own}/runs", "digest": "/v1/digest"},
        )
