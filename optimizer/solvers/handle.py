"""The parent's handle on one child process: start, send, receive, kill."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import os
import select
import signal
import subprocess
import sys
import tempfile
import weakref
from typing import TYPE_CHECKING, Any

from optimizer.child.environment import child_environment
from optimizer.child.family import family, resident_mb
from optimizer.domain.errors import BackendFailed
from optimizer.solvers.lifeline import describe_exit
from optimizer.solvers.wire import Cancel, FrameReader, Keep, Solve, write_frame

if TYPE_CHECKING:
    from optimizer.solvers.base import Request

__all__ = ["Child", "environment_of_children"]

_KEPT = 4
_TAIL_BYTES = 2000
_CHUNK = 1 << 20
_spawners: dict[int, concurrent.futures.ThreadPoolExecutor] = {}


def _spawner() -> concurrent.futures.ThreadPoolExecutor:
    """One thread per process starts all children: the kernel ends them when *that thread* ends."""
    pid = os.getpid()
    if pid not in _spawners:
        _spawners[pid] = concurrent.futures.ThreadPoolExecutor(1, "child-spawner")
    return _spawners[pid]


def environment_of_children() -> dict[str, str]:
    """What a child that is started now would find; where it may put files apart."""
    return child_environment(PYTHONPATH=os.pathsep.join(os.path.abspath(p) for p in sys.path))


class Child:
    """A child process serving one library family.

    Parameters
    ----------
    family : str
        Kept for the pool; the child itself imports whatever it is told to.
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self._reader = FrameReader()
        self._kept: dict[int, weakref.ref[Any]] = {}
        self._keys = itertools.count(1)
        self._numbers = itertools.count(1)
        self._ended = False
        self.environment = environment_of_children()
        self._scratch = tempfile.TemporaryDirectory(prefix="designate-", ignore_cleanup_errors=True)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the child)
        try:
            self._start()
        except OSError as error:
            self._output.close()
            self._scratch.cleanup()
            raise BackendFailed(f"cannot start a child process: {error}") from error

    def _start(self) -> None:
        theirs_in, self._commands = os.pipe()
        self._results, theirs_out = os.pipe()
        try:
            self._process = _spawner().submit(self._popen, theirs_in, theirs_out).result()
        except BaseException:
            self._close_pipes()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    def _popen(self, commands: int, results: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "optimizer.solvers.child", str(commands), str(results), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            pass_fds=(commands, results),
            process_group=0,
            env={**self.environment, "TMPDIR": self._scratch.name},
        )

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def submit(self, target: str, request: Request) -> int:
        """Send a request; problem and program travel only when this child does not hold them yet."""
        used: set[int] = set()
        program = None if request.program is None else self._keep(request.program, used)
        inside = request.program is not None and request.program.problem is request.problem
        problem = None if inside else self._keep(request.problem, used)
        number = next(self._numbers)
        write_frame(self._commands, Solve(number, target, problem, program, request.params, request.start))
        return number

    def _keep(self, value: Any, used: set[int]) -> int:
        for key, held in self._kept.items():
            if held() is value:
                used.add(key)
                self._kept[key] = self._kept.pop(key)
                return key
        gone = [k for k, held in self._kept.items() if held() is None]
        spare = [k for k in self._kept if k not in gone and k not in used]
        gone += spare[: max(0, len(self._kept) - len(gone) - _KEPT + 1)]
        for key in gone:
            del self._kept[key]
        key = next(self._keys)
        write_frame(self._commands, Keep(key, value, tuple(gone)))
        self._kept[key] = weakref.ref(value)
        used.add(key)
        return key

    def cancel(self, number: int) -> None:
        """Ask the child to stop a request; no answer is awaited."""
        with contextlib.suppress(OSError):
            write_frame(self._commands, Cancel(number))

    def receive(self, timeout_s: float) -> list[Any] | None:
        """Messages that have come within ``timeout_s``; ``None`` once the child is gone."""
        poll = select.poll()
        poll.register(self._results, select.POLLIN)
        if not poll.poll(1000 * timeout_s):
            return []
        data = os.read(self._results, _CHUNK)
        return list(self._reader.feed(data)) if data else None

    def resident_mb(self, *, grandchildren: bool = False) -> float:
        """Resident memory, megabytes."""
        return resident_mb(family(self.pid)[: None if grandchildren else 1])

    def output_tail(self) -> str:
        """Last lines the child and its solver printed."""
        try:
            size = self._output.seek(0, os.SEEK_END)
            self._output.seek(max(0, size - _TAIL_BYTES))
            return self._output.read().decode(errors="replace").strip()
        except ValueError:
            return ""

    def bury(self) -> str:
        """Reap a child whose pipe has ended, with all of its group; say how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        code = self._process.returncode
        self._finish()
        return describe_exit(code)

    def kill(self) -> None:
        """End the whole process group now: politely for a moment, then for certain."""
        if self.alive:
            self._end_group(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        self._finish()
        self._output.close()

    def _finish(self) -> None:
        if not self._ended:
            self._ended = True
            self._end_group(signal.SIGKILL)
            self._process.wait()
            self._close_pipes()
            self._scratch.cleanup()

    def _end_group(self, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, sign)

    def _close_pipes(self) -> None:
        for name in ("_commands", "_results"):
            fd = getattr(self, name)
            if fd >= 0:
                setattr(self, name, -1)
                os.close(fd)
