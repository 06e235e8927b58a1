"""Messages of webhooks: written in the transaction of what they tell, signed, put into their own queue."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, get_args

from sqlalchemy import select

from api.jobs.queue import DELIVERY_QUEUE, DELIVERY_WORKFLOW
from api.schemas.webhooks import Topic
from api.store.models import Delivery, Event, Webhook
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Plan

__all__ = [
    "TEST",
    "TOPICS",
    "announce",
    "announce_events",
    "announce_plan",
    "announce_state",
    "announce_switched_off",
    "body_of",
    "dispatch",
    "secrets_of",
    "signature",
    "tell_of_events",
    "write",
]

TOPICS: Final = get_args(Topic)
TEST: Final = "webhook.test"
LEASE: Final = timedelta(minutes=2)
"""A job that has not been begun by then is queued once more."""


def announce(
    session: Session,
    store: Store,
    queue: JobQueue,
    *,
    workspace: str,
    topic: str,
    subject: str,
    links: Mapping[str, str],
    tags: Sequence[str] = (),
) -> None:
    """Tell every webhook of a workspace that wants to know, in the caller's transaction."""
    query = select(Webhook).where(Webhook.workspace_id == workspace, Webhook.enabled).order_by(Webhook.id)
    for hook in session.scalars(query):
        if topic in hook.topics and (not hook.tags or set(hook.tags) & set(tags)):
            write(session, store, queue, hook, topic, subject, links)


def announce_plan(session: Session, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Tell that a plan's job has ended."""
    _about(session, store, queue, plan, f"plan.{plan.job.status}")


def announce_state(session: Session, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Tell that a plan came into the state that it is in."""
    _about(session, store, queue, plan, f"plan.state.{plan.state}")


def _about(session: Session, store: Store, queue: JobQueue, plan: Plan, topic: str) -> None:
    links = {"plan": f"/v1/plans/{plan.id}", "case": f"/v1/cases/{plan.case_id}"}
    announce(
        session, store, queue, workspace=plan.workspace_id, topic=topic, subject=plan.id, links=links, tags=plan.tags
    )


def announce_events(session: Session, store: Store, queue: JobQueue, plan: Plan) -> None:
    """Tell that the events which a plan answers are done, or failed with its job."""
    tell_of_events(
        session, store, queue, session.scalars(select(Event).where(Event.plan_id == plan.id)).all(), plan.tags
    )


def tell_of_events(
    session: Session, store: Store, queue: JobQueue, events: Sequence[Event], tags: Sequence[str] = ()
) -> None:
    """One message for each batch, not for each event; the batch's own list tells the rest."""
    for event in {e.batch: e for e in events}.values():
        links = {"events": f"/v1/events?batch={event.batch}", "case": f"/v1/cases/{event.case_id}"}
        if event.plan_id is not None:
            links["plan"] = f"/v1/plans/{event.plan_id}"
        if event.comparison_id is not None:
            links["comparison"] = f"/v1/comparisons/{event.comparison_id}"
        announce(
            session,
            store,
            queue,
            workspace=event.workspace_id,
            topic=f"events.{event.status}",
            subject=event.batch,
            links=links,
            tags=tags,
        )


def write(
    session: Session, store: Store, queue: JobQueue, hook: Webhook, topic: str, subject: str, links: Mapping[str, str]
) -> Delivery:
    """A message for one webhook, and its job."""
    now = store.clock()
    id_ = new_id("dlv", now)
    body: dict[str, Any] = {
        "id": id_,
        "topic": topic,
        "created": now.isoformat(),
        "workspace": hook.workspace_id,
        "subject": subject,
        "links": dict(links),
    }
    delivery = Delivery(
        id=id_,
        webhook_id=hook.id,
        topic=topic,
        subject=subject,
        body=body,
        status="waiting",
        attempts=0,
        due=now,
        created=now,
        last_error="",
    )
    session.add(delivery)
    dispatch(session, queue, delivery, now)
    return delivery


def dispatch(session: Session, queue: JobQueue, delivery: Delivery, now: datetime) -> None:
    """Queue a delivery; its new ``due`` is the token of this job, and the time when it counts as lost."""
    delivery.due, delivery.in_line = now + LEASE, False
    token = delivery.due.isoformat()
    queue.enqueue(session, DELIVERY_WORKFLOW, f"{delivery.id}.{token}", delivery.id, token, queue=DELIVERY_QUEUE)


def body_of(delivery: Delivery) -> bytes:
    """The bytes that are sent and signed."""
    return json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signature(secrets: Sequence[str], at: int, body: bytes) -> str:
    """Value of the header ``X-Designate-Signature``: HMAC-SHA256 over ``<unix time>.<body>``, with each secret."""
    text = f"{at}.".encode() + body
    return ",".join([f"t={at}", *(f"v1={hmac.new(s.encode(), text, hashlib.sha256).hexdigest()}" for s in secrets)])


def secrets_of(hook: Webhook, now: datetime) -> list[str]:
    """The secret that signs, and the one before while it is changed."""
    old = hook.old_secret if hook.old_secret_until is not None and hook.old_secret_until > now else None
    return [hook.secret] if old is None else [hook.secret, old]


def announce_switched_off(session: Session, store: Store, queue: JobQueue, hook: Webhook) -> None:
    """Tell the other webhooks of the workspace that one was given up."""
    announce(
        session,
        store,
        queue,
        workspace=hook.workspace_id,
        topic="webhook.switched_off",
        subject=hook.id,
        links={"webhook": f"/v1/webhooks/{hook.id}"},
    )
