"""Carries deliveries to their webhooks: one try a job, back-off between tries, what was lost queued anew.

A message arrives at least once; its id tells a second arrival. ``due`` rises with every step, so that only one job
is valid at a time, and a delivery whose worker died is simply due again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import httpx
from sqlalchemy import literal, or_, select

from api.access import Caller
from api.faults import Fault
from api.jobs.deliveries import LEASE, announce_switched_off, body_of, dispatch, secrets_of, signature
from api.jobs.targets import judge
from api.store.audit import SYSTEM, record
from api.store.models import Delivery, Webhook
from optimizer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["Message", "WebhookSender", "send"]

logger = logging.getLogger(__name__)

PATIENCE_S: Final = 15.0
"""Longest time for one request, all of it."""
BUSY_S: Final = timedelta(seconds=PATIENCE_S + 15)
"""A target that was claimed longer ago than this is free: its worker is gone."""
PAUSE_MAX: Final = timedelta(hours=24)
_BATCH: Final = 200
_WAITS = select(literal(1)).where(Delivery.__table__.c.status == "waiting").limit(1)


@dataclass(frozen=True, slots=True)
class Message:
    """A try in hand."""

    delivery_id: str
    webhook_id: str
    attempt: int
    due: datetime
    url: str
    headers: dict[str, str]
    body: bytes


class WebhookSender:
    """Delivers.

    Parameters
    ----------
    store : Store
    queue : JobQueue
    settings : Settings
    post : callable, optional
        For tests: sends a message and returns what went wrong, or nothing.
    """

    def __init__(
        self, store: Store, queue: JobQueue, settings: Settings, post: Callable[[Message, bool], str] | None = None
    ) -> None:
        self.store, self.queue, self.settings = store, queue, settings
        self._post = post or send

    def deliver(self, delivery_id: str, token: str) -> str:
        """One try; what came of it, for the queue's log."""
        message = self._claim(delivery_id, token)
        if message is None:
            return "not valid any more"
        problem = self._post(message, self.settings.webhook_private)
        return self._settle(message, problem)

    def look(self) -> int:
        """Queue what is due: tries to repeat, jobs that were lost. Returns how many."""
        if not self.store.glance(_WAITS):
            return 0
        now = self.store.clock()
        with self.store.read() as session:
            tries = range(self.settings.webhook_attempts + 1)
            too_far = [(Delivery.attempts == n) & (Delivery.due > self._furthest(n, now)) for n in tries]
            query = select(Delivery.id).where(Delivery.status == "waiting", or_(Delivery.due <= now, *too_far))
            due = list(session.scalars(query.order_by(Delivery.due).limit(_BATCH)))
        queued = 0
        for delivery_id in due:
            with self.store.write() as session:
                now = self.store.clock()
                delivery = session.get(Delivery, delivery_id, with_for_update=True)
                if delivery is not None and delivery.status == "waiting" and self._is_due(delivery, now):
                    dispatch(session, self.queue, delivery, now)
                    queued += 1
        return queued

    def _is_due(self, delivery: Delivery, now: datetime) -> bool:
        """Whether its time has come, or lies so far off that the clock must have been set back since."""
        return delivery.due <= now or delivery.due > self._furthest(delivery.attempts, now)

    def _furthest(self, attempts: int, now: datetime) -> datetime:
        return now + self._pause(attempts) + LEASE

    def _claim(self, delivery_id: str, token: str) -> Message | None:
        """Take the delivery when this job is the valid one and its target is free; the next try is set before this
        one begins. One message at a time goes to a target: a slow one then holds up nobody else's."""
        with self.store.write() as session:
            hook, of_target = _held(session, delivery_id)
            delivery = session.get(Delivery, delivery_id, with_for_update=True)
            if hook is None or delivery is None or delivery.status != "waiting":
                return None
            if delivery.due != datetime.fromisoformat(token):
                return None
            if not hook.enabled:
                delivery.status, delivery.last_error = "dead", "the webhook is switched off"
                return None
            now = self.store.clock()
            busy = max((h.busy_until for h in of_target if h.busy_until is not None), default=now)
            if now < busy <= now + BUSY_S:
                delivery.due, delivery.in_line = busy, True
                return None
            hook.busy_until = now + BUSY_S
            delivery.attempts += 1
            delivery.due = now + self._pause(delivery.attempts)
            body = body_of(delivery)
            headers = {
                "Content-Type": "application/json",
                "User-Agent": f"designate/{__version__}",
                "X-Designate-Delivery": delivery.id,
                "X-Designate-Topic": delivery.topic,
                "X-Designate-Signature": signature(secrets_of(hook, now), int(now.timestamp()), body),
            }
            return Message(delivery.id, hook.id, delivery.attempts, delivery.due, hook.url, headers, body)

    def _pause(self, attempts: int) -> timedelta:
        """Time until the next try, at least what this one may take."""
        pause = timedelta(seconds=self.settings.webhook_retry_s) * 4.0 ** (attempts - 1)
        return min(timedelta(seconds=PATIENCE_S) + pause, PAUSE_MAX)

    def _settle(self, message: Message, problem: str) -> str:
        with self.store.write() as session:
            hook, _ = _held(session, message.delivery_id)  # first, as who deletes it does
            delivery = session.get(Delivery, message.delivery_id, with_for_update=True)
            if hook is not None:
                hook.busy_until = None
                self._next(session, hook.target)
            if hook is None or delivery is None or delivery.due != message.due or delivery.status != "waiting":
                return "not valid any more"
            now = self.store.clock()
            if not problem:
                delivery.status, delivery.delivered, delivery.last_error, hook.failures = "delivered", now, "", 0
                return "delivered"
            delivery.last_error = problem[:1000]
            hook.failures += 1
            if hook.failures >= self.settings.webhook_failures and hook.enabled:
                self._switch_off(session, hook)
            if delivery.attempts >= self.settings.webhook_attempts:
                delivery.status = "dead"
            else:
                delivery.due = now + self._pause(delivery.attempts) - timedelta(seconds=PATIENCE_S)
            logger.warning("delivery %s, try %d: %s", delivery.id, delivery.attempts, problem)
            return problem

    def _next(self, session: Session, target: str) -> None:
        """Queue the message that has stood in line for a target for longest."""
        query = select(Delivery).join(Webhook, Webhook.id == Delivery.webhook_id)
        query = query.where(Webhook.target == target, Delivery.status == "waiting", Delivery.in_line)
        waiting = session.scalars(query.order_by(Delivery.id).limit(1).with_for_update(of=Delivery)).first()
        if waiting is not None:
            dispatch(session, self.queue, waiting, self.store.clock())

    def _switch_off(self, session: Session, hook: Webhook) -> None:
        """Give a webhook up, and say so where somebody may see it."""
        hook.enabled, hook.switched_off = False, self.store.clock()
        caller = Caller(SYSTEM, hook.workspace_id, "", frozenset())
        record(session, caller, hook.switched_off, "webhook.switched_off", hook.id, failures=hook.failures)
        announce_switched_off(session, self.store, self.queue, hook)
        logger.warning("webhook %s is switched off after %d failures in a row", hook.id, hook.failures)


def _held(session: Session, delivery_id: str) -> tuple[Webhook | None, Sequence[Webhook]]:
    """The webhook of a delivery and all of its target, locked, so that two cannot find the target free at once."""
    query = select(Webhook.target).join(Delivery, Delivery.webhook_id == Webhook.id).where(Delivery.id == delivery_id)
    target = session.scalar(query)
    found = session.scalars(
        select(Webhook).where(Webhook.target == target).order_by(Webhook.id).with_for_update()
    ).all()
    own = session.scalar(select(Delivery.webhook_id).where(Delivery.id == delivery_id))
    return next((h for h in found if h.id == own), None), found


def send(message: Message, private: bool) -> str:
    """Send a message; empty when it arrived, else what went wrong. Nothing of the answer but its status is read."""
    try:
        began = time.monotonic()
        host, _, address = judge(message.url, private=private)
        left = PATIENCE_S - (time.monotonic() - began)
        status = asyncio.run(asyncio.wait_for(_request(message, host, address), left))
    except Fault as fault:
        return fault.detail
    except TimeoutError:
        return f"no answer within {PATIENCE_S:g} s"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return "" if 200 <= status < 300 else f"answered {status}"


async def _request(message: Message, host: str, address: str) -> int:
    """To the address that was judged, with name and certificate of the host."""
    url = httpx.URL(message.url)
    target = url.copy_with(host=address)
    headers = {**message.headers, "Host": url.netloc.decode("ascii")}
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, follow_redirects=False) as http:
        request = http.build_request(
            "POST", target, headers=headers, content=message.body, extensions={"sni_hostname": host}
        )
        response = await http.send(request, stream=True)
        await response.aclose()
        return response.status_code
