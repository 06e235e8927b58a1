"""A large case over time by parts: a plan that stays, moves period by period, bounds beside them, then search."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from optimizer.domain.errors import BackendError
from optimizer.model.conditions import fixed
from optimizer.model.parts import Choice
from optimizer.model.time.program import Path
from optimizer.solvers.base import Progress, Request
from optimizer.solvers.over_time.backups import name_backups
from optimizer.solvers.over_time.bounding import Bounds
from optimizer.solvers.over_time.neighbourhoods import Neighbourhoods
from optimizer.solvers.over_time.reach import Reach
from optimizer.solvers.over_time.relaxed import Relaxed
from optimizer.solvers.over_time.rolling import Rolling
from optimizer.solvers.over_time.search import Search
from optimizer.solvers.process import ChildPool, run

if TYPE_CHECKING:
    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.base import Incumbent

__all__ = ["Decomposition", "Ended"]

TARGET_SHARE, ROLLING_SHARE, BOUNDS_SHARE = 0.1, 0.4, 0.6
"""Share of the time at most: for the target, for moves period by period, for the bounds where nothing runs beside."""
SMALL_PAIRS: Final = 12_000
"""Eligible pairs of each period up to which the steady engine bounds periods by themselves first."""
TOGETHER: Final = "optimizer.solvers.over_time.ascent:BoundsOverTime"
"""What raises the bound of all periods together, in a child process."""
UNLIMITED_S: Final = 3600.0
"""Time that shares are taken of where there is no limit."""
STALLED: Final = 3000
"""Neighbourhoods without gain after which the search ends."""
JUDGED_S: Final = 45.0
"""Seconds between plans of the search that are judged."""


@dataclass(frozen=True)
class Ended:
    """How it ended: bound on any path, discounted, and why it stopped."""

    bound: float | None
    stopped_by: StopReason
    detail: str


class Onlooker(Protocol):
    """Who looks on and may stop it."""

    @property
    def on_progress(self) -> Callable[[Incumbent | Progress], None] | None: ...
    @property
    def stopped(self) -> bool: ...
    @property
    def pool(self) -> ChildPool | None: ...


class Decomposition:
    """One run.

    Parameters
    ----------
    joint : JointProblem
    params : SolveParams
    take : callable
        Judges a path; its exact cost where it keeps every rule, else ``None``.
    watch : Onlooker
    began : float
        ``time.monotonic()`` at the start of the solve.
    start : Path, optional
        A path that keeps every rule.
    """

    def __init__(
        self,
        joint: JointProblem,
        params: SolveParams,
        take: Callable[[Path], float | None],
        watch: Onlooker,
        began: float,
        start: Path | None = None,
    ) -> None:
        self.start = start
        self.joint, self.params, self.take, self.watch, self.began = joint, params, take, watch, began
        self.best, self.judge_s = math.inf, 0.5
        self.phase, self.steps, self.error = "", 0, ""
        self.finished = threading.Event()
        self.bounds: list[Bounds] = []
        self.together = -math.inf

    @property
    def bound(self) -> float:
        """Best bound so far."""
        return max([self.together, *(b.total for b in self.bounds)])

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """Seconds left for work, what judging takes at the end kept back."""
        if self.params.time_limit_s is None:
            return UNLIMITED_S
        return self.params.time_limit_s - self.elapsed() - 1.5 * self.judge_s

    def closed(self) -> bool:
        """The gap that was asked for is reached."""
        gap = self.best - self.bound
        return gap <= max(0.01, self.params.gap_rel * abs(self.best))

    def stop(self) -> bool:
        """Nothing more is to be done."""
        return self.watch.stopped or self.left() <= 0 or self.closed()

    def run(self) -> Ended:
        """All phases, as far as time goes."""
        with ChildPool() as own:
            self.pool = self.watch.pool or own
            try:
                self._phases()
            finally:
                self.finished.set()
        return self._ended()

    def _phases(self) -> None:
        self._tell("staying")
        self.reach = Reach.of(self.joint)
        self.relaxed = Relaxed(self.joint, self.reach)
        self.search = Search(self.joint, self.params.seed)
        none = np.full(self.search.figures.present.shape, -1, np.int64)
        self.backups = none if self.start is None else self.start.backup
        placed = self.search.begin(None if self.start is None else self.start.provider)
        self.bounds.append(Bounds(self.relaxed))
        if placed:
            self._judge()
        target = self._target()
        beside = self.params.threads > 1
        thread = threading.Thread(target=self._bound_all, daemon=True)
        if beside:
            thread.start()
        if placed:
            self._roll(target)
        if not beside:
            self._bound_all()
        if placed:
            self._improve()
            self._judge()
        if beside:
            thread.join()

    def _ended(self) -> Ended:
        why: StopReason = "finished"
        if self.watch.stopped:
            why = "user"
        elif self.closed():
            why = "finished" if self.best - self.bound <= 0.01 else "gap"
        elif self.left() <= 0:
            why = "time"
        told = f"decomposition over {self.joint.n_periods} periods: {self.phase}, {self.steps} neighbourhoods"
        told += f"; {self.error}" if self.error else ""
        return Ended(self.bound if math.isfinite(self.bound) else None, why, told)

    def _tell(self, phase: str) -> None:
        self.phase = phase
        if self.watch.on_progress is not None:
            incumbent = self.best if math.isfinite(self.best) else None
            bound = self.bound if math.isfinite(self.bound) else None
            self.watch.on_progress(Progress(self.elapsed(), incumbent, bound, phase))

    def _engine(self, problem: Problem, seconds: float, threads: int, start: Choice | None = None) -> Any:
        """One run of the steady engine; ``None`` where it failed, which is told in the end."""
        seconds = min(seconds, self.left())
        if seconds <= 0 or self.watch.stopped:
            return None
        params = replace(self._limits(seconds), threads=threads)
        try:
            return run("engine", Request(problem, None, params, start), cancelled=self._cancelled, pool=self.pool)
        except BackendError as error:
            self.error = f"the steady engine failed: {error}"
            return None

    def _limits(self, seconds: float) -> SolveParams:
        """Limits of one run of the steady engine: two run side by side."""
        memory = self.params.memory_limit_mb
        return replace(
            self.params,
            backend="engine",
            time_limit_s=seconds,
            gap_rel=0.0,
            backend_options={},
            memory_limit_mb=None if memory is None else max(1, memory // 2),
        )

    def _cancelled(self) -> bool:
        return self.watch.stopped or self.finished.is_set() or self.closed()

    def _share(self, share: float) -> float:
        whole = self.params.time_limit_s if self.params.time_limit_s is not None else UNLIMITED_S
        return min(share * whole, max(self.left(), 0.0))

    def _target(self) -> Ints:
        """Sources at the end of the horizon by the last period's steady problem, which is bounded on the way."""
        self._tell("target")
        out = np.full(self.joint.n_demands, -1, np.int64)
        t = self.joint.n_periods - 1
        first = self.bounds[0]
        outcome = self._engine(first.problem(t), self._share(TARGET_SHARE), self.params.threads)
        if outcome is not None:
            first.claim(t, outcome.bound)
            if outcome.choice is not None:
                out[self.joint.stages[t].demand] = outcome.choice.provider
        return out

    def _roll(self, target: Ints) -> None:
        """Moves period by period."""
        rolling = Rolling(self.search, self.reach, self.relaxed, target)
        until = self.elapsed() + self._share(ROLLING_SHARE)
        for t in range(self.joint.n_periods):
            each = (until - self.elapsed()) / max(1, self.joint.n_periods - t)
            if self.stop() or each <= 0:
                break
            self._tell(f"moves of period {t + 1}")

            def ask(problem: Problem, start: Choice, seconds: float = each) -> Choice | None:
                outcome = self._engine(problem, max(seconds, 0.5), 1, start)
                return None if outcome is None else outcome.choice

            rolling.step(t, ask)
        self.backups = rolling.backups
        self._judge()

    def _bound_all(self) -> None:
        """Bounds for as long as there is time: of each period by itself where these are small, then of all together."""
        beside = self.params.threads > 1
        share = 1.0 if beside else BOUNDS_SHARE
        small = max(s.problem.n_pairs for s in self.joint.stages) <= SMALL_PAIRS
        if small:
            self._bound_each(0.5 * share)
        self._bound_together(share)

    def _bound_each(self, share: float) -> None:
        """Each period by the steady engine, the last one first."""
        first, periods = self.bounds[0], self.joint.n_periods
        until = self.elapsed() + self._share(share)
        for k, t in enumerate(reversed(range(periods))):
            if self._cancelled() or self.left() <= 0:
                return
            each = (until - self.elapsed()) / (periods - k)

            def ask(problem: Problem, seconds: float = each) -> float | None:
                outcome = self._engine(problem, seconds, 1)
                return None if outcome is None else outcome.bound

            first.raise_by(t, ask)

    def _bound_together(self, share: float) -> None:
        """Prices of all periods, and of what leaving costs, raised together."""
        seconds = self._share(share)
        if seconds <= 0 or self._cancelled():
            return
        params = replace(self._limits(seconds), threads=1)
        request = Request(self.bounds[0].shared(), None, params)  # type: ignore[arg-type]

        def heard(news: Incumbent | Progress) -> None:
            if isinstance(news, Progress) and news.bound is not None:
                self.together = max(self.together, news.bound)

        try:
            outcome = run(
                "highs", request, on_progress=heard, cancelled=self._cancelled, pool=self.pool, target=TOGETHER
            )
        except BackendError as error:
            self.error = f"prices over time failed: {error}"
            return
        if outcome.bound is not None:
            self.together = max(self.together, outcome.bound)

    def _improve(self) -> None:
        """Neighbourhoods until time is up or nothing more is found."""
        search = self.search
        kinds = Neighbourhoods(search)
        value, idle, judged, told = search.value(), 0, self.elapsed(), self.elapsed()
        since = value
        while not self.stop() and idle < STALLED:
            now, before = search.again(kinds.draw().tolist(), 0.3)
            gain = value - now
            kinds.learn(gain / max(abs(value), 1.0) * 1e6)
            self.steps += 1
            if gain < -1e-6:
                search.undo(before)
            else:
                value, idle = now, 0 if gain > 1e-6 else idle + 1
            idle += gain < -1e-6
            if self.elapsed() - told > 0.5:
                told = self.elapsed()
                self._tell("neighbourhoods")
            if value < since and self.elapsed() - judged > max(JUDGED_S, 5 * self.judge_s):
                self._judge()
                judged, since = self.elapsed(), value

    def _judge(self) -> None:
        """Name backups, and hand the path over where it keeps every rule."""
        began = time.monotonic()
        path = self._path()
        if path is not None:
            cost = self.take(path)
            if cost is not None and cost < self.best:
                self.best = cost
        self.judge_s = max(self.judge_s, time.monotonic() - began)
        self._tell(self.phase)

    def _path(self) -> Path | None:
        """The path in hand with backups; ``None`` where they cannot be named."""
        provider = self.search.path()
        backup = np.full_like(provider, -1)
        last = np.full(self.joint.n_demands, -1, np.int64)
        for t, stage in enumerate(self.joint.stages):
            wish = np.where(last >= 0, last, self.backups[t])[stage.demand]
            named, missing = name_backups(stage.problem, provider[t, stage.demand], wish)
            if missing:
                found = self._backups(stage.problem, provider[t, stage.demand])
                if found is None:
                    return None
                named = found
            backup[t, stage.demand] = named
            last = backup[t].copy()
        return Path(provider, backup)

    def _backups(self, problem: Problem, provider: Ints) -> Ints | None:
        """Backups by the steady engine, every source given."""
        held = fixed(problem, dict(enumerate(provider.tolist())))
        outcome = self._engine(held, 5.0, 1, Choice(provider, np.full(len(provider), -1, np.int64)))
        if outcome is None or outcome.choice is None or (outcome.choice.provider != provider).any():
            return None
        return np.asarray(outcome.choice.backup, np.int64)
