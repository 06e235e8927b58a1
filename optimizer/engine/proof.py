"""Bounds and exact ends: linear relaxation, feasibility program, hand-over of what is left."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.engine.bound import dual_bound, fixable
from optimizer.engine.highs import Limits, solve_lp, solve_mip
from optimizer.engine.restrict import Restriction, as_model, restrict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.engine.board import Board
    from optimizer.engine.search import Searcher
    from optimizer.formulation.program import Program

    Floats = NDArray[np.float64]

__all__ = ["Proof"]

LEFT_COLUMNS = 8000
"""Columns left after reduced-cost fixing up to which the rest is handed over."""


class Proof:
    """Everything that works on the whole program.

    Parameters
    ----------
    program : Program
    searcher : Searcher
        Its kernels check every plan before it is offered.
    board : Board
    """

    def __init__(self, program: Program, searcher: Searcher, board: Board) -> None:
        self.program, self.searcher, self.board = program, searcher, board
        self.model = as_model(program)
        self.reduced: Floats | None = None
        self.lp_bound = -math.inf

    def relax(self, share: float = 1.0) -> None:
        """Bound by the linear relaxation; reduced costs are kept for fixing."""
        board = self.board
        left = board.left()
        seconds = None if left is None or board.deterministic else left * share
        solver = "simplex" if self.model.a.nnz < 60_000 else "ipm"
        answer = solve_lp(self.model, Limits(self._stop, seconds=seconds), solver)
        board.add_work(10 + answer.work // 20)
        board.stats["lp_status"] = answer.status
        if answer.status == "kInfeasible":
            board.infeasible = True
        if answer.duals is None:
            return
        self.lp_bound, self.reduced = dual_bound(self.model, answer.duals)
        board.stats["lp_bound"] = self.lp_bound
        board.raise_bound(self.lp_bound)

    def feasible(self) -> None:
        """Any plan at all, or the proof that there is none, when the search has found nothing."""
        model = replace(self.model, c=np.zeros_like(self.model.c), offset=0.0)
        answer = solve_mip(model, self._limits())
        self.board.add_work(10 + answer.work // 20)
        self.board.stats["feasibility_status"] = answer.status
        if answer.status == "kInfeasible":
            self.board.infeasible = True
        elif answer.values is not None:
            self._offer(answer.values)

    def left_over(self) -> Restriction | None:
        """What reduced-cost fixing leaves of the program; ``None``: no better plan can exist."""
        program, board = self.program, self.board
        lower, upper = program.lower, program.upper
        if self.reduced is not None and board.choice is not None:
            lower, upper = fixable(self.model, self.reduced, self.lp_bound, board.objective)
        return restrict(program, lower, upper)

    def finish(self) -> None:
        """Hand the rest to HiGHS with the plan held as start; its bound counts up to the plan's cost."""
        board, small = self.board, self.left_over()
        if small is None:
            if board.choice is not None:
                board.raise_bound(board.objective)
            else:
                board.infeasible = True
            return
        if not len(small.columns):
            self._offer(small.widen(np.zeros(0)))
            self._told(board.objective)  # one plan was left, or none that keeps the rules
            board.infeasible = board.choice is None
            return
        start = None if board.choice is None else self.program.encode(board.choice)[small.columns]
        answer = solve_mip(
            small.model,
            self._limits(),
            start,
            improved=lambda values: self._offer(small.widen(values)),
            told=self._told,
        )
        board.add_work(10 + answer.work // 20)
        board.stats["exact_status"] = answer.status
        if answer.values is not None:
            self._offer(small.widen(answer.values))
        if answer.status == "kInfeasible":
            if board.choice is None:
                board.infeasible = True
            else:
                board.raise_bound(board.objective)
        else:
            self._told(answer.bound)

    def _told(self, bound: float) -> None:
        """A bound on the plans left over bounds all plans, up to the cost of the plan held."""
        if math.isfinite(bound):
            self.board.raise_bound(min(bound, self.board.objective))

    def _offer(self, values: Floats) -> None:
        cost = self.searcher.price(self.program.decode(values))
        if cost < math.inf:
            self.board.offer(self.searcher.state.provider, self.searcher.state.backup, cost)

    def _limits(self) -> Limits:
        board = self.board
        if board.deterministic:
            assert board.params.work_limit is not None
            nodes = max(1, (board.params.work_limit - board.work) // 10)
            return Limits(self._stop, nodes=nodes, gap_rel=board.params.gap_rel, seed=board.params.seed)
        return Limits(self._stop, seconds=board.left(), gap_rel=board.params.gap_rel, seed=board.params.seed)

    def _stop(self) -> bool:
        return self.board.cancelled() if self.board.deterministic else self.board.stop()
