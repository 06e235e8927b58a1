"""Documents of unused plans go when their time is over, and nothing else does; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from api.faults import Fault
from api.services import plans, retention, states
from api.services.plans import result_of
from api.services.retention import Retention
from api.store.engine import Store
from api.store.models import Artifact, AuditEntry, Incumbent, Plan, PlanResult, Workspace
from api.store.scope import Scope
from tests.api.lifecycle import World, priced


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return priced()


@pytest.fixture
def world(store: Store, document: dict[str, Any]) -> Iterator[World]:
    made = World(store, document, retention_days=30)
    yield made
    made.queue.close()


def removed(world: World, plan: str) -> bool:
    with world.store.read() as session:
        job = session.get_one(Plan, plan).job_id
        held = session.get(PlanResult, plan) is not None or session.get(Incumbent, job) is not None
        gone = session.get_one(Plan, plan).removed is not None
    assert held != gone
    return gone


def refused(world: World, plan: str, what: str) -> str:
    """Code of the refusal of a step with a plan."""
    with world.store.write() as session:
        scope = Scope(session, "default")
        row = scope.get(Plan, plan)
        steps = {
            "read": lambda: result_of(session, row),
            "retry": lambda: plans.retry(scope, world.caller(), world.store, world.queue, row),
        }
        step = steps.get(what) or (
            lambda: states.move(scope, world.caller(), world.store, world.queue, world.settings, row, what)
        )
        with pytest.raises(Fault) as caught:
            step()
    return caught.value.code


def test_only_unused_old_documents_go(world: World) -> None:
    case = world.case()
    kept = {
        "applied": world.solved(case, "submitted", "approved", "applied"),
        "approved": world.solved(case, "submitted", "approved"),
        "submitted": world.solved(case, "submitted"),
    }
    draft, rejected = world.solved(case), world.solved(case, "submitted", "rejected")
    kept["started from"] = world.solved(case)
    kept["newest"] = world.solved(case)
    kept["open"] = world.submit(case, start_plan=kept["started from"])
    world.run(kept["open"], finish=False)
    other = world.case()
    alone = world.solved(other)
    look = Retention(world.store, world.settings).look
    assert look() == 0
    world.now += timedelta(days=29)
    young = world.solved(other)
    assert look() == 0
    world.now += timedelta(days=2)
    assert look() == 3
    assert look() == 0
    assert [removed(world, p) for p in (draft, rejected, alone)] == [True] * 3
    assert not any(removed(world, p) for p in (*kept.values(), young))


def test_a_plan_that_was_applied_once_stays(world: World) -> None:
    case = world.case()
    first = world.solved(case, "submitted", "approved", "applied")
    world.solved(case, "submitted", "approved", "applied")
    world.solved(case)
    assert world.plan(first).state == "superseded"
    world.now += timedelta(days=100)
    assert Retention(world.store, world.settings).look() == 0


def test_what_is_left_is_a_row_with_the_hash(world: World) -> None:
    case = world.case()
    plan, _ = world.solved(case), world.solved(case)
    with world.store.write() as session:
        digest = session.get_one(PlanResult, plan).content_hash
        session.add(
            Artifact(
                plan_id=plan,
                name="report.html",
                content_hash=digest,
                media_type="text/html",
                content=b"<p>",
                created=world.now,
            )
        )
    world.now += timedelta(days=31)
    assert Retention(world.store, world.settings).look() == 1
    row = world.plan(plan)
    assert (row.removed, row.removed_hash, row.objective) == (world.now, digest, world.document["bounds"]["objective"])
    with world.store.read() as session:
        for part in (PlanResult, Artifact):
            assert session.scalar(select(func.count()).select_from(part).where(part.plan_id == plan)) == 0
        assert session.get(Incumbent, row.job_id) is None
        query = select(AuditEntry).where(AuditEntry.action == "plan.document_removed")
        (entry,) = session.scalars(query)
    assert (entry.actor, entry.subject, entry.detail) == ("system", plan, {"content_hash": digest})
    assert [refused(world, plan, what) for what in ("read", "submitted", "retry")] == ["document_removed"] * 3


def test_a_failed_job_s_best_plan_goes_too_and_it_is_not_tried_again(world: World) -> None:
    case = world.case()
    plan = world.submit(case)
    runs, claim = world.run(plan, finish=False)
    runs.fail(claim, "task_lost", "x", permanent=True)
    world.now += timedelta(days=31)
    assert Retention(world.store, world.settings).look() == 1
    assert world.plan(plan).removed_hash is None
    assert refused(world, plan, "retry") == "document_removed"


def test_each_workspace_has_its_own_time(world: World) -> None:
    world.workspace("other", "Other")
    pairs = {w: (world.case(w), w) for w in ("default", "other")}
    held = {w: (world.solved(c, workspace=v), world.solved(c, workspace=v))[0] for w, (c, v) in pairs.items()}

    def keep(days: int | None) -> None:
        with world.store.write() as session:
            row = session.get_one(Workspace, "other")
            retention.set_days(session, world.caller("other"), world.now, row, days)

    look = Retention(world.store, world.settings).look
    keep(0)
    world.now += timedelta(days=31)
    assert look() == 1
    assert (removed(world, held["default"]), removed(world, held["other"])) == (True, False)
    keep(40)
    assert look() == 0
    keep(None)
    assert look() == 1
    with world.store.read() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == "retention.changed").order_by(AuditEntry.number)
        told = list(session.scalars(query))
    assert told == [{"days": 0, "before": None}, {"days": 40, "before": 0}, {"days": None, "before": 40}]


def test_nothing_goes_unless_someone_says_so(store: Store, document: dict[str, Any]) -> None:
    world = World(store, document)
    case = world.case()
    world.solved(case)
    world.solved(case)
    world.now += timedelta(days=36500)
    assert Retention(world.store, world.settings).look() == 0
    world.queue.close()


def test_two_workers_remove_a_document_once(world: World) -> None:
    case = world.case()
    plan, _ = world.solved(case), world.solved(case)
    world.now += timedelta(days=31)
    first, second = Retention(world.store, world.settings), Retention(world.store, world.settings)
    before = world.now - timedelta(days=30)
    assert [first._remove(plan, before), second._remove(plan, before)] == [True, False]
