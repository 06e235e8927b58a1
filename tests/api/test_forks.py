"""Tasks as forks: each a process of its own, used once, limited, killed with all it started; as before without it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from api.jobs.forks import ForkServer
from api.jobs.process import TaskFailed, TaskProcess, limits_of, outcome_of, run_task
from tests.api.serving import FAKE
from tests.api.waiting import until

pytestmark = pytest.mark.skipif(not ForkServer.available(), reason="Linux only")

REAL = ("-P", "-m", "api.jobs.child")
TASK: dict[str, Any] = {"task": "solve", "limits": {}}


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    held = ForkServer(("-P", FAKE))
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    monkeypatch.setattr(TaskProcess, "origin", held)
    assert held.wait_ready()
    yield held
    held.close()


def _server_pid(forks: ForkServer) -> int:
    return forks._process.pid


def _parent(pid: int) -> int:
    return psutil.Process(pid).ppid()


def _told(process: TaskProcess, kind: str) -> dict[str, Any]:
    """The first message of a kind."""
    while True:
        messages = process.receive(10.0)
        assert messages, "it said nothing, or is gone"
        for message in messages:
            if message["kind"] == kind:
                return message


def test_each_task_is_a_process_of_its_own_in_a_group_of_its_own(forks: ForkServer) -> None:
    with TaskProcess({**TASK, "name": "incumbent wait"}) as first, TaskProcess({**TASK, "name": "wait"}) as second:
        _told(first, "progress")
        assert len({first.pid, second.pid, os.getpid(), _server_pid(forks)}) == 4
        for process in (first, second):
            assert _parent(process.pid) == _server_pid(forks)
            assert os.getpgid(process.pid) == process.pid
        first.cancel()
        assert outcome_of(first, timeout_s=20, memory_mb=1000)["plan"]["status"]["solution"] == "feasible"
        assert second.alive  # another's cancel is not its own
    assert until(lambda: not any(psutil.pid_exists(p.pid) for p in (first, second)))


def test_a_number_is_nobody_elses_until_it_was_let_go(forks: ForkServer) -> None:
    with TaskProcess({**TASK, "name": "die"}) as process:
        assert process.receive(20.0) is None
        failed = process.lost()
        assert failed.code == "task_lost"
        assert "SIGKILL" in failed.detail
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert until(lambda: not psutil.pid_exists(process.pid))


def test_a_task_is_killed_with_all_that_it_started(forks: ForkServer) -> None:
    with TaskProcess({**TASK, "name": "grandchild incumbent wait"}) as process:
        started = int(_told(process, "progress")["phase"].removeprefix("pid "))
        assert psutil.pid_exists(started)
    assert until(lambda: not psutil.pid_exists(started) or psutil.Process(started).status() == psutil.STATUS_ZOMBIE)


def test_no_task_holds_open_what_belongs_to_another(forks: ForkServer) -> None:
    """A task ends when its worker lets go of its standard input, however many began after it."""
    first = TaskProcess({**TASK, "name": "wait"})
    with TaskProcess({**TASK, "name": "wait"}), TaskProcess({**TASK, "name": "incumbent wait"}) as last:
        _told(last, "progress")
        first._sent()
        first._commands.close()
        assert first._process.wait(10.0) == 1
    first.kill()


@pytest.mark.slow
@pytest.mark.parametrize("server", [True, False], ids=["forks", "alone"])
def test_limits_hold_in_a_fork_as_in_a_process(
    monkeypatch: pytest.MonkeyPatch, server: bool, request: pytest.FixtureRequest
) -> None:
    if server:
        request.getfixturevalue("forks")
    monkeypatch.setattr(TaskProcess, "COMMAND", ("-P", FAKE))
    with pytest.raises(TaskFailed, match="timed_out"):
        run_task({**TASK, "name": "deaf"}, timeout_s=1.0, memory_mb=1000)
    with pytest.raises(TaskFailed, match="out_of_memory"):
        run_task({**TASK, "name": "fat"}, timeout_s=20.0, memory_mb=200)


def test_the_real_task_limits_itself_and_is_cut_off_by_its_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    forks = ForkServer(REAL)
    monkeypatch.setattr(TaskProcess, "origin", forks)
    try:
        assert forks.wait_ready()
        with TaskProcess() as process:
            assert _parent(process.pid) == _server_pid(forks)
            process.give({"task": "of no such name", "limits": limits_of(10.0, 500.0)})
            with pytest.raises(TaskFailed, match="internal_error"):
                outcome_of(process, timeout_s=60, memory_mb=1000)
        with TaskProcess() as process:  # what the kernel does at the end of the allowance
            os.kill(process.pid, signal.SIGXCPU)
            assert process.receive(20.0) is None
            assert process.lost().code == "timed_out"
    finally:
        forks.close()


def test_a_fork_starts_no_clock_and_no_secret_of_its_server(forks: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESIGNATE_ADMIN_KEY", "secret")
    other = ForkServer(("-P", FAKE))
    try:
        assert other.wait_ready()
        environment = psutil.Process(other._process.pid).environ()
        assert "DESIGNATE_ADMIN_KEY" not in environment
    finally:
        other.close()
    with TaskProcess({**TASK, "name": "incumbent wait"}) as process:
        _told(process, "progress")
        times = psutil.Process(process.pid).cpu_times()
        assert times.user + times.system < 0.5


def test_tasks_begin_without_the_server_once_it_is_gone(forks: ForkServer) -> None:
    os.kill(_server_pid(forks), signal.SIGKILL)
    assert until(lambda: not forks.serves)
    with TaskProcess({**TASK, "name": "incumbent"}) as process:
        assert _parent(process.pid) == os.getpid()
        assert outcome_of(process, timeout_s=30, memory_mb=1000)["plan"]


def test_a_task_goes_on_when_the_server_is_gone_and_can_still_be_killed(forks: ForkServer) -> None:
    with TaskProcess({**TASK, "name": "incumbent wait"}) as process:
        _told(process, "progress")
        os.kill(_server_pid(forks), signal.SIGKILL)
        assert until(lambda: not forks.serves)
        assert psutil.Process(process.pid).is_running()
        process.cancel()
        assert _told(process, "done")["plan"]
    assert until(lambda: not psutil.pid_exists(process.pid))


def test_a_server_that_cannot_load_serves_nobody() -> None:
    held = ForkServer(("-P", "-m", "api.jobs.nothing_of_this_name"))
    try:
        assert not held.wait_ready(60.0)
    finally:
        held.close()


def test_a_server_and_its_tasks_end_with_their_worker() -> None:
    script = (
        "import sys; from api.jobs.forks import ForkServer; from api.jobs.process import TaskProcess\n"
        f"TaskProcess.COMMAND = ('-P', {FAKE!r}); held = TaskProcess.origin = ForkServer(TaskProcess.COMMAND)\n"
        "assert held.wait_ready()\n"
        "task = TaskProcess({'task': 'solve', 'limits': {}, 'name': 'wait'})\n"
        "print(held._process.pid, task.pid, flush=True); sys.stdin.read()\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdin is not None
    pids = [int(word) for word in worker.stdout.readline().split()]
    assert len(pids) == 2
    worker.kill()
    worker.wait()
    worker.stdin.close()
    worker.stdout.close()
    assert until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
