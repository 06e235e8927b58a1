"""Bodies of objections."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from api.schemas.common import Label, Links, Out, Sent
from api.schemas.decisions import Reason, Who

if TYPE_CHECKING:
    from api.store.models import Objection

__all__ = ["AcceptPost", "ObjectionOut", "ObjectionPost", "RejectPost"]


class ObjectionPost(Sent):
    """What somebody has against a plan, and what they would rather have."""

    entity: Who = Field(description="id of the entity that it is about", examples=["ALPHA"])
    service: Label = Field("", description="all its services when left out", examples=["payroll"])
    provider: Label = Field("", description="id of the provider that is wished for, or OWN", examples=["NBO"])
    reason: Reason = Field(description="why; kept, and shown to all")


class AcceptPost(Sent):
    """The objection becomes a decision, which every revision made from now on has."""

    action: Literal["lock", "forbid", "override"] = "override"
    provider: Label = Field("", description="the one that is wished for when left out")
    reason: Reason = Field(description="why it is accepted; the reason of the decision too")


class RejectPost(Sent):
    """The objection is not followed."""

    reason: Reason = Field(description="why not")


class ObjectionOut(Out):
    """An objection to a plan, and how it was answered."""

    id: str
    plan: str
    entity: str
    service: str
    provider: str
    reason: str
    state: Literal["open", "accepted", "rejected"]
    answer: str = Field(description="why it was accepted or rejected; blank as long as it is open")
    answered: datetime | None
    answered_by: str | None
    study: str | None = Field(description="what it would cost: a study `why_not`")
    decision: str | None = Field(description="what it became")
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, found: Objection) -> ObjectionOut:
        """From the store."""
        links = {"self": f"/v1/objections/{found.id}", "plan": f"/v1/plans/{found.plan_id}"}
        if found.study_id is not None:
            links["study"] = f"/v1/studies/{found.study_id}"
        if found.decision_id is not None:
            links["decision"] = f"/v1/decisions/{found.decision_id}"
        return cls(
            id=found.id,
            plan=found.plan_id,
            entity=found.entity,
            service=found.service,
            provider=found.provider,
            reason=found.reason,
            state=found.state,
            answer=found.answer,
            answered=found.answered,
            answered_by=found.answered_by,
            study=found.study_id,
            decision=found.decision_id,
            created=found.created,
            created_by=found.created_by,
            links=links,
        )
