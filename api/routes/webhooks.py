"""Webhooks: who is told, what was told."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final, Literal

from fastapi import Response
from sqlalchemy import func, select

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.faults import Fault
from api.idempotency import Reply
from api.jobs import deliveries
from api.jobs.targets import judge, target_of
from api.paging import Cursor, Limit, newest_first
from api.schemas.common import Page
from api.schemas.webhooks import DeliveryOut, WebhookCreate, WebhookMade, WebhookOut
from api.store.audit import record
from api.store.models import Delivery, Webhook
from api.store.scope import Scope, take_turn
from api.store.types import new_id

__all__ = ["router"]

router = gate.router("webhooks")

WEBHOOKS_MAX: Final = 50


def new_secret() -> str:
    """A secret that signs messages."""
    return f"whs_{secrets.token_urlsafe(32)}"


@router.post(
    "/webhooks",
    status_code=201,
    response_model=WebhookMade,
    responses=problems("malformed_body", "webhook_target_refused", "conflict", "idempotency_key_reused"),
)
def create_webhook(held: ServicesDep, caller: CallerDep, once: OnceDep, body: WebhookCreate) -> Response:
    """Have an address told when plans end. The secret that signs the messages is in this answer and nowhere else."""
    judge(body.url, private=held.settings.webhook_private)

    def change(scope: Scope) -> Reply:
        take_turn(scope.session, scope.workspace_id)
        owned = select(func.count()).select_from(Webhook).where(Webhook.workspace_id == scope.workspace_id)
        if (scope.session.scalar(owned) or 0) >= WEBHOOKS_MAX:
            raise Fault("conflict", f"a workspace has at most {WEBHOOKS_MAX} webhooks", limit=WEBHOOKS_MAX)
        now, secret = held.store.clock(), new_secret()
        hook = Webhook(
            id=new_id("whk", now),
            workspace_id=scope.workspace_id,
            created=now,
            created_by=caller.key_id,
            url=body.url,
            target=target_of(body.url),
            secret=secret,
            topics=sorted(set(body.topics)),
            tags=sorted(set(body.tags)),
            enabled=True,
            failures=0,
        )
        scope.session.add(hook)
        record(scope.session, caller, now, "webhook.created", hook.id, url=body.url)
        known = WebhookOut.of(hook).model_dump()
        location = {"Location": f"/v1/webhooks/{hook.id}"}
        return Reply(201, WebhookMade(**known, secret=secret), location, kept=WebhookMade(**known, secret=None))

    return once.run(change)


@router.get("/webhooks", responses=problems())
def list_webhooks(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[WebhookOut]:
    """Webhooks of the workspace, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Webhook)
        page, after = newest_first(session, query, Webhook.id, cursor, limit)
    return Page(items=[WebhookOut.of(w) for w in page], next=after)


@router.get("/webhooks/{webhook_id}", responses=problems("not_found"))
def get_webhook(held: ServicesDep, caller: CallerDep, webhook_id: str) -> WebhookOut:
    """A webhook."""
    with held.store.read() as session:
        return WebhookOut.of(Scope(session, caller.workspace_id).get(Webhook, webhook_id))


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=problems("not_found"))
def delete_webhook(held: ServicesDep, caller: CallerDep, webhook_id: str) -> None:
    """Tell the address nothing more; what was told is forgotten, that it was deleted is not."""
    with held.store.write() as session:
        hook = Scope(session, caller.workspace_id).get(Webhook, webhook_id, lock=True)
        record(session, caller, held.store.clock(), "webhook.deleted", hook.id, url=hook.url)
        session.delete(hook)


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    response_model=DeliveryOut,
    responses=problems("not_found", "idempotency_key_reused"),
)
def test_webhook(held: ServicesDep, caller: CallerDep, once: OnceDep, webhook_id: str) -> Response:
    """Send a message of the topic `webhook.test`, signed like any other."""

    def change(scope: Scope) -> Reply:
        hook = scope.get(Webhook, webhook_id)
        links = {"webhook": f"/v1/webhooks/{hook.id}"}
        made = deliveries.write(scope.session, held.store, held.queue, hook, deliveries.TEST, hook.id, links)
        record(scope.session, caller, held.store.clock(), "webhook.tested", hook.id)
        return Reply(202, DeliveryOut.of(made))

    return once.run(change)


@router.post(
    "/webhooks/{webhook_id}/enable",
    response_model=WebhookOut,
    responses=problems("not_found", "webhook_target_refused", "idempotency_key_reused"),
)
def enable_webhook(held: ServicesDep, caller: CallerDep, once: OnceDep, webhook_id: str) -> Response:
    """Tell an address again that was given up, or stopped. What was missed can be sent again one by one."""
    with held.store.read() as session:
        url = Scope(session, caller.workspace_id).get(Webhook, webhook_id).url
    judge(url, private=held.settings.webhook_private)

    def change(scope: Scope) -> Reply:
        hook = scope.get(Webhook, webhook_id, lock=True)
        if not hook.enabled:
            hook.enabled, hook.switched_off, hook.failures = True, None, 0
            record(scope.session, caller, held.store.clock(), "webhook.enabled", hook.id)
        return Reply(200, WebhookOut.of(hook))

    return once.run(change)


@router.post(
    "/webhooks/{webhook_id}/rotate",
    response_model=WebhookMade,
    responses=problems("not_found", "idempotency_key_reused"),
)
def rotate_webhook(held: ServicesDep, caller: CallerDep, once: OnceDep, webhook_id: str) -> Response:
    """Give it a new secret, shown this once. Until `old_secret_until` messages carry a signature with each of both."""

    def change(scope: Scope) -> Reply:
        hook, now = scope.get(Webhook, webhook_id, lock=True), held.store.clock()
        hook.old_secret, hook.old_secret_until = hook.secret, now + timedelta(hours=held.settings.webhook_overlap_h)
        hook.secret = new_secret()
        record(scope.session, caller, now, "webhook.rotated", hook.id)
        known = WebhookOut.of(hook).model_dump()
        return Reply(200, WebhookMade(**known, secret=hook.secret), kept=WebhookMade(**known, secret=None))

    return once.run(change)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/repeat",
    status_code=202,
    response_model=DeliveryOut,
    responses=problems("not_found", "conflict", "idempotency_key_reused"),
)
def repeat_delivery(held: ServicesDep, caller: CallerDep, once: OnceDep, webhook_id: str, delivery_id: str) -> Response:
    """Send a message once more that arrived or was given up: the same id, the same content."""

    def change(scope: Scope) -> Reply:
        hook = scope.get(Webhook, webhook_id, lock=True)
        delivery = scope.session.get(Delivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.webhook_id != hook.id:
            raise Fault("not_found", f"there is no delivery {delivery_id[:40]}")
        if not hook.enabled or delivery.status == "waiting":
            raise Fault("conflict", "the webhook is stopped" if not hook.enabled else "the message is on its way")
        delivery.status, delivery.attempts, delivery.delivered, delivery.last_error = "waiting", 0, None, ""
        deliveries.dispatch(scope.session, held.queue, delivery, held.store.clock())
        record(scope.session, caller, held.store.clock(), "webhook.repeated", hook.id, delivery=delivery.id)
        return Reply(202, DeliveryOut.of(delivery))

    return once.run(change)


@router.get("/webhooks/{webhook_id}/deliveries", responses=problems("not_found"))
def list_deliveries(
    held: ServicesDep,
    caller: CallerDep,
    webhook_id: str,
    cursor: Cursor = None,
    limit: Limit = 50,
    status: Literal["waiting", "delivered", "dead"] | None = None,
) -> Page[DeliveryOut]:
    """What was told, newest first: status, tries, last error."""
    with held.store.read() as session:
        hook = Scope(session, caller.workspace_id).get(Webhook, webhook_id)
        query = select(Delivery).where(Delivery.webhook_id == hook.id)
        query = query if status is None else query.where(Delivery.status == status)
        page, after = newest_first(session, query, Delivery.id, cursor, limit)
        return Page(items=[DeliveryOut.of(d) for d in page], next=after)
