"""The child process: whatever happens to it, the parent says what and keeps the best plan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from optimizer.domain.errors import BackendFailed, BackendRefused, UsageError
from optimizer.domain.params import SolveParams
from optimizer.solvers import process
from optimizer.solvers.base import Incumbent, Progress, Request
from optimizer.solvers.handle import Child
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from optimizer.solvers.wire import write_frame
from tests.solvers import hand

PROGRAM = hand.covering(4, 2)
LONG = hand.knapsacks(300, 40, seed=5)


def request(program=PROGRAM, plan=False, start=None, **params):
    options = {"plan": True} if plan else {}
    return Request(program.problem, program, SolveParams(backend_options=options, **params), start)


def gone(pid, patience_s=30.0):
    """Whether a process that is not our child ends (a zombie nobody reaps has ended)."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


class TestCrash:
    """With a plan in hand: an outcome that says ``error``. Without: ``BackendFailed``."""

    @pytest.mark.parametrize(
        ("how", "words"), [("crash", "SIGSEGV"), ("leave", "exit code 3"), ("complain", "bad pivot")]
    )
    def test_without_a_plan(self, how, words, fake_pool):
        with pytest.raises(BackendFailed, match=words):
            run(how, request(), pool=fake_pool)

    @pytest.mark.parametrize(
        ("how", "words"), [("crash", "SIGSEGV"), ("leave", "exit code 3"), ("complain", "bad pivot")]
    )
    def test_with_a_plan(self, how, words, fake_pool):
        outcome = run(how, request(plan=True), pool=fake_pool)
        assert (outcome.stopped_by, outcome.objective, outcome.bound) == ("error", 7.0, 5.0)
        assert outcome.choice is not None
        assert words in outcome.detail

    def test_message_has_the_solvers_last_words(self, fake_pool):
        with pytest.raises(BackendFailed, match="native solver: assertion failed"):
            run("crash", request(), pool=fake_pool)

    def test_start_survives_a_crash(self, fake_pool):
        start = PROGRAM.decode(PROGRAM.upper)
        outcome = run("crash", request(start=start), pool=fake_pool)
        assert outcome.objective == pytest.approx(PROGRAM.objective(PROGRAM.upper))

    def test_pool_goes_on_with_a_new_child(self, fake_pool):
        with pytest.raises(BackendFailed):
            run("crash", request(), pool=fake_pool)
        dead = fake_pool.last
        assert run("noise", request(), pool=fake_pool).stopped_by == "finished"
        assert fake_pool.last is not dead

    def test_kill_9_from_outside(self, spy_pool):
        def kill(news):
            if isinstance(news, Incumbent):
                os.kill(spy_pool.last.pid, signal.SIGKILL)

        outcome = run("highs", request(LONG), on_progress=kill, pool=spy_pool)
        assert outcome.stopped_by == "error"
        assert "SIGKILL" in outcome.detail
        assert LONG.objective(LONG.encode(outcome.choice)) == pytest.approx(outcome.objective)

    def test_refusal_in_the_child_stays_a_refusal(self, fake_pool):
        with pytest.raises(BackendRefused) as error:
            run("refuse", request(), pool=fake_pool)
        assert (error.value.capability, error.value.alternatives) == ("size", ("other",))

    def test_solver_output_stays_off_ours(self, fake_pool, capfd):
        run("noise", request(), pool=fake_pool)
        assert capfd.readouterr() == ("", "")


class TestLimits:
    """Time, memory and cancellation hold even for a solver that listens to nobody."""

    def test_hard_stop_keeps_the_plan(self, fake_pool, monkeypatch):
        monkeypatch.setattr(process, "GRACE_S", 0.0)
        outcome = run("stuck", request(plan=True, time_limit_s=0.3), pool=fake_pool)
        assert (outcome.stopped_by, outcome.objective, outcome.bound) == ("time", 7.0, 5.0)
        assert not fake_pool.last.alive

    @pytest.mark.parametrize("who", ["eat", "grandchild"])
    def test_memory_cap(self, who, fake_pool):
        outcome = run(who, request(plan=True, memory_limit_mb=200), pool=fake_pool)
        assert (outcome.stopped_by, outcome.objective) == ("memory", 7.0)
        assert outcome.peak_rss_mb is None or outcome.peak_rss_mb > 100

    def test_allocation_refused_by_the_system(self, fake_pool):
        outcome = run("starve", request(plan=True), pool=fake_pool)
        assert (outcome.stopped_by, outcome.objective) == ("memory", 7.0)

    def test_cancel_by_event(self, fake_pool):
        """The child stays usable."""
        stop = threading.Event()
        outcome = run("wait", request(plan=True), on_progress=lambda news: stop.set(), cancelled=stop, pool=fake_pool)
        assert outcome.stopped_by == "finished"  # the fake ends by itself once asked
        assert outcome.objective == 7.0
        assert fake_pool.last.alive

    def test_cancel_of_one_that_does_not_listen(self, fake_pool, monkeypatch):
        monkeypatch.setattr(process, "GRACE_S", 0.0)
        outcome = run("stuck", request(plan=True), cancelled=lambda: True, pool=fake_pool)
        assert outcome.stopped_by == "user"
        assert not fake_pool.last.alive

    def test_ctrl_c_cancels_and_keeps_the_plan(self, spy_pool):
        pressed = []

        def press(news):
            if isinstance(news, Incumbent) and not pressed:
                pressed.append(True)
                signal.raise_signal(signal.SIGINT)

        outcome = run("highs", request(LONG), on_progress=press, pool=spy_pool)
        assert outcome.stopped_by == "user"
        assert outcome.choice is not None
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_second_ctrl_c_is_for_the_caller(self, fake_pool):
        def press(news):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            run("stuck", request(), on_progress=press, pool=fake_pool)
        assert not fake_pool.last.alive

    def test_error_in_the_callers_callback_ends_the_child(self, fake_pool):
        with pytest.raises(ZeroDivisionError):
            run("stuck", request(), on_progress=lambda news: 1 / 0, pool=fake_pool)
        assert not fake_pool.last.alive


class TestLife:
    """Children are reused, hold what was sent, and never outlive their parent."""

    def test_same_child_and_program_sent_once(self, spy_pool, monkeypatch):
        sent = []

        def spy(fd, message):
            sent.append(type(message).__name__)
            write_frame(fd, message)

        monkeypatch.setattr("optimizer.solvers.handle.write_frame", spy)
        first = run("highs", request(), pool=spy_pool)
        child = spy_pool.last
        second = run("highs", request(), pool=spy_pool)
        assert spy_pool.last is child
        assert first.objective == second.objective
        assert sent == ["Keep", "Solve", "Solve"]

    def test_old_programs_are_forgotten(self, spy_pool):
        programs = [hand.covering(6, 3, seed) for seed in range(8)]
        one = [run("highs", request(p), pool=spy_pool).objective for p in programs]
        two = [run("highs", request(p), pool=spy_pool).objective for p in reversed(programs)]
        assert one == two[::-1]

    def test_families_do_not_share_a_child(self, spy_pool):
        run("highs", request(), pool=spy_pool)
        highs = spy_pool.last
        run("cpsat", request(), pool=spy_pool)
        assert spy_pool.last is not highs

    def test_closing_ends_the_children(self):
        with ChildPool() as pool:
            child = pool.take("highs")
            pool.give_back(child)
        assert not child.alive

    def test_scratch_folder_goes_with_the_child(self):
        child = Child("highs")
        folder = Path(child._scratch.name)
        assert folder.is_dir()
        child.kill()
        assert not folder.exists()

    def test_works_from_several_threads(self, pool):
        results = []

        def work(seed):
            program = hand.covering(8, 4, seed)
            results.append(run("highs", request(program), pool=pool).stopped_by)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == ["finished"] * 3
        assert run("highs", request(), pool=pool).stopped_by == "finished"

    def test_child_outlives_the_thread_that_asked_for_it(self):
        """The kernel ties a child to the thread that started it; ours belongs to the process."""
        with ChildPool() as own:
            thread = threading.Thread(target=lambda: run("highs", request(), pool=own))
            thread.start()
            thread.join()
            child = own.take("highs")
            assert child.alive
            own.give_back(child)
            assert run("highs", request(), pool=own).stopped_by == "finished"

    @pytest.mark.parametrize(("backend", "processes"), [("stuck", 1), ("wait", 1), ("parent", 2)])
    def test_parent_death_ends_the_child(self, backend, processes):
        """Also one stuck in native code, and with it whatever the child has started."""
        code = (
            "from tests.solvers import fakes, hand\n"
            "from optimizer.solvers.base import Request\n"
            "from optimizer.solvers.pool import ChildPool\n"
            "from optimizer.solvers.process import run\n"
            "from optimizer.domain.params import SolveParams\n"
            "p = hand.covering(4, 2)\n"
            f"run({backend!r}, Request(p.problem, p, SolveParams()), pool=ChildPool(fakes.SPECS),\n"
            "    on_progress=lambda news: print(news.phase, flush=True))\n"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
            pids = [int(parent.stdout.readline()) for _ in range(processes)]
            parent.kill()
        assert all(gone(pid) for pid in pids)

    def test_auto_is_not_a_backend(self):
        with pytest.raises(UsageError):
            run("auto", request())


def test_progress_is_passed_on(fake_pool):
    news = []
    run("noise", request(plan=True), on_progress=news.append, pool=fake_pool)
    assert [type(n) for n in news] == [Progress, Incumbent]


@pytest.mark.parametrize("backend", ["highs", "pulp-highs"])
def test_a_child_takes_another_number_of_threads(backend, pool):
    """HiGHS keeps the first number for the life of a process unless told otherwise."""
    for threads in (1, 2, 1):
        outcome = run(backend, request(threads=threads), pool=pool)
        assert (outcome.stopped_by, outcome.objective) == ("finished", pytest.approx(outcome.bound))
