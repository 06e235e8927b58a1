"""A task in a process group of its own, with limits; whatever happens to it, the worker lives on."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO, TYPE_CHECKING, Any, ClassVar

import psutil

from api.jobs.forks import Forked
from api.jobs.frames import Frames, write_frame
from optimizer.child.environment import child_environment
from optimizer.child.family import family, resident_mb
from optimizer.child.process_limits import cpu_allowance_s, says_out_of_memory

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from api.jobs.forks import ForkServer

    Started = subprocess.Popen[bytes] | Forked

__all__ = ["TaskFailed", "TaskProcess", "limits_of", "outcome_of", "run_task"]

logger = logging.getLogger(__name__)

_TAIL_BYTES = 2000
_SAMPLE_S = 0.2
_MB = 1024 * 1024
_told: set[str] = set()
"""Notices of children that this process has passed on: each is true of all of them."""


def limits_of(timeout_s: float, memory_mb: float, threads: int = 1) -> dict[str, float]:
    """What a task's process limits itself to, looser than what its parent watches (``limits`` of a task)."""
    return {"memory_mb": memory_mb, "cpu_s": cpu_allowance_s(timeout_s, threads)}


class TaskFailed(Exception):
    """The task has no result.

    Parameters
    ----------
    code, detail : str
    permanent : bool
        Another try would meet the same.
    issues : list of dict
        Everything wrong with the input, where that was the reason.
    """

    def __init__(
        self, code: str, detail: str, *, permanent: bool = False, issues: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.issues = issues or []
        self.code, self.detail, self.permanent = code, detail, permanent


class TaskProcess:
    """One task at work, or a process that waits for one.

    Parameters
    ----------
    task : dict, optional
        See ``api.jobs.child``. Without one the process gets ready and waits for ``give``.
    """

    COMMAND: ClassVar[tuple[str, ...]] = ("-P", "-m", "api.jobs.child")
    origin: ClassVar[ForkServer | None] = None
    """Set by a worker, which does task after task."""

    def __init__(self, task: dict[str, Any] | None = None) -> None:
        self._frames = Frames()
        self._started: set[psutil.Process] = set()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._process, self._commands, self._messages = self._begun()
        self._sender: threading.Thread | None = None
        if task is not None:
            self.give(task)

    def _begun(self) -> tuple[Started, IO[bytes], IO[bytes]]:
        """The process, the way to it and the way from it; a fork where there is a fork server for such tasks."""
        if self.origin is not None and self.origin.serves and self.origin.command == self.COMMAND:
            try:
                return _forked(self.origin, self._log.fileno())
            except OSError as error:
                logger.warning("a task begins without the fork server: %s", error)
        process = subprocess.Popen(
            [sys.executable, *self.COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            process_group=0,
            env=child_environment(PYTHONPATH=os.pathsep.join(os.path.abspath(p) for p in sys.path if p)),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        return process, process.stdin, process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def give(self, task: dict[str, Any], *attached: bytes) -> None:
        """Send a task, beside: the process may not take it as fast as it comes."""
        self._sender = threading.Thread(target=self._send, args=(task, *attached), daemon=True)
        self._sender.start()

    def _send(self, message: dict[str, Any], *attached: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):  # gone already: receive() tells
            write_frame(self._commands.fileno(), message, *attached)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    def cancel(self) -> None:
        """Ask it to stop; no answer is awaited."""
        threading.Thread(target=self._cancel, daemon=True).start()

    def _cancel(self) -> None:
        self._sent()
        self._send({"kind": "cancel"})

    def _sent(self) -> None:
        if self._sender is not None:
            self._sender.join()

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def receive(self, timeout_s: float) -> list[dict[str, Any]] | None:
        """Messages that have come within the time; ``None`` once the process is gone."""
        fd = self._messages.fileno()
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if not poll.poll(1000 * timeout_s):
            return []
        piece = os.read(fd, 1 << 20)
        return [m for m in self._frames.feed(piece) if not _is_notice(m)] if piece else None

    def resident_mb(self) -> float:
        """Resident memory of the process and all it started, megabytes."""
        return resident_mb(self._family())

    def _family(self) -> list[psutil.Process]:
        """The process and all it started that are there; who is seen once is known when the process itself is gone."""
        found = family(self.pid)
        self._started.update(found[1:])
        return found

    def lost(self) -> TaskFailed:
        """Why a process is gone that has not said so itself: a limit that it had set itself, or anything else."""
        told = self.how_it_ended()
        if self._process.returncode == -signal.SIGXCPU:
            return TaskFailed("timed_out", "its processor time was used up", permanent=True)
        if says_out_of_memory(told):
            return TaskFailed("out_of_memory", told, permanent=True)
        return TaskFailed("task_lost", told)

    def how_it_ended(self) -> str:
        """Exit code or signal, and the last it printed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        code = self._process.returncode
        how = "is still there" if code is None else f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _TAIL_BYTES))
        tail = self._log.read().decode(errors="replace").strip()
        return f"the process ended ({how})" + (f"; its last output: {tail}" if tail else "")

    def kill(self) -> None:
        """End it and everything it started, now."""
        self._family()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in self._started:  # solvers lead groups of their own
            with contextlib.suppress(psutil.Error):  # gone; psutil leaves alone who has its number since
                process.kill()
        self._process.wait()
        if isinstance(self._process, Forked):
            self._process.release()
        self._sent()
        for stream in (self._commands, self._messages, self._log):
            with contextlib.suppress(OSError):
                stream.close()


def _forked(origin: ForkServer, log: int) -> tuple[Started, IO[bytes], IO[bytes]]:
    """A process of a fork server with two pipes, of which it alone has the other ends."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    commands, messages = os.fdopen(ours_out, "wb", buffering=0), os.fdopen(ours_in, "rb", buffering=0)
    try:
        return origin.start(theirs_in, theirs_out, log), commands, messages
    except OSError:
        commands.close()
        messages.close()
        raise
    finally:
        os.close(theirs_in)
        os.close(theirs_out)


def _is_notice(message: dict[str, Any]) -> bool:
    """Log what a process says of the machine, once; nobody else need hear it."""
    if message["kind"] != "notice":
        return False
    if message["text"] not in _told:
        _told.add(message["text"])
        logger.warning("%s", message["text"])
    return True


def run_task(task: dict[str, Any], *, timeout_s: float, memory_mb: float) -> dict[str, Any]:
    """Run a short task to its end.

    Raises
    ------
    TaskFailed
    """
    with TaskProcess({"limits": limits_of(timeout_s, memory_mb), **task}) as process:
        return outcome_of(process, timeout_s=timeout_s, memory_mb=memory_mb)


def outcome_of(process: TaskProcess, *, timeout_s: float, memory_mb: float) -> dict[str, Any]:
    """What a process makes of the task it was given; one that raises ``TaskFailed`` must be ended.

    Raises
    ------
    TaskFailed
        ``timed_out`` or ``out_of_memory`` (beyond its limits), ``task_lost`` (the process is gone), or what it says.
    """
    deadline, next_sample = time.monotonic() + timeout_s, 0.0
    while True:
        messages = process.receive(_SAMPLE_S)
        if messages is None:
            raise process.lost()
        for message in messages:
            if message["kind"] == "done":
                return message
            if message["kind"] == "error":
                raise TaskFailed(
                    message["code"], message["detail"], permanent=message["permanent"], issues=message.get("issues")
                )
        now = time.monotonic()
        if now > deadline:
            raise TaskFailed("timed_out", f"not done within {timeout_s:,.0f} s")
        if now >= next_sample:  # not with every piece of a long answer: it asks for all processes of the machine
            next_sample = now + _SAMPLE_S
            if process.resident_mb() > memory_mb:
                raise TaskFailed("out_of_memory", f"more than {memory_mb:,.0f} MB", permanent=True)
