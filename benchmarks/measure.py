"""One cell: an instance, a backend, a limit, in a fresh child process that has been warmed up."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.instance import Judgement
from benchmarks.layouts import Raw
from benchmarks.literature import to_problem
from benchmarks.trace import Point, Trace
from optimizer.domain.errors import BackendError, BackendRefused, BackendUnavailable
from optimizer.domain.params import SolveParams
from optimizer.model.formulate import build_program
from optimizer.solvers import registry
from optimizer.solvers.base import Capability, Outcome, Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.instance import Instance
    from optimizer.model.problem import Problem

__all__ = ["Limits", "Measured", "conclude", "measure", "nothing", "prepare", "threads_for", "warm"]

WARM_S = 20.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What every backend of a run gets; ``threads`` only those that can use them."""

    seconds: float
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, eq=False)
class Measured:
    """One run of one backend. Objectives are minimised ones, as the program has them.

    ``judged`` is the best plan's judgement in the instance's own terms, ``None`` without a plan.
    """

    stopped_by: str
    detail: str
    seconds: float
    points: list[Point]
    first: float | None
    bound: float | None
    peak_mb: float | None
    judged: Judgement | None
    threads: int


def threads_for(backend: str, wanted: int) -> int:
    """Threads that a backend can use."""
    return wanted if Capability.THREADS in registry.capabilities(backend) else 1


def measure(
    instance: Instance,
    backend: str,
    limits: Limits,
    cancelled: Callable[[], bool] | None = None,
    pool: ChildPool | None = None,
) -> Measured:
    """Run one backend on one instance and judge what it brings.

    The clock starts with the arrays in hand: building the program and sending it count, starting
    the child and loading its libraries do not. Judging is not counted either.

    Parameters
    ----------
    instance : Instance
    backend : str
    limits : Limits
    cancelled : callable, optional
    pool : ChildPool, optional
        Children to use as they are; by default a fresh one is started and warmed up, so that
        memory is that of this run alone.
    """
    if pool is None:
        with ChildPool() as own:
            with contextlib.suppress(BackendError):  # told by the run itself
                warm(own, backend)
            return measure(instance, backend, limits, cancelled, own)
    threads, trace = threads_for(backend, limits.threads), Trace()
    try:
        outcome = _solve(instance.problem, backend, limits, threads, trace, pool, cancelled)
    except (BackendRefused, BackendUnavailable) as error:
        return nothing("refused", f"{error.code}: {error}", threads)
    except BackendError as error:
        return nothing("error", f"{error.code}: {error}", threads)
    return conclude(instance, outcome, trace, time.monotonic() - trace.began, threads)


def _solve(
    problem: Problem,
    backend: str,
    limits: Limits,
    threads: int,
    trace: Trace,
    pool: ChildPool,
    cancelled: Callable[[], bool] | None,
) -> Outcome:
    program = build_program(problem) if registry.spec(backend).needs_program else None
    left = max(0.01, limits.seconds - (time.monotonic() - trace.began))
    params = SolveParams(
        backend=backend,  # type: ignore[arg-type]  # checked by SolveParams itself
        time_limit_s=left,
        threads=threads,
        seed=limits.seed,
    )
    return run(backend, Request(problem, program, params), on_progress=trace, cancelled=cancelled, pool=pool)


def conclude(instance: Instance, outcome: Outcome, trace: Trace, seconds: float, threads: int) -> Measured:
    """The cheapest plan held that the judge accepts; else the last one with what is wrong about it."""
    trace.note(seconds, outcome.objective, outcome.bound)
    plans = [p.choice for p in reversed(trace.plans)]
    if outcome.choice is not None:
        plans.insert(0, outcome.choice)
    judged = [instance.judge(plans[0])] if plans else []
    if judged and not judged[0].ok:
        judged += [instance.judge(p) for p in plans[1:]]
    good = [j for j in judged if j.ok]
    sense = instance.scale.sense
    best = min(good, key=lambda j: sense * j.objective) if good else (judged[0] if judged else None)
    told = "" if not judged or judged[0].ok else f"; last plan refuted: {judged[0].why}"
    return Measured(
        stopped_by=outcome.stopped_by,
        detail=outcome.detail + told,
        seconds=seconds,
        points=trace.points,
        first=trace.first(),
        bound=float(outcome.bound) if outcome.bound is not None and np.isfinite(outcome.bound) else None,
        peak_mb=outcome.peak_rss_mb,
        judged=best,
        threads=threads,
    )


def nothing(why: str, detail: str, threads: int) -> Measured:
    """A run that brought neither plan nor bound."""
    return Measured(why, detail, 0.0, [], None, None, None, None, threads)


def _small(customers: int, facilities: int) -> Problem:
    """A location problem that loads every library and takes no time."""
    rng = np.random.default_rng(0)
    take = rng.integers(1, 9, customers).astype(np.float64)
    capacity = np.full(facilities, np.ceil(2.5 * take.sum() / facilities) + 9)
    cost = rng.integers(1, 99, (facilities, customers)).astype(np.float64)
    return to_problem(Raw(cost, take, rng.integers(50, 99, facilities).astype(np.float64), capacity))


def warm(pool: ChildPool, backend: str, problem: Problem | None = None, seconds: float = WARM_S) -> Outcome:
    """Make the child import its libraries and load its kernels, which are compiled if they never were."""
    problem = problem or _small(4, 2)
    program = build_program(problem) if registry.spec(backend).needs_program else None
    return run(backend, Request(problem, program, SolveParams(time_limit_s=seconds)), pool=pool)


def prepare(backend: str) -> None:
    """Let a backend do what it does once on a machine before anything is measured; one that cannot says so by row."""
    with contextlib.suppress(BackendError), ChildPool() as pool:
        warm(pool, backend)
