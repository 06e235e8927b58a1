"""Schedules by an injected clock: what became stale is re-optimised once, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

import data
from api.access import Caller, scopes_of
from api.faults import Fault
from api.jobs import queue
from api.jobs.queue import JobQueue
from api.jobs.runs import Runs
from api.readers.patches import apply_patch
from api.readers.reading import reading_of
from api.services import cases, plans, reoptimise, schedules
from api.services.keys import DEFAULT_WORKSPACE, ensure_admin
from api.services.schedules import Schedules, next_run
from api.settings import Settings
from api.store.engine import Store
from api.store.models import AuditEntry, Case, Job, Plan, Schedule
from api.store.scope import Scope
from optimizer.stating import price_case
from optimizer.tables import case_from_tables, read_case

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALLER = Caller("key_x", DEFAULT_WORKSPACE, "admin", scopes_of("admin", None))


class World:
    """A store at a time of the test's choosing, with a case whose plan is applied."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, START
        store.clock = lambda: self.now
        queue.prepare(store.url)
        ensure_admin(store, configured=True)
        self.queue, self.settings = JobQueue(store.url), Settings()
        self.schedules = Schedules(store, self.queue, self.settings)
        self.case_id = self._case()

    def _case(self) -> str:
        read, issues = read_case(data.case_path("tiny"))
        document = price_case(read, [(c.entity, c.service, c.provider) for c in read.current])
        with self.store.write() as session:
            scope = Scope(session, DEFAULT_WORKSPACE)
            case, _ = cases.create(
                scope, CALLER, self.now, name="tiny", description="", read=reading_of(read, issues), upload=None
            )
            plan = plans.submit(scope, CALLER, self.store, self.queue, self.settings, case_id=case.id)
        runs = Runs(self.store, self.queue, "worker_x")
        claim = runs.claim(plan.job_id, 1)
        assert claim is not None
        runs.finish(claim, {"plan": document})
        with self.store.write() as session:
            session.get_one(Plan, plan.id).state = "applied"
        return case.id

    def revise(self, cost: int, **policy: Any) -> None:
        """A newer revision of the case."""
        with self.store.write() as session:
            scope = Scope(session, DEFAULT_WORKSPACE)
            case = scope.get(Case, self.case_id)
            _, tables = cases.tables_of(scope, case)
            operation = {"op": "set", "table": "policy", "row": {"interface_cost": cost, **policy}}
            read = reading_of(*case_from_tables(apply_patch(tables, [operation]), name="tiny"))
            cases.revise(scope, CALLER, self.now, case, read=read, origin="patch")

    def nightly(self) -> str:
        """A schedule for two o'clock at night."""
        with self.store.write() as session:
            row = schedules.create(
                Scope(session, DEFAULT_WORKSPACE),
                CALLER,
                self.now,
                name="nightly",
                cron="0 2 * * *",
                time_zone="UTC",
                options={"move_budget": 1},
                enabled=True,
            )
        return row.id

    def ran(self) -> list[dict[str, Any]]:
        """What the record says of runs."""
        with self.store.read() as session:
            query = select(AuditEntry).where(AuditEntry.action == "schedule.ran").order_by(AuditEntry.number)
            return [e.detail for e in session.scalars(query)]


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    made = World(store)
    yield made
    made.queue.close()


def test_what_became_stale_is_reoptimised_once(world: World) -> None:
    schedule = world.nightly()
    assert world.schedules.look() == 0
    world.revise(7)
    assert world.schedules.look() == 0  # not due yet
    world.now = START + timedelta(hours=14)
    assert world.schedules.look() == 1
    assert world.schedules.look() == 0
    with world.store.read() as session:
        row = session.get_one(Schedule, schedule)
        assert (row.last_run, row.next_run) == (world.now, datetime(2026, 3, 3, 2, tzinfo=UTC))
        plan = session.scalars(select(Plan).where(Plan.job.has(Job.kind == "reoptimise"))).one()
        assert (plan.case_id, plan.job.status, plan.options["budgets"]) == (world.case_id, "queued", [0, 1])
        case = session.get_one(Case, world.case_id)
        assert plan.revision == case.latest
    world.now += timedelta(days=1)
    assert world.schedules.look() == 0  # under way
    assert world.ran() == [{"plans": [plan.id], "failed": {}}, {"plans": [], "failed": {}}]
    world.revise(8)
    world.now += timedelta(days=1)
    assert world.schedules.look() == 1


def test_a_case_that_got_a_horizon_keeps_the_others_not_waiting(world: World) -> None:
    world.nightly()
    world.revise(7, horizon={"start": "2027-01-01", "unit": "year", "count": 2})
    world.now = START + timedelta(hours=14)
    assert world.schedules.look() == 0
    told = world.ran()[0]
    assert (told["plans"], list(told["failed"])) == ([], [world.case_id])
    with world.store.read() as session:
        scope = Scope(session, DEFAULT_WORKSPACE)
        case = scope.get(Case, world.case_id)
        with pytest.raises(Fault, match="horizon_not_taken"):
            reoptimise.ground(scope, case)


def test_a_case_that_is_not_stale_is_left_alone(world: World) -> None:
    world.nightly()
    world.now = START + timedelta(days=3)
    assert world.schedules.look() == 0
    assert world.ran() == [{"plans": [], "failed": {}}]  # nights that were missed are made up for once


def due(world: World, schedule: str) -> datetime | None:
    """The next run of a schedule."""
    with world.store.read() as session:
        return session.get_one(Schedule, schedule).next_run


def test_a_clock_that_ran_ahead_costs_no_night(world: World) -> None:
    schedule = world.nightly()
    world.now = START + timedelta(days=30)
    assert world.schedules.look() == 0
    assert due(world, schedule) == datetime(2026, 4, 1, 2, tzinfo=UTC)
    world.now = START + timedelta(hours=1)
    assert world.schedules.look() == 0
    assert due(world, schedule) == datetime(2026, 3, 2, 2, tzinfo=UTC)
    world.revise(7)
    world.now = START + timedelta(hours=14)
    assert [world.schedules.look(), world.schedules.look()] == [1, 0]


def test_a_clock_that_was_set_back_does_nothing_twice(world: World) -> None:
    world.nightly()
    world.revise(7)
    world.now = START + timedelta(hours=14)
    assert world.schedules.look() == 1
    world.now = START
    assert world.schedules.look() == 0
    world.now = START + timedelta(hours=14)
    assert world.schedules.look() == 0
    with world.store.read() as session:
        assert len(session.scalars(select(Plan).where(Plan.job.has(Job.kind == "reoptimise"))).all()) == 1


def test_a_stopped_schedule_does_not_run(world: World) -> None:
    schedule = world.nightly()
    with world.store.write() as session:
        row = session.get_one(Schedule, schedule)
        schedules.change(Scope(session, DEFAULT_WORKSPACE), CALLER, world.now, row, {"enabled": False})
    world.revise(7)
    world.now = START + timedelta(days=3)
    assert world.schedules.look() == 0
    assert world.ran() == []


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("0 2 * * *", "UTC", datetime(2026, 3, 2, 2, tzinfo=UTC)),
        ("0 2 * * *", "Africa/Nairobi", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("30 6 * * mon", "UTC", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
    ],
)
def test_the_next_run_is_reckoned_in_its_zone(cron: str, zone: str, expected: datetime) -> None:
    assert next_run(cron, zone, START) == expected


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("0 2 * *", "UTC"),
        ("61 2 * * *", "UTC"),
        ("0 2 30 2 *", "UTC"),
        ("0 2 * * *", "Mars/Base"),
        ("0 2 * * *", "../etc"),
    ],
)
def test_times_that_never_come_are_refused(cron: str, zone: str) -> None:
    with pytest.raises(Fault) as caught:
        next_run(cron, zone, START)
    assert caught.value.code == "invalid_options"
