"""A store of before, with jobs in every stage, goes through migration 0008 and back with all it holds."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert, select

from api.jobs import queue
from api.jobs.queue import JobQueue
from api.jobs.reaper import Reaper
from api.jobs.runs import Runs
from api.settings import Settings
from api.store import migrate
from api.store.engine import Store
from api.store.models import Evaluation, Incumbent, Job, Plan, PlanResult, ProgressPoint
from tests.api.bench import InFlight

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HASH = "0" * 64
ROWS = [["E", "S", "P", ""]]


def number(of: int) -> str:
    return f"{of:028x}"


def packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value).encode(), 6)


def table(store: Store, name: str) -> Table:
    return Table(f"designate_{name}", MetaData(), autoload_with=store.engine)


def put(store: Store, name: str, /, **row: Any) -> None:
    held = table(store, name)
    for column in held.columns:  # SQLite says nothing of zones, and its driver wants none
        if store.on_sqlite and isinstance(row.get(column.name), datetime):
            row[column.name] = row[column.name].replace(tzinfo=None)
    with store.engine.connect().execution_options(designate_writes=True) as connection, connection.begin():
        connection.execute(insert(held).values(row))


def plan(store: Store, of: int, purpose: str, status: str, **more: Any) -> str:
    """A plan as it was, with a result where its job has succeeded."""
    id_ = f"pln_{number(of)}"
    over = NOW + timedelta(minutes=of) if status == "succeeded" else None
    row: dict[str, Any] = {
        "id": id_,
        "workspace_id": "default",
        "created": NOW,
        "created_by": "key_x",
        "case_id": "cas_1",
        "revision": 1,
        "name": f"plan {of}",
        "tags": ["a"],
        "options": {"seed": of},
        "purpose": purpose,
        "priority": 3,
        "place": of,
        "job_status": status,
        "dispatch": 2,
        "dispatched": NOW,
        "fence": 4,
        "attempts": 1,
        "max_attempts": 3,
        "started": None if status == "queued" else NOW,
        "finished": over,
        "dead": False,
        "error_code": "",
        "error_detail": "",
        "state": "draft",
        "state_version": 1,
        "trace": "00-1",
    }
    put(store, "plans", **{**row, **more})
    put(store, "plan_states", plan_id=id_, number=1, state="draft", comment="", at=NOW, by="key_x")
    if status == "succeeded":
        document = zlib.compress(b"{}")
        put(store, "plan_results", plan_id=id_, fence=4, content_hash=HASH, document=document, created=NOW)
    return id_


def artifact(store: Store, plan_id: str, name: str, content: Any) -> None:
    row = {"content_hash": HASH, "media_type": "application/json", "content": packed(content), "created": NOW}
    put(store, "artifacts", plan_id=plan_id, name=name, **row)


def evaluation(store: Store, of: int) -> str:
    id_ = f"evl_{number(of)}"
    owned = {"id": id_, "workspace_id": "default", "created": NOW, "created_by": "key_x"}
    place = {"case_id": "cas_1", "revision": 1, "name": f"plan {of}"}
    priced = {"solution": "feasible", "objective": 7.5, "content_hash": HASH, "document": zlib.compress(b"{}")}
    put(store, "evaluations", **owned, **place, **priced)
    return id_


@pytest.fixture
def old(store: Store) -> Store:
    """A store of version 0007 with a case."""
    migrate.downgrade(store, "0007")
    put(store, "workspaces", id="default", name="default", settings={}, created=NOW)
    owned = {"workspace_id": "default", "created": NOW, "created_by": "key_x"}
    put(store, "cases", id="cas_1", name="c", description="", latest=1, **owned)
    empty = {"tables": packed({}), "issues": packed([]), "summary": {}, "upload_name": "", "upload_type": ""}
    made = {"content_hash": HASH, "comment": "", "origin": "upload", "created": NOW, "created_by": "key_x"}
    put(store, "revisions", case_id="cas_1", number=1, **made, **empty)
    return store


def fill(store: Store) -> dict[str, str]:
    """Plans of every purpose and stage."""
    ids = {
        "solved": plan(store, 1, "solve", "succeeded", objective=12.5, solution="optimal", state="applied"),
        "queued": plan(store, 2, "solve", "queued", start_plan_id=f"pln_{number(1)}"),
        "running": plan(store, 3, "solve", "running", worker_id="w1"),
        "moved": plan(store, 4, "reoptimise", "succeeded", options={"budgets": [0, 1], "max_moves": 1}),
        "point": plan(store, 5, "reoptimise_point", "succeeded", dispatch=0, fence=0),
        "priced": plan(store, 6, "evaluate", "succeeded"),
        "waiting": plan(store, 7, "evaluate", "queued", tags=[]),
        "used": plan(store, 8, "evaluate", "succeeded"),
        "failed": plan(store, 9, "solve", "failed", dead=True, error_code="task_lost", error_detail="gone"),
    }
    artifact(store, ids["moved"], "curve.json", {"points": [{"plan": ids["point"]}, {"plan": ids["moved"]}]})
    for name in ("priced", "waiting", "used"):
        artifact(store, ids[name], "assignments.json", ROWS)
    evaluation(store, 6)
    evaluation(store, 8)
    owned = {"id": "cmp_1", "workspace_id": "default", "created": NOW, "created_by": "key_x"}
    both = {"first_plan_id": ids["solved"], "second_plan_id": ids["used"], "document": packed({})}
    put(store, "comparisons", **owned, **both)
    point = {"number": 1, "fence": 4, "at": NOW, "elapsed_s": 1.5, "incumbent": 9.0, "bound": None, "phase": "x"}
    put(store, "plan_progress", plan_id=ids["running"], **point)
    best = {"fence": 4, "objective": 9.0, "bound": None, "rows": packed(ROWS), "at": NOW}
    put(store, "plan_incumbents", plan_id=ids["running"], **best)
    return ids


def everything(store: Store, *names: str) -> dict[str, Any]:
    """All rows of tables, by table."""
    with store.engine.connect() as connection:
        return {
            n: sorted((dict(r) for r in connection.execute(select(table(store, n))).mappings()), key=str) for n in names
        }


OLD = ("plans", "plan_states", "plan_results", "plan_progress", "plan_incumbents", "artifacts", "evaluations")


def test_every_plan_keeps_what_it_has_and_gets_its_job(old: Store) -> None:
    ids = fill(old)
    migrate.upgrade(old)
    with old.read() as session:
        held = {name: session.get(Plan, id_) for name, id_ in ids.items()}
        assert [name for name, row in held.items() if row is None] == ["priced", "waiting"]
        solved, moved, point = (held[n] for n in ("solved", "moved", "point"))
        assert solved is not None
        assert (solved.objective, solved.solution, solved.state, solved.name) == (12.5, "optimal", "applied", "plan 1")
        job = solved.job
        assert (job.kind, job.subject, job.status, job.priority, job.place, job.trace) == (
            "solve",
            solved.id,
            "succeeded",
            3,
            1,
            "00-1",
        )
        assert (job.dispatch, job.fence, job.attempts, job.finished) == (2, 4, 1, NOW + timedelta(minutes=1))
        assert moved is not None
        assert point is not None
        assert (point.job_id, moved.job.kind, moved.job.subject) == (moved.job_id, "reoptimise", moved.id)
        assert session.get_one(Job, moved.job_id).question == {"budgets": [0, 1]}
        assert session.get(PlanResult, point.id) is not None
        queued, running, failed = (held[n] for n in ("queued", "running", "failed"))
        assert queued is not None
        assert (queued.job.plan_id, queued.start_plan_id) == (solved.id, solved.id)
        assert running is not None
        assert running.job.worker_id == "w1"
        assert session.get_one(Incumbent, running.job_id).rows == ROWS
        assert session.get_one(ProgressPoint, (running.job_id, 1)).incumbent == 9.0
        assert failed is not None
        assert (failed.job.dead, failed.job.error_code, failed.job.error_detail) == (True, "task_lost", "gone")


def test_hand_made_lists_are_evaluations_and_wait_as_such(old: Store) -> None:
    fill(old)
    migrate.upgrade(old)
    with old.read() as session:
        found = {e.id: e for e in session.scalars(select(Evaluation))}
    assert sorted(found) == [f"evl_{number(n)}" for n in (6, 7, 8)]
    waiting = found[f"evl_{number(7)}"]
    assert (waiting.name, waiting.solution, waiting.document) == ("plan 7", None, None)
    assert waiting.job is not None
    assert (waiting.job.kind, waiting.job.subject, waiting.job.status) == ("evaluate", waiting.id, "queued")
    priced = found[f"evl_{number(6)}"]
    assert (priced.objective, priced.job is not None and priced.job.status) == (7.5, "succeeded")


def test_what_was_queued_or_running_is_brought_home_and_taken(old: Store) -> None:
    ids = fill(old)
    queue.prepare(old.url)
    migrate.upgrade(old)
    held, hands = JobQueue(old.url), InFlight()
    try:
        reaper = Reaper(old, held, Settings(heartbeat_s=1.0, lease_s=10.0), monotonic=hands)
        reaper.look()
        hands.now += 1.5
        reaper.look()
        with old.read() as session:
            jobs = {j.subject: j for j in session.scalars(select(Job).where(Job.status == "queued"))}
        assert sorted(jobs) == sorted([ids["queued"], ids["running"], f"evl_{number(7)}"])
        assert {held.status([f"{j.id}.{j.dispatch}"])[f"{j.id}.{j.dispatch}"].status for j in jobs.values()} == {
            "ENQUEUED"
        }
        job = jobs[f"evl_{number(7)}"]
        claim = Runs(old, held, "w2").claim(job.id, job.dispatch)
        assert claim is not None
        assert (claim.task["task"], claim.task["rows"]) == ("price", ROWS)
    finally:
        held.close()


@pytest.mark.slow
def test_back_again_nothing_is_lost_but_copies(old: Store) -> None:
    ids = fill(old)
    before = everything(old, *OLD)
    migrate.upgrade(old)
    migrate.downgrade(old, "0007")
    after = everything(old, *OLD)
    gone = ids["priced"]  # its document is its evaluation's
    for rows in (before["plans"], after["plans"]):
        point = next(r for r in rows if r["id"] == ids["point"])
        for column in ("dispatch", "fence", "place", "finished"):
            del point[column]  # it ended with the job that made it
    for name in ("plans", "plan_states", "plan_results"):
        key = "id" if name == "plans" else "plan_id"
        assert after[name] == [r for r in before[name] if r[key] != gone], name
    for name in ("plan_progress", "plan_incumbents", "evaluations"):
        assert after[name] == before[name], name
    lists = {r["plan_id"]: json.loads(zlib.decompress(r["content"])) for r in after["artifacts"]}
    assert lists == {ids["waiting"]: ROWS, ids["moved"]: {"points": [{"plan": ids[n]} for n in ("point", "moved")]}}
    migrate.upgrade(old)
    with old.read() as session:
        assert session.get_one(Evaluation, f"evl_{number(7)}").document is None
