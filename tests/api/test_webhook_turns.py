"""Webhooks: whose turn it is, what is given up, what is sent again, two secrets."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from api.jobs.deliveries import announce, dispatch, secrets_of, signature
from api.jobs.webhook_sender import Message
from api.settings import Settings
from api.store.engine import Store
from api.store.models import AuditEntry, Delivery, Webhook
from tests.api.serving import Api
from tests.api.test_webhooks import PUBLIC, Bench, couriers


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    yield from couriers(store)


def more(bench: Bench, count: int, url: str = "https://x/other") -> list[str]:
    """Messages for a second webhook of the same target; their ids."""
    with bench.store.write() as session:
        if session.get(Webhook, "whk_2") is None:
            session.add(
                Webhook(
                    id="whk_2",
                    workspace_id="default",
                    created=bench.clock[0],
                    created_by="k",
                    url=url,
                    target="x:443",
                    secret="s2",
                    topics=["plan.cancelled"],
                    tags=[],
                    enabled=True,
                    failures=0,
                )
            )
            session.flush()
        for n in range(count):
            announce(
                session,
                bench.store,
                bench.courier.queue,
                workspace="default",
                topic="plan.cancelled",
                subject=f"pln_{n}",
                links={},
            )
    with bench.store.read() as session:
        query = select(Delivery.id).where(Delivery.webhook_id == "whk_2").order_by(Delivery.id)
        return list(session.scalars(query))


def job_of(bench: Bench, delivery: str) -> tuple[str, str]:
    with bench.store.read() as session:
        return delivery, session.get_one(Delivery, delivery).due.isoformat()


def test_one_message_at_a_time_goes_to_a_target_and_the_next_follows_at_once(bench: Bench) -> None:
    first = bench.tokens()
    second, third = more(bench, 2)
    meanwhile: list[str] = []

    def slow(message: Message, private: bool) -> str:
        if message.delivery_id == first[0]:
            meanwhile.extend(bench.courier.deliver(*job_of(bench, d)) for d in (second, third))
        bench.sent.append(message)
        return ""

    bench.courier._post = slow
    assert bench.courier.deliver(*first) == "delivered"
    assert meanwhile == ["not valid any more"] * 2, "they wait in line and cost no try"
    assert [m.delivery_id for m in bench.sent] == [first[0]]
    with bench.store.read() as session:
        states = {d.id: (d.attempts, d.in_line) for d in session.scalars(select(Delivery))}
    assert states == {first[0]: (1, False), second: (0, False), third: (0, True)}, "the end of one calls the next"
    assert bench.courier.deliver(*job_of(bench, second)) == "delivered"
    assert bench.courier.deliver(*job_of(bench, third)) == "delivered"


def test_a_target_whose_worker_died_is_free_again(bench: Bench) -> None:
    (waiting,) = more(bench, 1)
    with bench.store.write() as session:
        session.get_one(Webhook, "whk_1").busy_until = bench.clock[0] + timedelta(seconds=20)
    assert bench.courier.deliver(*job_of(bench, waiting)) == "not valid any more"
    bench.clock[0] += timedelta(seconds=21)
    assert bench.courier.look() == 1
    assert bench.courier.deliver(*job_of(bench, waiting)) == "delivered"


def test_a_webhook_that_always_fails_is_switched_off_with_notice(bench: Bench) -> None:
    bench.courier.settings = Settings(webhook_attempts=20, webhook_failures=2)
    with bench.store.write() as session:
        session.add(
            Webhook(
                id="whk_9",
                workspace_id="default",
                created=bench.clock[0],
                created_by="k",
                url="https://y",
                target="y:443",
                secret="s",
                topics=["webhook.switched_off"],
                tags=[],
                enabled=True,
                failures=0,
            )
        )
    job = bench.tokens()[0]
    bench.problems += ["answered 500"] * 2
    for _ in range(2):
        assert bench.courier.deliver(*job_of(bench, job)) == "answered 500"
    with bench.store.read() as session:
        hook = session.get_one(Webhook, "whk_1")
        notices = session.scalars(select(Delivery).where(Delivery.topic == "webhook.switched_off")).all()
        actions = list(session.scalars(select(AuditEntry.action)))
    assert (hook.enabled, hook.switched_off) == (False, bench.clock[0])
    assert [(n.webhook_id, n.subject) for n in notices] == [("whk_9", "whk_1")]
    assert "webhook.switched_off" in actions
    assert bench.courier.deliver(*job_of(bench, job)) == "not valid any more"


def test_two_secrets_sign_while_one_takes_the_place_of_the_other(plain: Api) -> None:
    made = plain.post("/v1/webhooks", json={"url": f"https://{PUBLIC}/rotate"}).json()
    again = plain.post(made["links"]["rotate"]).json()
    plain.delete(made["links"]["self"])
    assert again["secret"] != made["secret"]
    assert again["old_secret_until"] is not None
    hook = Webhook(secret="new", old_secret="old", old_secret_until=datetime(2030, 1, 2, tzinfo=UTC))
    both = secrets_of(hook, datetime(2030, 1, 1, tzinfo=UTC))
    assert (both, secrets_of(hook, datetime(2030, 1, 3, tzinfo=UTC))) == (["new", "old"], ["new"])
    header = signature(both, 7, b"{}").split(",")
    assert header[0] == "t=7"
    expected = [hmac.new(s, b"7.{}", hashlib.sha256).hexdigest() for s in (b"new", b"old")]
    assert header[1:] == [f"v1={digest}" for digest in expected]


def test_a_message_is_sent_again_by_hand(bench: Bench) -> None:
    job = bench.tokens()
    assert bench.courier.deliver(*job) == "delivered"
    with bench.store.write() as session:
        delivery = session.get_one(Delivery, job[0])
        delivery.status = "waiting"
        dispatch(session, bench.courier.queue, delivery, bench.clock[0])
    assert bench.courier.deliver(*job_of(bench, job[0])) == "delivered"
    assert len(bench.sent) == 2
    assert bench.sent[0].body == bench.sent[1].body
