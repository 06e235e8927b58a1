"""Re-solve after a change: a case cold, then the same case with one entity grown, warm from the plan held.

The cold run is asked for a gap. What it reaches at its end is what the warm run is asked for, so that
both are timed to the same gap even when the limit came first. Each run has a fresh, warmed-up child.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from benchmarks.measure import Limits, Measured, conclude, nothing, threads_for, warm
from benchmarks.trace import Trace, gap, reached
from optimizer.domain.errors import BackendError, BackendRefused, BackendUnavailable
from optimizer.domain.params import SolveParams
from optimizer.model.formulate import build_program
from optimizer.solvers import registry
from optimizer.solvers.base import Request
from optimizer.solvers.pool import ChildPool
from optimizer.solvers.process import run
from optimizer.testing import edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.instance import Instance
    from optimizer.domain.case import Case
    from optimizer.model.parts import Choice
    from optimizer.solvers.base import Outcome

__all__ = ["FAMILY", "GROWTH", "grown", "measure_pair"]

FAMILY = "resolve"
GROWTH = 1.2
"""What the volumes of the one entity are multiplied by."""
SLACK = 1e-6
"""Relative slack on the gap that the cold run reached, for rounding."""


def grown(case: Case, seed: int) -> Case:
    """The case with all volumes of one entity, drawn by the seed, a fifth larger."""
    served = sorted({d.entity for d in case.demands})
    chosen = Random(f"{case.name} {seed}").choice(served)
    demands = tuple(replace(d, volume=round(GROWTH * d.volume, 6)) if d.entity == chosen else d for d in case.demands)
    return edited(case, demands=demands, name=f"{case.name}, {chosen} grown")


def measure_pair(
    before: Instance,
    after: Instance,
    backend: str,
    limits: Limits,
    wanted: float,
    cancelled: Callable[[], bool] | None = None,
    pool: ChildPool | None = None,
) -> tuple[Measured, dict[str, float | None]]:
    """The warm run as any other run, and what the cold one took.

    Parameters
    ----------
    before, after : Instance
        The case and the changed case; the same demands and providers.
    backend : str
    limits : Limits
        For each of the two runs.
    wanted : float
        Relative gap.
    cancelled : callable, optional
    pool : ChildPool, optional
        Children to use as they are (see ``measure``).

    Returns
    -------
    Measured
        Of the warm run.
    dict
        ``target_gap`` that both are timed to, ``cold_s`` and ``warm_s`` until they had it; ``None``
        where a run never had.
    """
    times: dict[str, float | None] = dict.fromkeys(("target_gap", "cold_s", "warm_s"))
    threads = threads_for(backend, limits.threads)
    try:
        cold, held, _ = _run(before, backend, limits, wanted, None, cancelled, pool)
        if cold.stopped_by == "user" or cold.choice is None:
            return nothing(cold.stopped_by, f"cold run: no plan; {cold.detail}", threads), times
        last = gap(held.best, held.bound if held.bound > float("-inf") else None)
        if last is None:
            return nothing(cold.stopped_by, f"cold run: no bound; {cold.detail}", threads), times
        target = max(wanted, last * (1 + SLACK) + SLACK)
        times.update(target_gap=target, cold_s=_rounded(reached(held.points, target)))
        start = after.problem.encode(before.problem.decode(cold.choice))
        outcome, found, seconds = _run(after, backend, limits, target, start, cancelled, pool)
        times["warm_s"] = _rounded(reached(found.points, target))
        return conclude(after, outcome, found, seconds, threads), times
    except (BackendRefused, BackendUnavailable) as error:
        return nothing("refused", f"{error.code}: {error}", threads), times
    except BackendError as error:
        return nothing("error", f"{error.code}: {error}", threads), times


def _run(
    instance: Instance,
    backend: str,
    limits: Limits,
    wanted: float,
    start: Choice | None,
    cancelled: Callable[[], bool] | None,
    pool: ChildPool | None,
) -> tuple[Outcome, Trace, float]:
    """One run to a gap, with the figures of its stream and its seconds."""
    if pool is None:
        with ChildPool() as own:
            with contextlib.suppress(BackendError):  # told by the run itself
                warm(own, backend)
            return _run(instance, backend, limits, wanted, start, cancelled, own)
    trace = Trace()
    program = build_program(instance.problem) if registry.spec(backend).needs_program else None
    params = SolveParams(
        backend=backend,  # type: ignore[arg-type]  # checked by SolveParams itself
        time_limit_s=max(0.01, limits.seconds - (time.monotonic() - trace.began)),
        gap_rel=wanted,
        threads=threads_for(backend, limits.threads),
        seed=limits.seed,
    )
    request = Request(instance.problem, program, params, start)
    outcome = run(backend, request, on_progress=trace, cancelled=cancelled, pool=pool)
    seconds = time.monotonic() - trace.began
    trace.note(seconds, outcome.objective, outcome.bound)
    return outcome, trace, seconds


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
