"""A large case over time by parts: a plan that stays, moves period by period, bounds beside them, then search."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.conditions import fixed
from optimizer.model.parts import Choice
from optimizer.model.time.program import Path
from optimizer.solvers.over_time.backups import name_backups
from optimizer.solvers.over_time.beside import BoundsBeside
from optimizer.solvers.over_time.bounding import Bounds
from optimizer.solvers.over_time.mending import mend, put_back
from optimizer.solvers.over_time.neighbourhoods import Around, Neighbourhoods
from optimizer.solvers.over_time.reach import Reach
from optimizer.solvers.over_time.relaxed import Relaxed
from optimizer.solvers.over_time.rolling import Rolling
from optimizer.solvers.over_time.run import Onlooker, Run
from optimizer.solvers.over_time.search import Search

if TYPE_CHECKING:
    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.time.joint import JointProblem

__all__ = ["Decomposition", "Ended"]

TARGET_SHARE, ROLLING_SHARE = 0.1, 0.4
"""Share of the time at most: for the target, for moves period by period."""
AROUND_SHARE, ALONE_SHARE = 0.3, 0.3
"""Share of the time at most of a plan that is mended: around what changed; then everywhere, where bounds come after."""
STALLED, STALLED_AROUND = 3000, 500
"""Neighbourhoods without gain after which the search ends: everywhere, around what changed."""
JUDGED_S: Final = 45.0
"""Seconds between plans of the search that are judged."""


@dataclass(frozen=True)
class Ended:
    """How it ended: bound on any path, discounted, why it stopped, and a period (from 0) that may have no plan."""

    bound: float | None
    stopped_by: StopReason
    detail: str
    suspect: int | None = None


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
    planned : Path, optional
        Without one, a path that was made under other rules: it is mended, and the search begins around what changed.
    """

    def __init__(
        self,
        joint: JointProblem,
        params: SolveParams,
        take: Callable[[Path], float | None],
        watch: Onlooker,
        began: float,
        start: Path | None = None,
        planned: Path | None = None,
    ) -> None:
        self.joint, self.take, self.start = joint, take, start
        self.planned = planned if start is None else None
        self.ongoing = Run(params, watch, began)
        self.steps, self.judged = 0, math.inf

    def run(self) -> Ended:
        """All phases, as far as time goes."""
        ongoing = self.ongoing
        try:
            self._phases()
        finally:
            ongoing.finished.set()
        told = f"decomposition over {self.joint.n_periods} periods: {ongoing.phase}, {self.steps} neighbourhoods"
        bound = ongoing.bound if math.isfinite(ongoing.bound) else None
        return Ended(bound, ongoing.why(), "; ".join([told, *ongoing.errors]), ongoing.suspect)

    def _phases(self) -> None:
        ongoing = self.ongoing
        ongoing.tell("staying")
        self.reach = Reach.of(self.joint)
        self.relaxed = Relaxed(self.joint, self.reach)
        self.backups = np.full(self.joint.local.shape, -1, np.int64)
        around = None if self.planned is None else self._mended(self.planned)
        placed = around is not None or self._begun()
        if not placed:  # some demand has no course: no path would come of anything that follows
            return
        bounds = BoundsBeside(ongoing, Bounds(self.relaxed))
        if around is not None:
            bounds.start()
            self._around(around, bounds)
            placed = math.isfinite(ongoing.best) or self._begun()
        if placed and not ongoing.stop():
            self._anew(bounds)
        bounds.end()

    def _mended(self, planned: Path) -> Around | None:
        """Put the plan of other rules in, mended; where to search first, ``None`` where a demand has no course."""
        self.backups = planned.backup
        self.search = Search(self.joint, self.ongoing.params.seed)
        found = mend(self.search, planned.provider)
        if not found.placed:
            return None
        self._judge()
        moved = [d for d, moves in self.search.ledger.moves.items() if moves]
        changed = found.changed or moved or range(self.joint.n_demands)
        return Around(self.search, np.array(changed, np.int64), planned.provider)

    def _around(self, around: Around, bounds: BoundsBeside) -> None:
        """Neighbourhoods around what goes another way than planned, then everywhere; both while they gain."""
        self._improve(around, AROUND_SHARE, STALLED_AROUND)
        self._settle()
        while not math.isfinite(self.ongoing.best) and not self.ongoing.stop():  # a limit that is shared is broken yet
            before = self.search.value()
            self._improve(around, AROUND_SHARE / 3, STALLED_AROUND)
            self._settle()
            if self.search.value() >= before - 1e-6:
                return
        if math.isfinite(self.ongoing.best):
            self._improve(Neighbourhoods(self.search), 1.0 if bounds.beside else ALONE_SHARE)
            self._settle()

    def _anew(self, bounds: BoundsBeside) -> None:
        """A target, moves period by period towards it, then neighbourhoods; the bounds beside them or in turn.

        From everyone staying, from a plan that keeps every rule, or from one that was mended.
        """
        target = self._target(bounds)
        bounds.start()
        self._roll(target)
        bounds.in_turn()
        self._improve(Neighbourhoods(self.search))
        self._settle()

    def _begun(self) -> bool:
        """Put every demand in, as everyone stays or as in the path to start from; whether all have a course."""
        self.search = Search(self.joint, self.ongoing.params.seed)
        if self.start is not None:
            self.backups = self.start.backup
        placed = self.search.begin(None if self.start is None else self.start.provider)
        if placed:
            self._judge()
        return placed

    def _target(self, bounds: BoundsBeside) -> Ints:
        """Sources at the end of the horizon by the last period's steady problem, which is bounded on the way."""
        ongoing, t = self.ongoing, self.joint.n_periods - 1
        ongoing.tell("target")
        out = np.full(self.joint.n_demands, -1, np.int64)
        outcome = ongoing.engine(bounds.bounds.problem(t), ongoing.share(TARGET_SHARE), ongoing.params.threads)
        if outcome is not None:
            bounds.claim(t, outcome.bound)
            ongoing.suspect = t if outcome.infeasible else ongoing.suspect
            if outcome.choice is not None:
                out[self.joint.stages[t].demand] = outcome.choice.provider
        return out

    def _roll(self, target: Ints) -> None:
        """Moves period by period."""
        ongoing = self.ongoing
        rolling = Rolling(self.search, self.reach, self.relaxed, target)
        until = ongoing.elapsed() + ongoing.share(ROLLING_SHARE)
        for t in range(self.joint.n_periods):
            each = (until - ongoing.elapsed()) / max(1, self.joint.n_periods - t)
            if ongoing.stop() or each <= 0:
                break
            ongoing.tell(f"moves of period {t + 1}")

            def ask(problem: Problem, start: Choice, seconds: float = each) -> Choice | None:
                outcome = ongoing.engine(problem, max(seconds, 0.5), 1, start)
                return None if outcome is None else outcome.choice

            rolling.step(t, ask)
        self.backups = rolling.backups
        self._judge()

    def _improve(self, kinds: Neighbourhoods, share: float = 1.0, stalled: int = STALLED) -> None:
        """Neighbourhoods until a share of the time is over or nothing more is found."""
        search, ongoing = self.search, self.ongoing
        value, idle, judged, told = search.value(), 0, ongoing.elapsed(), ongoing.elapsed()
        until = ongoing.elapsed() + ongoing.share(share)
        while not ongoing.stop() and idle < stalled and ongoing.elapsed() < until:
            now, before = search.again(kinds.draw().tolist(), 0.3)
            gain = value - now
            kinds.learn(gain / max(abs(value), 1.0) * 1e6)
            self.steps += 1
            if gain < -1e-6:
                search.undo(before)
            else:
                value, idle = now, 0 if gain > 1e-6 else idle + 1
            idle += gain < -1e-6
            if ongoing.elapsed() - told > 0.5:
                told = ongoing.elapsed()
                ongoing.tell("neighbourhoods")
            if value < self.judged and ongoing.elapsed() - judged > max(JUDGED_S, 5 * ongoing.judge_s):
                self._judge()
                judged = ongoing.elapsed()

    def _settle(self) -> None:
        """Let what need not change go as planned, and have the path judged where it is cheaper."""
        began = time.monotonic()
        if self.planned is not None:
            put_back(self.search, self.planned.provider)
        if self.search.value() < self.judged:
            self._judge()
        self.ongoing.judge_s = max(self.ongoing.judge_s, time.monotonic() - began)

    def _judge(self) -> None:
        """Name backups, and hand the path over where it keeps every rule that the search knows."""
        began, self.judged = time.monotonic(), self.search.value()
        path = None if self.search.broken else self._path()
        if path is not None:
            cost = self.take(path)
            if cost is not None and cost < self.ongoing.best:
                self.ongoing.best = cost
        self.ongoing.judge_s = max(self.ongoing.judge_s, time.monotonic() - began)
        self.ongoing.tell()

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
        outcome = self.ongoing.engine(held, 5.0, 1, Choice(provider, np.full(len(provider), -1, np.int64)))
        if outcome is None or outcome.choice is None or (outcome.choice.provider != provider).any():
            return None
        return np.asarray(outcome.choice.backup, np.int64)
