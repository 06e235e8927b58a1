"""What webhooks are told of states and events, and how long that and the answers to old requests are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import select

from api.jobs.deliveries import TOPICS
from api.jobs.sweeper import Sweeper
from api.schemas.plans import JobStatus
from api.schemas.states import State
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store.engine import Store
from api.store.models import Delivery, IdempotencyRecord, Webhook
from tests.api.serving import ADMIN
from tests.api.worlds import OPTIONS, START, House, house_at, tiny, world

NOW = datetime(2030, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("told"))
    yield held
    held.close()


def listener(house: House, **more: Any) -> str:
    """A webhook for everything; its list of deliveries."""
    body = {"url": "http://127.0.0.1:9/x", "topics": list(TOPICS), **more}
    deliveries: str = house.make(ADMIN, "/v1/webhooks", body)["links"]["deliveries"]
    return deliveries


def told(house: House, deliveries: str) -> list[tuple[str, str]]:
    """Topic and subject of everything told, oldest first."""
    items = house.ask(ADMIN, "GET", f"{deliveries}?limit=500").json()["items"]
    return [(d["topic"], d["subject"]) for d in sorted(items, key=lambda d: d["id"])]


def test_there_is_a_topic_for_every_end_and_every_state() -> None:
    over = set(get_args(JobStatus)) - {"queued", "running"}
    ends = {f"{what}.{status}" for what in ("plan", "study", "evaluation") for status in over}
    states = {f"plan.state.{s}" for s in get_args(State)} - {"plan.state.draft"}
    assert set(TOPICS) == ends | states | {"events.done", "events.failed", "webhook.switched_off"}


@pytest.mark.slow
def test_every_step_of_a_plan_and_every_batch_of_events_is_told_once(house: House) -> None:
    everything, tagged = listener(house), listener(house, tags=["mine"])
    held = world(house, ADMIN, "told")
    case, first, approver = held.ids["case"], held.ids["plan"], held.keys["approver"]
    steps = [(f"plan.{s}", first) for s in ("succeeded", "state.submitted", "state.approved", "state.applied")]
    assert [t for t in told(house, everything) if t[1] == first] == steps
    reoptimised = house.ask(ADMIN, "GET", f"/v1/events/{held.ids['event']}").json()["plan"]
    house.make(ADMIN, f"/v1/plans/{reoptimised}/cancel")
    batch = held.ids["batch"]
    assert [t for t in told(house, everything) if t[1] == batch] == [("events.failed", batch)]
    second = house.make(ADMIN, "/v1/plans", {"case": case, "tags": ["mine"], "options": OPTIONS})["id"]
    house.run(second)
    planner = held.keys["planner"]
    house.make(planner, f"/v1/plans/{second}/submit")
    house.make(approver, f"/v1/plans/{second}/reject", {"comment": "too dear"})
    third = house.make(ADMIN, "/v1/plans", {"case": case, "start_plan": second, "options": OPTIONS})["id"]
    house.run(third)
    house.make(planner, f"/v1/plans/{third}/submit")
    house.make(approver, f"/v1/plans/{third}/approve")
    before = told(house, everything)
    house.make(ADMIN, f"/v1/plans/{third}/apply")
    assert told(house, everything)[len(before) :] == [("plan.state.superseded", first), ("plan.state.applied", third)]
    mine = [(f"plan.{s}", second) for s in ("succeeded", "state.submitted", "state.rejected")]
    assert told(house, tagged) == mine
    known = len(told(house, everything))
    again = house.make(ADMIN, "/v1/events", {"case": case, "events": [START]})
    assert not again["new"]
    assert len(told(house, everything)) == known


def test_a_message_about_events_leads_to_them(house: House) -> None:
    deliveries = listener(house, topics=["events.done", "events.failed"])
    held = world(house, ADMIN, "links")
    plan = house.ask(ADMIN, "GET", f"/v1/events/{held.ids['event']}").json()["plan"]
    house.run(plan)
    (message,) = house.ask(ADMIN, "GET", deliveries).json()["items"]
    assert (message["topic"], message["subject"]) == ("events.done", held.ids["batch"])
    links = message["body"]["links"]
    assert set(links) == {"events", "case", "plan", "comparison"}
    for link in links.values():
        assert house.ask(ADMIN, "GET", link).status_code == 200
    (event,) = house.ask(ADMIN, "GET", links["events"]).json()["items"]
    assert (event["id"], event["status"]) == (held.ids["event"], "done")


def test_a_refused_step_is_not_told(house: House) -> None:
    deliveries = listener(house)
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case})["id"]
    assert house.ask(ADMIN, "POST", f"/v1/plans/{plan}/submit").status_code == 409
    assert told(house, deliveries) == []


def kept(store: Store) -> set[str]:
    with store.read() as session:
        return {*session.scalars(select(Delivery.id)), *session.scalars(select(IdempotencyRecord.id))}


def test_what_is_old_goes_and_what_waits_stays(store: Store) -> None:
    ensure_admin(store, configured=True)
    store.clock = lambda: NOW
    settings = Settings(keep_answers_days=7, keep_deliveries_days=90)
    day = timedelta(days=1)
    with store.write() as session:
        session.add(
            Webhook(
                id="whk_1",
                workspace_id="default",
                created=NOW,
                created_by="k",
                url="https://x",
                target="x:443",
                secret="s",
                topics=[],
                tags=[],
                enabled=True,
                failures=0,
            )
        )
        session.flush()
        for id_, status, age in (
            ("old", "delivered", 91),
            ("dead", "dead", 91),
            ("new", "delivered", 89),
            ("waits", "waiting", 900),
        ):
            session.add(
                Delivery(
                    id=id_,
                    webhook_id="whk_1",
                    topic="t",
                    subject="s",
                    body={},
                    status=status,
                    due=NOW - age * day,
                    created=NOW - 900 * day,
                )
            )
        for n in range(1203):
            session.add(
                IdempotencyRecord(
                    id=f"idm_{n}",
                    workspace_id="default",
                    actor="k",
                    key=str(n),
                    fingerprint="f",
                    created=NOW - (6 if n < 2 else 8) * day,
                    headers={},
                )
            )
    sweeper = Sweeper(store, settings)
    assert sweeper.look() == 1203
    assert kept(store) == {"new", "waits", "idm_0", "idm_1"}
    assert sweeper.look() == 0


def test_a_key_that_is_forgotten_is_new(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    body, headers = {"name": "k", "role": "viewer"}, {"Idempotency-Key": "to be forgotten"}
    first = house.ask(ADMIN, "POST", "/v1/keys", json=body, headers=headers).json()["id"]
    assert house.ask(ADMIN, "POST", "/v1/keys", json=body, headers=headers).json()["id"] == first
    later = datetime.now(UTC) + timedelta(days=house.settings.keep_answers_days, minutes=1)
    monkeypatch.setattr(house.store, "clock", lambda: later)
    assert Sweeper(house.store, house.settings).look() > 0
    assert house.ask(ADMIN, "POST", "/v1/keys", json=body, headers=headers).json()["id"] != first
