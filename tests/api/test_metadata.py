"""Polling a plan is one turn of one thread, one transaction and three statements, and says what lists say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import event, update

from api.access import OPEN, ROUTES
from api.jobs.queue import JobQueue
from api.jobs.runs import Claim, Runs
from api.store.models import ApiKey, Plan
from tests.api.serving import ADMIN
from tests.api.worlds import House, tiny

POINTS = [
    {"elapsed_s": 1.5, "incumbent": 12.0, "bound": 3.0, "phase": "construction"},
    {"elapsed_s": 2.5, "incumbent": 10.0, "bound": None, "phase": "search"},
]


@pytest.fixture
def house(database: str) -> Iterator[House]:
    held = House(database)
    yield held
    held.close()


def _plan(house: House) -> str:
    case = house.make(ADMIN, "/v1/cases?name=polled", tiny())["id"]
    made = house.make(ADMIN, "/v1/plans", {"case": case, "name": "polled", "tags": ["a", "é"]})
    return str(made["id"])


def _begun(house: House, plan: str) -> tuple[Runs, Claim]:
    runs = Runs(house.store, JobQueue(house.store.url), "w")
    with house.store.read() as session:
        job_id = session.get_one(Plan, plan).job_id
    claim = runs.claim(job_id, 1)
    assert claim is not None
    return runs, claim


@contextmanager
def _counted(house: House) -> Iterator[list[str]]:
    """Statements that are sent meanwhile, and how often a transaction begins."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(house.store.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(house.store.engine, "before_cursor_execute", note)


def test_a_plan_alone_and_in_a_list_say_the_same(house: House) -> None:
    plan = _plan(house)

    def same() -> dict[str, Any]:
        alone = house.ask(ADMIN, "GET", f"/v1/plans/{plan}")
        assert alone.status_code == 200, alone.text
        body: dict[str, Any] = alone.json()
        assert [body] == house.ask(ADMIN, "GET", "/v1/plans").json()["items"]
        again = house.ask(ADMIN, "GET", f"/v1/plans/{plan}", headers={"If-None-Match": alone.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        return body

    queued = same()
    assert (queued["job_status"], queued["tags"], queued["progress"], queued["stale"]) == (
        "queued",
        ["a", "é"],
        None,
        False,
    )
    runs, claim = _begun(house, plan)
    assert same()["progress"] is None
    runs.report(claim, POINTS, None)
    assert same()["progress"] == {"elapsed_s": 2.5, "incumbent": 10.0, "bound": 3.0, "gap_abs": 7.0, "phase": "search"}
    changed = tiny()
    changed["entities"][0]["headcount"] += 1
    house.make(ADMIN, f"/v1/cases/{queued['case']}/revisions", changed)
    runs.fail(claim, "broke", "it broke", permanent=True)
    ended = same()
    assert (ended["stale"], ended["error"]) == (True, {"code": "broke", "detail": "it broke"})


def test_a_poll_costs_three_statements_of_one_transaction(house: House) -> None:
    plan = _plan(house)
    key = house.make(ADMIN, "/v1/keys", {"name": "poll", "role": "viewer"})["key"]
    runs, claim = _begun(house, plan)
    runs.report(claim, POINTS, None)
    assert house.ask(key, "GET", f"/v1/plans/{plan}").status_code == 200  # notes the first use of the key
    with _counted(house) as told:
        assert house.ask(key, "GET", f"/v1/plans/{plan}").status_code == 200
    begun = [s for s in told if s.startswith("BEGIN")]  # PostgreSQL's driver begins by itself
    assert len(begun) <= 1
    assert len(told) - len(begun) == 3, told


def test_the_use_of_a_key_is_noted_and_its_end_is_at_once(house: House) -> None:
    plan = _plan(house)
    made = house.make(ADMIN, "/v1/keys", {"name": "poll", "role": "viewer"})
    assert house.ask(made["key"], "GET", f"/v1/plans/{plan}").status_code == 200
    with house.store.read() as session:
        assert session.get_one(ApiKey, made["id"]).last_used is not None
    house.make(ADMIN, f"/v1/keys/{made['id']}/revoke")
    refused = house.ask(made["key"], "GET", f"/v1/plans/{plan}")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert house.ask(None, "GET", f"/v1/plans/{plan}").status_code == 401


@pytest.mark.parametrize("plan", ["pln_0", "x" * 41, "pln_%00", "%C3%A9", "pln_" + "0" * 28])
def test_what_is_no_plan_of_the_workspace_is_not_found(house: House, plan: str) -> None:
    answer = house.ask(ADMIN, "GET", f"/v1/plans/{plan}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_plan_of_another_workspace_is_not_found(house: House) -> None:
    plan = _plan(house)
    other = house.make(ADMIN, "/v1/workspaces", {"id": "other", "name": "other"})["admin_key"]
    assert house.ask(other, "GET", f"/v1/plans/{plan}").status_code == 404
    with house.store.write() as session:
        session.execute(update(Plan).values(workspace_id="other"))
    assert house.ask(other, "GET", f"/v1/plans/{plan}").status_code == 200


def test_what_answers_at_once_reads_and_asks_for_a_key(house: House) -> None:
    found = [c.original_route for c in iter_route_contexts(house.app.routes)]
    marked = [r for r in found if isinstance(r, APIRoute) and hasattr(r.endpoint, "at_once")]
    assert "get_plan" in [r.name for r in marked]
    for route in marked:
        assert route.methods == {"GET"}
        assert ROUTES[route.name] != OPEN
