"""Runs and reapers that meet a broken store, a broken worker, a broken run: nothing stuck, nothing twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from api.jobs import reaper as reaper_module
from api.jobs.in_flight import InFlight as InHand
from api.jobs.queue import workflow_id
from api.jobs.reaper import Reaper
from api.jobs.runs import Runs
from api.jobs.worker import Worker as Work
from api.store import migrate
from api.store.models import AuditEntry, Worker
from tests.api.bench import Bench, InFlight, add_worker, beat


def test_time_in_which_it_could_not_look_is_nobodys_silence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id, hands = bench.submit("x"), InFlight()
    add_worker(bench, "w1")
    assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    reaper.look()
    with monkeypatch.context() as away:
        away.setattr(bench.store, "read", broken)
        for _ in range(30):
            hands.now += 2.0
            with pytest.raises(OperationalError):
                reaper.look()
    assert reaper.look() == 0, "it may have beaten all the time"
    for _ in range(3):
        hands.now += 2.0
        assert reaper.look() == 0
    assert bench.job(plan_id).status == "running"
    hands.now += 2.0
    assert reaper.look() == 1, "by now it was silent for a lease"


def test_a_reaper_never_gives_up_its_own_worker(bench: Bench) -> None:
    plan_id, hands, held = bench.submit("x"), InFlight(), InHand()
    add_worker(bench, "w1")
    reaper = Reaper(bench.store, bench.queue, bench.settings, me="w1", in_hand=held, monotonic=hands)
    with held.hold(bench.job(plan_id).id):
        assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
        for _ in range(20):
            hands.now += 2.0
            assert reaper.look() == 0, "its heartbeat only waits for the store"
    assert bench.job(plan_id).status == "running"


def broken(*_: object, **__: object) -> NoReturn:
    """Stands for any use of a database that is away."""
    raise OperationalError("", {}, sqlite3.OperationalError("away"))


def test_a_worker_that_was_given_up_and_lives_says_so(bench: Bench) -> None:
    worker = Work(bench.settings, bench.store)
    add_worker(bench, worker.id)
    with bench.store.write() as session:
        session.get_one(Worker, worker.id).stopped = bench.store.clock()
    worker._beat()
    with bench.store.read() as session:
        row = session.get_one(Worker, worker.id)
        assert (row.stopped, row.beat) == (None, 1)
    worker.queue.close()


def test_a_plan_that_its_living_worker_does_not_know_goes_back(bench: Bench) -> None:
    plan_id, held = bench.submit("x"), InHand()
    add_worker(bench, "w1")
    reaper = Reaper(bench.store, bench.queue, bench.settings, me="w1", in_hand=held, monotonic=InFlight())
    other = Reaper(bench.store, bench.queue, bench.settings, me="w2", monotonic=InFlight())
    with held.hold(bench.job(plan_id).id):
        assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
        assert reaper.look() == 0
    assert other.look() == 0, "that is for its own worker to know"
    assert reaper.look() == 1
    assert (bench.job(plan_id).status, bench.queued(plan_id)) == ("queued", "ENQUEUED")
    assert bench.run(plan_id) == "done"


def test_a_run_outlasts_a_store_that_is_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id = bench.submit("incumbent")
    for name in ("claim", "report", "check", "stopped", "finish"):
        monkeypatch.setattr(Runs, name, at_the_second_try(getattr(Runs, name)))
    assert bench.run(plan_id) == "done"
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.attempts) == ("succeeded", 1)
    with bench.store.read() as session:
        actions = [a.action for a in session.scalars(select(AuditEntry).where(AuditEntry.subject == plan_id))]
    assert actions == ["plan.submitted", "plan.finished"]


def at_the_second_try(method: Callable[..., object]) -> Callable[..., object]:
    """A method that does not reach the database when it is called first."""
    calls: list[int] = []

    def called(*given: object, **more: object) -> object:
        calls.append(1)
        return broken() if len(calls) == 1 else method(*given, **more)

    return called


def test_an_answer_lost_after_its_commit_is_not_written_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id, finish = bench.submit("x"), Runs.finish

    def told_nothing(*given: object, **more: object) -> None:
        finish(*given, **more)  # type: ignore[arg-type]
        broken()

    monkeypatch.setattr(Runs, "finish", told_nothing)
    assert bench.run(plan_id) == "lost"
    assert bench.job(plan_id).status == "succeeded"
    assert bench.result(plan_id) is not None


def test_a_run_that_breaks_leaves_no_plan_running(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(Runs, "finish", break_down)
    plan_id = bench.submit("x")
    for _ in range(3):
        assert bench.run(plan_id) == "internal_error"
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.dead, plan.job.attempts) == ("failed", True, 3)
    assert "nobody thought of this" in plan.job.error_detail


def test_who_says_that_it_lives_at_the_last_moment_keeps_its_plans(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_id, hands, bury = bench.submit("x"), InFlight(), Reaper._bury
    add_worker(bench, "w1")
    assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None

    def too_late(self: Reaper, worker_id: str, seen: int) -> bool:
        beat(bench, worker_id)
        return bury(self, worker_id, seen)

    monkeypatch.setattr(Reaper, "_bury", too_late)
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    for _ in range(7):
        assert reaper.look() == 0
        hands.now += 2.0
    assert bench.job(plan_id).status == "running"


def test_a_row_that_somebody_holds_holds_up_nobody_elses_recovery(bench: Bench) -> None:
    if bench.store.on_sqlite:
        pytest.skip("SQLite locks the whole file")
    held, lost, hands = bench.submit("x"), bench.submit("x"), InFlight()
    for worker, plan_id in (("w1", held), ("w2", lost)):
        add_worker(bench, worker)
        assert Runs(bench.store, bench.queue, worker).claim(bench.job(plan_id).id, 1) is not None
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    for _ in range(6):
        assert reaper.look() == 0
        hands.now += 2.0
    with ThreadPoolExecutor(1) as pool, bench.store.engine.begin() as other:
        other.execute(text("SELECT FROM designate_workers WHERE id = 'w1' FOR UPDATE"))
        assert pool.submit(reaper.look).result(timeout=60) == 1
    assert (bench.job(held).status, bench.job(lost).status) == ("running", "queued")
    assert reaper.look() == 1


def test_a_plan_that_lost_its_worker_goes_on_where_it_stood(bench: Bench) -> None:
    first, *_ = [bench.submit("x") for _ in range(4)]
    add_worker(bench, "w1")
    assert Runs(bench.store, bench.queue, "w2").claim(bench.job(first).id, 1) is not None
    rank = place_of(bench, first)
    assert Reaper(bench.store, bench.queue, bench.settings, monotonic=InFlight()).look() == 1
    assert place_of(bench, first) == rank, "three that came later do not go before it"


def test_who_comes_later_never_goes_before_an_older_plan_of_the_same_workspace(bench: Bench) -> None:
    queued = [bench.submit("x") for _ in range(6)]
    for plan_id in queued[:3]:
        assert bench.run(plan_id) == "done"
    queued.append(bench.submit("x"))
    ranks = [place_of(bench, i) for i in queued[3:]]
    assert ranks == sorted(ranks), "the longer the line was, the further back it had been sent"
    assert len(set(ranks)) == len(ranks)


def test_a_priority_takes_the_place_of_lesser_plans_of_its_workspace_alone(bench: Bench) -> None:
    lesser = [bench.submit("x", priority=9) for _ in range(3)]
    usual = [bench.submit("x") for _ in range(2)]
    urgent = bench.submit("x", priority=1)
    order = [urgent, *usual, *lesser]
    ranks = [place_of(bench, i) for i in order]
    assert ranks == [1, 2, 3, 4, 5, 6]
    assert [bench.job(i).place for i in order] == [0, 1, 2, 3, 4, 5]


def test_what_waits_at_an_upgrade_stands_by_its_age(bench: Bench) -> None:
    waiting = [bench.submit("x") for _ in range(3)]
    migrate.downgrade(bench.store, "0006")
    migrate.upgrade(bench.store)
    assert [bench.job(i).place for i in waiting] == [0, 1, 2]


def test_a_plan_tried_again_lets_nobody_pass_older_ones(bench: Bench) -> None:
    tried = bench.submit("fail", priority=9)
    older = [bench.submit("x") for _ in range(2)]
    assert bench.run(tried) == "internal_error"
    newest = bench.submit("x")
    ranks = [place_of(bench, i) for i in (*older, newest)]
    assert ranks == sorted(set(ranks))


def place_of(bench: Bench, plan_id: str) -> int | None:
    """The rank of a plan's valid job in the queue."""
    name = workflow_id(bench.job(plan_id).id, bench.job(plan_id).dispatch)
    return bench.queue.status([name])[name].priority


def test_who_came_while_a_reaper_was_held_up_keeps_its_plans(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id, alive = bench.submit("x"), Reaper._alive

    def then_another_comes(self: Reaper) -> dict[str, str]:
        known = alive(self)
        add_worker(bench, "w1")
        assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
        return known

    monkeypatch.setattr(Reaper, "_alive", then_another_comes)
    assert Reaper(bench.store, bench.queue, bench.settings, monotonic=InFlight()).look() == 0
    assert bench.job(plan_id).status == "running"


def test_a_job_lost_between_queue_and_worker_is_found_behind_any_number_of_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper_module, "BATCH", 1)
    older, plan_id, hands = bench.submit("x"), bench.submit("x"), InFlight()
    add_worker(bench, "w1")
    where = "workflow_status" if bench.store.on_sqlite else "dbos.workflow_status"
    with bench.store.engine.begin() as connection:
        connection.execute(
            text(f"UPDATE {where} SET status = 'PENDING', executor_id = 'gone' WHERE workflow_uuid = :name"),
            {"name": workflow_id(bench.job(plan_id).id, 1)},
        )
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    assert reaper.look() == 0, "it may be in somebody's hands, who has not claimed it yet"
    hands.now += 1.5
    beat(bench, "w1")
    assert reaper.look() == 1
    assert (bench.job(plan_id).dispatch, bench.queued(plan_id)) == (2, "ENQUEUED")
    assert bench.job(older).dispatch == 1
