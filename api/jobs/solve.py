"""One run: the task in its process, progress to the store, cancellation to the task, one result."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

from api.jobs.process import TaskFailed, TaskProcess, limits_of, run_task
from api.jobs.retry import persist
from api.jobs.runs import Claim, Lost, Runs
from api.store.outage import OUTAGE, will_pass

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from api.settings import Settings

__all__ = ["run_job"]

logger = logging.getLogger(__name__)

REPORT_EVERY_S = 0.5
SAMPLE_EVERY_S = 0.5
"""Looks at the memory of all processes of a task; the single huge request is stopped by limits of its own."""
KEEP_EVERY_S = 2.0
GRACES = 4.0
"""The solver's child ends a backend after ``cancel_grace_s`` and keeps all it has; after so many it goes itself."""
POINTS_AIM = 200.0
"""Reports grow rarer as a solve grows longer: about so many points for each doubling of its length."""

Result = TypeVar("Result")


def run_job(runs: Runs, settings: Settings, stopping: threading.Event, job_id: str, dispatch: int) -> str:
    """Do one dispatch of a job to whatever end; every way out leaves the job in a defined state.

    A database that is away or full only delays it, unless the worker is told to stop: then the job stays as it
    is, and a reaper finds that nobody holds it.

    Returns
    -------
    str
        What became of it, for the queue's log.
    """
    claim = persist(lambda: runs.claim(job_id, dispatch), stopping)
    if claim is None:
        return "not valid any more"
    run = _Run(runs, settings, stopping, claim)
    try:
        return _to_its_end(run, claim)
    except Lost:
        logger.warning("%s was taken from this worker", claim.subject)
        return "lost"


def _to_its_end(run: _Run, claim: Claim) -> str:
    try:
        return run.exhausted() if claim.attempts > claim.max_attempts else run.run()
    except Lost:
        raise
    except Exception as error:  # what nobody foresaw ends the try; the job must not stay running
        if will_pass(error):  # this worker stops
            raise
        logger.exception("%s: the run broke", claim.subject)
        return run.broken(f"{type(error).__name__}: {error}")


class _Run:
    def __init__(self, runs: Runs, settings: Settings, stopping: threading.Event, claim: Claim) -> None:
        self.runs, self.settings, self.stopping, self.claim = runs, settings, stopping, claim
        limit: float = claim.task["params"].get("time_limit_s") or settings.max_time_limit_s
        solves: int = claim.task.get("solves", 1)
        self.began = time.monotonic()
        self.deadline = self.began + 1.1 * limit * solves + settings.overrun_s
        self.cancelled_at: float | None = None
        self.writing = False
        self.next_check = self.next_sample = self.next_report = self.next_keep = 0.0
        self.points: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None
        self.bound: float | None = None

    def run(self) -> str:
        try:
            task = {
                **self.claim.task,
                "grace_s": self.settings.cancel_grace_s,
                "limits": limits_of(self.deadline - self.began, self.settings.memory_limit_mb, self._threads()),
                "traced": self.runs.store.tracing is not None,
            }
            with TaskProcess(task) as process:
                made = self._follow(process)
        except TaskFailed as error:
            return self._failed(error)
        if made is None:
            return self._settle("user" if self.cancelled_at else "time", "ended; shown is the best plan so far")
        self._surely(lambda: self.runs.finish(self.claim, made))
        return "done"

    def _threads(self) -> int:
        threads: int = self.claim.task["params"].get("threads") or self.settings.max_threads
        return threads

    def exhausted(self) -> str:
        """Every try took its worker down: end it here, with the best plan that was kept."""
        return self._settle("error", "its workers were lost", ("attempts_exhausted", "every try was cut short"))

    def broken(self, detail: str) -> str:
        """The run itself failed, not its solver."""
        self._surely(lambda: self.runs.fail(self.claim, "internal_error", detail, permanent=False))
        return "internal_error"

    def _surely(self, action: Callable[[], Result]) -> Result:
        return persist(action, self.stopping)

    def _follow(self, process: TaskProcess) -> dict[str, Any] | None:
        """Watch the process; what it made, or ``None`` when it had to be ended and what was kept stands."""
        while True:
            messages = process.receive(self.settings.poll_s)
            if messages is None:
                raise process.lost()
            for message in messages:
                made = self._take(message)
                if made is not None:
                    return made
            # before anyone is told: whoever cancels finds all that it started known
            self._memory(process, at_once=bool(messages))
            self._report()
            if self.stopping.is_set():
                raise TaskFailed("worker_stops", "the worker stops")
            if self._ended(process):
                return None

    def _take(self, message: dict[str, Any]) -> dict[str, Any] | None:
        kind = message["kind"]
        if kind == "done":
            return message
        if kind == "error":
            raise TaskFailed(message["code"], message["detail"], permanent=message["permanent"])
        if kind == "incumbent":
            self.best = {"objective": message["objective"], "rows": message["rows"]}
        elif kind == "note":
            self._surely(lambda: self.runs.note(self.claim, message))
        elif kind == "stage":
            self._stage(message["stage"])
        elif kind == "progress":
            if message["bound"] is not None:
                self.bound = message["bound"] if self.bound is None else max(self.bound, message["bound"])
            point = {k: message[k] for k in ("elapsed_s", "incumbent", "bound")}
            self.points.append({**point, "phase": message["phase"][:100]})
        elif kind == "span" and (tracing := self.runs.store.tracing) is not None:
            tracing.past(message["name"], message["began_ns"], message["ended_ns"], message["facts"])
        return None

    def _stage(self, name: str) -> None:
        """Note when the solver had stopped; making the document comes after it."""
        before, self.writing = self.writing, name == "document"
        if self.writing and not before:
            self._surely(lambda: self.runs.stopped(self.claim))

    def _report(self) -> None:
        """Write what is new, at a rate that the store can bear."""
        now = time.monotonic()
        every = max(REPORT_EVERY_S, (now - self.began) / POINTS_AIM)
        if now < self.next_report or not (self.points or self.best):
            return
        best = None
        if self.best is not None and now >= self.next_keep:
            best, self.best = {**self.best, "bound": self.bound}, None
            self.next_keep = now + max(KEEP_EVERY_S, (now - self.began) / POINTS_AIM)
        self.next_report = now + every
        try:
            self.runs.report(self.claim, _thinned(self.points), best)
        except OUTAGE as error:  # the solver goes on; the best plan is told with the next report
            logger.warning("%s: progress not stored: %s", self.claim.subject, error)
            if best is not None and self.best is None:
                self.best, self.next_keep = {k: best[k] for k in ("objective", "rows")}, now
            self.points = _thinned(self.points)
            return
        self.points = []

    def _ended(self, process: TaskProcess) -> bool:
        """Look for a cancellation and the clock; true when the process had its time and must go."""
        now = time.monotonic()
        if now >= self.next_check:
            self.next_check = now + self.settings.poll_s
            if self._wanted_to_stop() and self.cancelled_at is None:
                self.cancelled_at = now
                process.cancel()
        if self.cancelled_at is not None and not self.writing:
            return now - self.cancelled_at > GRACES * self.settings.cancel_grace_s
        return now > self.deadline

    def _wanted_to_stop(self) -> bool:
        try:
            return self.runs.check(self.claim)
        except OUTAGE as error:  # nobody can have asked
            logger.warning("%s: not looked for a cancellation: %s", self.claim.subject, error)
            return False

    def _memory(self, process: TaskProcess, *, at_once: bool) -> None:
        now = time.monotonic()
        if now < self.next_sample and not at_once:
            return
        self.next_sample = now + SAMPLE_EVERY_S
        used = process.resident_mb()
        if used > self.settings.memory_limit_mb:
            raise TaskFailed(
                "out_of_memory", f"{used:,.0f} MB, the limit is {self.settings.memory_limit_mb:,} MB", permanent=True
            )

    def _failed(self, error: TaskFailed) -> str:
        """Release, retry, or end for good with what was kept."""
        self._keep_best()
        if error.code == "worker_stops":
            self.runs.release(self.claim)
            return "released"
        if error.permanent or self.claim.attempts >= self.claim.max_attempts or self.cancelled_at is not None:
            reason = "memory" if error.code == "out_of_memory" else "error"
            return self._settle(reason, error.detail, (error.code, error.detail), permanent=error.permanent)
        self._surely(lambda: self.runs.fail(self.claim, error.code, error.detail, permanent=False))
        return error.code

    def _keep_best(self) -> None:
        """Store what was found since the last report."""
        if self.best is not None:
            best = {**self.best, "bound": self.bound}
            self._surely(lambda: self.runs.report(self.claim, _thinned(self.points), best))
            self.best, self.points = None, []

    def _settle(
        self, stopped_by: str, detail: str, error: tuple[str, str] | None = None, *, permanent: bool = False
    ) -> str:
        """Make a result of what was kept; where that is nothing, the job ends without one."""
        self._keep_best()
        how = {"stopped_by": stopped_by, "detail": detail, "bound": self.bound, "error": error is not None}
        task = self._surely(lambda: self.runs.settle(self.claim, **how))
        if task is None:
            code, told = error or ("ended_early", "ended before there was a result")
            self._surely(lambda: self.runs.fail(self.claim, code, told, permanent=permanent or error is None))
            return code
        self._surely(lambda: self.runs.stopped(self.claim))
        try:
            made = run_task(task, timeout_s=self.settings.overrun_s, memory_mb=self.settings.memory_limit_mb)
        except TaskFailed as failed:
            problem = failed
            self._surely(lambda: self.runs.fail(self.claim, problem.code, problem.detail, permanent=problem.permanent))
            return failed.code
        self._surely(lambda: self.runs.finish(self.claim, made, error))
        return "settled"


def _thinned(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last point that says something of each kind: enough for a curve."""
    keep: dict[int, dict[str, Any]] = {}
    for name in ("incumbent", "bound", "phase"):
        at = max((i for i, p in enumerate(points) if p[name] not in (None, "")), default=None)
        if at is not None:
            keep[at] = points[at]
    return [keep[i] for i in sorted(keep)]
