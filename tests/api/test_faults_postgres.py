"""PostgreSQL itself is killed, or has no room: jobs outlast it, answers tell it, everything goes on by itself."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.api.clusters import Cluster, cluster
from tests.api.fillings import refused_for_want_of_room, upload
from tests.api.serving import FAKE, Api, server, worker
from tests.api.test_faults_uploads import KEY, cases_of, half_sent, uploaded_once
from tests.api.waiting import until

pytestmark = pytest.mark.slow

SIZE = 2 * 1024 * 1024 + 4096
"""Above what a new cluster's files have, and half a page beside a whole one, as a full disk is."""


@pytest.fixture(scope="module")
def held() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def url(held: Cluster) -> Iterator[str]:
    """A database of the test's own in it."""
    with held.database() as made:
        yield made
        held.limit(-1)


def ready(api: Api) -> int:
    """Status of the readiness check."""
    return api.get("/health/ready").status_code


def test_a_killed_database_loses_no_job_and_no_upload(held: Cluster, url: str, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        hand = worker(url, tmp_path, RIG_CHILD=FAKE).start()
        stack.callback(hand.stop)
        api = stack.enter_context(Api(front.url))
        body = json.dumps(api.example("tiny")).encode()
        first = api.case("tiny")["id"]
        running = api.submit(first, name=f"incumbent until={go}")["id"]
        queued = api.submit(first, name="x")["id"]
        api.until(running, "running")
        with half_sent(front.url, body, chunked=True) as connection:
            held.kill()
            half = body[len(body) // 2 :]
            connection.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(half), half))
            assert connection.recv(100).startswith(b"HTTP/1.1 503")
        assert ready(api) == 503
        assert api.get("/health/live").status_code == 200
        refused = api.post("/v1/plans", json={"case": first}, headers=KEY)
        assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
        assert int(refused.headers["retry-after"]) > 0
        go.touch()
        assert until(lambda: "the store does not take it" in hand.log.read_text()), "the job ended without a database"
        held.start()
        assert until(lambda: ready(api) == 200)
        for plan in (running, queued):
            ended = api.until(plan, limit_s=300)
            assert (ended["job_status"], ended["attempts"]) == ("succeeded", 1), ended
            done = [e["action"] for e in api.get("/v1/audit", params={"subject": plan}).json()["items"]]
            assert sorted(done) == ["plan.finished", "plan.submitted"]
        assert cases_of(api) == [first]
        api.post(f"/v1/cases/{first}/archive")
        uploaded_once(api, body)
        after = api.submit(cases_of(api)[0], name="x")["id"]
        assert api.until(after, limit_s=300)["job_status"] == "succeeded"


def test_an_outage_longer_than_the_lease_buries_no_worker(held: Cluster, url: str, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        hands = [worker(url, tmp_path, name, RIG_CHILD=FAKE).start() for name in ("one", "two")]
        for hand in hands:
            stack.callback(hand.stop)
        api = stack.enter_context(Api(front.url))
        plan = api.submit(api.case("tiny")["id"], name=f"until={go}")["id"]
        api.until(plan, "running")
        lives = [w["id"] for w in api.get("/v1/workers").json()]
        assert len(lives) == len(hands)
        held.kill()
        blind = "reaper of worker"  # each look that failed is a fifth of a lease or more
        assert until(lambda: all(h.log.read_text().count(blind) > 8 for h in hands))
        held.start()
        assert until(lambda: ready(api) == 200)
        again = api.submit(api.case("tiny")["id"], name="x")["id"]
        assert api.until(again, limit_s=300)["job_status"] == "succeeded"
        go.touch()
        assert api.until(plan, limit_s=300)["attempts"] == 1
        assert [w["id"] for w in api.get("/v1/workers").json()] == lives
        assert all("counted as dead" not in h.log.read_text() for h in hands)


def test_who_is_asked_to_stop_without_a_database_ends(held: Cluster, url: str, tmp_path: Path) -> None:
    go = tmp_path / "go"
    with contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.kill)
        hand = worker(url, tmp_path, RIG_CHILD=FAKE).start()
        stack.callback(hand.kill)
        with Api(front.url) as api:
            plan = api.submit(api.case("tiny")["id"], name=f"until={go}")["id"]
            api.until(plan, "running")
        held.kill()
        hand.stop()
        front.stop()
        held.start()
        front.said.clear()
        front.start()
        other = worker(url, tmp_path, "other", RIG_CHILD=FAKE).start()
        stack.callback(other.kill)
        go.touch()
        with Api(front.url) as api:
            assert api.until(plan, limit_s=300)["job_status"] == "succeeded"


def test_no_room_for_an_upload_is_told_and_nothing_is_half_stored(held: Cluster, url: str, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        api = stack.enter_context(Api(front.url))
        kept = api.case("tiny")["id"]
        held.limit(SIZE)
        stored = refused_for_want_of_room(lambda number: upload(api, number))
        assert len(cases_of(api)) == stored + 1
        assert api.get(f"/v1/cases/{kept}/revisions/1/document").status_code == 200
        assert ready(api) == 200
        held.limit(-1)
        made = upload(api, stored)
        assert made.status_code == 201, made.text
        assert len(cases_of(api)) == stored + 2


def test_a_result_for_which_there_is_no_room_waits_for_it(held: Cluster, url: str, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        hand = worker(url, tmp_path, RIG_CHILD=FAKE).start()
        stack.callback(hand.stop)
        api = stack.enter_context(Api(front.url))
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("""
                CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$
            """)
            database.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON designate_plan_results EXECUTE FUNCTION full_disk()"
            )
            plan = api.submit(api.case("tiny")["id"], name="x")["id"]
            assert until(lambda: "the store does not take it" in hand.log.read_text())
            assert api.plan(plan)["job_status"] == "running"
            database.execute("DROP TRIGGER full_disk ON designate_plan_results")
        ended = api.until(plan)
        assert (ended["job_status"], ended["attempts"], ended["solution"]) == ("succeeded", 1, "feasible")
