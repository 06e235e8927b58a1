"""Bodies of webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import Links, Out, Sent, Tag

if TYPE_CHECKING:
    from api.store.models import Delivery, Webhook

__all__ = ["DeliveryOut", "Topic", "WebhookCreate", "WebhookMade", "WebhookOut"]

Topic = Literal[
    "plan.succeeded",
    "plan.failed",
    "plan.cancelled",
    "plan.state.submitted",
    "plan.state.approved",
    "plan.state.rejected",
    "plan.state.applied",
    "plan.state.superseded",
    "study.succeeded",
    "study.failed",
    "study.cancelled",
    "evaluation.succeeded",
    "evaluation.failed",
    "evaluation.cancelled",
    "events.done",
    "events.failed",
    "webhook.switched_off",
]
Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[^\s]+$")]


class WebhookCreate(Sent):
    """An address to tell."""

    url: Url = Field(examples=["https://planning.example.org/designate"])
    topics: list[Topic] = Field(
        default=["plan.succeeded", "plan.failed", "plan.cancelled"],
        min_length=1,
        max_length=20,
        description="`plan.<job_status>`, `study.<job_status>`, `evaluation.<job_status>`: the job of one has ended; "
        "`plan.state.<state>`: a plan came into a state; `events.<status>`: events of missions posted together are "
        "done, or failed; `webhook.switched_off`: another webhook was given up after many failures",
    )
    tags: list[Tag] = Field(
        default=[], max_length=20, description="only about plans with one of these tags; empty: all"
    )


class WebhookOut(Out):
    """A webhook, without its secret."""

    id: str
    url: str
    topics: list[str]
    tags: list[str]
    enabled: bool
    failures: int = Field(description="tries that failed since the last success")
    switched_off: datetime | None = Field(description="when the service gave it up; see `enable`")
    old_secret_until: datetime | None = Field(description="until then messages are signed with the old secret as well")
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, w: Webhook) -> WebhookOut:
        """From the store."""
        own = f"/v1/webhooks/{w.id}"
        return cls(
            id=w.id,
            url=w.url,
            topics=w.topics,
            tags=w.tags,
            enabled=w.enabled,
            failures=w.failures,
            switched_off=w.switched_off,
            old_secret_until=w.old_secret_until,
            created=w.created,
            created_by=w.created_by,
            links={
                "self": own,
                "deliveries": f"{own}/deliveries",
                "test": f"{own}/test",
                "enable": f"{own}/enable",
                "rotate": f"{own}/rotate",
            },
        )


class WebhookMade(WebhookOut):
    """A webhook with the secret that signs its messages: shown this once."""

    secret: str | None = Field(description="keep it; it is not shown again: null in the answer to a repeated request")


class DeliveryOut(Out):
    """One message for a webhook."""

    id: str
    topic: str
    subject: str = Field(description="id of what the message is about")
    status: Literal["waiting", "delivered", "dead"]
    attempts: int
    due: datetime | None = Field(description="when it is tried again; null when it is not")
    created: datetime
    delivered: datetime | None
    last_error: str
    body: dict[str, Any]

    @classmethod
    def of(cls, d: Delivery) -> DeliveryOut:
        """From the store."""
        return cls(
            id=d.id,
            topic=d.topic,
            subject=d.subject,
            status=d.status,
            attempts=d.attempts,
            due=d.due if d.status == "waiting" else None,
            created=d.created,
            delivered=d.delivered,
            last_error=d.last_error,
            body=d.body,
        )
