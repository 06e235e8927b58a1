"""SQLite without room, by a limit of its file's size and of its pages: what was told is kept, the rest refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.api.databases import fresh
from tests.api.fillings import refused_for_want_of_room, upload
from tests.api.serving import FAKE, Api, Process, server
from tests.api.test_faults_uploads import again, cases_of
from tests.api.waiting import until

pytestmark = pytest.mark.slow

ENOUGH = 1_000_000_000
SOME = 500_000


@dataclass
class Disk:
    """A server whose disk is full when a test says so."""

    process: Process
    folder: Path
    fill: Callable[[], None]
    lift: Callable[[], None]


def by_pages(process: Process, folder: Path) -> Disk:
    """SQLite may use no page more than it has."""
    pages = folder / "pages"
    process.env["RIG_PAGES"] = str(pages)
    pages.write_text(str(ENOUGH))
    return Disk(process, folder, lambda: write(pages, 1), lambda: write(pages, ENOUGH))


def by_size(process: Process, folder: Path) -> Disk:
    """No file of the process may grow far beyond what the database has."""

    def limit(size: int) -> None:
        psutil.Process(process.process.pid).rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))

    def largest() -> int:
        return max(path.stat().st_size for path in folder.glob("designate.sqlite*"))

    return Disk(process, folder, lambda: limit(largest() + SOME), lambda: limit(psutil.RLIM_INFINITY))


def write(path: Path, pages: int) -> None:
    """Replace a number that others read at any time."""
    path.with_suffix(".new").write_text(str(pages))
    path.with_suffix(".new").rename(path)


@pytest.fixture(params=[by_pages, by_size])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with fresh("sqlite", tmp_path) as url, contextlib.ExitStack() as stack:
        process = server(url, tmp_path, RIG_CHILD=FAKE)
        made: Disk = request.param(process, tmp_path)
        process.start()
        stack.callback(process.stop)
        yield made


def test_what_cannot_be_stored_is_refused_whole_and_the_rest_goes_on(disk: Disk) -> None:
    with Api(disk.process.url) as api, api.as_role("planner") as planner:
        case = api.case("tiny")["id"]
        plan = api.submit(case, name="x")["id"]
        api.until(plan)
        disk.fill()
        stored = refused_for_want_of_room(lambda number: upload(api, number))
        accepted: list[str] = []

        def submit(number: int) -> object:
            answer = planner.post(
                "/v1/plans", json={"case": case, "name": "x"}, headers={"Idempotency-Key": f"{number}"}
            )
            accepted.extend([answer.json()["id"]] if answer.is_success else [])
            return answer

        refused_for_want_of_room(submit)
        assert len(cases_of(planner)) == stored + 1
        assert planner.get(f"/v1/plans/{plan}/document").status_code == 200
        assert planner.get("/health/ready").status_code == 200
        disk.lift()
        again(disk.process)
    with Api(disk.process.url) as api:
        assert len(cases_of(api)) == stored + 1
        assert upload(api, stored).status_code == 201
        plans = {p["id"] for p in api.get("/v1/plans", params={"limit": 200}).json()["items"]}
        assert plans == {plan, *accepted}
        assert {api.until(p)["job_status"] for p in accepted} <= {"succeeded"}
        assert api.until(api.submit(case, name="x")["id"])["job_status"] == "succeeded"


def test_a_result_for_which_there_is_no_room_waits_for_it(disk: Disk) -> None:
    go = disk.folder / "go"
    with Api(disk.process.url) as api:
        plan = api.submit(api.case("tiny")["id"], name=f"bulky until={go}")["id"]
        api.until(plan, "running")
        disk.fill()
        refused_for_want_of_room(lambda number: upload(api, number))
        refused_for_want_of_room(lambda _: api.post("/v1/keys", json={"name": "small", "role": "viewer"}))
        go.touch()
        assert until(lambda: "the store does not take it" in disk.process.log.read_text())
        assert api.plan(plan)["job_status"] == "running"
        disk.lift()
        ended = api.until(plan)
        assert (ended["job_status"], ended["attempts"], ended["solution"]) == ("succeeded", 1, "feasible")
        done = [e["action"] for e in api.get("/v1/audit", params={"subject": plan}).json()["items"]]
        assert sorted(done) == ["plan.finished", "plan.submitted"]
        assert api.until(api.submit(cases_of(api)[-1], name="x")["id"])["job_status"] == "succeeded"
