"""Processes that die, on both databases: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.api.databases import fresh
from tests.api.serving import Api, Process, server, service, worker
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
            assert until(lambda: f"plan {plan_id} was taken from this worker" in first.log.read_text())
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
                if "api.jobs.child" in child.cmdline():
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
