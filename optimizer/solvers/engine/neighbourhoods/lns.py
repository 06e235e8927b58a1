"""Large-neighbourhood search: most demands fixed, the rest solved as a small program by HiGHS."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_matrix

from optimizer.solvers.engine.neighbourhoods.selection import Neighbourhoods
from optimizer.solvers.engine.programs.highs import Limits, solve_mip
from optimizer.solvers.engine.programs.restrict import restrict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.program.program import Program
    from optimizer.solvers.engine.pricing.reduced_costs import ReducedCosts
    from optimizer.solvers.engine.programs.highs import Answer
    from optimizer.solvers.engine.programs.restrict import Restriction
    from optimizer.solvers.engine.search.searcher import Searcher
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Lns", "owner_of_columns"]

NODES = 300
STEP_S, MOST_STEP_S, SLOWER_S = 1.0, 4.0, 60.0
"""Seconds of a step: first, at most, and after how long it takes one more."""
QUICK_SHARE = 0.35
STEP_GAP = 1e-5
"""Relative gap at which a step ends: the last thousandth of a percent is found by other steps."""


def owner_of_columns(program: Program) -> Ints:
    """Demand that each x and r column belongs to, −1 for all other columns."""
    owner = np.full(program.n_columns, -1, dtype=np.int64)
    layout = program.layout
    pairs = layout.problem.pairs
    owner[: program.n_pairs] = pairs.demand
    owner[layout.backups.column] = pairs.demand[layout.backups.pair]
    return owner


def weak_columns(program: Program, reduced_costs: ReducedCosts) -> NDArray[np.bool_]:
    """Columns x of pairs not worth trying, and r of backups for them."""
    weak = np.zeros(program.n_columns, dtype=bool)
    weak[: program.n_pairs] = ~reduced_costs.strong
    backups = program.layout.backups
    weak[backups.column] = ~reduced_costs.strong[backups.pair]
    return weak


class Lns:
    """Steps around the best plan on the shared.

    Parameters
    ----------
    program : Program
    searcher : Searcher
        Its kernels check every plan before it is offered.
    shared : SharedState
    seed : int
    """

    def __init__(
        self, program: Program, searcher: Searcher, shared: SharedState, seed: int, reduced_costs: ReducedCosts
    ) -> None:
        self.program, self.searcher, self.shared, self.seed = program, searcher, shared, seed
        self.columns = csc_matrix(program.a)
        self.owner = owner_of_columns(program)
        self.near = Neighbourhoods(searcher.problem, seed, reduced_costs)
        self.weak = weak_columns(program, reduced_costs)
        self.steps = 0

    def run(self, share: float = math.inf, steps: int | None = None) -> None:
        """Step until the shared state says stop, ``share`` of the budget is spent or so many steps are done."""
        shared, last = self.shared, math.inf if steps is None else self.steps + steps
        while not shared.stop() and shared.choice is not None and shared.spent() < share and self.steps < last:
            self.step()

    def step(self) -> None:
        """One neighbourhood: draw, restrict, solve, check, offer."""
        choice, before = self.shared.choice, self.shared.objective
        assert choice is not None
        free = self.near.draw(choice.provider)
        small, start = self._restricted(choice, free)
        self.steps += 1
        if small is None or not len(small.columns):
            self.shared.add_work(1)
            self.near.learn(0.0, self._effort(1, 0.01), True, True)
            return
        began = time.monotonic()
        answer = solve_mip(small.model, self._limits(), start[small.columns])
        took, work = time.monotonic() - began, 10 + answer.work // 20
        self.shared.add_work(work)
        self._take(small, answer)
        quick = answer.work < 2000 if self.shared.deterministic else took < QUICK_SHARE * self._seconds()
        gain = max(0.0, before - self.shared.objective)
        self.near.learn(gain, self._effort(work, took), answer.status == "kOptimal", quick)
        self.shared.tell()

    def _effort(self, work: int, seconds: float) -> float:
        """What a step took: work units where the clock must not count."""
        return float(work) if self.shared.deterministic else seconds

    def _restricted(self, choice: Choice, free: Ints) -> tuple[Restriction | None, Floats]:
        program = self.program
        start = program.encode(choice)
        open_demand = np.zeros(self.searcher.problem.n_demands, dtype=bool)
        open_demand[free] = True
        fixed = (self.owner >= 0) & (~open_demand[self.owner] | (self.weak & (start == 0.0)))
        lower, upper = np.where(fixed, start, program.lower), np.where(fixed, start, program.upper)
        return restrict(program, lower, upper, self.columns), start

    def _limits(self) -> Limits:
        if self.shared.deterministic:
            return Limits(self._cancelled, nodes=NODES, seed=self.seed, gap_rel=STEP_GAP)
        left = self.shared.left()
        seconds = self._seconds() if left is None else min(self._seconds(), left)
        return Limits(self.shared.stop, seconds=seconds, seed=self.seed, gap_rel=STEP_GAP)

    def _seconds(self) -> float:
        """Longer steps as the easy gains get rare."""
        return min(STEP_S + self.shared.elapsed() / SLOWER_S, MOST_STEP_S)

    def _cancelled(self) -> bool:
        """Stop for the caller only: under a work limit nothing else may depend on the clock."""
        return self.shared.cancelled()

    def _take(self, small: Restriction, answer: Answer) -> None:
        if answer.values is None:
            return
        found = self.program.decode(small.widen(answer.values))
        cost = self.searcher.price(found)
        if cost < math.inf:
            self.shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)
