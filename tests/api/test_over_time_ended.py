"""Solves over time that are ended in the middle: cancelled, killed, taken up again; what was found is kept."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select

import optimizer as dg
from api.jobs.process import TaskProcess
from api.store.models import Incumbent, Plan
from optimizer.model.time.joint import build_joint
from optimizer.plan.time.given import path_from_plan
from optimizer.solvers.accept.over_time import path_rows
from optimizer.stating import check_plan
from tests.api.databases import fresh
from tests.api.serving import ADMIN, Api, server, service, worker
from tests.api.waiting import until
from tests.api.worlds import OPTIONS, House
from tests.time.cases import read, tables

HOLDS = str(Path(__file__).with_name("holding_child.py"))


@pytest.fixture
def house(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An application whose solves over time hold still in their middle."""
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", HOLDS))
    held = House(database, max_attempts=2)
    yield held
    held.close()


class Solve:
    """A plan of the small case, whose job runs in a thread."""

    def __init__(self, house: House) -> None:
        self.house = house
        case = house.make(ADMIN, "/v1/cases", tables())["id"]
        self.id = house.make(ADMIN, "/v1/plans", {"case": case, "options": OPTIONS})["id"]
        self.begin()

    def begin(self) -> None:
        """Run the job until its first plan is kept."""
        self.thread = threading.Thread(target=self.house.run, args=(self.id,))
        self.thread.start()
        assert until(lambda: processes() and self.kept() is not None and self.plan()["progress"] is not None)

    def kept(self) -> Incumbent | None:
        """The best plan so far, as it is stored."""
        with self.house.store.read() as session:
            job = session.get_one(Plan, self.id).job_id
            return session.scalars(select(Incumbent).where(Incumbent.job_id == job)).one_or_none()

    def kill(self) -> None:
        """End its process as the kernel would that has no memory left."""
        for process in processes():
            process.kill()
        self.thread.join(60)

    def cancel(self) -> None:
        self.house.make(ADMIN, f"/v1/plans/{self.id}/cancel")
        self.thread.join(60)

    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = self.house.ask(ADMIN, "GET", f"/v1/plans/{self.id}").json()
        return found

    def document(self) -> dict[str, Any]:
        answer = self.house.ask(ADMIN, "GET", f"/v1/plans/{self.id}/document")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert check_plan(read(), found).ok
        return found


def processes() -> list[psutil.Process]:
    """Those that solve."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if HOLDS in process.cmdline():
                found.append(process)
    return found


def objective(document: dict[str, Any]) -> float:
    found: float = document["bounds"]["objective"]
    return found


@pytest.mark.slow
def test_a_cancel_in_the_middle_keeps_the_plan(house: House) -> None:
    solve = Solve(house)
    told = solve.plan()["progress"]
    assert told["incumbent"] == pytest.approx(solve.kept().objective)  # type: ignore[union-attr]
    solve.cancel()
    plan, document = solve.plan(), solve.document()
    assert (plan["job_status"], plan["solution"], plan["stopped_by"]) == ("cancelled", "feasible", "user")
    assert (plan["verified"], document["schema"]) == (True, "designate.plan/2")
    assert objective(document) <= told["incumbent"] + 0.01


def test_a_killed_solve_goes_on_from_the_best_plan_so_far(house: House) -> None:
    """The plan that was kept is made the best one there is: the next try must not fall behind it."""
    solved, solve = read_best(), Solve(house)
    staying = solve.kept()
    assert staying is not None
    solve.kill()
    assert (solve.plan()["job_status"], solve.plan()["attempts"]) == ("queued", 1)
    with house.store.write() as session:
        row = session.get_one(Incumbent, staying.job_id)
        row.objective, row.rows = objective(solved), rows_of(solved)
    solve.begin()
    solve.cancel()
    assert (solve.plan()["job_status"], solve.plan()["attempts"]) == ("cancelled", 2)
    assert objective(solve.document()) == pytest.approx(objective(solved), abs=0.01)
    assert objective(solved) < staying.objective - 1


@pytest.mark.slow
def test_a_solve_whose_every_try_is_killed_ends_with_the_plan_that_was_kept(house: House) -> None:
    solve = Solve(house)
    solve.kill()
    solve.begin()
    kept = solve.kept()
    assert kept is not None
    solve.kill()
    plan, document = solve.plan(), solve.document()
    assert (plan["job_status"], plan["solution"], plan["stopped_by"]) == ("failed", "feasible", "error")
    assert (plan["attempts"], plan["verified"], document["schema"]) == (2, True, "designate.plan/2")
    assert objective(document) == pytest.approx(kept.objective, abs=0.01)


@functools.cache
def read_best() -> dict[str, Any]:
    """The best plan of the small case."""
    return dg.solve(read(), backend="highs").document()


def rows_of(document: dict[str, Any]) -> list[list[Any]]:
    joint = build_joint(read())
    return [list(row) for row in path_rows(joint, path_from_plan(joint, document))]


def found(api: Api, plan: str) -> bool:
    """Wait until the run has told of a plan."""
    return until(lambda: (api.plan(plan)["progress"] or {}).get("incumbent"), pause_s=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_cancel_on_a_running_service(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url, service(url, tmp_path, RIG_CHILD=HOLDS) as process, Api(process.url) as api:
        plan = api.submit(api.case(tables())["id"], options=OPTIONS)
        assert found(api, plan["id"])
        api.post(plan["links"]["cancel"])
        ended = api.until(plan["id"])
        assert (ended["job_status"], ended["solution"], ended["verified"]) == ("cancelled", "feasible", True)
        assert api.get(ended["links"]["document"]).json()["schema"] == "designate.plan/2"


@pytest.mark.slow
def test_a_killed_worker_leaves_the_solve_to_another(tmp_path: Path) -> None:
    with fresh("postgres", tmp_path) as url, contextlib.ExitStack() as stack:
        front = server(url, tmp_path).start()
        stack.callback(front.stop)
        first, second = (worker(url, tmp_path, name, RIG_CHILD=HOLDS) for name in ("first", "second"))
        first.start()
        stack.callback(first.kill)
        api = stack.enter_context(Api(front.url))
        plan = api.submit(api.case(tables())["id"], options=OPTIONS)["id"]
        assert found(api, plan)
        held = api.plan(plan)["progress"]["incumbent"]
        first.kill()
        second.start()
        stack.callback(second.kill)
        assert until(lambda: api.plan(plan)["attempts"] == 2, pause_s=0.2)
        assert found(api, plan)
        api.post(f"/v1/plans/{plan}/cancel")
        ended = api.until(plan)
        assert (ended["job_status"], ended["solution"], ended["verified"]) == ("cancelled", "feasible", True)
        assert ended["figures"]["objective"] <= held + 0.01
