"""Run a backend in a child process of its own and survive whatever happens to it.

The parent streams incumbents and bounds, watches the clock and the memory, passes on a
cancellation, and turns a kill or a crash into an ``Outcome`` that keeps the best plan seen.

>>> from optimizer.solvers.pool import ChildPool
>>> from optimizer.solvers.process import run
>>> with ChildPool() as pool:  # doctest: +SKIP
...     outcome = run("highs", request, pool=pool)
"""

from __future__ import annotations

import dataclasses
import logging
import signal
import threading
import time
from typing import TYPE_CHECKING

from optimizer.child.process_limits import says_out_of_memory
from optimizer.domain.errors import BackendFailed, BackendUnavailable
from optimizer.solvers.base import Incumbent, Outcome, Progress
from optimizer.solvers.lifeline import describe_exit
from optimizer.solvers.pool import ChildPool, common_pool
from optimizer.solvers.registry import check, spec
from optimizer.solvers.wire import Failed, Preparing, Started

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Self

    from optimizer.domain.params import StopReason
    from optimizer.solvers.base import Request
    from optimizer.solvers.handle import Child
    from optimizer.solvers.registry import Spec

__all__ = ["run"]

logger = logging.getLogger(__name__)

POLL_S = 0.05
SAMPLE_S = 0.1
START_S = 120.0
PREPARE_S = 1800.0
GRACE_S = 5.0
_told_of_network = threading.Event()


def run(
    backend_name: str,
    request: Request,
    *,
    on_progress: Callable[[Incumbent | Progress], None] | None = None,
    cancelled: Callable[[], bool] | threading.Event | None = None,
    pool: ChildPool | None = None,
    grace_s: float | None = None,
    target: str | None = None,
) -> Outcome:
    """Solve ``request`` with a backend in a child process.

    Parameters
    ----------
    backend_name : str
        A concrete backend, not ``auto`` (see ``registry.choose``).
    on_progress : callable, optional
        Gets every ``Incumbent`` and ``Progress`` as it arrives, in the calling thread.
    cancelled : callable or threading.Event, optional
        Polled; once true the backend is asked to stop and the best plan is kept. Ctrl-C does
        the same; a second Ctrl-C kills the child and propagates.
    pool : ChildPool, optional
        Where to take the child from; the common one of this process when left out, or a fresh child where
        memory is limited.
    grace_s : float, optional
        How long the backend has to stop by itself when it is cancelled; ``GRACE_S`` when left out.
    target : str, optional
        Another class (``module:Class``) in place of the backend's own.

    Raises
    ------
    UsageError, BackendUnavailable, BackendRefused
        Before anything is started (see ``registry.check``), or by the backend itself.
    BackendFailed
        The child crashed or answered nonsense before it had found any plan.
    """
    if pool is None and request.params.memory_limit_mb is not None:  # counted from what a fresh process has
        with ChildPool() as own:
            return run(
                backend_name,
                request,
                on_progress=on_progress,
                cancelled=cancelled,
                pool=own,
                grace_s=grace_s,
                target=target,
            )
    pool = pool or common_pool()
    check(backend_name, request.params, request.start, request.program, pool.specs, problem=request.problem)
    wanted = spec(backend_name, pool.specs)
    if target is not None:
        wanted = dataclasses.replace(wanted, target=target)
    stop = cancelled.is_set if isinstance(cancelled, threading.Event) else cancelled
    child = pool.take(wanted.family)
    try:
        with _Interrupts() as interrupts:
            watch = _Watch(backend_name, wanted, child, request, on_progress, _either(stop, interrupts))
            watch.grace_s = grace_s
            outcome = watch.run()
    except BaseException:
        child.kill()
        raise
    pool.give_back(child)
    return outcome


class _Interrupts:
    """Counts Ctrl-C instead of raising at a random place; the second one raises as usual.

    Does nothing outside the main thread or where the program has its own handler.
    """

    def __init__(self) -> None:
        self.seen = False
        self._mine = False

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        self._mine = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self._mine:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.seen:
            signal.default_int_handler(number, frame)
        self.seen = True


def _either(cancelled: Callable[[], bool] | None, interrupts: _Interrupts) -> Callable[[], bool]:
    return lambda: interrupts.seen or (cancelled is not None and cancelled())


class _Watch:
    """One request on one child: what was seen so far and the limits that apply."""

    def __init__(
        self,
        name: str,
        wanted: Spec,
        child: Child,
        request: Request,
        on_progress: Callable[[Incumbent | Progress], None] | None,
        cancelled: Callable[[], bool],
    ) -> None:
        self.name, self.wanted, self.child, self.request = name, wanted, child, request
        self.on_progress, self.cancelled = on_progress, cancelled
        self.best: Incumbent | None = None
        self.bound: float | None = None
        self.peak_mb = 0.0
        self.next_sample = 0.0
        self.number = 0
        self.deadline, self.allowed_s = time.monotonic() + START_S, START_S
        self.deadline_reason: StopReason = "error"
        self.asked_to_stop = False
        self.grace_s: float | None = None
        self.preparing: float | None = None
        self.prepared_s = 0.0

    def run(self) -> Outcome:
        try:
            self.number = self.child.submit(self.wanted.target, self.request)
        except (BrokenPipeError, ConnectionError):
            return self._crashed()
        outcome = None
        while outcome is None:
            outcome = self._step()
        return outcome

    def _step(self) -> Outcome | None:
        messages = self.child.receive(POLL_S)
        if messages is None:
            return self._crashed()
        for message in messages:
            outcome = self._take(message)
            if outcome is not None:
                return outcome
        if not self.asked_to_stop and self.cancelled():
            self._ask_to_stop()
        return self._limits()

    def _take(self, message: object) -> Outcome | None:
        if isinstance(message, Outcome):
            return self._complete(message)
        if isinstance(message, Failed):
            return self._failed(message)
        if isinstance(message, Started):
            self._started(message)
        elif isinstance(message, Preparing):
            message = self._prepares(message)
        elif isinstance(message, Incumbent):
            if self.best is None or message.objective < self.best.objective:
                self.best = message
        elif isinstance(message, Progress) and message.bound is not None:
            self.bound = message.bound if self.bound is None else max(self.bound, message.bound)
        if self.on_progress is not None and isinstance(message, Incumbent | Progress):
            self.on_progress(message)
        return None

    def _prepares(self, message: Preparing) -> Progress:
        self.preparing = time.monotonic() if self.preparing is None else self.preparing
        if not self.asked_to_stop:
            self.deadline, self.allowed_s = time.monotonic() + PREPARE_S, PREPARE_S
        return Progress(0.0, None, None, message.text, notice=True)

    def _started(self, message: Started) -> None:
        if self.preparing is not None:
            self.prepared_s = time.monotonic() - self.preparing
        if message.reach and not _told_of_network.is_set():
            _told_of_network.set()
            logger.info("solver processes keep the network: %s", message.reach)
        limit = self.request.params.time_limit_s
        if not self.asked_to_stop:
            grace = GRACE_S + 0.1 * (limit or 0.0)
            self.deadline = float("inf") if limit is None else time.monotonic() + limit + grace
            self.deadline_reason = "time"

    def _ask_to_stop(self) -> None:
        self.asked_to_stop = True
        self.child.cancel(self.number)
        grace = GRACE_S if self.grace_s is None else self.grace_s
        self.deadline, self.deadline_reason = time.monotonic() + grace, "user"

    def _limits(self) -> Outcome | None:
        now = time.monotonic()
        cap = self.request.params.memory_limit_mb
        used = self._sample() if now >= self.next_sample else 0.0
        if cap is not None and used > cap:
            self.child.kill()
            return self._stopped("memory", f"stopped at {used:.0f} MB resident, the limit is {cap} MB")
        if now > self.deadline:
            self.child.kill()
            if self.deadline_reason == "error":
                raise BackendFailed(
                    f"backend {self.name}: the child process did not start within {self.allowed_s:.0f} s"
                )
            return self._stopped(self.deadline_reason, "the backend did not stop by itself and was killed")
        return None

    def _sample(self) -> float:
        used = self.child.resident_mb(grandchildren=self.wanted.grandchildren)
        self.peak_mb = max(self.peak_mb, used)
        self.next_sample = time.monotonic() + SAMPLE_S
        return used

    def _stopped(self, reason: StopReason, detail: str) -> Outcome:
        choice, objective = (None, None) if self.best is None else (self.best.choice, self.best.objective)
        memory = self.peak_mb or None
        return Outcome(reason, detail, choice, objective, self.bound, peak_rss_mb=memory, prepared_s=self.prepared_s)

    def _crashed(self) -> Outcome:
        how = self.child.bury()
        tail = self.child.output_tail()
        if self.asked_to_stop:
            return self._stopped("user", f"cancelled; child {how}")
        if how == describe_exit(-signal.SIGXCPU):
            return self._stopped("time", "its processor time was used up")
        if says_out_of_memory(tail):
            return self._stopped("memory", f"child process {how}: {tail[-200:]}")
        detail = f"backend {self.name}: child process {how}" + (f"; its last output: {tail}" if tail else "")
        logger.warning("%s", detail)
        if self.best is None:
            raise BackendFailed(detail)
        return self._stopped("error", detail)

    def _failed(self, message: Failed) -> Outcome:
        if message.error is not None:
            raise message.error
        if message.kind == "ImportError":
            raise BackendUnavailable(f"backend {self.name} cannot be loaded: {message.text}")
        if message.kind == "MemoryError":
            self.child.kill()
            return self._stopped("memory", f"{message.kind}: {message.text}")
        detail = f"backend {self.name} raised {message.kind}: {message.text}"
        if self.best is None:
            raise BackendFailed(detail)
        return self._stopped("error", detail)

    def _complete(self, outcome: Outcome) -> Outcome:
        """Put what the stream knew into what the backend left out."""
        held = self.best
        if held is not None and (outcome.objective is None or held.objective < outcome.objective):
            outcome = dataclasses.replace(outcome, choice=held.choice, objective=held.objective)
        self._sample()
        return dataclasses.replace(outcome, peak_rss_mb=self.peak_mb or None, prepared_s=self.prepared_s)
