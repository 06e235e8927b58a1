"""Bodies of events."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.cases import CellValue, Column
from api.schemas.common import Day, Id, Label, Links, Note, Out, Plain, Sent
from api.schemas.plans import PlanOptions

if TYPE_CHECKING:
    from api.store.models import Event

__all__ = ["BatchOut", "Change", "Close", "EventOut", "EventsPost", "Start"]

Row = Annotated[dict[Column, CellValue], Field(min_length=1, max_length=64)]
Table = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
MOVES_MAX = 1_000_000


class _Dated(Plain):
    date: Day
    note: Note = ""


class Start(_Dated):
    """A mission starts: a full row of entities and its demands; blank volumes are estimated from its headcount."""

    type: Literal["start"]
    entity: Row = Field(examples=[{"id": "ECHO", "city": "Nairobi", "country": "KE", "headcount": 30}])
    demands: list[Row] = Field(min_length=1, max_length=1000, examples=[[{"service": "payroll"}]])


class Change(_Dated):
    """A mission grows or shrinks: tables with rows to add, change or remove, and policy keys."""

    type: Literal["change"]
    patch: dict[str, Any] = Field(
        examples=[{"tables": {"entities": {"change": [{"id": "ALPHA", "headcount": 90}]}}}], max_length=2
    )


class Close(_Dated):
    """A mission closes: from that day on it is not in the case."""

    type: Literal["close"]
    entity: Annotated[Label, Field(min_length=1)]


class EventsPost(Sent):
    """One event or many of one case; together they make one revision and one re-optimisation."""

    case: Id
    events: list[Annotated[Start | Change | Close, Field(discriminator="type")]] = Field(min_length=1, max_length=1000)
    move_budget: int = Field(
        0,
        ge=0,
        le=MOVES_MAX,
        description="moves of existing demands beyond the fewest possible; with it, the curve at 0, 1, 2, 5, 10 …",
    )
    name: Label = ""
    options: PlanOptions = PlanOptions()


class EventOut(Out):
    """An event and what came of it."""

    id: str
    case: str
    type: str
    entity: str
    date: date
    content: dict[str, Any]
    hash: str = Field(description="of the content without its note; the same event again changes nothing")
    batch: str
    move_budget: int
    status: str = Field(description="received, applied, solving, done, failed")
    revision: int | None = Field(description="the revision that it made")
    from_plan: str | None = Field(description="the applied plan that the re-optimisation starts from")
    plan: str | None = Field(description="the re-optimised plan, at the move budget asked for")
    comparison: str | None
    outcome: dict[str, Any] | None = Field(
        description="fewest moves (lower, upper, proven) and the points of the curve, each with its gap and plan"
    )
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, e: Event) -> EventOut:
        """From the store."""
        links = {"self": f"/v1/events/{e.id}", "case": f"/v1/cases/{e.case_id}"}
        if e.revision is not None:
            links["revision"] = f"/v1/cases/{e.case_id}/revisions/{e.revision}"
        if e.plan_id is not None:
            links |= {"plan": f"/v1/plans/{e.plan_id}", "progress": f"/v1/plans/{e.plan_id}/progress"}
        if e.comparison_id is not None:
            links["comparison"] = f"/v1/comparisons/{e.comparison_id}"
        return cls(
            id=e.id,
            case=e.case_id,
            type=e.kind,
            entity=e.entity,
            date=e.effective.date(),
            content=e.content,
            hash=e.fingerprint,
            batch=e.batch,
            move_budget=e.move_budget,
            status=e.status,
            revision=e.revision,
            from_plan=e.from_plan_id,
            plan=e.plan_id,
            comparison=e.comparison_id,
            outcome=e.outcome,
            created=e.created,
            created_by=e.created_by,
            links=links,
        )


class BatchOut(Out):
    """Events as received; those that the case had already are shown as they were."""

    new: bool = Field(description="whether any of them is new to the case")
    plan: str | None = Field(description="the re-optimised plan of the newest; null when nothing changed")
    events: list[EventOut]
    links: Links
