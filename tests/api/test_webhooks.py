"""Webhooks: who is told, how it is signed, where it may not lead, what happens when nobody answers."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import select

from api.jobs import queue as jobqueue
from api.jobs.deliveries import announce
from api.jobs.queue import JobQueue
from api.jobs.webhook_sender import Message, WebhookSender
from api.services.keys import ensure_admin
from api.settings import Settings
from api.store.engine import Store
from api.store.models import Delivery, Webhook
from tests.api.databases import SERVED, fresh
from tests.api.serving import OPEN, Api, service

PUBLIC = "93.184.216.34"


@dataclass
class Receiver:
    """A web server that keeps what it is sent and answers as told."""

    got: Queue[tuple[str, dict[str, str], bytes]] = field(default_factory=Queue)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def next(self) -> tuple[str, dict[str, str], bytes]:
        return self.got.get(timeout=120)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    held = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers = held.answers.pop(0) if held.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            held.got.put((self.path, {k.lower(): v for k, v in self.headers.items()}, body))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=SERVED)
def open_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that may reach this machine, and is quick to try again."""
    if request.param == "sqlite":
        yield request.getfixturevalue("open_on_sqlite")
        return
    folder = tmp_path_factory.mktemp("hooks")
    with fresh(request.param, folder) as url, service(url, folder, **OPEN) as process:
        yield process.url


@pytest.fixture
def hooks(open_service: str) -> Iterator[Api]:
    with Api(open_service) as client:
        yield client


@contextlib.contextmanager
def hook(api: Api, url: str, **more: Any) -> Iterator[dict[str, Any]]:
    """A webhook while a test lasts."""
    made = api.post("/v1/webhooks", json={"url": url, **more})
    assert made.status_code == 201, made.text
    yield made.json()
    assert api.delete(made.json()["links"]["self"]).status_code == 204


def deliveries(api: Api, made: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(made["links"]["deliveries"]).json()["items"]
    return items


def settled(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    """The newest delivery when it waits no more; the wait is bounded by the service's number of tries."""
    pause = threading.Event()
    for _ in range(600):
        newest = deliveries(api, made)[0]
        if newest["status"] != "waiting":
            return newest
        pause.wait(0.1)
    raise AssertionError(f"still waiting: {newest}")


def test_the_end_of_a_plan_is_told_with_links_and_a_signature(hooks: Api, receiver: Receiver) -> None:
    with hook(hooks, f"{receiver.url}/in?x=1", tags=["told"]) as made:
        case = hooks.case("tiny")
        silent = hooks.submit(case["id"], tags=["other"])
        plan = hooks.submit(case["id"], tags=["told"])
        path, headers, body = receiver.next()
        assert path == "/in?x=1"
        assert headers["host"] == receiver.url.removeprefix("http://")
        message = json.loads(body)
        assert message.pop("id") == headers["x-designate-delivery"]
        assert datetime.fromisoformat(message.pop("created")).tzinfo is not None
        links = {"plan": f"/v1/plans/{plan['id']}", "case": f"/v1/cases/{case['id']}"}
        told = {"topic": "plan.succeeded", "workspace": "default", "subject": plan["id"], "links": links}
        assert message == told
        stamp, _, digest = headers["x-designate-signature"].removeprefix("t=").partition(",v1=")
        signed = hmac.new(made["secret"].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        assert digest == signed
        assert hooks.plan(plan["id"])["job_status"] == "succeeded"
        assert (settled(hooks, made)["status"], settled(hooks, made)["attempts"]) == ("delivered", 1)
        hooks.until(silent["id"])
        assert [d["subject"] for d in deliveries(hooks, made)] == [plan["id"]]


@pytest.mark.slow
def test_a_plan_cancelled_in_the_queue_is_told_too(hooks: Api, receiver: Receiver) -> None:
    with hook(hooks, receiver.url, topics=["plan.cancelled"]) as made:
        case = hooks.case("tiny")
        plans = [hooks.submit(case["id"], priority=9) for _ in range(3)]
        ended = [hooks.post(p["links"]["cancel"]).json() for p in reversed(plans)]
        cancelled = {p["id"] for p in ended if hooks.until(p["id"])["job_status"] == "cancelled"}
        assert cancelled
        assert {json.loads(receiver.next()[2])["subject"] for _ in cancelled} == cancelled
        assert {d["subject"] for d in deliveries(hooks, made)} == cancelled


@pytest.mark.slow
def test_who_does_not_answer_well_is_asked_again(hooks: Api, receiver: Receiver) -> None:
    receiver.answers += [(500, {}), (503, {})]
    with hook(hooks, receiver.url) as made:
        assert hooks.post(made["links"]["test"]).status_code == 202
        first, second, third = (receiver.next() for _ in range(3))
        assert first[2] == second[2] == third[2]
        found = settled(hooks, made)
        assert (found["status"], found["attempts"], found["last_error"]) == ("delivered", 3, "")
        assert hooks.get(made["links"]["self"]).json()["failures"] == 0


@pytest.mark.slow
def test_redirects_are_not_followed_and_tries_end(hooks: Api, receiver: Receiver) -> None:
    receiver.answers += [(307, {"Location": f"{receiver.url}/elsewhere"})] * 3
    with hook(hooks, f"{receiver.url}/here") as made:
        hooks.post(made["links"]["test"])
        assert [receiver.next()[0] for _ in range(3)] == ["/here"] * 3
        found = settled(hooks, made)
        assert (found["status"], found["attempts"], found["due"]) == ("dead", 3, None)
        assert "redirects are not followed" in found["last_error"]
        assert hooks.get(made["links"]["self"]).json()["failures"] == 3
        assert receiver.got.empty()


def test_the_secret_is_shown_once(hooks: Api, receiver: Receiver) -> None:
    body, headers = {"url": receiver.url}, {"Idempotency-Key": f"hook-{receiver.url}"}
    first = hooks.post("/v1/webhooks", json=body, headers=headers).json()
    again = hooks.post("/v1/webhooks", json=body, headers=headers).json()
    assert (again["id"], again["secret"]) == (first["id"], None)
    texts = hooks.get(first["links"]["self"]).text + hooks.get("/v1/webhooks").text + hooks.get("/v1/audit").text
    assert first["secret"] not in texts
    assert hooks.delete(first["links"]["self"]).status_code == 204
    assert hooks.get(first["links"]["self"]).status_code == 404


def test_another_workspace_has_its_own(hooks: Api, receiver: Receiver) -> None:
    number = len(hooks.get("/v1/workspaces").json())
    key = hooks.post("/v1/workspaces", json={"id": f"w-{number}", "name": f"W {number}"}).json()["admin_key"]
    with hook(hooks, receiver.url) as made, Api(hooks.url, key) as other:
        assert other.get("/v1/webhooks").json()["items"] == []
        for method, link in (("GET", "self"), ("DELETE", "self"), ("GET", "deliveries"), ("POST", "test")):
            assert other.request(method, made["links"][link]).status_code == 404
        plan = other.submit(other.case("tiny")["id"])
        other.until(plan["id"])
        assert deliveries(hooks, made) == []


@dataclass
class Bench:
    """A courier with a clock that is set by hand and a post that is none."""

    store: Store
    courier: WebhookSender
    sent: list[Message]
    problems: list[str]
    clock: list[datetime]

    def tokens(self) -> tuple[str, str]:
        """Id and token of the only delivery's valid job."""
        with self.store.read() as session:
            found = session.scalars(select(Delivery)).one()
            return found.id, found.due.isoformat()

    def state(self) -> tuple[str, int]:
        with self.store.read() as session:
            found = session.scalars(select(Delivery)).one()
            return found.status, found.attempts


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    yield from couriers(store)


def couriers(store: Store) -> Iterator[Bench]:
    """A courier with one message to carry."""
    clock = [datetime(2030, 1, 1, tzinfo=UTC)]
    store.clock = lambda: clock[0]
    jobqueue.prepare(store.url)
    ensure_admin(store, configured=True)
    queue = JobQueue(store.url)
    sent: list[Message] = []
    problems: list[str] = []

    def post(message: Message, private: bool) -> str:
        sent.append(message)
        return problems.pop(0) if problems else ""

    with store.write() as session:
        session.add(
            Webhook(
                id="whk_1",
                workspace_id="default",
                created=clock[0],
                created_by="k",
                url="https://x",
                target="x:443",
                secret="s",
                topics=["plan.failed"],
                tags=[],
                enabled=True,
                failures=0,
            )
        )
        session.flush()
        announce(session, store, queue, workspace="default", topic="plan.failed", subject="pln_1", links={})
        announce(session, store, queue, workspace="default", topic="plan.succeeded", subject="pln_2", links={})
    yield Bench(store, WebhookSender(store, queue, Settings(webhook_attempts=3), post), sent, problems, clock)
    queue.close()


def test_a_job_that_comes_twice_is_sent_once(bench: Bench) -> None:
    job = bench.tokens()
    assert [bench.courier.deliver(*job), bench.courier.deliver(*job)] == ["delivered", "not valid any more"]
    assert len(bench.sent) == 1
    assert bench.state() == ("delivered", 1)


def test_a_job_that_was_lost_is_queued_again_and_the_old_one_is_void(bench: Bench) -> None:
    lost = bench.tokens()
    assert bench.courier.look() == 0
    bench.clock[0] += timedelta(minutes=3)
    assert bench.courier.look() == 1
    assert bench.courier.look() == 0
    assert bench.courier.deliver(*lost) == "not valid any more"
    assert bench.courier.deliver(*bench.tokens()) == "delivered"


def test_a_clock_that_was_set_back_keeps_no_message_waiting(bench: Bench) -> None:
    lost = bench.tokens()
    bench.clock[0] -= timedelta(days=1)
    assert [bench.courier.look(), bench.courier.look()] == [1, 0]
    assert bench.courier.deliver(*lost) == "not valid any more"
    assert bench.courier.deliver(*bench.tokens()) == "delivered"
    bench.clock[0] += timedelta(days=2)
    assert bench.courier.look() == 0
    assert len(bench.sent) == 1


def test_pauses_grow_and_tries_end(bench: Bench) -> None:
    bench.problems += ["answered 500"] * 3
    pauses = []
    for _ in range(3):
        before = bench.clock[0]
        assert bench.courier.deliver(*bench.tokens()) == "answered 500"
        due = datetime.fromisoformat(bench.tokens()[1])
        pauses.append((due - before).total_seconds())
        bench.clock[0] = due
        bench.courier.look()
    assert pauses[:2] == [30.0, 120.0]
    assert bench.state() == ("dead", 3)
    bench.clock[0] += timedelta(days=9)
    assert bench.courier.look() == 0


def test_a_worker_that_dies_while_it_sends_costs_one_try(bench: Bench) -> None:
    def die(message: Message, private: bool) -> str:
        raise KeyboardInterrupt

    healthy, bench.courier._post = bench.courier._post, die
    with pytest.raises(KeyboardInterrupt):
        bench.courier.deliver(*bench.tokens())
    assert bench.state() == ("waiting", 1)
    bench.courier._post = healthy
    bench.clock[0] += timedelta(minutes=1)
    assert bench.courier.look() == 1
    assert bench.courier.deliver(*bench.tokens()) == "delivered"


def test_a_webhook_that_is_switched_off_is_told_nothing(bench: Bench) -> None:
    with bench.store.write() as session:
        session.get_one(Webhook, "whk_1").enabled = False
    assert bench.courier.deliver(*bench.tokens()) == "not valid any more"
    assert bench.state() == ("dead", 0)
    assert bench.sent == []
