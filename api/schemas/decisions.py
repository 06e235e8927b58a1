"""Bodies of decisions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.schemas.common import NAMED, Id, Label, Links, Out, Sent, printable

if TYPE_CHECKING:
    from api.store.models import Decision

__all__ = ["DecisionOut", "DecisionPost"]

Who = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NAMED)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(printable)]


class DecisionPost(Sent):
    """What a person decided. `lock`: served by this provider (today's when left out); `forbid`: not by it;
    `override`: by this provider although a plan chose another."""

    action: Literal["lock", "forbid", "override"]
    entity: Who = Field(description="an id, `kind:<kind>`, or `*` for all", examples=["ALPHA"])
    service: Label = Field("", description="all services when left out", examples=["payroll"])
    provider: Label = Field("", description="id or OWN; needed for forbid and override", examples=["NBO"])
    reason: Reason = Field(description="shown wherever the decision shows", examples=["contract until 2028"])
    decided_by: Label = Field("", description="the id of your key when left out")
    plan: Id | None = Field(None, description="the plan that gave rise to it")

    @model_validator(mode="after")
    def _complete(self) -> DecisionPost:
        if self.action != "lock" and not self.provider:
            raise ValueError(f"{self.action} needs a provider")
        return self


class DecisionOut(Out):
    """A decision."""

    id: str
    case: str
    action: str
    entity: str
    service: str
    provider: str
    reason: str
    decided_by: str
    plan: str | None
    revision: int | None = Field(description="the first revision that has it; null = not in the case (yet)")
    withdrawn: datetime | None
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, d: Decision) -> DecisionOut:
        """From the store."""
        own = f"/v1/decisions/{d.id}"
        return cls(
            id=d.id,
            case=d.case_id,
            action=d.action,
            entity=d.entity,
            service=d.service,
            provider=d.provider,
            reason=d.reason,
            decided_by=d.decided_by,
            plan=d.plan_id,
            revision=d.revision,
            withdrawn=d.withdrawn,
            created=d.created,
            created_by=d.created_by,
            links={"self": own, "case": f"/v1/cases/{d.case_id}"},
        )
