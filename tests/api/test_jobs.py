"""One plan, many mishaps: the fence, the retries, the reaper; on both databases, without a real solver."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil
import pytest
from sqlalchemy import select, update

from api.jobs.queue import workflow_id
from api.jobs.reaper import Reaper
from api.jobs.runs import Lost, Runs
from api.jobs.solve import GRACES
from api.services import jobs, plans
from api.store.models import AuditEntry, Incumbent, Job, Plan, ProgressPoint, Worker
from api.store.scope import Scope
from tests.api.bench import CALLER, Bench, InFlight, add_worker, beat
from tests.api.waiting import until


def test_a_run_stores_result_progress_and_audit_once(bench: Bench) -> None:
    plan_id = bench.submit("incumbent")
    assert bench.queued(plan_id) == "ENQUEUED"
    assert bench.run(plan_id) == "done"
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.solution, plan.objective, plan.verified) == ("succeeded", "feasible", 10.0, True)
    assert bench.run(plan_id) == "not valid any more"
    with bench.store.read() as session:
        actions = [a.action for a in session.scalars(select(AuditEntry).where(AuditEntry.subject == plan_id))]
        points = session.scalars(select(ProgressPoint).where(ProgressPoint.job_id == bench.job(plan_id).id)).all()
    assert actions == ["plan.submitted", "plan.finished"]
    assert [(p.incumbent, p.bound) for p in points] in ([], [(10.0, 9.0)])


def test_metadata_show_the_best_so_far_while_it_runs(bench: Bench) -> None:
    def told() -> dict[str, object] | None:
        with bench.store.read() as session:
            return jobs.standing(session, session.get_one(Plan, plan_id).job)

    plan_id = bench.submit("x")
    runs = Runs(bench.store, bench.queue, "w1")
    claim = runs.claim(bench.job(plan_id).id, 1)
    assert claim is not None
    assert told() is None
    points = [
        {"elapsed_s": 1.0, "incumbent": 10.0, "bound": None, "phase": "construction"},
        {"elapsed_s": 2.0, "incumbent": None, "bound": 7.0, "phase": "search"},
    ]
    runs.report(claim, points, None)
    assert told() == {"elapsed_s": 2.0, "incumbent": 10.0, "bound": 7.0, "gap_abs": 3.0, "phase": "search"}
    runs.fail(claim, "x", "x", permanent=True)
    assert told() is None


def test_a_submission_that_rolls_back_leaves_no_job(bench: Bench) -> None:
    made: list[str] = []

    def half() -> None:
        with bench.store.write() as session:
            scope = Scope(session, "default")
            plan = plans.submit(scope, CALLER, bench.store, bench.queue, bench.settings, case_id=bench.case_id)
            made.append(plan.job_id)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        half()
    assert bench.queue.status([workflow_id(made[0], 1)]) == {}


def test_who_lost_the_fence_can_write_nothing(bench: Bench) -> None:
    plan_id = bench.submit("x")
    first, second = Runs(bench.store, bench.queue, "w1"), Runs(bench.store, bench.queue, "w2")
    old = first.claim(bench.job(plan_id).id, 1)
    new = second.claim(bench.job(plan_id).id, 1)
    assert old is not None
    assert new is not None
    document = {
        "status": {"solution": "feasible", "stopped_by": "finished"},
        "verification": {"ok": True},
        "bounds": dict.fromkeys(("objective", "best_bound", "gap_abs", "gap_rel"), 1.0),
    }
    writes: list[Callable[[], object]] = [
        lambda: first.report(old, [], {"objective": 1.0, "bound": None, "rows": []}),
        lambda: first.finish(old, {"plan": document}),
        lambda: first.fail(old, "x", "x", permanent=True),
        lambda: first.release(old),
        lambda: first.check(old),
    ]
    for write in writes:
        with pytest.raises(Lost):
            write()
    second.finish(new, {"plan": document})
    result = bench.result(plan_id)
    assert result is not None
    assert result.fence == new.fence


@pytest.mark.parametrize(("how", "code"), [("die", "task_lost"), ("fail", "internal_error")])
def test_what_breaks_is_tried_again_up_to_the_limit(bench: Bench, how: str, code: str) -> None:
    plan_id = bench.submit(how)
    for attempt in (1, 2, 3):
        assert bench.job(plan_id).status == "queued"
        assert bench.queued(plan_id) == "ENQUEUED"
        assert bench.run(plan_id) == code
        assert bench.job(plan_id).attempts == attempt
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.dead, plan.job.error_code) == ("failed", True, code)
    assert bench.result(plan_id) is None
    with bench.store.write() as session:
        scope = Scope(session, "default")
        plans.retry(scope, CALLER, bench.store, bench.queue, jobs.held(scope, Plan, plan_id))
    assert (bench.job(plan_id).status, bench.queued(plan_id)) == ("queued", "ENQUEUED")


def test_what_would_fail_again_is_not_tried_again(bench: Bench) -> None:
    plan_id = bench.submit("refuse")
    bench.run(plan_id)
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.dead, plan.job.error_code, plan.job.attempts) == (
        "failed",
        False,
        "backend_refused",
        1,
    )


def test_the_best_plan_survives_a_solver_that_dies_each_time(bench: Bench) -> None:
    plan_id = bench.submit("incumbent die")
    for _ in range(3):
        bench.run(plan_id)
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.error_code, plan.job.dead) == ("failed", "task_lost", True)
    assert (plan.solution, plan.stopped_by) == ("feasible", "error")
    assert bench.result(plan_id) is not None


def test_memory_has_a_limit(bench: Bench) -> None:
    plan_id = bench.submit("incumbent fat")
    bench.run(plan_id)
    plan = bench.plan(plan_id)
    assert (plan.job.error_code, plan.stopped_by, plan.job.attempts) == ("out_of_memory", "memory", 1)


@pytest.mark.parametrize("how", ["wait", "deaf"])
def test_cancel_keeps_the_best_plan_and_ends_all_processes(bench: Bench, how: str) -> None:
    plan_id = bench.submit(f"grandchild incumbent {how}")
    done: list[str] = []
    thread = threading.Thread(target=lambda: done.append(bench.run(plan_id)))
    thread.start()
    started = until_point(bench, plan_id)
    bench.cancel(plan_id)
    bench.cancel(plan_id)
    thread.join(60)
    plan = bench.plan(plan_id)
    assert done == ["done" if how == "wait" else "settled"]
    assert (plan.job.status, plan.solution) == ("cancelled", "feasible")
    assert bench.result(plan_id) is not None
    assert until(lambda: not psutil.pid_exists(started) or psutil.Process(started).status() == psutil.STATUS_ZOMBIE)


def cancelled_at_work(bench: Bench, words: str) -> tuple[str, Plan]:
    """What became of a run that was cancelled once it had reported."""
    plan_id = bench.submit(words)
    done: list[str] = []
    thread = threading.Thread(target=lambda: done.append(bench.run(plan_id)))
    thread.start()
    assert until(lambda: bench.job(plan_id).solving)
    bench.cancel(plan_id)
    thread.join(60)
    return done[0], bench.plan(plan_id)


@pytest.mark.slow
def test_who_writes_the_document_is_not_ended_by_a_cancellation(bench: Bench) -> None:
    """``stopped`` is when the solver had stopped; a document that takes longer than its grace is waited for."""
    how, plan = cancelled_at_work(bench, "incumbent slow")
    assert (how, plan.job.status, plan.solution) == ("done", "cancelled", "feasible")
    assert plan.job.stopped is not None
    assert plan.job.finished is not None
    assert (plan.job.finished - plan.job.stopped).total_seconds() > GRACES * bench.settings.cancel_grace_s


@pytest.mark.slow
def test_cancel_without_a_plan_is_an_answer(bench: Bench) -> None:
    how, plan = cancelled_at_work(bench, "bound deaf")
    assert (how, plan.job.status, plan.solution, plan.stopped_by) == ("settled", "cancelled", "no_solution", "user")
    assert bench.result(plan.id) is not None


def test_cancel_before_anything_was_found_ends_at_once(bench: Bench) -> None:
    plan_id = bench.submit("wait")
    bench.cancel(plan_id)
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.attempts) == ("cancelled", 0)
    assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is None


def test_a_worker_that_stops_gives_its_plan_back(bench: Bench) -> None:
    plan_id = bench.submit("incumbent deaf")
    stopping = threading.Event()
    thread = threading.Thread(target=bench.run, args=(plan_id, "w1", stopping))
    thread.start()
    until(lambda: bench.job(plan_id).status == "running")
    stopping.set()
    thread.join(60)
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.attempts, plan.job.worker_id, plan.job.dispatch) == ("queued", 0, None, 2)
    assert bench.queued(plan_id) == "ENQUEUED"


def test_the_plan_of_a_silent_worker_goes_back_to_the_queue(bench: Bench) -> None:
    plan_id, hands = bench.submit("x"), InFlight()
    add_worker(bench, "w1")
    add_worker(bench, "w2")
    claim = Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1)
    assert claim is not None
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    for _ in range(5):
        hands.now += 2.0
        beat(bench, "w2")
        assert reaper.look() == 0
    assert bench.job(plan_id).status == "running"
    hands.now += 2.1
    assert reaper.look() == 1
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.dispatch, bench.queued(plan_id)) == ("queued", 2, "ENQUEUED")
    with bench.store.read() as session:
        assert session.get_one(Worker, "w1").stopped is not None
        assert session.get_one(Worker, "w2").stopped is None
    assert reaper.look() == 0
    assert bench.run(plan_id, "w2") == "done"


def test_a_reaper_that_slept_judges_nobody_by_its_own_sleep(bench: Bench) -> None:
    plan_id, hands = bench.submit("x"), InFlight()
    add_worker(bench, "w1")
    assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    reaper.look()
    hands.now += 3600.0
    assert reaper.look() == 0
    assert bench.job(plan_id).status == "running"


def test_a_dead_process_of_this_machine_needs_no_lease(bench: Bench) -> None:
    import socket

    plan_id = bench.submit("x")
    add_worker(bench, "w1", host=socket.gethostname())
    assert Runs(bench.store, bench.queue, "w1").claim(bench.job(plan_id).id, 1) is not None
    assert Reaper(bench.store, bench.queue, bench.settings, monotonic=InFlight()).look() == 1
    assert bench.job(plan_id).status == "queued"


def test_a_job_that_the_queue_has_lost_is_put_in_again(bench: Bench) -> None:
    plan_id, hands = bench.submit("x"), InFlight()
    add_worker(bench, "w1")
    bench.queue.cancel(workflow_id(bench.job(plan_id).id, 1))
    reaper = Reaper(bench.store, bench.queue, bench.settings, monotonic=hands)
    assert reaper.look() == 0
    hands.now += 1.5
    beat(bench, "w1")
    assert reaper.look() == 1
    assert (bench.job(plan_id).dispatch, bench.queued(plan_id)) == (2, "ENQUEUED")


def test_a_plan_that_takes_every_worker_down_ends_with_what_was_kept(bench: Bench) -> None:
    plan_id = bench.submit("incumbent")
    with bench.store.write() as session:
        session.execute(update(Job).where(Job.subject == plan_id).values(attempts=3))
        now = bench.store.clock()
        session.add(
            Incumbent(
                job_id=bench.job(plan_id).id, fence=1, objective=10.0, bound=9.0, rows=[["E", "S", "P", ""]], at=now
            )
        )
    assert bench.run(plan_id) == "settled"
    plan = bench.plan(plan_id)
    assert (plan.job.status, plan.job.error_code, plan.job.dead, plan.solution) == (
        "failed",
        "attempts_exhausted",
        True,
        "feasible",
    )


def until_point(bench: Bench, plan_id: str) -> int:
    """Wait for the solver to be at work; the process id it has told."""
    found: list[int] = []

    def look() -> bool:
        with bench.store.read() as session:
            points = session.scalars(select(ProgressPoint).where(ProgressPoint.job_id == bench.job(plan_id).id)).all()
            found[:] = [int(p.phase.split()[1]) for p in points if p.phase.startswith("pid")]
            return bool(found) and session.get(Incumbent, bench.job(plan_id).id) is not None

    assert until(look)
    return found[0]
