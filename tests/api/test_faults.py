"""Processes that die, on both databases: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.api.databases import fresh
from tests.api.serving import FAKE, Api, Process, server, service, worker
from tests.api.waiting import until

pytestmark = pytest.mark.slow

OLD = "from api.server import load_settings, run_worker; run_worker(load_settings(), contract='designate-0')"
"""A worker of a release before."""

LONG = {"options": {"backend": "highs", "time_limit_s": 600}}
"""A case that HiGHS does not finish by itself while a test looks on."""


def submit_long(api: Api) -> str:
    case = api.case("secretariat")
    plan: str = api.submit(case["id"], **LONG)["id"]
    return plan


def test_a_killed_server_on_sqlite_goes_on_where_it_was(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        process = server(url, tmp_path).start()
        try:
            with Api(process.url) as api:
                running = submit_long(api)
                api.until(running, "running")
                queued = api.submit(api.case("tiny")["id"])["id"]
            children = psutil.Process(process.process.pid).children(recursive=True)
            process.kill()
            assert until(lambda: not any(psutil.pid_exists(c.pid) and c.status() != "zombie" for c in children))
            process.said.clear()
            process.start()
            with Api(process.url) as api:
                found = api.until(running, "running")
                assert found["attempts"] == 2 or until(lambda: api.plan(running)["attempts"] == 2)
                api.post(f"/v1/plans/{running}/cancel")
                assert api.until(running)["job_status"] == "cancelled"
                assert api.until(queued)["solution"] == "optimal"
        finally:
            process.stop()


def test_a_killed_server_leaves_jobs_to_the_workers(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with fresh("postgres", tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        hand = worker(url, tmp_path, RIG_CHILD=FAKE).start()
        stack.callback(hand.stop)
        with Api(front.url) as api:
            case = api.case("tiny")["id"]
            running = api.submit(case, name=f"until={go}")["id"]
            api.until(running, "running")
            queued = api.submit(case, name="x")["id"]
        front.kill()
        go.touch()
        front.said.clear()
        front.start()
        with Api(front.url) as api:
            for plan in (running, queued):
                assert api.until(plan)["attempts"] == 1
                assert api.plan(plan)["job_status"] == "succeeded"
                assert deeds(api, plan) == ["plan.finished", "plan.submitted"]


def deeds(api: Api, plan: str) -> list[str]:
    """What the record says of a plan, in no order."""
    return sorted(e["action"] for e in api.get("/v1/audit", params={"subject": plan}).json()["items"])


def test_of_two_workers_one_is_killed_for_good_and_the_other_does_its_job(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with fresh("postgres", tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        first, second = (worker(url, tmp_path, name, RIG_CHILD=FAKE) for name in ("first", "second"))
        first.start()
        stack.callback(first.kill)
        api = stack.enter_context(Api(front.url))
        case = api.case("tiny")["id"]
        running = api.submit(case, name=f"incumbent until={go}")["id"]
        api.until(running, "running")
        second.start()
        stack.callback(second.kill)
        queued = api.submit(case, name="x")["id"]
        assert api.until(queued)["attempts"] == 1
        assert api.plan(running)["attempts"] == 1, "nobody takes the job of a worker that lives"
        first.kill()
        assert until(lambda: api.plan(running)["attempts"] == 2)
        go.touch()
        assert api.until(running)["job_status"] == "succeeded"
        assert api.plan(running)["attempts"] == 2
        assert deeds(api, running) == ["plan.finished", "plan.requeued", "plan.submitted"]
        assert deeds(api, queued) == ["plan.finished", "plan.submitted"]
        assert [w["id"].partition("-")[0] for w in api.get("/v1/workers").json()] == ["second"]


def test_a_second_server_on_a_file_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url, contextlib.ExitStack() as stack:
        first = server(url, tmp_path).start()
        stack.callback(first.kill)
        second = server(url, tmp_path)
        second.log = tmp_path / "second.log"
        second.launch()
        stack.callback(second.kill)
        assert second.process.wait(60) == 2
        told = second.log.read_text()
        assert f"is in use by another server (process {first.process.pid})" in told
        assert "Traceback" not in told
        with Api(first.url) as api:
            assert api.until(api.submit(api.case("tiny")["id"])["id"])["solution"] == "optimal"
        first.kill()
        second.kill()  # it has ended; this lets go of its output
        second.start()
        with Api(second.url) as api:
            assert api.get("/health/ready").status_code == 200


def test_a_worker_lost_for_good_holds_nothing(tmp_path: Path) -> None:
    with fresh("postgres", tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        first = worker(url, tmp_path, "first").start()
        stack.callback(first.kill)
        with Api(front.url) as api:
            plan_id = submit_long(api)
            api.until(plan_id, "running")
            second = worker(url, tmp_path, "second").start()
            stack.callback(second.stop)
            assert api.plan(plan_id)["attempts"] == 1, "a second worker must not take the first one's job"
            first.kill()
            assert until(lambda: api.plan(plan_id)["attempts"] == 2)
            assert [w["id"].startswith("second") for w in api.get("/v1/workers").json()] == [True]
            assert api.submit(api.case("tiny")["id"])["job_status"] == "queued"
            api.post(f"/v1/plans/{plan_id}/cancel")
            assert api.until(plan_id)["job_status"] == "cancelled"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_worker_that_hangs_and_wakes_finds_its_plan_gone(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        pytest.skip("on SQLite the worker and the server are one process")
    with fresh(kind, tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        first = worker(url, tmp_path, "first").start()
        stack.callback(first.kill)
        with Api(front.url) as api:
            plan_id = submit_long(api)
            api.until(plan_id, "running")
            second = worker(url, tmp_path, "second").start()
            stack.callback(second.stop)
            os.kill(first.process.pid, signal.SIGSTOP)
            assert until(lambda: api.plan(plan_id)["attempts"] == 2)
            os.kill(first.process.pid, signal.SIGCONT)
            assert until(lambda: f"{plan_id} was taken from this worker" in first.log.read_text())
            assert until(lambda: len(api.get("/v1/workers").json()) == 2), "it lives, and says so"
            api.post(f"/v1/plans/{plan_id}/cancel")
            assert api.until(plan_id)["attempts"] == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_solver_does_not_take_the_worker_down(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url, service(url, tmp_path) as process, Api(process.url) as api:
        plan_id = submit_long(api)
        api.until(plan_id, "running")
        child = find_child(url, process)
        os.killpg(child, signal.SIGKILL)
        assert until(lambda: api.plan(plan_id)["attempts"] == 2)
        api.post(f"/v1/plans/{plan_id}/cancel")
        api.until(plan_id)
        assert api.until(api.submit(api.case("tiny")["id"])["id"])["solution"] == "optimal"


def find_child(url: str, process: Process) -> int:
    """The process that solves."""
    found: list[int] = []

    def look() -> bool:
        top = psutil.Process(process.process.pid) if url.startswith("sqlite") else psutil.Process()
        for child in top.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                ours = url.startswith("sqlite") or any("worker" in p.cmdline() for p in child.parents())
                if ours and "api.jobs.child" in child.cmdline():
                    found.append(child.pid)
        return bool(found)

    assert until(look)
    return found[-1]


@pytest.mark.parametrize(("before", "after"), [(OLD, ""), ("", OLD)], ids=["forward", "back"])
def test_a_change_of_release_loses_no_job(tmp_path: Path, before: str, after: str) -> None:
    with fresh("postgres", tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        old = of_release(before, url, tmp_path, "old")
        stack.callback(old.kill)
        with Api(front.url) as api:
            running = submit_long(api)
            api.until(running, "running")
            queued = api.submit(api.case("tiny")["id"])["id"]
            old.kill()
            new = of_release(after, url, tmp_path, "new")
            stack.callback(new.stop)
            assert until(lambda: api.plan(running)["attempts"] == 2)
            api.post(f"/v1/plans/{running}/cancel")
            assert api.until(queued)["solution"] == "optimal"


def of_release(code: str, url: str, folder: Path, name: str) -> Process:
    """A worker of this release, or of the one that ``code`` stands for."""
    process = worker(url, folder, name)
    if code:
        process.program, process.words = ("-c", code), ()
    return process.start()
