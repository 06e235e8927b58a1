"""What the engine holds and may still spend: best plan, bound, limits; shared by its threads."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.parts import Choice
from optimizer.solvers.base import Incumbent, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.params import SolveParams, StopReason

__all__ = ["WHOLE_SLACK", "SharedState"]

OPTIMAL = 0.01
"""Absolute gap, money a year, at which a plan counts as proven."""
WHOLE_SLACK = 1e-3
"""What a bound may be above a whole sum without being rounded up to the next: more than solvers err."""
PROGRESS_S = 0.5
POLL_S = 0.05


@dataclass
class SharedState:
    """Best plan, best bound, budget and the way to the caller. Methods are safe between threads.

    Parameters
    ----------
    params : SolveParams
    report, cancelled : callable
        As given to ``Backend.solve``.
    """

    params: SolveParams
    report: Callable[[Incumbent | Progress], None]
    cancelled: Callable[[], bool]
    choice: Choice | None = None
    objective: float = math.inf
    bound: float = -math.inf
    infeasible: bool = False
    phase: str = ""
    work: int = 0
    why: StopReason | None = None
    whole: bool = False
    """Whether every plan costs a whole sum of money, so that bounds may be rounded up."""
    stats: dict[str, float | int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self._lock = threading.RLock()
        self._told = -math.inf
        self._asked = -math.inf

    @property
    def deterministic(self) -> bool:
        """Whether a work limit forbids the clock."""
        return self.params.work_limit is not None

    def elapsed(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.began

    def left(self) -> float | None:
        """Seconds left; ``None`` = no time limit."""
        limit = self.params.time_limit_s
        return None if limit is None else max(0.0, limit - self.elapsed())

    def spent(self) -> float:
        """Share of the budget used: of work under a work limit, else of time; 0 without a limit."""
        if self.params.work_limit is not None:
            return self.work / max(self.params.work_limit, 1)
        limit = self.params.time_limit_s
        return 0.0 if limit is None else self.elapsed() / max(limit, 1e-9)

    def add_work(self, units: int) -> None:
        """Count work units (a thousand shifts, or what a subproblem is worth)."""
        with self._lock:
            self.work += units

    def proven(self) -> bool:
        """Whether the plan held is as good as any, or as good as asked."""
        if self.choice is None or not math.isfinite(self.bound):
            return False
        gap = self.objective - self.bound
        return gap <= max(OPTIMAL, self.params.gap_rel * max(abs(self.objective), 1.0))

    def stop(self) -> bool:
        """Whether to end now, and why; cheap enough to poll everywhere."""
        if self.why is not None:
            return True
        now = time.monotonic()
        if now - self._asked >= POLL_S:
            self._asked = now
            if self.cancelled():
                self.why = "user"
        if self.why is None and self.infeasible:
            self.why = "finished"
        if self.why is None and self.proven():
            self.why = "finished" if self.objective - self.bound <= OPTIMAL else "gap"
        if self.why is None and self.params.work_limit is not None and self.work >= self.params.work_limit:
            self.why = "work"
        if self.why is None and self.left() == 0.0:
            self.why = "time"
        return self.why is not None

    def offer(self, provider: object, backup: object, objective: float) -> bool:
        """Take a feasible plan when it is the best so far, and report it."""
        with self._lock:
            if objective >= self.objective - 1e-7:
                return False
            self.objective = objective
            self.choice = Choice(np.array(provider, dtype=np.int64), np.array(backup, dtype=np.int64))
            self.report(Incumbent(self.choice, objective))
            self.tell(force=True)
            return True

    def raise_bound(self, bound: float) -> None:
        """Take a lower bound when it is the best so far."""
        if self.whole and math.isfinite(bound):
            bound = math.ceil(bound - WHOLE_SLACK)
        with self._lock:
            if math.isfinite(bound) and bound > self.bound:
                self.bound = min(bound, self.objective)
                self.tell(force=True)

    def tell(self, force: bool = False) -> None:
        """Progress to the caller, at most twice a second unless there is news."""
        now = time.monotonic()
        if force or now - self._told >= PROGRESS_S:
            self._told = now
            held = self.objective if self.choice is not None else None
            bound = self.bound if math.isfinite(self.bound) else None
            self.report(Progress(now - self.began, held, bound, self.phase))
