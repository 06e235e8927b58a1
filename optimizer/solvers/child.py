"""The child process in which native solvers run: ``python -m optimizer.solvers.child``.

One reader thread takes messages from the parent and turns the end of the pipe into the end of
the whole process group; the main thread runs one request after another.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import logging
import os
import queue
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from optimizer.child.network import give_up_network
from optimizer.child.process_limits import cpu_allowance_s, limited
from optimizer.domain.errors import DesignateError
from optimizer.solvers.base import Incumbent, Outcome, Prepares, Progress, Request
from optimizer.solvers.lifeline import die_with_parent
from optimizer.solvers.translate import feasible_start, without_columns
from optimizer.solvers.wire import Cancel, Failed, Keep, Preparing, Solve, Started, read_frame, write_frame

if TYPE_CHECKING:
    from optimizer.domain.params import SolveParams
    from optimizer.solvers.base import Backend

__all__ = ["load_backend", "main"]

logger = logging.getLogger(__name__)

_LATE_S = 30.0
"""How much later than its time limit a backend may end, beside a tenth of it."""


def load_backend(target: str) -> Backend:
    """Import ``module:Class`` and make the backend; a third part is its constructor argument."""
    module, name, *argument = target.split(":")
    made: Backend = getattr(importlib.import_module(module), name)(*argument)
    return made


class _Server:
    def __init__(self, commands: int, results: int, reach: str) -> None:
        self._commands, self._results, self._reach = commands, results, reach
        self._lock = threading.Lock()
        self._todo: queue.SimpleQueue[Solve] = queue.SimpleQueue()
        self._held: dict[int | None, Any] = {}
        self._cancelled: set[int] = set()
        self._loaded: set[str] = set()

    def listen(self) -> None:
        """Reader thread. Solve requests queue up; the end of the pipe ends the process group."""
        try:
            while True:
                message = read_frame(self._commands)
                if isinstance(message, Keep):
                    self._held[message.key] = message.value
                    for key in message.drop:
                        self._held.pop(key, None)
                elif isinstance(message, Cancel):
                    self._cancelled.add(message.number)
                elif isinstance(message, Solve):
                    self._todo.put(message)
        except (EOFError, OSError):
            pass
        finally:
            _end_group()

    def send(self, message: object) -> None:
        with self._lock:
            write_frame(self._results, message)

    def serve(self) -> None:
        while True:
            job = self._todo.get()
            _empty_log()
            self.send(self._answer(job))
            _forget_threads()
            self._cancelled.discard(job.number)
            target = job.target
            del job
            self._tidy(target)

    def _tidy(self, target: str) -> None:
        """Give back what a request left; what its libraries made, kernels above all, is not looked through again."""
        gc.collect()
        if target not in self._loaded:
            self._loaded.add(target)
            gc.freeze()

    def _answer(self, job: Solve) -> Outcome | Failed:
        try:
            backend = load_backend(job.target)
            program = None if job.program is None else self._held[job.program]
            problem = program.problem if program is not None and job.problem is None else self._held[job.problem]
            request = Request(problem, program, job.params, job.start)
            if isinstance(backend, Prepares):
                backend.prepare(lambda text: self.send(Preparing(job.number, text)), lambda: self._stopped(job))
            with limited(job.params.memory_limit_mb, _cpu_s(job.params)):
                self.send(Started(job.number, self._reach))
                first = feasible_start(request)
                if first is not None:
                    self.send(first)
                return without_columns(request) or backend.solve(request, self._report, lambda: self._stopped(job))
        except MemoryError as error:
            return Failed("MemoryError", str(error) or "out of memory")
        except DesignateError as error:
            return Failed(type(error).__name__, str(error), error)
        except ImportError as error:
            return Failed("ImportError", str(error))
        except Exception as error:
            return Failed(type(error).__name__, traceback.format_exc())

    def _stopped(self, job: Solve) -> bool:
        return job.number in self._cancelled

    def _report(self, news: Incumbent | Progress) -> None:
        self.send(news)


def _cpu_s(params: SolveParams) -> float | None:
    """Processor time of a request: looser than the parent's clock, for when there is no parent to watch it."""
    limit = params.time_limit_s
    return None if limit is None else cpu_allowance_s(1.1 * limit + _LATE_S, params.threads)


def _forget_threads() -> None:
    """HiGHS keeps the number of threads of a process's first solve and fails on any other; let it choose anew."""
    highspy = sys.modules.get("highspy")
    if highspy is not None:
        highspy.Highs.resetGlobalScheduler(True)


def _empty_log() -> None:
    """Each request starts with an empty output file, so that a tail shows this solve only."""
    sys.stdout.flush()
    with contextlib.suppress(OSError):
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)


def _end_group() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main(arguments: list[str]) -> None:
    """Serve requests until the parent closes the pipe or dies."""
    commands, results, parent = (int(a) for a in arguments)
    for fd in (commands, results):
        os.set_inheritable(fd, False)
    reach = give_up_network()  # first: it must be done before there is a second thread
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    server = _Server(commands, results, reach)
    threading.Thread(target=server.listen, name="parent-pipe", daemon=True).start()
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
