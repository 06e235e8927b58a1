"""Bounds and exact ends: linear relaxation, feasibility program, hand-over of what is left."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.cuts import add_cuts, named
from optimizer.model.rules import check
from optimizer.solvers.base import HANDED_OVER
from optimizer.solvers.engine.programs.bound import dual_bound, fixable
from optimizer.solvers.engine.programs.highs import Limits, solve_lp, solve_mip
from optimizer.solvers.engine.programs.restrict import Restriction, as_model, restrict

if TYPE_CHECKING:
    from optimizer.model.aliases import Floats
    from optimizer.model.program.program import Program
    from optimizer.solvers.engine.search.searcher import Searcher
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Proof"]

MOST_ROUNDS = 200
"""Hand-overs after each of which a plan was cut off."""
LEFT_COLUMNS = 8000
"""Columns left after reduced-cost fixing up to which the rest is handed over."""


class Proof:
    """Everything that works on the whole program.

    Parameters
    ----------
    program : Program
    searcher : Searcher
        Its kernels check every plan before it is offered.
    shared : SharedState
    """

    def __init__(self, program: Program, searcher: Searcher, shared: SharedState) -> None:
        self.program, self.searcher, self.shared = program, searcher, shared
        self.model = as_model(program)
        self.reduced: Floats | None = None
        self.lp_bound = -math.inf
        self.duals: Floats | None = None
        self.least: Floats | None = None
        """Known bound on the plans that use each pair, shape (n_pairs,)."""

    def relax(self, share: float = 1.0) -> None:
        """Bound by the linear relaxation; reduced costs are kept for fixing."""
        shared = self.shared
        left = shared.left()
        seconds = None if left is None or shared.deterministic else left * share
        solver = "simplex" if self.model.a.nnz < 60_000 else "ipm"
        answer = solve_lp(self.model, Limits(self._stop, seconds=seconds), solver)
        shared.add_work(10 + answer.work // 20)
        shared.stats["lp_status"] = answer.status
        if answer.status == "kInfeasible":
            shared.infeasible = True
        if answer.duals is None:
            return
        self.duals = answer.duals
        self.lp_bound, self.reduced = dual_bound(self.model, answer.duals)
        shared.stats["lp_bound"] = self.lp_bound
        shared.raise_bound(self.lp_bound)

    def feasible(self) -> None:
        """Any plan at all, or the proof that there is none, when the search has found nothing."""
        for _ in range(MOST_ROUNDS):
            model = replace(self.model, c=np.zeros_like(self.model.c), offset=0.0)
            answer = solve_mip(model, self._limits())
            self.shared.add_work(10 + answer.work // 20)
            self.shared.stats["feasibility_status"] = answer.status
            self.shared.infeasible |= answer.status == "kInfeasible"
            if answer.values is None or self._offer(answer.values) or self.shared.stop():
                return

    def left_over(self, cut: float = math.inf) -> Restriction | None:
        """What reduced-cost fixing leaves of the program; ``None``: no plan cheaper than ``cut`` and the plan held."""
        program, most = self.program, min(cut, self.shared.objective)
        lower, upper = program.lower, program.upper
        if self.reduced is not None and most < math.inf:
            lower, upper = fixable(self.model, self.reduced, self.lp_bound, most)
        if self.least is not None and most < math.inf:
            n = len(self.least)
            upper = upper.copy()
            upper[:n] = np.where(self.least >= most + self._slack(most), lower[:n], upper[:n])
        return restrict(program, lower, upper)

    def _slack(self, cost: float) -> float:
        """What costs summed in another order may differ by; nothing between whole sums."""
        return 0.0 if self.shared.whole else 1e-9 * abs(cost)

    def finish(self, cut: float = math.inf, share: float = 1.0) -> None:
        """Hand the rest to HiGHS with the plan held as start; its bound counts up to the plan's cost.

        Parameters
        ----------
        cut : float
            Only plans cheaper than this are of interest: the bound counts up to it.
        share : float
            Of what is left of the budget.
        """
        for _ in range(MOST_ROUNDS):
            if not self._finish(cut, share):
                return

    def _finish(self, cut: float, share: float) -> bool:
        """One hand-over; whether its best plan was within HiGHS' tolerance and not within the rules."""
        shared, small = self.shared, self.left_over(cut)
        if small is None:
            self._none_below(cut)
            return False
        if not len(small.columns):
            self._offer(small.widen(np.zeros(0)))  # one plan was left, or none that keeps the rules
            self._none_below(cut)
            return False
        answer = solve_mip(
            small.model,
            self._limits(share),
            self._start(small),
            improved=lambda values: self._offer(small.widen(values)),
            told=lambda bound: self._told(bound, cut),
        )
        shared.add_work(10 + answer.work // 20)
        shared.stats[HANDED_OVER] = answer.status
        again = (
            answer.values is not None and not self._offer(small.widen(answer.values)) and answer.status == "kOptimal"
        )
        if answer.status == "kInfeasible":
            self._none_below(cut)
        else:
            self._told(answer.bound, cut)
        return again and not shared.stop()

    def _start(self, small: Restriction) -> Floats | None:
        """The plan held, where the columns left over can say it."""
        if self.shared.choice is None:
            return None
        whole = self.program.encode(self.shared.choice)
        start: Floats = whole[small.columns]
        return start if np.abs(small.widen(start) - whole).max() < 0.5 else None

    def _none_below(self, cut: float) -> None:
        """No plan is cheaper than both ``cut`` and the plan held."""
        most = min(cut, self.shared.objective)
        if most < math.inf:
            self.shared.raise_bound(most)
        else:
            self.shared.infeasible = True

    def _told(self, bound: float, cut: float) -> None:
        """A bound on the plans left over bounds all plans, up to the cut and the cost of the plan held."""
        if math.isfinite(bound):
            self.shared.raise_bound(min(bound, cut, self.shared.objective))

    def _offer(self, values: Floats) -> bool:
        """Show a plan that keeps the rules; cut off one that does not, by less than HiGHS can tell (then false)."""
        choice = self.program.decode(values)
        cost = self.searcher.price(choice)
        if cost < math.inf:
            self.shared.offer(self.searcher.state.provider, self.searcher.state.backup, cost)
            return True
        problem = self.searcher.problem
        found = check(problem, choice)
        if not found or any(b.rule == "assign_once" or b.data.get("backup") == -1 for b in found):
            return True  # not a whole plan: there is nothing to cut
        self.program = add_cuts(self.program, problem, choice, [named(problem, b) for b in found])
        self.model = as_model(self.program)
        return False

    def _limits(self, share: float = 1.0) -> Limits:
        shared = self.shared
        if shared.deterministic:
            assert shared.params.work_limit is not None
            nodes = max(1, int(share * (shared.params.work_limit - shared.work)) // 10)
            return Limits(self._stop, nodes=nodes, gap_rel=shared.params.gap_rel, seed=shared.params.seed)
        left = shared.left()
        seconds = None if left is None else share * left
        return Limits(self._stop, seconds=seconds, gap_rel=shared.params.gap_rel, seed=shared.params.seed)

    def _stop(self) -> bool:
        return self.shared.cancelled() if self.shared.deterministic else self.shared.stop()
