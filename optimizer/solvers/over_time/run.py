"""One run by parts: its limits, the best plan so far, what is told, and runs of the steady engine within it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from optimizer.domain.errors import BackendError
from optimizer.solvers.base import Progress, Request
from optimizer.solvers.pool import common_pool
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.solvers.base import Incumbent
    from optimizer.solvers.pool import ChildPool

__all__ = ["Onlooker", "Run"]

UNLIMITED_S: Final = 3600.0
"""Time that shares are taken of where there is no limit."""
JUDGING: Final = 2.0
"""How many times what judging a plan has taken is kept back for the end."""


class Onlooker(Protocol):
    """Who looks on and may stop it."""

    @property
    def on_progress(self) -> Callable[[Incumbent | Progress], None] | None: ...
    @property
    def stopped(self) -> bool: ...
    @property
    def pool(self) -> ChildPool | None: ...


class Run:
    """What the sides of one run share.

    Parameters
    ----------
    params : SolveParams
    watch : Onlooker
    began : float
        ``time.monotonic()`` at the start of the solve.

    Attributes
    ----------
    best, bound : float
        Cost of the best plan that was accepted, and what any costs at least; discounted.
    errors : list of str
        What failed on the way, for whoever reads how it ended.
    suspect : int, optional
        Period, from 0, of which a solver claims that it has no plan whatever stands before and after it.
    """

    def __init__(self, params: SolveParams, watch: Onlooker, began: float) -> None:
        self.params, self.watch, self.began = params, watch, began
        self.pool = watch.pool or common_pool()
        self.best, self.bound, self.judge_s = math.inf, -math.inf, 0.5
        self.phase, self.errors = "", list[str]()
        self.suspect: int | None = None
        self.finished = threading.Event()

    def raise_bound(self, bound: float | None) -> None:
        """Take a bound where it is the best so far."""
        if bound is not None and math.isfinite(bound):
            self.bound = max(self.bound, bound)

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """Seconds left for work, what judging takes at the end kept back."""
        if self.params.time_limit_s is None:
            return UNLIMITED_S
        return self.params.time_limit_s - self.elapsed() - JUDGING * self.judge_s

    def share(self, share: float) -> float:
        """Seconds of a share of the time, no more than are left."""
        whole = self.params.time_limit_s if self.params.time_limit_s is not None else UNLIMITED_S
        return min(share * whole, max(self.left(), 0.0))

    def closed(self) -> bool:
        """The gap that was asked for is reached; without a plan there is none."""
        if not math.isfinite(self.best):
            return False
        return self.best - self.bound <= max(0.01, self.params.gap_rel * abs(self.best))

    def stop(self) -> bool:
        """Nothing more is to be done."""
        if self.suspect is not None and not math.isfinite(self.best):
            return True
        return self.watch.stopped or self.finished.is_set() or self.left() <= 0 or self.closed()

    def why(self) -> StopReason:
        """Why it ended."""
        if self.watch.stopped:
            return "user"
        if self.closed():
            return "finished" if self.best - self.bound <= 0.01 else "gap"
        return "time" if self.left() <= 0 else "finished"

    def failed(self, what: str, error: Exception) -> None:
        """Note what failed, once."""
        told = f"{what} failed: {error}" if isinstance(error, BackendError) else f"{what} failed: {error!r}"
        if told not in self.errors:
            self.errors.append(told)

    def tell(self, phase: str = "") -> None:
        """Progress to whoever looks on; a blank phase is that of before."""
        self.phase = phase or self.phase
        if self.watch.on_progress is not None:
            incumbent = self.best if math.isfinite(self.best) else None
            bound = self.bound if math.isfinite(self.bound) else None
            self.watch.on_progress(Progress(self.elapsed(), incumbent, bound, self.phase))

    def limits(self, seconds: float, threads: int) -> SolveParams:
        """Limits of one run of the steady engine: two run side by side."""
        memory = self.params.memory_limit_mb
        return replace(
            self.params,
            backend="engine",
            time_limit_s=seconds,
            gap_rel=0.0,
            threads=threads,
            backend_options={},
            memory_limit_mb=None if memory is None else max(1, memory // 2),
        )

    def engine(self, problem: Problem, seconds: float, threads: int, start: Choice | None = None) -> Any:
        """One run of the steady engine; ``None`` where it failed, which is told in the end."""
        seconds = min(seconds, self.left())
        if seconds <= 0 or self.watch.stopped:
            return None
        request = Request(problem, None, self.limits(seconds, threads), start)
        try:
            return run("engine", request, cancelled=self.stop, pool=self.pool)
        except BackendError as error:
            self.failed("the steady engine", error)
            return None
